import { deriveKeyring } from '../../crypto/derive.js';
import type { IpPort } from '../../transport/address.js';
import { PROTOCOL_VERSION } from '../../wire/limits.js';
import { Asker, type Credentials } from '../ask/asker.js';
import { type AskOptions, credentialsOf } from '../ask/target.js';

/** What is known of why a node does not answer. */
export interface Reason {
  /**
   * `none`: the mesh is public, and no key was given; `not-needed`: one was given; `not-first`: of
   * those that were given it takes another than the first, which seals.
   */
  readonly key: 'right' | 'none' | 'not-needed' | 'not-first' | 'not-answered' | 'unknown';
  readonly cluster: 'right' | 'wrong' | 'not-answered' | 'unknown';
  readonly version: 'right' | 'other' | 'not-answered' | 'unknown';
  /** Of a node that speaks another protocol. */
  readonly otherProtocol?: number;
}

/** Nothing is known. */
export const UNKNOWN: Reason = { key: 'unknown', cluster: 'unknown', version: 'unknown' };

/** Beside its own the probe asks in these. */
export const OTHER_PROTOCOLS = [1, 2, 3, 4].filter((version) => version !== PROTOCOL_VERSION);

/**
 * Asks who does not answer in other ways: whoever answers one of them tells what was wrong. What
 * nobody answers to cannot be told apart: a node is silent to whatever it does not believe.
 */
export async function findReason(target: IpPort, options: AskOptions): Promise<Reason> {
  const found = await Promise.all(
    attemptsOf(options).flatMap(({ credentials, reason, protocol }) =>
      (['udp', 'tcp'] as const).map(async (kind) => {
        const asker = new Asker(kind, target, credentials, protocol);
        const pong = await asker.ping(options.timeoutMs);
        asker.close();
        const { otherProtocol } = asker;
        if (otherProtocol !== undefined) return { ...reason, version: 'other', otherProtocol };
        return pong && reason;
      }),
    ),
  );
  const [first] = found.filter((reason) => reason !== undefined);
  return (first as Reason | undefined) ?? SILENT;
}

interface Attempt {
  readonly credentials: Credentials;
  /** What it means if that is answered. */
  readonly reason: Reason;
  readonly protocol?: number;
}

const SILENT: Reason = {
  key: 'not-answered',
  cluster: 'not-answered',
  version: 'not-answered',
};

/** What tells most stands first. */
function attemptsOf(options: AskOptions): Attempt[] {
  const { network, cluster } = options;
  const version = 'right';
  const credentials = credentialsOf(options);
  const own = network === undefined ? 'none' : 'right';
  const attempts: Attempt[] = OTHER_PROTOCOLS.map((protocol) => ({
    ...{ credentials, protocol },
    reason: { key: own, cluster: 'right', version: 'other' },
  }));
  const add = (key: Reason['key'], name: string, keys: string | undefined) => {
    const keyring = keys === undefined ? undefined : deriveKeyring(keys, name);
    const reason: Reason = { key, cluster: name === cluster ? 'right' : 'wrong', version };
    attempts.push({ credentials: { keyring, cluster: name }, reason });
  };
  const [sealing, ...others] = network ?? [];
  for (const key of others) add('not-first', cluster, key);
  if (cluster !== '' && sealing !== undefined) add('right', '', sealing);
  if (sealing !== undefined) add('not-needed', cluster, undefined);
  if (cluster !== '') add(sealing === undefined ? 'none' : 'not-needed', '', undefined);
  return attempts;
}
