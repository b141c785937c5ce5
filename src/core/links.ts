import { sha256 } from '@noble/hashes/sha2.js';
import { hex64FromBytes } from '../wire/hex.js';
import type { Hex64 } from '../wire/packet.js';
import type { Link } from './contract.js';
import type { Random } from './random.js';

/** A link's tokens; both ends must have echoed the other's before anything large is sent. */
export interface LinkState {
  readonly link: Link;
  /** What this node asks to have echoed there, in an hour. */
  token: Hex64 | undefined;
  tokenPeriod: number;
  /** What the other end asked to have echoed. */
  theirToken: Hex64 | undefined;
  /** Smoothed; undefined before the first answer. */
  roundTripMs: number | undefined;
  /** A ping that carried an echo was answered: the other end trusts this one. */
  confirmed: boolean;
  /** The host was told to take large frames. */
  trusted: boolean;
  /** Since when a ping there waits, while nothing at all has come. */
  silentSinceMs: number | undefined;
  /** When a packet with a valid echo last came; before the first, the beginning of time. */
  heardMs: number;
}

/** The tokens' secret is turned over this often; the one before is still accepted. */
export const TOKEN_PERIOD_MS = 3_600_000;
const LINKS_MAX = 8192;

/**
 * The links in use and the tokens that prove them (PROTOCOL.md, "Tokens"). A token is 8 bytes of
 * SHA-256 over a secret of this life, the hour, and the link: nothing is kept for a stranger.
 */
export class Links {
  readonly #links = new Map<Link, LinkState>();
  readonly #secret: Uint8Array;

  constructor(random: Random) {
    this.#secret = random.bytes(32);
  }

  /** The state of a link; made if it is new. Beyond a bound the longest unused is forgotten. */
  use(link: Link): LinkState {
    const known = this.#links.get(link);
    if (known !== undefined) {
      this.#links.delete(link);
      this.#links.set(link, known);
      return known;
    }
    const made: LinkState = {
      link,
      token: undefined,
      tokenPeriod: 0,
      theirToken: undefined,
      roundTripMs: undefined,
      confirmed: false,
      trusted: false,
      silentSinceMs: undefined,
      heardMs: Number.NEGATIVE_INFINITY,
    };
    this.#links.set(link, made);
    if (this.#links.size > LINKS_MAX) this.#forgetOldest();
    return made;
  }

  get(link: Link): LinkState | undefined {
    return this.#links.get(link);
  }

  remove(link: Link): void {
    this.#links.delete(link);
  }

  /** The token that the other end of the link is asked to echo. */
  token(link: Link, uptimeMs: number): Hex64 {
    return this.#derive(link, Math.floor(uptimeMs / TOKEN_PERIOD_MS));
  }

  /** Whether an echo is of a token of this hour or the one before. */
  accepts(link: Link, echo: Hex64 | undefined, uptimeMs: number): boolean {
    if (echo === undefined) return false;
    const period = Math.floor(uptimeMs / TOKEN_PERIOD_MS);
    if (echo === this.#derive(link, period)) return true;
    return period > 0 && echo === this.#derive(link, period - 1);
  }

  /** Tokens of links in use are remembered for their hour: each packet needs two. */
  #derive(link: Link, period: number): Hex64 {
    const known = this.#links.get(link);
    if (known?.token !== undefined && known.tokenPeriod === period) return known.token;
    const token = this.#hash(link, period);
    if (known !== undefined) {
      known.token = token;
      known.tokenPeriod = period;
    }
    return token;
  }

  #hash(link: Link, period: number): Hex64 {
    const input = new TextEncoder().encode(`${period} ${link}`);
    const bytes = new Uint8Array(this.#secret.length + input.length);
    bytes.set(this.#secret);
    bytes.set(input, this.#secret.length);
    const digest = sha256(bytes).subarray(0, 8);
    return hex64FromBytes(digest);
  }

  #forgetOldest(): void {
    const [oldest] = this.#links.keys();
    if (oldest !== undefined) this.#links.delete(oldest);
  }
}
