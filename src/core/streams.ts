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

  /** Nobody will answer on the stream with this node any more: the next one is another. */
  dropOf({ contact }: Owner): void {
    const link = contact?.stream;
    if (link === undefined) return;
    this.state.effects.push({ type: 'close', link });
    this.down(link);
  }
}
