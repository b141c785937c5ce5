/** A core in virtual time that is given what a vector tells. */
import type {
  CommandStep,
  NodeEvent,
  NodeSetup,
  NodeStep,
  NodeView,
  PacketStep,
} from '../../../src/conformance/vectors/index.js';
import type { CoreEvent, CoreOptions, Effect, Input, Payload } from '../../../src/core/contract.js';
import type { Core } from '../../../src/core/core.js';
import { decodePacket, encodePacket } from '../../../src/wire/codec.js';
import { packetFromJson, packetToJson } from '../../../src/wire/json.js';
import { Encoding, type Packet } from '../../../src/wire/packet.js';
import { DEFAULT_CORE_OPTIONS } from '../../support/mesh.js';

/** What a step has brought about, until the next. */
export interface StepOutcome {
  readonly refusals: string[];
  readonly sent: { to: string; packet: unknown; bytes: number }[];
  readonly events: NodeEvent[];
  /** What the application can read has changed. */
  readonly isChanged: boolean;
  /** The same, or it was told something, or somebody was sent something, at once. */
  readonly isVisible: boolean;
}

/** What an envelope adds to a packet in a public mesh. */
const PLAIN_OVERHEAD_BYTES = 1;

export class NodeUnderTest {
  readonly #core: Core;
  readonly #setup: NodeSetup;
  #nowMs = 0;
  #stamps = 0;
  readonly #tokens = new Map<string, string>();
  readonly #pings = new Map<string, number>();
  #effects: Effect[] = [];
  /** What was to be echoed or answered, and has never come. */
  readonly missing: string[] = [];

  constructor(setup: NodeSetup, makeCore: (options: CoreOptions) => Core) {
    this.#setup = setup;
    this.#core = makeCore(optionsOf(setup));
  }

  /** Takes a step, and lets time pass until the next one. */
  step(step: NodeStep, nextMs = step.atMs): StepOutcome {
    const before = this.#core.stats().refusals;
    const seen = JSON.stringify(this.view());
    this.#nowMs = Math.max(this.#nowMs, step.atMs);
    this.#effects = [];
    this.#input(step);
    const atOnce = this.#effects.length;
    this.#runUntil(nextMs - 1);
    const refusals = Object.entries(this.#core.stats().refusals).flatMap(([reason, count]) =>
      count > (before[reason] ?? 0) ? [reason] : [],
    );
    const events = this.#effects.flatMap((effect) =>
      effect.type === 'emit' && this.#isTold(effect.event) ? eventOf(effect.event) : [],
    );
    const sent = this.#effects.flatMap((effect) => (effect.type === 'send' ? sendsOf(effect) : []));
    const isChanged = seen !== JSON.stringify(this.view());
    return { refusals, sent, events, isChanged, isVisible: isChanged || atOnce > 0 };
  }

  view(): NodeView {
    const peers: NodeView['peers'] = Object.fromEntries(
      this.#core.names('all').map((name) => {
        const { logId, generation, incarnation, status, version } = this.#core.position(name)!;
        const keys = Object.fromEntries(
          this.#core
            .remoteKeys(name, this.#nowMs)
            .map((key) => [key, textOf(this.#core.remoteGet(name, key, this.#nowMs)?.payload)]),
        );
        return [name, { logId, generation, incarnation, status, version, keys }];
      }),
    );
    const { generation, incarnation, status } = this.#core.position()!;
    return {
      self: { generation, incarnation, status: status === 'left' ? 'left' : 'alive' },
      peers,
    };
  }

  /** A host tells of nobody whose name is not known. */
  #isTold(event: CoreEvent): boolean {
    return event.type !== 'heartbeat' || this.#core.names('all').includes(event.name);
  }

  #input(step: NodeStep): void {
    switch (step.do) {
      case 'wait':
        this.#handle({ type: 'wake' });
        return;
      case 'packet':
        this.#packet(step);
        return;
      case 'close':
        this.#handle({ type: 'linkDown', link: step.link });
        return;
      case 'start':
        this.#handle({ type: 'seeds', addresses: [...this.#setup.seeds] });
        this.#handle({ type: 'start' });
        return;
      default:
        this.#handle(this.#command(step));
    }
  }

  #command({ do: type, name = '', value = '', lifeMs }: CommandStep): Input {
    const form = {
      payload: new TextEncoder().encode(value),
      encoding: Encoding.json,
      typeName: '',
    };
    if (type === 'say') {
      return { type, event: name, ...form, durationMs: lifeMs ?? 20_000, buffer: false };
    }
    if (type === 'leave' || type === 'start') return { type };
    this.#stamps += 1;
    const stamp = { time: this.#stamps };
    if (type === 'delete') return { type, key: name, stamp };
    const ttl = lifeMs === undefined ? {} : { ttlMs: lifeMs };
    return { type: 'set', key: name, ...form, ...ttl, stamp };
  }

  #packet({ link, packet: json, hex, echo, answer }: PacketStep): void {
    const given = new Uint8Array(Buffer.from(hex, 'hex'));
    if (!Buffer.from(given).equals(packetFromJson(json))) throw new Error('hex and JSON differ');
    const bytes = Buffer.concat([given, ...this.#added(echo, answer)]);
    const decoded = decodePacket(new Uint8Array(bytes));
    if (!decoded.ok) throw new Error(`a packet cannot be read: ${decoded.reason}`);
    const { packet } = decoded;
    this.#handle({ type: 'packet', link, packet, bytes: bytes.length + PLAIN_OVERHEAD_BYTES });
  }

  /** Protobuf merges what comes later into what came before. */
  #added(echo: string | undefined, answer: string | undefined): Uint8Array[] {
    const [token, ping] = [echo && this.#tokens.get(echo), answer && this.#pings.get(answer)];
    if (echo !== undefined && !token) this.missing.push(`no token was given on ${echo}`);
    if (answer !== undefined && !ping) this.missing.push(`no ping was sent on ${answer}`);
    const added = {
      ...(token && { echo: Buffer.from(token, 'hex').toString('base64') }),
      ...(ping && { heartbeat: { answer: ping } }),
    };
    return [packetFromJson(added)];
  }

  #handle(input: Input): void {
    const effects = this.#core.handle(input, this.#nowMs);
    for (const effect of effects) if (effect.type === 'send') this.#note(effect);
    this.#effects.push(...effects);
  }

  #note({ links, packet }: Effect & { type: 'send' }): void {
    for (const link of links) {
      if (packet.token !== undefined) this.#tokens.set(link, packet.token);
      const ping = packet.heartbeat?.ping ?? 0;
      if (ping > 0) this.#pings.set(link, ping);
    }
  }

  #runUntil(untilMs: number): void {
    for (;;) {
      const dueMs = this.#core.nextDeadlineMs();
      if (dueMs === undefined || dueMs > untilMs) break;
      this.#nowMs = Math.max(this.#nowMs, dueMs);
      this.#handle({ type: 'wake' });
    }
    this.#nowMs = Math.max(this.#nowMs, untilMs);
  }
}

