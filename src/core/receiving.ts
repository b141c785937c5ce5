import { KNOWN_FEATURES, PROTOCOL_VERSION } from '../wire/limits.js';
import { type Delta, type OwnerDigest, type OwnerId, type Packet, Status } from '../wire/packet.js';
import type { Contact } from './contact.js';
import type { Link } from './contract.js';
import type { Exchange } from './exchange.js';
import { HeldDeltas } from './held-deltas.js';
import type { Identity } from './identity.js';
import { compareLives, lifeOf } from './life.js';
import { isStream, streamTo } from './link.js';
import type { Links } from './links.js';
import type { Outbox } from './outbox.js';
import { type Owner, shownVersion } from './owner.js';
import type { Pings } from './pings.js';
import type { Pulls } from './pulls.js';
import type { DeltaResult, Replicas } from './replicas.js';
import type { Serving } from './serving.js';
import { type CoreState, linkTo, type Received, refuse, sameLife } from './state.js';
import type { Suspicions } from './suspicions.js';
import type { Whereabouts } from './whereabouts.js';

/** The parts of the core that a packet may concern. */
export interface Parties {
  readonly links: Links;
  readonly outbox: Outbox;
  readonly pings: Pings;
  readonly identity: Identity;
  readonly exchange: Exchange;
  readonly replicas: Replicas;
  readonly pulls: Pulls;
  readonly serving: Serving;
  readonly suspicions: Suspicions;
  readonly whereabouts: Whereabouts;
}

/** How long a delta waits for the one before it. */
const HOLD_MS = 50;
/** A stranger is answered with at most so many times the bytes that it sent. */
const STRANGER_FACTOR = 3;
/** A push that lags behind its sender's uptime by more may hold events that have ended. */
const FRESH_MS = 1000;
/** What an envelope adds to a packet, sealed. */
const ENVELOPE_BYTES = 45;

/** Takes packets apart, each part by the trust that the packet has earned (PROTOCOL.md, "Receiving"). */
export class Receiving {
  readonly #held = new HeldDeltas();
  /** Owners of which something has come, and what precedes or completes it is awaited. */
  readonly #awaited = new Set<OwnerId>();

  constructor(
    private readonly state: CoreState,
    private readonly parties: Parties,
  ) {}

  /** Takes a packet; refuses, and counts, what it may not believe. */
  packet(arrived: Omit<Received, 'solicited' | 'from'>): void {
    const { packet } = arrived;
    if (!this.#isForUs(arrived)) return;
    const sender = this.state.directory.get(packet.sender.owner);
    const from =
      sender !== undefined && sameLife(packet.sender, lifeOf(sender)) ? sender : undefined;
    const judged = this.parties.pings.receive({ ...arrived, from });
    const received: Received = { ...arrived, from, solicited: judged === 'solicited' };
    this.state.source = { pushed: !received.solicited, owner: from?.id };
    if (from && judged === 'unsolicited') {
      this.parties.whereabouts.cameFrom(from, arrived.link, false);
    }
    if (judged === 'stale' || judged === 'lagging') this.#stale(received, judged);
    else if (judged === 'solicited') this.#solicited(received);
    else if (packet.token !== undefined) this.#stranger(received);
    else this.#pushed(received);
  }

  /** What was held of an owner may follow now. */
  shown(owner: Owner): void {
    for (const { delta, received } of this.#held.take(owner.id)) this.#delta(delta, received);
  }

  /** A node whose clock stood still is told the time by an answer, and asked for its own. */
  #stale(received: Received, judged: 'stale' | 'lagging'): void {
    refuse(this.state, 'replayed');
    if (judged === 'stale') return;
    this.#answer(received);
    this.parties.pings.send(received.link);
  }

  #isForUs({ packet }: Omit<Received, 'solicited' | 'from'>): boolean {
    const { self, options } = this.state;
    const mine = packet.sender.owner === self.id && packet.sender.logId === self.statement.logId;
    const reason =
      packet.protocol !== PROTOCOL_VERSION
        ? 'protocol-version'
        : (packet.requiredFeatures & ~KNOWN_FEATURES) !== 0
          ? 'unknown-feature'
          : packet.cluster !== options.cluster
            ? 'other-cluster'
            : mine
              ? 'own-packet'
              : undefined;
    if (reason !== undefined) refuse(this.state, reason);
    return reason === undefined;
  }

