/** What a node goes through in a vector, and what must come of it. */
import type {
  CommandStep,
  JsonObject,
  NodeEvent,
  NodeSetup,
  NodeStep,
  NodeView,
  PacketPattern,
  PacketStep,
  PeerState,
  StepExpectation,
} from '../../../src/conformance/vectors/upper-layers.js';
import { Random } from '../../../src/core/random.js';
import { encodePacket } from '../../../src/wire/codec.js';
import { packetToJson } from '../../../src/wire/json.js';
import { ownerIdOf } from '../../../src/wire/owner-id.js';
import type { Life, Packet, WireEntry } from '../../../src/wire/packet.js';
import { hexOf } from '../hex.js';
import type { Peer } from './peer.js';

/** The seed with which a core draws the log id that the vectors name. TEST ONLY. */
export const NODE_SEED = new TextEncoder().encode('telepathine test vectors');

/** The node under test. Its exchanges and pings are seldom, so that little comes between. */
export const NODE: NodeSetup = {
  name: 'alice',
  address: '10.0.0.1:9000',
  cluster: '',
  generation: 1_700_000_000_000,
  logId: new Random(NODE_SEED, 'log id').hex64(),
  seeds: [],
  options: { gossipIntervalMs: 3_600_000, heartbeatIntervalMs: 3_600_000 },
};

/** The life of the node under test. */
export const ALICE: Life = {
  owner: ownerIdOf(NODE.name),
  logId: NODE.logId,
  generation: NODE.generation,
};

/** How a packet comes. */
export interface How {
  /** With an echo; with a token alone; or with neither. */
  as?: 'solicited' | 'stranger' | 'push';
  link?: string;
  /** The sender's, at this time; by default as its clock goes. */
  uptimeMs?: number;
  /** The link whose token is echoed; by default that on which it comes. */
  echo?: string;
  /** It answers the last ping that the node has sent on the link, or on another. */
  answer?: boolean | string;
}

/** What a step brings about; what is left out: it is accepted, and nothing can be seen of it. */
export type Outcome = Partial<StepExpectation>;

const ACCEPTED = { result: 'accept', events: [] } as const;
/** Between two steps. */
const STEP_MS = 10;

export class Script {
  readonly #before: NodeStep[] = [];
  readonly #steps: NodeStep[] = [];
  readonly #outcomes: StepExpectation[] = [];
  #atMs = 0;

  /** @param started the node has been started, at 0. */
  constructor(
    readonly node: NodeSetup = NODE,
    started = true,
  ) {
    if (started) this.#before.push({ atMs: 0, do: 'start' });
  }

  /** A packet that brings the node into its state. */
  send(from: Peer, parts: Partial<Packet>, how: How = {}): this {
    this.#before.push(this.#packet(from, parts, how));
    return this;
  }

  /** A packet, and what comes of it. */
  check(from: Peer, parts: Partial<Packet>, outcome: Outcome = {}, how: How = {}): this {
    return this.#judge(this.#packet(from, parts, how), outcome);
  }

  do(command: Omit<CommandStep, 'atMs'>): this {
    this.#before.push({ atMs: this.#next(), ...command });
    return this;
  }

  checkDo(command: Omit<CommandStep, 'atMs'>, outcome: Outcome = {}): this {
    return this.#judge({ atMs: this.#next(), ...command }, outcome);
  }

  checkClose(link: string, outcome: Outcome = {}): this {
    return this.#judge({ atMs: this.#next(), do: 'close', link }, outcome);
  }

  /** So much later the next step comes. */
  pause(ms: number): this {
    this.#atMs += ms;
    return this;
  }

  /** So much later this can be seen. */
  checkAfter(ms: number, outcome: Outcome = {}): this {
    this.#atMs += ms;
    return this.#judge({ atMs: this.#atMs, do: 'wait' }, outcome);
  }

  /** A ping of a stranger, whose answer brings the token that it echoes from then on. */
  greet(from: Peer, how: How = {}): this {
    return this.send(from, { heartbeat: PING }, { as: 'stranger', ...how });
  }