function optionsOf({ name, address, cluster, generation, options }: NodeSetup): CoreOptions {
  const [ip, port] = address.split(':') as [string, string];
  const place = { family: 4, ip: Uint8Array.from(ip.split('.').map(Number)), port: Number(port) };
  return {
    ...DEFAULT_CORE_OPTIONS,
    ...{ gossipIntervalMs: 2500, heartbeatIntervalMs: 2500, burstMs: 6000 },
    ...{ name, cluster, generation, datagramPacketBytesMax: 1200 - PLAIN_OVERHEAD_BYTES },
    addresses: [
      { ...place, family: 4, transport: 'udp' },
      { ...place, family: 4, transport: 'tcp' },
    ],
    ...options,
  };
}

function sendsOf({ links, packet }: { links: string[]; packet: Packet }): StepOutcome['sent'] {
  const bytes = encodePacket(packet);
  const json = packetToJson(bytes);
  return links.map((to) => ({ to, packet: json, bytes: bytes.length }));
}

function eventOf(event: CoreEvent): NodeEvent[] {
  switch (event.type) {
    case 'joined':
    case 'left':
      return [{ event: event.type }];
    case 'nameTaken':
      return [{ event: 'name-taken' }];
    case 'set':
    case 'expired':
      return [keyed(event.type, event.name, event.key, event.value.payload)];
    case 'heard':
      return [keyed('heard', event.name, event.event, event.payload)];
    case 'deleted':
      return event.existed ? [{ event: 'deleted', peer: event.name, name: event.key }] : [];
    default:
      return [{ event: PEER_EVENTS[event.type], peer: event.name }];
  }
}

const PEER_EVENTS = {
  peerNew: 'new',
  peerAlive: 'alive',
  peerDown: 'down',
  peerSuspect: 'suspect',
  peerForgotten: 'forgotten',
  heartbeat: 'contact',
} as const;

function keyed(event: NodeEvent['event'], peer: string, name: string, value: Payload): NodeEvent {
  return { event, peer, name, value: textOf(value) };
}

function textOf(payload: Payload | undefined): string {
  return new TextDecoder().decode(payload?.bytes);
}
