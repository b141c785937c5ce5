import { type OwnerId, Status } from '../wire/packet.js';
import type { Exchange } from './exchange.js';
import type { Outbox } from './outbox.js';
import { digestOf, type Owner } from './owner.js';
import type { Pings } from './pings.js';
import type { Push } from './push.js';
import { type CoreState, emit, linkTo, livePeers } from './state.js';

/** So many peers must have acknowledged, if there are so many. */
const ACKNOWLEDGED_BY = 2;
const TOLD_PEERS = 4;
const REPEAT_EVERY_MS = 100;
const GIVE_UP_AFTER_MS = 2000;

/** Says goodbye: what was changed last, and that this node has left (PROTOCOL.md, "Leaving"). */
export class Leaving {
  readonly #acknowledged = new Set<OwnerId>();
  #untilMs: number | undefined;
  #told: Owner[] = [];

  constructor(
    private readonly state: CoreState,
    private readonly pings: Pings,
    private readonly exchange: Exchange,
    private readonly push: Push,
    private readonly outbox: Outbox,
  ) {}

  start(): void {
    if (this.#untilMs !== undefined) return;
    const { self } = this.state;
    this.#untilMs = this.state.nowMs + GIVE_UP_AFTER_MS;
    self.statement.status = Status.left;
    self.statement.downAtMs = this.state.nowMs;
    this.state.directory.digestChanged(self);
    this.state.directory.changed();
    this.push.statement(self, false);
    this.push.flush();
    this.#tell();
  }

  #tell(): void {
    if (this.state.stopped) return;
    this.#choose();
    const nobodyLeft = this.#told.length === 0 && !this.#isMeeting();
    const enough = this.#acknowledged.size >= ACKNOWLEDGED_BY || nobodyLeft;
    if (enough || this.state.nowMs >= (this.#untilMs ?? 0)) {
      this.state.stopped = true;
      emit(this.state, { type: 'left' });
      return;
    }
    for (const peer of this.#told) this.#tellOne(peer);
    this.state.schedule.at(this.state.nowMs + REPEAT_EVERY_MS, () => this.#tell());
  }

  /** A node that leaves as soon as it has joined does not know yet who has answered it. */
  #isMeeting(): boolean {
    const { directory, self } = this.state;
    const knows = directory.all().some((each) => each !== self && each.hasHeader);
    return Number.isFinite(this.pings.lastAnswerMs) && !knows;
  }

  /** Others take the place of those that have acknowledged, or have gone meanwhile themselves. */
  #choose(): void {
    const live = livePeers(this.state).filter((peer) => !this.#acknowledged.has(peer.id));
    const kept = this.#told.filter((peer) => live.includes(peer));
    const others = live.filter((peer) => !kept.includes(peer));
    // One whose place was taken may have acknowledged late.
    const room = Math.max(0, TOLD_PEERS - this.#acknowledged.size - kept.length);
    this.#told = [...kept, ...this.state.random.sample(others, room)];
  }

  #tellOne(peer: Owner): void {
    const link = linkTo(this.state, peer);
    if (link === undefined) return;
    const { self, nowMs } = this.state;
    this.outbox.to(link).statements.set(self.id, digestOf(self, nowMs));
    this.exchange.offer(link);
    this.pings.send(link, (received, _roundTripMs, believed) => {
      const wantsMore = received.packet.wants.some((want) => want.owner === self.id);
      if (received.from !== peer || wantsMore || this.state.stopped) return;
      if (!believed) {
        this.#tellOne(peer);
        return;
      }
      this.#acknowledged.add(peer.id);
      const others = this.#told.filter((each) => !this.#acknowledged.has(each.id));
      if (this.#acknowledged.size >= ACKNOWLEDGED_BY || others.length === 0) this.#tell();
    });
  }
}
