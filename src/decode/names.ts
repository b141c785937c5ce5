/** The names of owners, as far as their headers were seen. */
import { decodeOwnerHeader } from '../wire/owner-header.js';
import { ownerIdOf } from '../wire/owner-id.js';
import type { OwnerId, Packet } from '../wire/packet.js';

/** Learns names from packets, and tells them for ids. */
export class OwnerNames {
  readonly #names = new Map<OwnerId, string>();

  /** Reads the headers in a packet. A name is taken if the id is its hash. */
  learn({ deltas }: Packet): void {
    for (const { owner, header } of deltas) {
      if (header.length === 0) continue;
      const name = decodeOwnerHeader(header)?.name;
      if (name === undefined || this.#names.get(owner) === name) continue;
      if (ownerIdOf(name) !== owner) continue;
      if (this.#names.size < NAMES_MAX) this.#names.set(owner, name);
    }
  }

  /** Undefined if no header of the owner was seen. */
  nameOf(owner: OwnerId): string | undefined {
    return this.#names.get(owner);
  }

  /** The name, in a form that a terminal bears, or the first half of the id: `alice`, `#2bd806c9`. */
  label(owner: OwnerId): string {
    const name = this.#names.get(owner);
    return name === undefined ? `#${owner.slice(0, 8)}` : printable(name);
  }
}

const NAMES_MAX = 10_000;

/** A text as a word: as it is if it is plain, else as JSON text without anything that is not shown. */
export function printable(text: string): string {
  return /^[^\s"#,\p{C}]+$/u.test(text) ? text : jsonText(text);
}

/** A text in quotes; control and format characters are escaped. */
export function jsonText(text: string): string {
  return escaped(JSON.stringify(text));
}

/** A text in which no character is left that a terminal would obey or not show. */
export function escaped(text: string): string {
  return text.replace(/[\p{C}\u2028\u2029]/gu, (found) =>
    [...Array(found.length).keys()]
      .map((index) => `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`)
      .join(''),
  );
}
