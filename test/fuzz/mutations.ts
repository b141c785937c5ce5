import type { Random } from '../../src/core/random.js';
import { joined, replaced } from './bytes.js';
import type { Mutation } from './target.js';

/** Changes of bytes, whatever they mean. */
export const BYTE_MUTATIONS: readonly Mutation[] = [
  flipBit,
  setByte,
  cut,
  leaveOut,
  insert,
  repeat,
  putEdge,
  splice,
  takePiece,
];

/** Changes of text: those of bytes, and whole words of the language that the text is in. */
export function textMutations(words: readonly string[]): readonly Mutation[] {
  const word = (random: Random) => Buffer.from(words[random.below(words.length)] as string);
  return [
    (input, random) => replaced(input, random.below(input.length + 1), 0, word(random)),
    (input, random) => replaced(input, random.below(input.length + 1), 1, word(random)),
    (input, random) => replaced(input, input.length, 0, word(random)),
    flipBit,
    setByte,
    cut,
    leaveOut,
    repeat,
    splice,
    takePiece,
  ];
}

/** Where arithmetic of bytes goes wrong, big-endian as the lengths of frames are. */
const EDGES = ['00', '01', '7f', '80', 'ff', '0000', 'ffff', '00000000', '000004b0', '000004b1']
  .concat(['7fffffff', '80000000', 'ffffffff', '01000000', '01000001', 'ffffffffffffffff'])
  .map((hex) => Buffer.from(hex, 'hex'));
const PIECE_BYTES = 64;

function flipBit(input: Uint8Array, random: Random): Uint8Array {
  const copy = input.slice();
  const at = random.below(copy.length);
  if (copy.length > 0) copy[at] = (copy[at] as number) ^ (1 << random.below(8));
  return copy;
}

function setByte(input: Uint8Array, random: Random): Uint8Array {
  const copy = input.slice();
  if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
  return copy;
}

function cut(input: Uint8Array, random: Random): Uint8Array {
  return input.slice(0, random.below(input.length + 1));
}

function leaveOut(input: Uint8Array, random: Random): Uint8Array {
  const at = random.below(input.length + 1);
  return replaced(input, at, 1 + random.below(PIECE_BYTES), new Uint8Array(0));
}

function insert(input: Uint8Array, random: Random): Uint8Array {
  return replaced(input, random.below(input.length + 1), 0, random.bytes(1 + random.below(8)));
}

/** A piece twice, or many times. */
function repeat(input: Uint8Array, random: Random): Uint8Array {
  const at = random.below(input.length + 1);
  const piece = input.subarray(at, at + 1 + random.below(PIECE_BYTES));
  const times = random.real() < 0.9 ? 1 : random.below(40);
  return replaced(input, at, 0, joined(Array.from({ length: times }, () => piece)));
}

function putEdge(input: Uint8Array, random: Random): Uint8Array {
  const edge = EDGES[random.below(EDGES.length)] as Uint8Array;
  return replaced(input, random.below(input.length + 1), edge.length, edge);
}

/** The beginning of one and the end of the other. */
function splice(input: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const end = other.subarray(random.below(other.length + 1));
  return joined([input.subarray(0, random.below(input.length + 1)), end]);
}

/** A piece of the other one, in between. */
function takePiece(input: Uint8Array, random: Random, other: Uint8Array): Uint8Array {
  const from = random.below(other.length + 1);
  const piece = other.subarray(from, from + 1 + random.below(PIECE_BYTES));
  return replaced(input, random.below(input.length + 1), 0, piece);
}
