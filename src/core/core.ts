import type { Fingerprint } from '../wire/packet.js';
import { Carriers } from './carriers.js';
import { Collection } from './collection.js';
import type {
  CoreOptions,
  CoreStats,
  Effect,
  HeaderOptions,
  Input,
  PeerView,
  Position,
  RemoteValue,
} from './contract.js';
import { Doubts } from './doubts.js';
import { Ends } from './ends.js';
import { Exchange } from './exchange.js';
import { Gossip } from './gossip.js';
import { Identity } from './identity.js';
import { makeState } from './initial-state.js';
import { Joining } from './joining.js';
import { Leaving } from './leaving.js';
import { Links } from './links.js';
import { Outbox } from './outbox.js';
import { OwnLog } from './own-log.js';
import type { Owner } from './owner.js';
import { Pings } from './pings.js';
import { Pulls } from './pulls.js';
import { Push } from './push.js';
import { Random } from './random.js';
import { type Parties, Receiving } from './receiving.js';
import { Replicas } from './replicas.js';
import { Serving } from './serving.js';
import { type CoreState, emit, nameOf } from './state.js';
import { Statements } from './statements.js';
import { Streams } from './streams.js';
import { Suspicions, type Ways } from './suspicions.js';
import { namesOf, positionOf, readable, readableKeys, statsOf, viewOf } from './view.js';
import { Watching } from './watching.js';
import { Whereabouts } from './whereabouts.js';

/** Called later than this after a deadline, the core takes it that the machine stood still. */
const PAUSE_MS = 1000;
/** After a pause this long it also waits for an exchange before it judges or serves. */
const LONG_PAUSE_MS = 10_000;

/**
 * One node's protocol, as a state machine without clock, randomness or I/O of its own.
 *
 * `handle` takes what has happened and gives what is to be done; `nextDeadlineMs` tells when to call
 * it with `wake`. See `contract.ts`.
 */
export class Core {
  readonly #state: CoreState;
  readonly #links: Links;
  readonly #ownLog: OwnLog;
  readonly #replicas: Replicas;
  readonly #statements: Statements;
  readonly #push: Push;
  readonly #outbox: Outbox;
  readonly #pings: Pings;
  readonly #pulls: Pulls;
  readonly #exchange: Exchange;
  readonly #ways: Ways;
  readonly #gossip: Gossip;
  readonly #watching: Watching;
  readonly #suspicions: Suspicions;
  readonly #doubts: Doubts;
  readonly #identity: Identity;
  readonly #joining: Joining;
  readonly #leaving: Leaving;
  readonly #receiving: Receiving;

