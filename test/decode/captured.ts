import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deriveSealingKey } from '../../src/crypto/derive.js';
import type { SealingKey } from '../../src/crypto/keyring.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { Decoder } from '../../src/decode/decoder.js';
import type { Item, PacketItem, ProblemItem } from '../../src/decode/item.js';
import { KeySet } from '../../src/decode/key-set.js';

await cryptoReady();

/** The path of a file of test/decode/captures: what is compiled lies a folder deeper. */
export function capturePath(name: string): string {
  return fileURLToPath(new URL(`../../../test/decode/captures/${name}`, import.meta.url));
}

export function readCapture(name: string): Uint8Array {
  return new Uint8Array(readFileSync(capturePath(name)));
}

/** The key of the meshes that were captured. */
export function capturedKey(name: 'mesh' | 'other'): SealingKey {
  return deriveSealingKey(readFileSync(capturePath(`${name}.key`), 'utf8').trim(), '');
}

/** What a decoder made of an input. */
export interface Decoded {
  readonly items: Item[];
  readonly packets: PacketItem[];
  readonly problems: ProblemItem[];
  readonly decoder: Decoder;
}

/** Decodes an input in chunks of so many bytes. */
export function decode(
  input: Uint8Array,
  { keys = [capturedKey('mesh'), capturedKey('other')], chunkBytes = 4096 } = {},
): Decoded {
  const items: Item[] = [];
  const decoder = new Decoder(
    { keys: new KeySet(keys) },
    { item: (item) => items.push(copyOf(item)) },
  );
  for (let at = 0; at < input.length; at += chunkBytes) {
    decoder.push(input.slice(at, at + chunkBytes));
  }
  decoder.end();
  const packets = items.filter((item) => item.kind === 'packet');
  const problems = items.filter((item) => item.kind === 'problem');
  return { items, packets, problems, decoder };
}

/** Packets as text, to be compared. */
export function hexOf(packets: readonly PacketItem[]): string[] {
  return packets.map(({ envelope }) => Buffer.from(envelope).toString('hex'));
}

function copyOf(item: Item): Item {
  if (item.kind === 'problem') return item;
  return { ...item, envelope: item.envelope.slice(), packetBytes: item.packetBytes.slice() };
}
