import { deriveKeyring } from '../../crypto/derive.js';
import type { IpPort } from '../../transport/address.js';
import { decodeOwnerHeader } from '../../wire/owner-header.js';
import type { OwnerHeader } from '../../wire/packet.js';
import { Asker, type Credentials, type Pong } from '../ask/asker.js';
import type { CarrierFailure } from '../ask/carrier.js';
import { type AskOptions, credentialsOf } from '../ask/target.js';

/** What was found out over one transport. */
export interface TransportFinding {
  /**
   * `answers`; `silent`: there is a connection, or no word that nobody listens, but no answer; or why
   * nothing goes there.
   */
  readonly outcome: 'answers' | 'silent' | CarrierFailure;
  /** Of the first ping that was answered, and of those after it. */
  readonly roundTripsMs: readonly number[];
}

/** What was found out of a node. */
export interface Finding {
  readonly udp: TransportFinding;
  readonly tcp: TransportFinding;
  /** `none`: the mesh is public, and no key was given. */
  readonly key: 'right' | 'none' | 'not-needed' | 'not-answered' | 'unknown';
  readonly cluster: 'right' | 'wrong' | 'not-answered' | 'unknown';
  /** The first answer. */
  readonly pong: Pong | undefined;
  /** What the node says of itself; undefined if it did not. */
  readonly header: OwnerHeader | undefined;
}

/** Pings by which the round trip is measured. */
const PINGS = 3;

/** Asks a node over both transports, and if it does not answer, tries to find out why. */
export async function examine(target: IpPort, options: AskOptions): Promise<Finding> {
  const credentials = credentialsOf(options);
  const [udp, tcp] = await Promise.all(
    (['udp', 'tcp'] as const).map((kind) =>
      examineTransport(kind, target, credentials, options.timeoutMs),
    ),
  );
  const best = udp?.pong === undefined ? tcp : udp;
  const found = { udp: findingOf(udp!), tcp: findingOf(tcp!), pong: best?.pong };
  if (best?.pong !== undefined) {
    const key = options.network === undefined ? 'none' : 'right';
    return { ...found, key, cluster: 'right', header: best.header };
  }
  const outcomes = [found.udp.outcome, found.tcp.outcome];
  if (!outcomes.includes('silent') && found.tcp.outcome !== 'closed') {
    return { ...found, key: 'unknown', cluster: 'unknown', header: undefined };
  }
  return { ...found, header: undefined, ...(await findReason(target, options)) };
}

interface Examined {
  readonly outcome: TransportFinding['outcome'];
  readonly roundTripsMs: number[];
  readonly pong?: Pong;
  readonly header?: OwnerHeader | undefined;
}

function findingOf({ outcome, roundTripsMs }: Examined): TransportFinding {
  return { outcome, roundTripsMs };
}

async function examineTransport(
  kind: 'udp' | 'tcp',
  target: IpPort,
  credentials: Credentials,
  timeoutMs: number,
): Promise<Examined> {
  const asker = new Asker(kind, target, credentials);
  try {
    const pong = await asker.ping(timeoutMs);
    if (pong === undefined) {
      // A connection that never came to be is no silence.
      const outcome = asker.failure ?? (asker.isOpen ? 'silent' : 'unreachable');
      return { outcome, roundTripsMs: [] };
    }
    const roundTripsMs = [pong.roundTripMs];
    while (roundTripsMs.length < PINGS) {
      const next = await asker.ping(timeoutMs);
      if (next === undefined) break;
      roundTripsMs.push(next.roundTripMs);
    }
    return {
      outcome: 'answers',
      roundTripsMs,
      pong,
      header: await askHeader(asker, pong, timeoutMs),
    };
  } finally {
    asker.close();
  }
}

/** The node is asked for its own log, which begins with its header. */
async function askHeader(
  asker: Asker,
  { packet }: Pong,
  timeoutMs: number,
): Promise<OwnerHeader | undefined> {
  const { owner } = packet.sender;
  let header: OwnerHeader | undefined;
  const want = { owner, generation: 0, version: 0, stagedTo: 0, asOf: 0, floorMax: 0 };
  await asker.ask(
    { wants: [want] },
    ({ deltas }) => {
      const own = deltas.find((delta) => delta.owner === owner && delta.header.length > 0);
      header ??= own && decodeOwnerHeader(own.header);
      return header !== undefined;
    },
    timeoutMs,
  );
  return header;
}

/** Somebody may be there who takes another key or cluster: whoever answers to that tells. */
async function findReason(
  target: IpPort,
  options: AskOptions,
): Promise<Pick<Finding, 'key' | 'cluster'>> {
  const { network, cluster } = options;
  const plain = [...new Set([cluster, ''])].map((name) => ({ keyring: undefined, cluster: name }));
  const others: [Credentials, Pick<Finding, 'key' | 'cluster'>][] = plain.map((each) => [
    each,
    {
      key: network === undefined ? 'none' : 'not-needed',
      cluster: each.cluster === cluster ? 'right' : 'wrong',
    },
  ]);
  if (network !== undefined && cluster !== '') {
    const keyring = deriveKeyring(network, '');
    others.push([
      { keyring, cluster: '' },
      { key: 'right', cluster: 'wrong' },
    ]);
  }
  const tried = await Promise.all(
    others.flatMap(([credentials, reason]) =>
      (['udp', 'tcp'] as const).map(async (kind) => {
        const asker = new Asker(kind, target, credentials);
        const pong = await asker.ping(options.timeoutMs);
        asker.close();
        return pong && reason;
      }),
    ),
  );
  return tried.find((reason) => reason) ?? { key: 'not-answered', cluster: 'not-answered' };
}