  /** @param seed 32 bytes that nobody else can know: tokens are drawn from them. */
  constructor(options: CoreOptions, seed: Uint8Array) {
    const state = makeState(options, seed);
    this.#state = state;
    const links = new Links(new Random(seed, 'tokens'));
    this.#links = links;
    this.#outbox = new Outbox(state, this.#links);
    const pings = new Pings(state, links, this.#outbox, (owner, link) => {
      this.#ways.carriers.answered(owner, link);
      this.#doubts.answered(owner);
      this.#suspicions.answered(owner);
    });
    this.#pings = pings;
    const serving = new Serving(state, this.#outbox, links, pings);
    this.#push = new Push(state, serving, this.#outbox, links, pings);
    this.#pulls = new Pulls(state, links, pings, this.#outbox, (link) =>
      this.#ways.streams.drop(link),
    );
    const streams = new Streams(state, links, this.#pulls);
    const ends = new Ends(state, (owner, log, entry) => this.#replicas.end(owner, log, entry));
    this.#ownLog = new OwnLog(state, {
      changed: (from, urgent) => this.#ownLogChanged(from, urgent),
      scheduleEnd: (log, entry) => ends.schedule(state.self, log, entry),
    });
    this.#replicas = new Replicas(state, {
      headerTaken: (owner, first, moved) => this.#headerTaken(owner, first, moved),
      shown: (owner, from) => this.#shown(owner, from),
      scheduleEnd: (owner, log, entry) => ends.schedule(owner, log, entry),
    });
    const collection = new Collection(state, (owner) => {
      this.#pulls.forget(owner.id);
      this.#replicas.removed(owner);
    });
    this.#statements = new Statements(state, collection, {
      changed: (owner, news) => this.#statementChanged(owner, news),
      dropLog: (owner) => this.#replicas.dropLog(owner),
    });
    this.#identity = new Identity(state, this.#ownLog, links, pings, this.#pulls, this.#push);
    this.#exchange = new Exchange(
      state,
      collection,
      this.#statements,
      pings,
      this.#pulls,
      this.#outbox,
      (digest, link) => this.#identity.heard(digest, link),
    );
    const carriers = new Carriers(state, pings, this.#exchange);
    const whereabouts = new Whereabouts(state, streams);
    this.#ways = { carriers, whereabouts, streams };
    this.#gossip = new Gossip(state, this.#exchange, carriers);
    const watchersChanged = (suspected?: Owner) => {
      this.#watching.membershipChanged();
      if (suspected !== undefined) this.#watching.standInFor(suspected);
    };
    this.#doubts = new Doubts(state, pings, this.#statements, watchersChanged);
    this.#suspicions = new Suspicions(
      state,
      pings,
      this.#outbox,
      { statements: this.#statements, doubts: this.#doubts },
      this.#ways,
      watchersChanged,
    );
    this.#watching = new Watching(state, pings, this.#exchange, this.#suspicions, carriers);
    this.#joining = new Joining(
      state,
      this.#identity,
      pings,
      this.#pulls,
      this.#exchange,
      this.#gossip,
      () => this.#joined(),
    );
    this.#leaving = new Leaving(state, pings, this.#exchange, this.#push, this.#outbox);
    this.#receiving = new Receiving(state, this.#parties(serving));
  }

  /**
   * Takes an input, and gives what is to be done, in order.
   *
   * @throws TelepathineError TOO_LARGE or LIMIT_REACHED for a command that cannot be carried out;
   * then nothing has changed. Packets never throw.
   */
  handle(input: Input, nowMs: number): Effect[] {
    const state = this.#state;
    this.#advance(nowMs);
    try {
      if (!state.stopped) this.#take(input);
    } finally {
      state.source = undefined;
    }
    this.#runDue();
    if (!state.stopped) this.#pulls.flush();
    this.#outbox.flush();
    return state.effects.splice(0);
  }

  /** When to call with `wake` if nothing else happens; undefined: never. */
  nextDeadlineMs(): number | undefined {
    return this.#state.stopped ? undefined : this.#state.schedule.nextDueMs();
  }

  /** The own value of a key. */
  get(key: string, nowMs: number): RemoteValue | undefined {
    return readable(this.#state.self, key, nowMs);
  }

  /** The own keys that have a value. */
  keys(nowMs: number): string[] {
    return readableKeys(this.#state.self, nowMs);
  }

  /** Another's value; undefined for an unknown node or key. */
  remoteGet(name: string, key: string, nowMs: number): RemoteValue | undefined {
    const owner = this.#peer(name);
    return owner && readable(owner, key, nowMs);
  }

  /** Another's keys that have a value; none for an unknown node. */
  remoteKeys(name: string, nowMs: number): string[] {
    const owner = this.#peer(name);
    return owner === undefined ? [] : readableKeys(owner, nowMs);
  }

  /** Names of the other nodes, as far as they are known: all, the live, or those dead or left. */
  names(which: 'all' | 'live' | 'down'): string[] {
    return namesOf(this.#state, which);
  }

  /** All other nodes whose names are known. */
  peers(nowMs: number): PeerView[] {
    const peers = this.#state.directory
      .all()
      .filter((owner) => owner !== this.#state.self && owner.hasHeader);
    return peers.map((owner) => this.#view(owner, nowMs));
  }

  peer(name: string, nowMs: number): PeerView | undefined {
    const owner = this.#peer(name);
    return owner && this.#view(owner, nowMs);
  }

  /** Which life of a node is known, and up to which version; without a name, of this node. */
  position(name?: string): Position | undefined {
    const owner = name === undefined ? this.#state.self : this.#peer(name);
    return owner && positionOf(owner);
  }

  /** This node as others see it. */
  self(nowMs: number): PeerView {
    return this.#view(this.#state.self, nowMs);
  }

  /** Of all that it shares: two nodes with the same count and sum hold the same. */
  fingerprint(): Fingerprint {
    return this.#state.directory.fingerprint({});
  }

  stats(): CoreStats {
    return statsOf(this.#state);
  }

  #parties(serving: Serving): Parties {
    return {
      links: this.#links,
      outbox: this.#outbox,
      pings: this.#pings,
      identity: this.#identity,
      exchange: this.#exchange,
      replicas: this.#replicas,
      pulls: this.#pulls,
      serving,
      suspicions: this.#suspicions,
      whereabouts: this.#ways.whereabouts,
    };
  }

  #advance(nowMs: number): void {
    const state = this.#state;
    if (state.nowMs === Number.NEGATIVE_INFINITY) {
      state.nowMs = nowMs;
      state.startedAtMs = nowMs;
      this.#ownLog.setHeader(state.options);
    }
    const dueMs = state.schedule.nextDueMs();
    state.nowMs = Math.max(state.nowMs, nowMs);
    const pausedMs = dueMs === undefined ? 0 : state.nowMs - dueMs;
    if (pausedMs < PAUSE_MS) return;
    this.#pings.forgetAll();
    this.#suspicions.forgetAll();
    this.#watching.restart();
    if (pausedMs >= LONG_PAUSE_MS && state.directory.live().length > 1) state.resuming = true;
    this.#gossip.hasNews();
  }

  #runDue(): void {
    const { schedule, nowMs } = this.#state;
    for (;;) {
      if (this.#state.stopped) return;
      const run = schedule.takeDue(nowMs);
      if (run === undefined) return;
      run();
    }
  }

  #take(input: Input): void {
    switch (input.type) {
      case 'packet':
        this.#receiving.packet(input);
        return;
      case 'set':
        this.#ownLog.set(input);
        return;
      case 'delete':
        this.#ownLog.delete(input.key, input.stamp);
        return;
      case 'say':
        this.#ownLog.say(input);
        return;
      case 'start':
        this.#joining.start();
        return;
      case 'seeds':
        this.#gossip.setSeeds(input.addresses);
        return;
      case 'linkDown':
        this.#ways.streams.down(input.link);
        return;
      case 'leave':
        this.#leaving.start();
        return;
      case 'header':
        this.#ownHeaderChanged(input.header);
        return;
      case 'wake':
        return;
    }
  }

  #joined(): void {
    this.#gossip.start();
    this.#watching.membershipChanged();
    this.#push.statement(this.#state.self, false);
    this.#collectTombstonesLater();
  }

  #collectTombstonesLater(): void {
    const state = this.#state;
    state.schedule.at(state.nowMs + state.options.tombstoneGraceMs / 2, () => {
      this.#ownLog.collectTombstones();
      this.#collectTombstonesLater();
    });
  }

  /** Where this node had another address, nobody hears it on the streams of that time. */
  #ownHeaderChanged(header: HeaderOptions): void {
    const { self, directory } = this.#state;
    const before = self.reach.address;
    this.#ownLog.setHeader(header);
    if (before === self.reach.address) return;
    for (const owner of directory.all()) this.#ways.streams.dropOf(owner);
  }

  #ownLogChanged(from: number, urgent: boolean): void {
    const { self } = this.#state;
    this.#state.directory.digestChanged(self);
    if (urgent) this.#push.log(self, from, false);
    this.#gossip.hasNews();
  }

  #headerTaken(owner: Owner, first: boolean, moved: boolean): void {
    if (moved) this.#ways.streams.dropOf(owner);
    const name = nameOf(owner);
    if (first) emit(this.#state, { type: 'peerNew', name, owner: owner.id });
    this.#state.directory.changed();
    this.#watching.membershipChanged();
    this.#statements.headerTaken(owner);
    this.#push.statement(owner, this.#isRelayed(owner), this.#state.source?.owner);
  }

  #shown(owner: Owner, from: number): void {
    if (this.#isRelayed(owner)) this.#push.log(owner, from, true, this.#state.source?.owner);
    this.#gossip.hasNews();
    this.#receiving.shown(owner);
  }

  /** Nodes that are not known yet are told of once their header is there to be served. */
  #statementChanged(owner: Owner, news: 'introduced' | 'changed'): void {
    if (news === 'changed')
      this.#push.statement(owner, this.#isRelayed(owner), this.#state.source?.owner);
    this.#suspicions.cleared(owner);
    this.#watching.membershipChanged();
    this.#gossip.hasNews();
  }

  /** What is just being taken about this owner was pushed, or fetched because of a push. */
  #isRelayed(owner: Owner): boolean {
    return this.#state.source?.pushed === true || this.#pulls.isHot(owner.id);
  }

  #peer(name: string): Owner | undefined {
    const owner = this.#state.directory.named(name);
    return owner === this.#state.self ? undefined : owner;
  }

  #view(owner: Owner, nowMs: number): PeerView {
    return viewOf(owner, this.#watching.phi(owner.id, nowMs));
  }
}
