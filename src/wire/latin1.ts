/** Bytes as text of as many characters: small ones take a third of the memory of a `Uint8Array`. */
export function latin1FromBytes(bytes: Uint8Array): string {
  let text = '';
  for (let offset = 0; offset < bytes.length; offset += CHUNK_BYTES) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + CHUNK_BYTES));
  }
  return text;
}

export function bytesFromLatin1(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
  return bytes;
}

/** Arguments that a call may have. */
const CHUNK_BYTES = 8192;
