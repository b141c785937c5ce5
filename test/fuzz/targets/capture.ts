import { deepStrictEqual, ok } from 'node:assert/strict';
import { jsonLine } from '../../../src/cli/decode/json-line.js';
import { textLine } from '../../../src/cli/decode/text-line.js';
import { treeLines } from '../../../src/cli/decode/tree.js';
import { cryptoReady } from '../../../src/crypto/secretbox.js';
import { Decoder } from '../../../src/decode/decoder.js';
import { Filter } from '../../../src/decode/filter.js';
import type { Item } from '../../../src/decode/item.js';
import { KeySet } from '../../../src/decode/key-set.js';
import { OwnerNames } from '../../../src/decode/names.js';
import { PlainCapture } from '../../../src/decode/plain-capture.js';
import { Statistician } from '../../../src/decode/statistics.js';
import { ValueHider } from '../../../src/decode/values.js';
import { capturedKey } from '../../decode/captured.js';
import { BYTE_MUTATIONS } from '../mutations.js';
import type { Target } from '../target.js';

await cryptoReady();

const KEYS = new KeySet([capturedKey('mesh'), capturedKey('other')]);
const HIDER = new ValueHider(new Uint8Array(32));
/** Characters that a terminal would obey, or that would make two lines of one. */
const CONTROL = /\p{Cc}/u;

/**
 * Captures, streams and text: whatever the bytes, all is decoded or told of on lines without control
 * characters, chunks do not matter, and no memory stays in use.
 */
export const captureTarget: Target = {
  name: 'capture',
  inputBytesMax: 6000,
  cpuMsMax: 500,
  grownBytesMax: 50 * 1024 * 1024,
  batch: 200,
  mutations: BYTE_MUTATIONS,
  run(input) {
    const whole = decodeIn(input, input.length + 1);
    const pieces = decodeIn(input, 1 + (input.length % 97));
    // Of a stream that is none, which frame is found first depends on what has come.
    if (!whole.words.some((word) => word.startsWith('frame:'))) deepStrictEqual(pieces, whole);
    return [...new Set(whole.words)].join(' ');
  },
};

function decodeIn(input: Uint8Array, chunkBytes: number) {
  const names = new OwnerNames();
  const filter = new Filter({ owners: ['alice'], keyGlobs: ['*.*'] });
  const statistician = new Statistician();
  let writtenBytes = 0;
  const capture = new PlainCapture((bytes) => {
    writtenBytes += bytes.length;
  });
  const words: string[] = [];
  const lines: string[] = [];
  const take = (item: Item) => {
    if (item.kind === 'packet') names.learn(item.packet);
    filter.passes(item);
    statistician.take(item);
    capture.item(item);
    lines.push(...linesOf(item, names));
    words.push(
      item.kind === 'packet' ? `packet-${item.place.transport}` : `${item.layer}:${item.reason}`,
    );
  };
  const decoder = new Decoder(
    { keys: KEYS },
    { item: take, other: (ip, time) => capture.other(ip, time) },
  );
  for (let at = 0; at < input.length; at += chunkBytes) {
    decoder.push(input.slice(at, at + chunkBytes));
  }
  decoder.end();
  for (const line of lines) ok(!CONTROL.test(line), line);
  return { words: [...words, `is-${decoder.kind}`], lines, writtenBytes, ...statistician.finish() };
}

function linesOf(item: Item, names: OwnerNames): string[] {
  const tree = { names, hider: undefined, hex: true };
  const fields = item.kind === 'packet' ? treeLines(item.packetBytes, tree) : [];
  return [textLine(item, names), ...fields, jsonLine(item, names, HIDER)];
}
