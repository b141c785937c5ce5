import type { OwnerId } from '../wire/packet.js';
import type { Link } from './contract.js';
import type { Links } from './links.js';
import type { Outbox, PushTarget } from './outbox.js';
import { digestOf, type Owner, shownVersion } from './owner.js';
import { emptyParts, type Parts } from './packing.js';
import type { Pings } from './pings.js';
import { successorOf } from './ring.js';
import type { Serving } from './serving.js';
import { type CoreState, linkTo, livePeers } from './state.js';

/** Something that others should hear at once. */
interface News {
  /** The version before the first change; undefined: only the statement is news. */
  from: number | undefined;
  /** It came by a push: in a small mesh its origin has told everybody. */
  relayed: boolean;
  /** Who told it, and need not be told. */
  source: OwnerId | undefined;
  /** The digest is pushed: the statement is news, or some may not know the owner. */
  digest: boolean;
}

/** Up to so many live nodes the origin tells all, and nobody relays. */
const SMALL_MESH_NODES = 16;
/** Random live nodes that each bit of news goes to, beside the ring successor. */
const FANOUT = 3;
/** Random nodes that are looked at, before all are, for one that has proven itself. */
const TRIED_FIRST = 32;
/** Changes within this time of a push travel together; each time that some had to wait it doubles. */
const PUSH_INTERVAL_MS = 5;
const BUSY_PUSH_INTERVAL_MS = 20;
/** An address that has not proven itself is pinged so often at most. */
const PROOF_EVERY_MS = 10_000;
const ASKED_MAX = 16_384;
/** A stream on which a ping has waited for so long may be dead without a word. */
const STREAM_HEARD_WITHIN_MS = 3000;
/** A stream that carries pushes, which nobody answers, is pinged so often. */
const STREAM_PING_EVERY_MS = 1000;
/** More than this of one owner is announced. */
const PUSHED_BYTES_MAX = 16 * 1024;

/**
 * Tells news at once: to all in a small mesh, else to the ring successor and three random live nodes,
 * each of which passes on once what is new to it (PROTOCOL.md, "Pushing").
 */
export class Push {
  readonly #news = new Map<OwnerId, News>();
  /** When an unproven address was last pinged, by owner. */
  readonly #asked = new Map<OwnerId, number>();
  #lastMs = Number.NEGATIVE_INFINITY;
  #intervalMs = PUSH_INTERVAL_MS;
  #planned = false;
  /** What is planned had to wait for the end of the interval. */
  #waits = false;

  constructor(
    private readonly state: CoreState,
    private readonly serving: Serving,
    private readonly outbox: Outbox,
    private readonly links: Links,
    private readonly pings: Pings,
  ) {}

  /** An owner's statement or header is news. */
  statement(owner: Owner, relayed: boolean, source?: OwnerId): void {
    const news = this.#add(owner, relayed, source);
    news.digest = true;
  }

  /** What is shown of an owner has grown from a version. */
  log(owner: Owner, from: number, relayed: boolean, source?: OwnerId): void {
    const news = this.#add(owner, relayed, source);
    news.from = Math.min(news.from ?? from, from);
  }

