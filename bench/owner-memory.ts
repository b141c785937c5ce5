/**
 * What a node costs another one in memory, beside keys and values: `node --expose-gc
 * dist/bench/owner-memory.js`, some 10 s, with `--json` as JSON. A real core is told of 10,000 nodes and their headers; then
 * it idles among them for 30 virtual hours, after which it has met most: of each it then knows
 * tokens, round trip and uptime as well.
 */
import type { CoreOptions, Effect, Input, Link } from '../src/core/contract.js';
import { Core } from '../src/core/core.js';
import { decodePacket, encodePacket } from '../src/wire/codec.js';
import { PROTOCOL_VERSION } from '../src/wire/limits.js';
import { encodeOwnerHeader } from '../src/wire/owner-header.js';
import { ownerIdOf } from '../src/wire/owner-id.js';
import { type HostAddress, type Life, type Packet, Status } from '../src/wire/packet.js';

const OWNERS = 10_000;
const CLUSTER = 'bench';
const TOLD_AT_ONCE = 100;
const IDLE_MS = 30 * 3_600_000;
const LATENCY_MS = 1;
const GENERATION = 1_763_900_000_000;

/** Another node, as far as it is needed here: it answers, and knows what the core knows. */
interface Other {
  readonly life: Life;
  readonly link: Link;
  readonly token: string;
  readonly header: Uint8Array;
}

/** A core and all that it knows. */
class Measurement {
  readonly #others: Other[];
  readonly #byLink: Map<Link, Other>;
  /** What the core asks each to echo. */
  readonly #tokens: Map<Link, string>;
  readonly #answers: { other: Other; parts: Partial<Packet> }[] = [];
  readonly #core = new Core(optionsOf('10.0.0.1:9000'), new Uint8Array(32));
  #nowMs = 0;

  constructor(readonly owners: number) {
    this.#others = Array.from({ length: owners }, (_, index) => makeOther(index));
    this.#byLink = new Map(this.#others.map((other) => [other.link, other]));
    this.#tokens = new Map(this.#others.map(({ link, token }) => [link, token]));
  }

  run(): { knownBytes: number; metBytes: number; metPart: number } {
    this.#give({ type: 'start' });
    this.#idleUntil(10_000);
    const aloneBytes = usedBytes();
    const [teller] = this.#others as [Other];
    this.#meet(teller);
    for (let first = 0; first < this.owners; first += TOLD_AT_ONCE) {
      this.#tell(teller, this.#others.slice(first, first + TOLD_AT_ONCE));
    }
    this.#idleUntil(20_000);
    if (this.#core.stats().live !== this.owners + 1) throw new Error('not all are taken');
    const knownBytes = (usedBytes() - aloneBytes) / this.owners;
    this.#idleUntil(IDLE_MS);
    const met = this.#metCount();
    return {
      knownBytes,
      metBytes: (usedBytes() - aloneBytes) / this.owners,
      metPart: met / this.owners,
    };
  }

  #metCount(): number {
    const peers = this.#core.peers(this.#nowMs);
    return peers.filter(({ roundTripMs }) => roundTripMs !== undefined).length;
  }

