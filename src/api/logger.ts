import { debugLog } from '../debug.js';
import { isThenable } from '../node/deferred.js';

/** Where the node writes what nobody else takes: the shape of a pino logger. */
export interface Logger {
  debug(details: object, message: string): void;
  info(details: object, message: string): void;
  warn(details: object, message: string): void;
  error(details: object, message: string): void;
}

/** The levels of a `Logger`, the least urgent first. */
export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;

/**
 * The logger of a node that was given none: `DEBUG=telepathine:*` shows all, each level under its own
 * name (`telepathine:warn`). Errors are written to stderr also without `DEBUG`.
 */
export function defaultLogger(): Logger {
  const write = {
    debug: debugLog('telepathine:debug'),
    info: debugLog('telepathine:info'),
    warn: debugLog('telepathine:warn'),
    error: debugLog('telepathine:error'),
  };
  return {
    debug: (details, message) => write.debug('%s %O', message, details),
    info: (details, message) => write.info('%s %O', message, details),
    warn: (details, message) => write.warn('%s %O', message, details),
    error: (details, message) => {
      if (write.error.enabled) write.error('%s %O', message, details);
      else process.stderr.write(`telepathine: ${message}${causeOf(details)}\n`);
    },
  };
}

/** The same logger, but one that never fails: a broken logger must not stop the node. */
export function harmlessLogger(logger: Logger): Logger {
  const write = (level: keyof Logger) => (details: object, message: string) => {
    try {
      const result: unknown = logger[level](details, message);
      if (isThenable(result)) result.then(undefined, nowhereToTell);
    } catch {
      nowhereToTell();
    }
  };
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
  };
}

function nowhereToTell(): void {
  // What takes errors has failed itself.
}

function causeOf(details: object): string {
  const error = 'err' in details ? details.err : undefined;
  if (!(error instanceof Error)) return '';
  const cause = error.cause === undefined ? '' : `: ${describe(error.cause)}`;
  return `: ${error.message}${cause}`;
}

function describe(cause: unknown): string {
  try {
    return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  } catch {
    return 'something that cannot be shown was thrown';
  }
}
