import type { CoreStats } from '../core/contract.js';
import type { Transport } from '../transport/transport.js';
import type { Packet } from '../wire/packet.js';
import { packetType } from '../wire/packet-type.js';

/** Envelopes and their bytes; frame prefixes and the headers of IP, UDP and TCP not counted. */
export interface Flow {
  packets: number;
  bytes: number;
}

/** What a node did since it was opened. All counts only grow, but `owners` and `live`. */
export interface NodeStats extends CoreStats {
  /** Everything that came, refused envelopes included, by transport. */
  received: Record<'udp' | 'tcp', Flow>;
  /** Everything that was sent, once for each receiver, by transport. */
  sent: Record<'udp' | 'tcp', Flow>;
  /** Packets that were read, by the parts that they carry: `heartbeat`, `digest+want`, … */
  receivedByType: Record<string, Flow>;
  /** Packets that were sent, in the same way. */
  sentByType: Record<string, Flow>;
  /** Packets that were opened, by the id of the key that sealed them; empty in a public mesh. */
  packetsByKey: Record<string, number>;
  /**
   * What was not taken, by reason: the core's, the envelope's and packet's, and the transports'.
   * `internal-error` counts faults of this program. docs/ERRORS.md tells what each means.
   */
  refusals: Record<string, number>;
}

/** Counts what a node sends, receives and refuses. */
export class Counters {
  readonly #received = { udp: noFlow(), tcp: noFlow() };
  readonly #sent = { udp: noFlow(), tcp: noFlow() };
  readonly #receivedByType = new Map<string, Flow>();
  readonly #sentByType = new Map<string, Flow>();
  readonly #packetsByKey = new Map<string, number>();
  readonly #refusals = new Map<string, number>();

  /** An envelope has come. */
  countReceived(kind: Transport['kind'], bytes: number): void {
    add(this.#received[kind], bytes);
  }

  /** An envelope's packet was read. */
  countRead(packet: Packet, bytes: number): void {
    add(flowOf(this.#receivedByType, packetType(packet)), bytes);
  }

  /** An envelope was opened with this key. */
  countKey(keyId: string): void {
    this.#packetsByKey.set(keyId, (this.#packetsByKey.get(keyId) ?? 0) + 1);
  }

  countSent(kind: Transport['kind'], packet: Packet, bytes: number): void {
    add(this.#sent[kind], bytes);
    add(flowOf(this.#sentByType, packetType(packet)), bytes);
  }

  /** @param reason one of a fixed set of words. */
  countRefusal(reason: string): void {
    this.#refusals.set(reason, (this.#refusals.get(reason) ?? 0) + 1);
  }

  /** A copy of all counts, together with those of the core. */
  snapshot(core: CoreStats): NodeStats {
    const refusals = { ...core.refusals };
    for (const [reason, count] of this.#refusals) {
      refusals[reason] = (refusals[reason] ?? 0) + count;
    }
    return {
      ...core,
      received: structuredClone(this.#received),
      sent: structuredClone(this.#sent),
      receivedByType: structuredClone(Object.fromEntries(this.#receivedByType)),
      sentByType: structuredClone(Object.fromEntries(this.#sentByType)),
      packetsByKey: Object.fromEntries(this.#packetsByKey),
      refusals,
    };
  }
}

function noFlow(): Flow {
  return { packets: 0, bytes: 0 };
}

function add(flow: Flow, bytes: number): void {
  flow.packets += 1;
  flow.bytes += bytes;
}

function flowOf(flows: Map<string, Flow>, type: string): Flow {
  const known = flows.get(type);
  if (known) return known;
  const flow = noFlow();
  flows.set(type, flow);
  return flow;
}
