/**
 * Texts that are kept once: where many nodes run in one process (a simulation of 2,000 knows four
 * million pairs), each would otherwise hold copies of its own of the same ids, names and headers.
 * Nothing depends on it but memory and time. Pure: the core imports it.
 */
import { hex64FromBytes } from './hex.js';
import type { Hex64 } from './packet.js';

/** A power of two; of the ids that share a slot the last one is kept. */
const ID_SLOTS = 8192;

const highs = new Int32Array(ID_SLOTS);
const lows = new Int32Array(ID_SLOTS);
const ids: (Hex64 | undefined)[] = new Array(ID_SLOTS).fill(undefined);

/** As `hex64FromBytes`, for what is likely to come again: the ids of owners and of logs. */
export function sharedHex64(bytes: Uint8Array): Hex64 {
  const high = (bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!;
  const low = (bytes[4]! << 24) | (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!;
  // Ids are hashes or random: any of their bits will do.
  const slot = (high ^ low) & (ID_SLOTS - 1);
  const known = ids[slot];
  if (known !== undefined && highs[slot] === high && lows[slot] === low) return known;
  const text = hex64FromBytes(bytes);
  highs[slot] = high;
  lows[slot] = low;
  ids[slot] = text;
  return text;
}

/** Values by text, as many as `shareTexts` allows; a node alone keeps none. */
export class TextCache<Value> {
  readonly #values = new Map<string, Value>();

  get(text: string): Value | undefined {
    return this.#values.get(text);
  }

  set(text: string, value: Value): void {
    if (this.#values.size >= textsMax) this.#values.clear();
    if (textsMax > 0) this.#values.set(text, value);
  }
}

let textsMax = 0;
const texts = new TextCache<string>();

/** To be called by who runs so many nodes in one process. */
export function shareTexts(nodes: number): void {
  textsMax = Math.max(textsMax, TEXTS_OF_A_NODE * nodes);
}

/** Whether many nodes run in this process. */
export function sharesTexts(): boolean {
  return textsMax > 0;
}

/** Name, address and header, and one of an earlier life. */
const TEXTS_OF_A_NODE = 6;

/** An equal text, which others may have too. */
export function sharedText(text: string): string {
  const known = texts.get(text);
  if (known !== undefined) return known;
  texts.set(text, text);
  return text;
}
