/** Bytes that come in chunks and are taken in pieces of a known length. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  /** Of the first chunk; what lies before has been taken. */
  #offset = 0;
  #length = 0;

  /** Bytes that wait. */
  get length(): number {
    return this.#length;
  }

  /** Adds a chunk, which must stay as it is until it has been taken. */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#length += chunk.length;
  }

  /** Looks at the next bytes; undefined if there are fewer. They may be a view of a chunk. */
  peek(bytes: number): Uint8Array | undefined {
    if (bytes > this.#length) return undefined;
    const first = this.#chunks[0];
    if (first === undefined) return NO_BYTES;
    if (first.length - this.#offset >= bytes) {
      return first.subarray(this.#offset, this.#offset + bytes);
    }
    this.#join(bytes);
    return (this.#chunks[0] as Uint8Array).subarray(0, bytes);
  }

  /** Drops up to so many bytes, and tells how many there were. */
  skip(bytes: number): number {
    const skipped = Math.min(bytes, this.#length);
    this.#length -= skipped;
    this.#offset += skipped;
    let whole = 0;
    while (whole < this.#chunks.length) {
      const { length } = this.#chunks[whole] as Uint8Array;
      if (this.#offset < length) break;
      this.#offset -= length;
      whole += 1;
    }
    if (whole > 0) this.#chunks.splice(0, whole);
    return skipped;
  }

  /** Makes one chunk of as many as hold so many bytes. */
  #join(bytes: number): void {
    let count = 0;
    let total = -this.#offset;
    while (total < bytes) total += (this.#chunks[count++] as Uint8Array).length;
    const joined = new Uint8Array(total);
    let at = 0;
    for (const [index, chunk] of this.#chunks.slice(0, count).entries()) {
      const part = index === 0 ? chunk.subarray(this.#offset) : chunk;
      joined.set(part, at);
      at += part.length;
    }
    this.#chunks.splice(0, count, joined);
    this.#offset = 0;
  }
}

const NO_BYTES = new Uint8Array(0);
