/** `DEBUG=telepathine:*`: the `debug` package, loaded only when it has something to show. */
import { createRequire } from 'node:module';
import type createDebugger from 'debug';
import type { Debugger } from 'debug';

/** Each packet asks, and a look into the environment is slow. */
const LOOK_EVERY_MS = 100;

/** Writes to standard error what DEBUG asks for, with the placeholders of `debug`. */
export interface DebugLog {
  (format: string, ...values: unknown[]): void;
  /** Whether DEBUG asks for it. */
  readonly enabled: boolean;
}

/**
 * The log of a name, such as `telepathine:tcp`.
 *
 * DEBUG is read anew each LOOK_EVERY_MS, since `debug.enable()` of an application sets it later.
 */
export function debugLog(name: string): DebugLog {
  let loaded: Debugger | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  const debug = (): Debugger | undefined => {
    if (loaded) return loaded;
    const nowMs = performance.now();
    if (nowMs - lookedAtMs < LOOK_EVERY_MS) return undefined;
    lookedAtMs = nowMs;
    if (process.env['DEBUG']) loaded = loadDebug()(name);
    return loaded;
  };
  const write = (format: string, ...values: unknown[]) => debug()?.(format, ...values);
  return Object.defineProperty(write, 'enabled', {
    get: () => debug()?.enabled ?? false,
  }) as unknown as DebugLog;
}

/** By `require`: an import of CommonJS makes Node load a lexer for it, some MB. */
function loadDebug(): typeof createDebugger {
  return createRequire(import.meta.url)('debug');
}
