import type { Link } from './contract.js';
import type { Exchange } from './exchange.js';
import type { Gossip } from './gossip.js';
import type { Identity } from './identity.js';
import { streamTo } from './link.js';
import type { Pings } from './pings.js';
import type { Pulls } from './pulls.js';
import { type CoreState, emit, linkToAddress } from './state.js';

/** The seeds are called again so often until one answers. */
const CALL_EVERY_MS = 100;
const CALLED_SEEDS_MAX = 3;
/** After so many calls by datagrams the seeds are also called by streams. */
const DATAGRAM_CALLS = 2;

/**
 * The first moments of a life: the seeds are asked for the own name before it is announced
 * (PROTOCOL.md, "Joining").
 */
export class Joining {
  #answered: Link | undefined;
  #joined = false;
  #calls = 0;

  constructor(
    private readonly state: CoreState,
    private readonly identity: Identity,
    private readonly pings: Pings,
    private readonly pulls: Pulls,
    private readonly exchange: Exchange,
    private readonly gossip: Gossip,
    private readonly onJoined: () => void,
  ) {}

  start(): void {
    if (this.gossip.seeds.length === 0) {
      this.#join();
      return;
    }
    this.#call();
    this.state.schedule.at(this.state.nowMs + this.state.options.joinTimeoutMs, () =>
      this.#settle(),
    );
  }

  /** Calls the seeds until one answers, and that one until it has told what it knows. */
  #call(): void {
    if (this.#joined || this.state.stopped) return;
    this.#calls += 1;
    if (this.#answered !== undefined) this.#ask(this.#answered);
    else this.#callSeeds();
    this.state.schedule.at(this.state.nowMs + CALL_EVERY_MS, () => this.#call());
  }

  #callSeeds(): void {
    for (const address of this.state.random.sample(this.gossip.seeds, CALLED_SEEDS_MAX)) {
      this.#callSeed(linkToAddress(this.state, address));
      if (this.#calls > DATAGRAM_CALLS) this.#callSeed(streamTo(address));
    }
  }

  #callSeed(link: Link): void {
    this.pings.send(link, () => {
      if (this.#answered !== undefined || this.#joined) return;
      this.#answered = link;
      this.#ask(link);
    });
  }

  /**
   * A seed has answered, and so given its token: it is asked for the own name. What its reply says is
   * taken after the answer that it carries, so the end of that call is waited for.
   */
  #ask(link: Link): void {
    this.pulls.askAboutSelf(link);
    this.pings.send(link, () => {
      this.state.schedule.at(this.state.nowMs, () => this.#settle());
    });
  }

  #settle(): void {
    if (!this.#joined) this.identity.whenSettled(() => this.#join());
  }

  #join(): void {
    if (this.#joined || this.state.stopped) return;
    this.#joined = true;
    this.state.announced = true;
    this.state.directory.changed();
    emit(this.state, { type: 'joined' });
    this.onJoined();
    if (this.#answered !== undefined) this.exchange.open(this.#answered);
  }
}
