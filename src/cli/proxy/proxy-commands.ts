import { TelepathineError } from '../../error.js';
import { CONDITION_WORDS, FAIR, readWhere } from './conditions.js';
import type { NodeProxy, ProxyCounts } from './proxy.js';

/** What a command did; `counts` is the answer to `stats`. */
export interface Done {
  readonly counts?: ProxyCounts;
  /** The proxy is to end. */
  readonly ends?: true;
}

/**
 * Carries out a line such as `loss 0.3 1>2 udp`.
 *
 * @param targets how many nodes the proxy stands for.
 * @throws TelepathineError INVALID_ARGUMENT; nothing was changed.
 */
export function carryOut(line: string, proxy: NodeProxy, targets: number): Done {
  const [word = '', ...rest] = line.trim().split(/\s+/);
  const read = Object.hasOwn(CONDITION_WORDS, word) ? CONDITION_WORDS[word] : undefined;
  if (read !== undefined) {
    const [value, ...where] = rest;
    if (value === undefined) throw invalid(`${word}: it needs a value`);
    proxy.change(readWhere(where, targets), read(value));
    return {};
  }
  switch (word) {
    case 'cut':
      proxy.change(readWhere(rest, targets), { cut: true });
      return {};
    case 'heal':
      proxy.change(readWhere(rest, targets), { cut: false });
      return {};
    case 'clear':
      proxy.change(readWhere(rest, targets), FAIR);
      return {};
    case 'break':
      proxy.break(readWhere(rest, targets));
      return {};
    case 'stats':
    case 'stop':
      if (rest.length > 0) throw invalid(`${word}: there is more than it takes: ${rest.join(' ')}`);
      return word === 'stats' ? { counts: { ...proxy.counts } } : { ends: true };
    default:
      throw invalid(`${word} is no command; see telepathine proxy --help`);
  }
}

function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}
