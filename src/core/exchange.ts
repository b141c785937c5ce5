import type { Digest, Fingerprint, OwnerDigest, Range } from '../wire/packet.js';
import type { Collection } from './collection.js';
import type { Link } from './contract.js';
import { fingerprintOf } from './directory.js';
import { compareLives, compareStatements } from './life.js';
import { isStream } from './link.js';
import type { Outbox } from './outbox.js';
import { digestOf, type Owner } from './owner.js';
import type { Pings } from './pings.js';
import type { Pulls } from './pulls.js';
import { type CoreState, linkTo, type Received } from './state.js';
import type { Statements } from './statements.js';

/** A range of at most so many owners is listed, a larger one split. */
const LISTED_OWNERS_MAX = 10;
const SPLIT_RANGES = 16;
/** Owner digests in one reply: the rest follows in the next exchange. */
const DATAGRAM_STATEMENTS_MAX = 200;
const STREAM_STATEMENTS_MAX = 10_000;
/** Of one packet; what one call of the core may cost is bounded. */
const DIGESTS_TAKEN_MAX = 12_000;
/** When the other end knows so many owners more, the exchange goes on over a stream. */
const STREAM_GAP_OWNERS = 64;

/**
 * Finds out what two nodes know differently: range-based set reconciliation (A. Meyer, "Range-Based
 * Set Reconciliation", 2022) over owner digests (PROTOCOL.md, "Exchange"). What one holds more of, the
 * other then asks for.
 */
export class Exchange {
  constructor(
    private readonly state: CoreState,
    private readonly collection: Collection,
    private readonly statements: Statements,
    private readonly pings: Pings,
    private readonly pulls: Pulls,
    private readonly outbox: Outbox,
    private readonly aboutSelf: (digest: OwnerDigest, link: Link) => void,
  ) {}

  /** Opens an exchange: a ping with the fingerprint of all that this node shares. */
  open(link: Link): void {
    this.pings.send(link);
    this.offer(link);
  }

  /** Adds the fingerprint of everything to what the link is sent. */
  offer(link: Link): void {
    const outgoing = this.outbox.to(link);
    if (outgoing.fingerprints.length > 0) return;
    outgoing.fingerprints.push(this.state.directory.fingerprint({}));
  }

  /** Compares another's fingerprints with the own ones, and answers where they differ. */
  compare(received: Received): void {
    for (const theirs of received.packet.fingerprints) {
      const mine = this.state.directory.fingerprint(theirs.range);
      if (mine.sum === theirs.sum && mine.count === theirs.count) continue;
      if (received.solicited) this.#answer(received, theirs, mine);
      else this.#reply(received.link, [mine]);
    }
  }

  /** Takes lists of owners, and answers a solicited packet with what this node knows better. */
  take(received: Received): void {
    const { link, packet, solicited } = received;
    let before = 0;
    for (const digest of packet.digests) {
      const better: OwnerDigest[] = [];
      const taken = digest.owners.slice(0, Math.max(0, DIGESTS_TAKEN_MAX - before));
      before += digest.owners.length;
      for (const theirs of taken) {
        const mine = this.#takeOne(theirs, received);
        if (mine !== undefined && isAnswered(digest, theirs, mine)) better.push(mine);
      }
      if (!solicited) continue;
      if (digest.range !== undefined) better.push(...this.#missing(digest, digest.range));
      this.#tell(link, better);
    }
  }

  #takeOne(theirs: OwnerDigest, received: Received): OwnerDigest | undefined {
    if (theirs.owner === this.state.self.id) {
      const teller = this.#homeOf(received);
      if (teller !== undefined) this.aboutSelf(theirs, teller);
      return this.state.announced
        ? betterThan(theirs, this.state.self, this.state.nowMs)
        : undefined;
    }
    const hot = !received.solicited;
    const owner = this.statements.take(theirs, received.solicited);
    const home = this.#homeOf(received);
    if (home !== undefined && (hot || owner !== undefined)) this.pulls.consider(theirs, home, hot);
    if (owner === undefined) return this.#remembered(theirs);
    return betterThan(theirs, owner, this.state.nowMs);
  }

