import type { Link } from './contract.js';
import type { Exchange } from './exchange.js';
import { datagramsTo, isStream } from './link.js';
import type { Owner } from './owner.js';
import type { Pings } from './pings.js';
import { type CoreState, linkTo } from './state.js';

/** Beside the streams a datagram is tried so often. */
const STREAM_PREFERRED_MS = 60_000;

/**
 * Finds out to whom datagrams do not get through, one way or the other: such a node is sent streams
 * until a datagram is answered (PROTOCOL.md, "Streams in place of datagrams").
 */
export class Carriers {
  constructor(
    private readonly state: CoreState,
    private readonly pings: Pings,
    private readonly exchange: Exchange,
  ) {}

  /** A node has answered. If its first answer comes by a stream, datagrams have yet to show. */
  answered(owner: Owner, link: Link): void {
    const { contact } = owner;
    if (contact === undefined) return;
    if (!isStream(link)) {
      contact.byStream = false;
      contact.datagramsAnswered = true;
    } else if (!contact.datagramsAnswered && !contact.byStream) {
      contact.byStream = true;
      this.tryDatagrams(owner);
    }
  }

  /** Datagrams were not answered, and a stream was: what they have lost is made up for at once. */
  preferStreams(owner: Owner): void {
    const { contact } = owner;
    if (contact === undefined || contact.byStream) return;
    contact.byStream = true;
    contact.datagramTriedAtMs = this.state.nowMs;
    const link = linkTo(this.state, owner);
    if (link !== undefined) this.exchange.open(link);
  }

  /** To be called where a node is pinged: now and then it gets a datagram too. */
  tryDatagrams(owner: Owner): void {
    const { contact } = owner;
    const { address, streamOnly } = owner.reach;
    const { options, nowMs } = this.state;
    if (contact?.byStream !== true || !options.udp || streamOnly || address === '') return;
    if (nowMs - contact.datagramTriedAtMs < STREAM_PREFERRED_MS) return;
    contact.datagramTriedAtMs = nowMs;
    this.pings.send(datagramsTo(address));
  }
}
