import { Carriers } from '../../src/core/carriers.js';
import { Collection } from '../../src/core/collection.js';
import type { CoreOptions, Link } from '../../src/core/contract.js';
import { Doubts } from '../../src/core/doubts.js';
import { Exchange } from '../../src/core/exchange.js';
import { Links } from '../../src/core/links.js';
import { Outbox } from '../../src/core/outbox.js';
import type { Owner } from '../../src/core/owner.js';
import { Pings } from '../../src/core/pings.js';
import { Pulls } from '../../src/core/pulls.js';
import { Random } from '../../src/core/random.js';
import { Serving } from '../../src/core/serving.js';
import type { Received } from '../../src/core/state.js';
import { Statements } from '../../src/core/statements.js';
import { Streams } from '../../src/core/streams.js';
import { Suspicions } from '../../src/core/suspicions.js';
import { Whereabouts } from '../../src/core/whereabouts.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import { type OwnerDigest, type Packet, Status } from '../../src/wire/packet.js';
import { makeOwner, makePacket, makeState, seedOf } from '../support/core-state.js';

const TOKEN = 'eeeeeeeeeeeeeeee';

/** The parts of a core that know each other, and what they send. */
export class CoreParts {
  readonly state;
  readonly links = new Links(new Random(seedOf(1), 'tokens'));
  readonly outbox;
  readonly pings;
  readonly pulls;
  readonly collection;
  readonly statements;
  readonly exchange;
  readonly suspicions;
  readonly serving;

  constructor(options: Partial<CoreOptions> = {}) {
    this.state = makeState(options);
    this.outbox = new Outbox(this.state, this.links);
    this.pings = new Pings(this.state, this.links, this.outbox, () => undefined);
    this.pulls = new Pulls(this.state, this.links, this.pings, this.outbox, () => undefined);
    this.serving = new Serving(this.state, this.outbox, this.links, this.pings);
    this.collection = new Collection(this.state, () => undefined);
    const host = { changed: () => undefined, dropLog: () => undefined };
    this.statements = new Statements(this.state, this.collection, host);
    const { state, collection, statements, pings, pulls, outbox } = this;
    const nothing = () => undefined;
    this.exchange = new Exchange(state, collection, statements, pings, pulls, outbox, nothing);
    const streams = new Streams(state, this.links, pulls);
    const whereabouts = new Whereabouts(state, streams);
    const carriers = new Carriers(state, pings, this.exchange);
    const ways = { carriers, whereabouts, streams };
    const verdicts = { statements, doubts: new Doubts(state, pings, statements, nothing) };
    this.suspicions = new Suspicions(state, pings, outbox, verdicts, ways, nothing);
  }

  /** Makes the link one whose token is known, so that questions can be asked there. */
  prove(link: Link, confirmed = false): void {
    Object.assign(this.links.use(link), { theirToken: TOKEN, confirmed });
  }

  /** Adds live owners that are reached at addresses of their own. */
  addOwners(count: number, first = 1): Owner[] {
    return Array.from({ length: count }, (_, index) => {
      const owner = makeOwner(idOf(first + index));
      const header = headerAt(`${owner.id}`, first + index);
      owner.setHeader(encodeOwnerHeader(header), header);
      this.state.directory.add(owner);
      return owner;
    });
  }

  /** A solicited packet of an owner, on its link. */
  received(from: Owner, link: Link, parts: Partial<Packet> = {}): Received {
    const { owner, logId, generation } = from.statement;
    const packet = makePacket(this.state, { sender: { owner, logId, generation }, ...parts });
    return { link, packet, bytes: 1200, solicited: true, from };
  }

  /** What goes out at the end of this call. */
  sent(): { link: Link; packet: Packet }[] {
    this.pulls.flush();
    this.outbox.flush();
    return this.state.effects
      .splice(0)
      .flatMap((effect) =>
        effect.type === 'send' ? effect.links.map((link) => ({ link, packet: effect.packet })) : [],
      );
  }

  /** Lets time go by and runs what is due, one deadline after the other. */
  wait(ms: number, onCall: () => void = () => undefined): void {
    const untilMs = this.state.nowMs + ms;
    for (;;) {
      const dueMs = this.state.schedule.nextDueMs() ?? Number.POSITIVE_INFINITY;
      if (dueMs > untilMs) break;
      this.state.nowMs = Math.max(this.state.nowMs, dueMs);
      this.state.schedule.takeDue(this.state.nowMs)?.();
      onCall();
    }
    this.state.nowMs = untilMs;
  }
}

/** The id of an owner by its number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(16, '0');
}

/** A claim about an owner that is not known. */
export function claimOf(number: number, changes: Partial<OwnerDigest> = {}): OwnerDigest {
  return {
    owner: idOf(number),
    logId: idOf(number),
    generation: 1,
    incarnation: 0,
    status: Status.alive,
    version: 1,
    floor: 0,
    ageMs: 0,
    refused: false,
    ...changes,
  };
}

function headerAt(name: string, number: number) {
  const ip = Uint8Array.of(10, 1, number >> 8, number & 255);
  return {
    version: 1,
    name,
    addresses: [{ family: 4 as const, ip, port: 9000, transport: 'udp' as const }],
    tags: {},
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [],
  };
}