  /** Where the sender can be asked: an address that a push comes from proves nothing. */
  #homeOf({ solicited, from, link }: Received): Link | undefined {
    return solicited ? link : from && linkTo(this.state, from);
  }

  #remembered(theirs: OwnerDigest): OwnerDigest | undefined {
    const memory = this.collection.rememberedDigest(theirs.owner);
    if (memory === undefined || compareStatements(memory, theirs) <= 0) return undefined;
    const { owner, logId, generation, incarnation, status, ageMs } = memory;
    return {
      owner,
      logId,
      generation,
      incarnation,
      status,
      ageMs,
      version: 0,
      floor: 0,
      refused: false,
    };
  }

  #missing(digest: Digest, range: Range): OwnerDigest[] {
    const listed = new Set(digest.owners.map((owner) => owner.owner));
    const missing = this.state.directory.shared(range).filter((owner) => !listed.has(owner.id));
    return missing.map((owner) => digestOf(owner, this.state.nowMs));
  }

  #tell(link: Link, digests: OwnerDigest[]): void {
    if (digests.length === 0) return;
    const { statements } = this.outbox.to(link);
    const most = isStream(link) ? STREAM_STATEMENTS_MAX : DATAGRAM_STATEMENTS_MAX;
    const chosen = this.state.random.sample(digests, Math.max(0, most - statements.size));
    for (const digest of chosen) statements.set(digest.owner, digest);
  }

  #answer(received: Received, theirs: Fingerprint, mine: Fingerprint): void {
    const { link } = received;
    const stream = this.#streamFor(received, theirs.count - mine.count);
    if (stream !== undefined) {
      this.open(stream);
      return;
    }
    const outgoing = this.outbox.to(link);
    const owners = this.state.directory.shared(theirs.range);
    if (theirs.count === 0) {
      this.#tell(
        link,
        owners.map((owner) => digestOf(owner, this.state.nowMs)),
      );
    } else if (owners.length <= LISTED_OWNERS_MAX) {
      const listed = owners.map((owner) => digestOf(owner, this.state.nowMs));
      outgoing.digests.push({ range: theirs.range, owners: listed });
    } else if (theirs.count <= LISTED_OWNERS_MAX) {
      this.#reply(link, [mine]);
    } else {
      this.#reply(link, split(theirs.range, owners));
    }
  }

  /** Fingerprints in a packet are disjoint: an answer takes the place of an offer of everything. */
  #reply(link: Link, fingerprints: Fingerprint[]): void {
    const outgoing = this.outbox.to(link);
    const answers = outgoing.fingerprints.filter(
      ({ range }) => range.start !== undefined || range.end !== undefined,
    );
    outgoing.fingerprints = [...answers, ...fingerprints];
  }

  /** The stream on which a large difference is settled; undefined: this link will do. */
  #streamFor(received: Received, gapOwners: number): Link | undefined {
    if (gapOwners < STREAM_GAP_OWNERS || isStream(received.link)) return undefined;
    const { from } = received;
    return from && linkTo(this.state, from, 'stream');
  }
}

/** Cuts a range into parts of as many owners each, and sums each. */
function split(range: Range, owners: readonly Owner[]): Fingerprint[] {
  const size = Math.ceil(owners.length / SPLIT_RANGES);
  const parts: Fingerprint[] = [];
  for (let first = 0; first < owners.length; first += size) {
    const start = first === 0 ? range.start : (owners[first] as Owner).id;
    const end = first + size >= owners.length ? range.end : (owners[first + size] as Owner).id;
    const part: Range = {};
    if (start !== undefined) part.start = start;
    if (end !== undefined) part.end = end;
    parts.push(fingerprintOf(part, owners.slice(first, first + size)));
  }
  return parts;
}

function betterThan(theirs: OwnerDigest, owner: Owner, nowMs: number): OwnerDigest | undefined {
  const mine = digestOf(owner, nowMs);
  return compareDigests(mine, theirs) > 0 ? mine : undefined;
}

/**
 * A partial list answers another list, or an empty range. A higher version is no answer to it: between
 * two nodes whose logs grow all the while there would be no end.
 */
function isAnswered({ range }: Digest, theirs: OwnerDigest, mine: OwnerDigest): boolean {
  return range !== undefined || compareStatements(mine, theirs) > 0;
}

/** Whether one digest says more than another: a newer statement, or a higher version of its log. */
function compareDigests(a: OwnerDigest, b: OwnerDigest): number {
  const order = compareStatements(a, b);
  if (order === 0) return a.version - b.version;
  return compareLives(a, b) === 0 && a.version > b.version ? 1 : order;
}
