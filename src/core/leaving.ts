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
    this.#told = this.state.random.sample(livePeers(this.state), TOLD_PEERS);
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
    const open = this.#told.filter((peer) => !this.#acknowledged.has(peer.id));
    const enough = this.#acknowledged.size >= Math.min(ACKNOWLEDGED_BY, this.#told.length);
    if (enough || this.state.nowMs >= (this.#untilMs ?? 0)) {
      this.state.stopped = true;
      emit(this.state, { type: 'left' });
      return;
    }
    for (const peer of open) this.#tellOne(peer);
    this.state.schedule.at(this.state.nowMs + REPEAT_EVERY_MS, () => this.#tell());
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
      if (this.#acknowledged.size >= Math.min(ACKNOWLEDGED_BY, this.#told.length)) this.#tell();
    });
  }
}