  /** A peer comes to be known, with its log: entries from version 2 on. */
  introduce(peer: Peer, entries: readonly WireEntry[] = []): this {
    return this.greet(peer).tell(peer, peer, entries);
  }

  /** One that is known tells of another, with its log. */
  tell(teller: Peer, peer: Peer, entries: readonly WireEntry[] = []): this {
    const log = peer.log(entries);
    const digests = [{ owners: [peer.digest({ version: log.to })] }];
    return this.send(teller, { digests, deltas: [log] });
  }

  /** What stands in the vector; `view` tells what differs from a node that nothing has changed. */
  end(peers: Record<string, PeerState>, self: Partial<NodeView['self']> = {}) {
    const { generation } = this.node;
    const index = Math.max(
      0,
      this.#steps.findLastIndex(({ do: what }) => what !== 'wait' && what !== 'close'),
    );
    const { result, layer, error }: StepExpectation = this.#outcomes[index] ?? ACCEPTED;
    return {
      given: { node: this.node, before: this.#before, steps: this.#steps },
      expect: {
        ...{
          result,
          ...(layer && { layer }),
          ...(error && { error }),
          connection: 'none' as const,
        },
        steps: this.#outcomes,
        view: { self: { generation, incarnation: 0, status: 'alive' as const, ...self }, peers },
      },
    };
  }

  #judge(step: NodeStep, outcome: Outcome): this {
    this.#steps.push(step);
    this.#outcomes.push({ ...ACCEPTED, ...outcome });
    return this;
  }

  #packet(from: Peer, parts: Partial<Packet>, how: How): PacketStep {
    const atMs = this.#next();
    const { as = 'solicited', link = from.link } = how;
    const uptimeMs = how.uptimeMs ?? from.uptimeMs + atMs;
    const token = as !== 'push' && { token: from.token };
    const bytes = encodePacket(packetOf(from.life, { uptimeMs, ...token, ...parts }));
    const answer = how.answer === true ? link : how.answer;
    return {
      ...{ atMs, do: 'packet', link },
      ...{ packet: packetToJson(bytes) as JsonObject, hex: hexOf(bytes) },
      ...(as === 'solicited' && { echo: how.echo ?? link }),
      ...(answer && { answer }),
    };
  }

  #next(): number {
    this.#atMs += STEP_MS;
    return this.#atMs;
  }
}

/** The number of the pings that peers send. */
export const PING = { ping: 77, answer: 0, roundTripUs: 0 };

/** A packet without parts, with some of its own. */
export function packetOf(sender: Life, parts: Partial<Packet> = {}): Packet {
  return {
    ...{ requiredFeatures: 0, protocol: 1, cluster: '', sender, uptimeMs: 0 },
    ...{ fingerprints: [], digests: [], wants: [], deltas: [] },
    ...{ probes: [], suspicions: [], votes: [] },
    ...parts,
  };
}

/** A peer as it is seen: alive, at a version, with its keys. */
export function seen(
  { life }: Peer,
  version = 1,
  keys: Record<string, string> = {},
  parts: Partial<PeerState> = {},
): PeerState {
  const { logId, generation } = life;
  return { logId, generation, incarnation: 0, status: 'alive', version, keys, ...parts };
}

/** What the application is told of a peer. */
export function told(
  event: NodeEvent['event'],
  peer?: Peer,
  name?: string,
  text?: string,
): NodeEvent {
  return {
    event,
    ...(peer && { peer: peer.name }),
    ...(name !== undefined && { name }),
    ...(text !== undefined && { value: text }),
  };
}

/** A packet to a link that holds at least these fields. */
export function to(link: string, packet: JsonObject): PacketPattern {
  return { to: link, packet };
}

/** 8 bytes in hex, as ProtoJSON has them. */
export function id64(hex: string): string {
  return Buffer.from(hex, 'hex').toString('base64');
}
