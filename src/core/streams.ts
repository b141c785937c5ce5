import type { Link } from './contract.js';
import type { Links } from './links.js';
import type { Owner } from './owner.js';
import type { Pulls } from './pulls.js';
import type { CoreState } from './state.js';

/** What ends with a stream: its tokens, and what was asked on it (PROTOCOL.md, "Connections"). */
export class Streams {
  constructor(
    private readonly state: CoreState,
    private readonly links: Links,
    private readonly pulls: Pulls,
  ) {}

  /** A stream is gone. One of which nothing is known was a stranger's. */
  down(link: Link): void {
    if (this.links.get(link) === undefined) return;
    this.links.remove(link);
    let known: Owner | undefined;
    for (const owner of this.state.directory.all()) {
      if (owner.contact?.stream !== link) continue;
      owner.contact.stream = undefined;
      known = owner;
    }
    this.pulls.linkDown(link, known?.reach.address);
  }

  /**
   * Drops the stream with a node if nothing has come there for so long, though something was asked: a
   * connection can be dead without either end being told. One on which a log is awaited stays: on a
   * slow line nothing else comes until a large frame is whole.
   */
  dropIfSilent(owner: Owner, forMs: number): void {
    const link = owner.contact?.stream;
    if (link === undefined || this.pulls.isAwaited(link)) return;
    const silentSinceMs = this.links.get(link)?.silentSinceMs;
    if (silentSinceMs !== undefined && this.state.nowMs - silentSinceMs >= forMs)
      this.dropOf(owner);
  }

  /** Nobody will answer on the stream with this node any more: the next one is another. */
  dropOf({ contact }: Owner): void {
    if (contact?.stream !== undefined) this.drop(contact.stream);
  }

  drop(link: Link): void {
    this.state.effects.push({ type: 'close', link });
    this.down(link);
  }
}