  /** Sends what is planned, now. */
  flush(): void {
    const peers = livePeers(this.state);
    const small = peers.length < SMALL_MESH_NODES;
    const told = [...this.#news].filter(([, news]) => !small || !news.relayed);
    this.#news.clear();
    if (told.length === 0 || peers.length === 0 || !this.state.announced) return;
    this.#lastMs = this.state.nowMs;
    this.#intervalMs = this.#waits
      ? Math.min(2 * this.#intervalMs, BUSY_PUSH_INTERVAL_MS)
      : PUSH_INTERVAL_MS;
    const targets = this.#targets(peers, small, told);
    if (targets.length === 0) return;
    const isLarge = this.outbox.push(targets, this.#parts(told));
    if (isLarge) for (const { stream } of targets) this.#keepHeard(stream);
  }

  #add(owner: Owner, relayed: boolean, source: OwnerId | undefined): News {
    const known = this.#news.get(owner.id);
    if (known !== undefined) {
      known.relayed &&= relayed;
      if (known.source !== source) known.source = undefined;
      return known;
    }
    const news = { from: undefined, relayed, source, digest: false };
    this.#news.set(owner.id, news);
    this.#plan();
    return news;
  }

  #plan(): void {
    if (this.#planned) return;
    this.#planned = true;
    const freeMs = this.#lastMs + this.#intervalMs;
    this.#waits = freeMs > this.state.nowMs;
    this.state.schedule.at(Math.max(this.state.nowMs, freeMs), () => {
      this.#planned = false;
      this.flush();
    });
  }

  #parts(told: [OwnerId, News][]): Parts {
    const parts = emptyParts();
    for (const [id, news] of told) {
      const owner = this.state.directory.get(id);
      if (owner === undefined) continue;
      const delta =
        news.from === undefined || news.from >= shownVersion(owner)
          ? undefined
          : this.serving.recent(owner, news.from, PUSHED_BYTES_MAX);
      if (delta !== undefined) parts.deltas.push(delta);
      if (news.digest || (news.from !== undefined && delta === undefined)) {
        parts.statements.push(digestOf(owner, this.state.nowMs));
      }
    }
    return parts;
  }

  #targets(peers: readonly Owner[], small: boolean, told: [OwnerId, News][]): PushTarget[] {
    const single = told.length === 1 ? told[0] : undefined;
    const isOther = ({ id }: Owner) => id !== single?.[0] && id !== single?.[1].source;
    const chosen = small ? peers.filter(isOther) : this.#sample(peers, isOther);
    const targets = chosen.flatMap((peer) => this.#target(peer, this.#provenLink(peer)));
    const missing = small ? 0 : chosen.length - targets.length;
    return missing === 0 ? targets : this.#filled(targets, missing, peers, isOther);
  }

  /** In place of those that were chosen and have not proven themselves, others that have. */
  #filled(
    targets: PushTarget[],
    missing: number,
    peers: readonly Owner[],
    isOther: (peer: Owner) => boolean,
  ): PushTarget[] {
    const chosen = new Set(targets.map(({ link }) => link));
    const isFree = (peer: Owner) => {
      const link = peer.contact && linkTo(this.state, peer);
      const isProven = link !== undefined && this.links.get(link)?.theirToken !== undefined;
      return isProven && !chosen.has(link) && isOther(peer);
    };
    const { random } = this.state;
    // Most have proven themselves before long: there is no need to look at all.
    const tried = random.sample(peers, TRIED_FIRST).filter(isFree);
    const free = tried.length < missing ? peers.filter(isFree) : tried;
    const added = random.sample(free, missing);
    return [...targets, ...added.flatMap((peer) => this.#target(peer, linkTo(this.state, peer)))];
  }

  #target({ contact }: Owner, link: Link | undefined): PushTarget[] {
    if (link === undefined) return [];
    const known = contact?.stream === undefined ? undefined : this.links.get(contact.stream);
    if (known?.confirmed !== true) return [{ link, stream: undefined, isHeard: false }];
    const { silentSinceMs = this.state.nowMs } = known;
    const isHeard = silentSinceMs + STREAM_HEARD_WITHIN_MS > this.state.nowMs;
    return [{ link, stream: known.link, isHeard }];
  }

  #keepHeard(stream: Link | undefined): void {
    const known = stream === undefined ? undefined : this.links.get(stream);
    if (known === undefined || known.silentSinceMs !== undefined) return;
    if (known.heardMs + STREAM_PING_EVERY_MS <= this.state.nowMs) this.pings.send(known.link);
  }

  /** An address that has proven itself; another is pinged, so that it may do so for the next push. */
  #provenLink(peer: Owner): Link | undefined {
    const link = linkTo(this.state, peer);
    if (link === undefined || this.links.get(link)?.theirToken !== undefined) return link;
    const askedMs = this.#asked.get(peer.id) ?? Number.NEGATIVE_INFINITY;
    if (this.state.nowMs - askedMs >= PROOF_EVERY_MS) {
      if (this.#asked.size >= ASKED_MAX) this.#asked.clear();
      this.#asked.set(peer.id, this.state.nowMs);
      this.pings.send(link);
    }
    return undefined;
  }

  #sample(peers: readonly Owner[], isOther: (peer: Owner) => boolean): readonly Owner[] {
    const successor = successorOf(peers, this.state.self.id, isOther);
    // As many more as may have to be passed over: the news' owner, its source, and the successor.
    const drawn = this.state.random.sample(peers, FANOUT + 3);
    const others = drawn.filter((peer) => isOther(peer) && peer !== successor).slice(0, FANOUT);
    return successor === undefined ? others : [successor, ...others];
  }
}