  /** Someone whose address is not proven: gets an answer and a token, and nothing is believed. */
  #stranger(received: Received): void {
    const { packet, link, bytes } = received;
    if (packet.echo !== undefined || carriesContent(packet)) refuse(this.state, 'no-valid-echo');
    const ping = packet.heartbeat?.ping ?? 0;
    if (ping === 0) return;
    const outgoing = this.parties.outbox.to(link);
    outgoing.answer = ping;
    outgoing.echo = packet.token;
    if (this.parties.links.get(link) === undefined) {
      outgoing.allowance = STRANGER_FACTOR * bytes - ENVELOPE_BYTES;
    }
    this.parties.exchange.compare(received);
  }

  #solicited(received: Received): void {
    const { packet, link, from } = received;
    const { parties, state } = this;
    const isNewStream = isStream(link) && this.#trust(link);
    if (isStream(link) && from !== undefined) this.#keepOneStream(from, link, isNewStream);
    if (packet.sender.owner === state.self.id) {
      this.#answer(received);
      parties.identity.conflict(received);
      return;
    }
    const isServed = !state.resuming;
    if (parties.pings.lastAnswerMs === state.nowMs) state.resuming = false;
    this.#answer(received);
    parties.exchange.compare(received);
    parties.exchange.take(received);
    for (const delta of packet.deltas) this.#delta(delta, received);
    this.#cameFrom(received);
    if (packet.wants.length > 0 && isServed) parties.serving.answer(link, packet.wants);
    parties.suspicions.asked(received);
    this.#suspectedSelf(received);
    if (from === undefined) return;
    parties.suspicions.probeFor(received);
    parties.suspicions.voted(received);
  }

  /** Pushes come without an echo, from nodes that are known; they extend logs that are known. */
  #pushed(received: Received): void {
    if (received.from === undefined) {
      this.#raisedGeneration(received);
      return;
    }
    this.parties.exchange.take(received);
    for (const delta of received.packet.deltas) this.#delta(delta, received);
  }

  /** A known node under a newer life announces itself: that much is worth asking about. */
  #raisedGeneration({ packet }: Received): void {
    refuse(this.state, 'unknown-sender');
    const sender = this.state.directory.get(packet.sender.owner);
    const home = sender && linkTo(this.state, sender);
    if (home === undefined) return;
    for (const digest of packet.digests.flatMap((each) => each.owners)) {
      if (sameLife(digest, packet.sender)) this.parties.pulls.consider(digest, home, true);
    }
  }

  #answer({ packet, link }: Received): void {
    const ping = packet.heartbeat?.ping ?? 0;
    if (ping > 0) this.parties.outbox.to(link).answer = ping;
  }

  /** @returns whether the stream was not trusted before. */
  #trust(link: Link): boolean {
    const known = this.parties.links.use(link);
    if (known.trusted) return false;
    known.trusted = true;
    this.state.effects.push({ type: 'trust', link });
    return true;
  }

  /**
   * Of two streams with a node, the one that the lower id has opened stays. If it has opened both, the
   * later one: to its end the earlier is gone.
   */
  #keepOneStream(from: Owner, link: Link, isNew: boolean): void {
    const { contact } = from;
    const other = contact?.stream;
    const opened = streamTo(from.reach.address);
    if (contact === undefined || other === undefined) return;
    if (other === link) {
      this.#closeSpare(contact);
      return;
    }
    if (other !== opened && link !== opened) {
      if (!isNew) return;
      contact.stream = link;
      contact.spareStream = other;
      this.#closeSpare(contact);
      return;
    }
    const accepted = link === opened ? other : link;
    const [kept, dropped] = this.state.self.id < from.id ? [opened, accepted] : [accepted, opened];
    contact.stream = kept;
    contact.spareStream = dropped;
    if (link === kept) this.#closeSpare(contact);
  }

  /** Only once the other is in use: what comes on this one is still answered. */
  #closeSpare(contact: Contact): void {
    const { stream, spareStream } = contact;
    if (stream === undefined || spareStream === undefined) return;
    contact.spareStream = undefined;
    this.parties.links.remove(spareStream);
    this.parties.pulls.redirect(spareStream, stream);
    this.state.effects.push({ type: 'close', link: spareStream });
  }

  /** Its header may have come in this very packet. */
  #cameFrom({ packet, link }: Received): void {
    const sender = this.state.directory.get(packet.sender.owner);
    if (sender === undefined || !sameLife(packet.sender, lifeOf(sender))) return;
    this.parties.whereabouts.cameFrom(sender, link, true);
  }

  #suspectedSelf({ packet }: Received): void {
    const { self } = this.state;
    for (const suspicion of packet.suspicions) {
      if (!sameLife(suspicion, lifeOf(self))) continue;
      this.parties.identity.contradict(suspicion.incarnation);
    }
  }

  #delta(delta: Delta, received: Received): void {
    const { state, parties } = this;
    if (delta.owner === state.self.id) {
      parties.identity.sawLog(delta);
      return;
    }
    const owner = state.directory.get(delta.owner);
    const order = owner === undefined ? 1 : compareLives(delta, owner.statement);
    if (owner === undefined || order !== 0) {
      if (order > 0 && !received.solicited) this.#claim(delta, received);
      else refuse(state, order > 0 ? 'unknown-owner' : 'old-generation');
      return;
    }
    if (!received.solicited && this.#mayBeOld(delta, received)) {
      this.#claim(delta, received);
      return;
    }
    const held = owner.transfer?.to ?? shownVersion(owner);
    const result = parties.replicas.take(owner, delta);
    const grew = (owner.transfer?.to ?? shownVersion(owner)) > held;
    if (result === 'staged' || result === 'complete') {
      parties.pulls.taken(owner, grew, delta.entries.length === 0);
    }
    if (grew && !received.solicited) parties.pulls.pushed(owner.id);
    this.#settle(owner, delta, received, result);
  }

  #settle(owner: Owner, delta: Delta, received: Received, result: DeltaResult): void {
    if (result === 'gap') this.#held.hold(delta, received);
    if (result === 'staged') this.shown(owner);
    if (result === 'gap' || (result === 'staged' && !received.solicited)) {
      this.#await(owner, delta, received);
    }
  }

  /** What lies between, and the other parts of a push, may be on their way: else they are asked for. */
  #await(owner: Owner, delta: Delta, received: Received): void {
    if (this.#awaited.has(owner.id)) return;
    this.#awaited.add(owner.id);
    this.state.schedule.at(this.state.nowMs + HOLD_MS, () => {
      this.#awaited.delete(owner.id);
      this.#claim(delta, received);
      for (const held of this.#held.take(owner.id)) this.#claim(held.delta, held.received);
    });
  }

  /** A push claims that its sender holds a log: where that one lives, it can be asked. */
  #claim(delta: Delta, { from, link, solicited }: Received): void {
    const home = from && !solicited ? linkTo(this.state, from) : link;
    if (home !== undefined) this.parties.pulls.consider(claimOf(delta), home, true);
  }

  /** What ends is taken from a push only if the sender's uptime shows that the push is fresh. */
  #mayBeOld(delta: Delta, { packet }: Received): boolean {
    const expectedMs = this.parties.pings.uptimeMs(packet.sender);
    const isFresh = expectedMs !== undefined && packet.uptimeMs > expectedMs - FRESH_MS;
    return !isFresh && delta.entries.some((entry) => entry.remainingMs !== undefined);
  }
}

/** More than what opens an exchange: the rest is lost on a node that does not know the sender. */
function carriesContent(packet: Packet): boolean {
  const { digests, wants, deltas, probes, suspicions, votes } = packet;
  return [digests, wants, deltas, probes, suspicions, votes].some((part) => part.length > 0);
}

/** A pushed delta as the claim to hold the log up to its `as_of`. */
function claimOf(delta: Delta): OwnerDigest {
  const { owner, logId, generation, asOf, floor } = delta;
  return {
    owner,
    logId,
    generation,
    incarnation: 0,
    status: Status.alive,
    version: asOf,
    floor,
    ageMs: 0,
    refused: false,
  };
}
