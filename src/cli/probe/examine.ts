import type { IpPort } from '../../transport/address.js';
import { decodeOwnerHeader } from '../../wire/owner-header.js';
import type { OwnerHeader } from '../../wire/packet.js';
import { Asker, type Credentials, type Pong } from '../ask/asker.js';
import type { CarrierFailure } from '../ask/carrier.js';
import { hangsUp } from '../ask/hang-up.js';
import { type AskOptions, credentialsOf } from '../ask/target.js';
import { findReason, type Reason, UNKNOWN } from './find-reason.js';

/** What was found out over one transport. */
export interface TransportFinding {
  /**
   * `answers`; `other-protocol`: it does, in another one; `nonsense`: it says what no node says;
   * `silent`: there is a connection, or no word that nobody listens, but no answer; or why nothing
   * goes there.
   */
  readonly outcome: 'answers' | 'other-protocol' | 'nonsense' | 'silent' | CarrierFailure;
  /** Of the first ping that was answered, and of those after it. */
  readonly roundTripsMs: readonly number[];
}

/** What was found out of a node. */
export interface Finding extends Reason {
  readonly udp: TransportFinding;
  readonly tcp: TransportFinding;
  /**
   * Whether a node is there: `perhaps`: it is silent, and ends a connection as nodes must;
   * `hangs-up`: it ends each at once, as a node does only if it takes no more; `no`: what it says no
   * node says, or it is silent and ends no connection, as a node does only if it hangs.
   */
  readonly node: 'yes' | 'perhaps' | 'hangs-up' | 'no' | 'unknown';
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
  const examineBy = (kind: 'udp' | 'tcp') =>
    examineTransport(kind, target, credentials, options.timeoutMs);
  const [udp, tcp] = await Promise.all([examineBy('udp'), examineBy('tcp')]);
  const { pong, header } = udp.pong === undefined ? tcp : udp;
  const found = { udp: findingOf(udp), tcp: findingOf(tcp), pong, header };
  const key = options.network === undefined ? 'none' : 'right';
  if (pong !== undefined) return { ...found, key, cluster: 'right', version: 'right', node: 'yes' };
  const otherProtocol = udp.otherProtocol ?? tcp.otherProtocol;
  if (otherProtocol !== undefined) {
    return { ...found, key, cluster: 'right', version: 'other', otherProtocol, node: 'yes' };
  }
  return { ...found, ...(await examineSilent(target, options, found)) };
}

/** Of who does not answer as it was asked. */
async function examineSilent(
  target: IpPort,
  options: AskOptions,
  { udp, tcp }: Pick<Finding, 'udp' | 'tcp'>,
): Promise<Reason & Pick<Finding, 'node' | 'tcp'>> {
  const outcomes = [udp.outcome, tcp.outcome];
  if (outcomes.includes('nonsense')) return { ...UNKNOWN, tcp, node: 'no' };
  const isConnected = tcp.outcome === 'silent' || tcp.outcome === 'closed';
  if (!isConnected && udp.outcome !== 'silent') return { ...UNKNOWN, tcp, node: 'unknown' };
  const [reason, isHungUp] = await Promise.all([
    findReason(target, options),
    isConnected ? hangsUp(target, options.timeoutMs) : undefined,
  ]);
  if (reason.version === 'right' || reason.version === 'other') {
    return { ...reason, tcp, node: 'yes' };
  }
  if (isHungUp === undefined) return { ...reason, tcp, node: 'unknown' };
  if (isHungUp === 'unreachable') {
    return { ...UNKNOWN, tcp: { ...tcp, outcome: 'nobody-listens' }, node: 'unknown' };
  }
  if (tcp.outcome === 'closed') return { ...UNKNOWN, tcp, node: 'hangs-up' };
  return isHungUp ? { ...reason, tcp, node: 'perhaps' } : { ...UNKNOWN, tcp, node: 'no' };
}

interface Examined {
  readonly outcome: TransportFinding['outcome'];
  readonly roundTripsMs: number[];
  readonly pong?: Pong;
  readonly header?: OwnerHeader | undefined;
  readonly otherProtocol?: number | undefined;
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
      const { otherProtocol } = asker;
      return { outcome: outcomeOf(asker), roundTripsMs: [], otherProtocol };
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

/** Of a ping without an answer. A connection that never came to be is no silence. */
function outcomeOf(asker: Asker): TransportFinding['outcome'] {
  if (asker.otherProtocol !== undefined) return 'other-protocol';
  if (asker.isNoNode) return 'nonsense';
  return asker.failure ?? (asker.isOpen ? 'silent' : 'unreachable');
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
