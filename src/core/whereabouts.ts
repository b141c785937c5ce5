import type { Link } from './contract.js';
import { addressIn, datagramsTo, isStream, streamTo } from './link.js';
import { isAlive, type Owner } from './owner.js';
import { addressSeen } from './peer-address.js';
import { type CoreState, linkTo } from './state.js';
import type { Streams } from './streams.js';

/**
 * Where nodes are that name no ip of their own, for instance because they listen everywhere: where
 * their packets come from. Such a node may move: while it is missed it is looked for where its latest
 * packets came from (PROTOCOL.md, "Header").
 */
export class Whereabouts {
  constructor(
    private readonly state: CoreState,
    private readonly streams: Streams,
  ) {}

  /** A packet of this life has come, which was not stale. */
  cameFrom(owner: Owner, link: Link, isSolicited: boolean): void {
    const { unnamedPort } = owner.reach;
    if (unnamedPort === 0) return;
    const address = addressSeen(addressIn(link), unnamedPort);
    if (address === '' || address === owner.seen) return;
    if (isSolicited && owner.seen === undefined) owner.seen = address;
    else if (isSolicited && !isAlive(owner)) this.#move(owner, address, link);
    else owner.elsewhere = address;
  }

  /** The link to where a node may have gone. */
  elsewhere(owner: Owner): Link | undefined {
    if (owner.elsewhere === undefined) return undefined;
    const usual = linkTo(this.state, owner);
    const byStream = usual === undefined ? !this.state.options.udp : isStream(usual);
    return byStream ? streamTo(owner.elsewhere) : datagramsTo(owner.elsewhere);
  }

  /** A node that was missed has answered there. */
  found(owner: Owner, link: Link): void {
    if (owner.elsewhere === addressIn(link)) this.#move(owner, owner.elsewhere, link);
  }

  /** Nobody will answer on the stream that led to where it was. */
  #move(owner: Owner, address: string, link: Link): void {
    owner.seen = address;
    if (owner.contact?.stream !== link) this.streams.dropOf(owner);
  }
}
