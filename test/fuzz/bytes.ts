/** Pieces one after the other, as a plain array: `slice` of a Buffer would be a view. */
export function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** The input with `length` bytes at a place replaced by others. */
export function replaced(
  input: Uint8Array,
  at: number,
  length: number,
  by: Uint8Array,
): Uint8Array {
  return joined([input.subarray(0, at), by, input.subarray(at + length)]);
}