  /** Its first ping, whose answer has the core's token, and a second one, which echoes it. */
  #meet(other: Other): void {
    for (const ping of [1, 2])
      this.#send(other, { heartbeat: { ping, answer: 0, roundTripUs: 0 } });
  }

  #tell(teller: Other, told: Other[]): void {
    const ascending = told.toSorted((a, b) => (a.life.owner < b.life.owner ? -1 : 1));
    const statement = { incarnation: 0, status: Status.alive, ageMs: 0, refused: false };
    const owners = ascending.map(({ life }) => ({ ...life, ...statement, version: 1, floor: 0 }));
    const log = { from: 0, to: 1, asOf: 1, floor: 0, entries: [], requiredFeatures: 0 };
    const deltas = ascending.map(({ life, header }) => ({ ...life, ...log, header }));
    this.#send(teller, { digests: [{ owners }], deltas });
  }

  #send({ life, link, token }: Other, parts: Partial<Packet>): void {
    const packet: Packet = {
      requiredFeatures: 0,
      protocol: PROTOCOL_VERSION,
      cluster: CLUSTER,
      sender: life,
      uptimeMs: this.#nowMs,
      token,
      echo: this.#tokens.get(link) as string,
      fingerprints: [],
      digests: [],
      wants: [],
      deltas: [],
      probes: [],
      suspicions: [],
      votes: [],
      ...parts,
    };
    const bytes = encodePacket(packet);
    const decoded = decodePacket(bytes);
    if (!decoded.ok) throw new Error(decoded.reason);
    this.#give({ type: 'packet', link, packet: decoded.packet, bytes: bytes.length });
  }

  #give(input: Input): void {
    for (const effect of this.#core.handle(input, this.#nowMs)) this.#take(effect);
  }

  /** All others answer their pings, and hold the same as the core. */
  #take(effect: Effect): void {
    if (effect.type !== 'send') return;
    const { heartbeat, token, fingerprints } = effect.packet;
    for (const link of effect.links) {
      const other = this.#byLink.get(link);
      if (other === undefined) continue;
      if (token !== undefined) this.#tokens.set(link, token);
      const answer = heartbeat?.ping ?? 0;
      if (answer === 0) continue;
      const parts = { heartbeat: { ping: 0, answer, roundTripUs: 0 }, fingerprints };
      this.#answers.push({ other, parts });
    }
  }

  #idleUntil(untilMs: number): void {
    for (;;) {
      const answers = this.#answers.splice(0);
      this.#nowMs += LATENCY_MS;
      for (const { other, parts } of answers) this.#send(other, parts);
      if (this.#answers.length > 0) continue;
      const dueMs = this.#core.nextDeadlineMs() ?? untilMs;
      if (dueMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, Math.ceil(dueMs));
      this.#give({ type: 'wake' });
    }
    this.#nowMs = untilMs;
  }
}

// The first one makes what all share: code, above all.
for (const owners of [500, OWNERS]) {
  const figures = new Measurement(owners).run();
  if (owners !== OWNERS) continue;
  const { knownBytes, metBytes, metPart } = figures;
  if (process.argv.includes('--json')) {
    process.stdout.write(`${JSON.stringify(figures)}\n`);
    break;
  }
  process.stdout.write(`known: ${Math.round(knownBytes)} B an owner\n`);
  const percent = Math.round(metPart * 100);
  process.stdout.write(`known, ${percent} % of them met: ${Math.round(metBytes)} B an owner\n`);
}

function makeOther(index: number): Other {
  const ip = [10, 1 + (index >> 16), (index >> 8) & 255, index & 255];
  const name = `${ip.join('.')}:9000`;
  const logId = (2 ** 40 + index).toString(16).padStart(16, 'a');
  const header = encodeOwnerHeader({
    version: 1,
    name,
    addresses: addressesOf(ip),
    tags: {},
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [],
  });
  const life = { owner: ownerIdOf(name), logId, generation: GENERATION + index };
  return { life, link: `udp:${name}`, token: logId.replaceAll('a', 'b'), header };
}

function addressesOf(ip: number[]): HostAddress[] {
  return (['udp', 'tcp'] as const).map((transport) => {
    return { family: 4, ip: Uint8Array.from(ip), port: 9000, transport };
  });
}

function optionsOf(name: string): CoreOptions {
  return {
    name,
    cluster: CLUSTER,
    generation: GENERATION,
    addresses: addressesOf([10, 0, 0, 1]),
    tags: {},
    keyIds: [],
    udp: true,
    datagramPacketBytesMax: 1155,
    gossipIntervalMs: 1000,
    heartbeatIntervalMs: 1000,
    phiThreshold: 8,
    phiDeviationMinMs: 50,
    phiToleranceMs: 150,
    burstProbes: 40,
    burstMs: 2000,
    deadGraceMs: 86_400_000,
    leftGraceMs: 60_000,
    tombstoneGraceMs: 600_000,
    joinTimeoutMs: 500,
    ownersMax: 20_000,
    heldBytesMax: 2 ** 30,
  };
}

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
