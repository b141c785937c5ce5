// How a peer in JavaScript is tested with the vectors: `node --test conformance/js`. The peer here is
// a few lines that derive keys and cut frames, written from PROTOCOL.md and from nothing else.
import assert from 'node:assert/strict';
import { createHash, createHmac, scryptSync } from 'node:crypto';
import { test } from 'node:test';
import { bytesOf, chunksOf, loadManifest, loadVectors } from 'telepathine/conformance';

/** What this peer has. A vector that takes more than that is skipped, and no other. */
const FEATURES = new Set(['tcp', 'sealed', 'rotate']);

test('the vectors are those of the protocol that this peer speaks', () => {
  assert.equal(loadManifest().protocol, 1);
});

for (const { id, title, features, given, expect } of loadVectors('keys')) {
  test(`${id}: ${title}`, { skip: !features.every((each) => FEATURES.has(each)) }, () => {
    if (expect.result === 'reject') {
      assert.throws(() => ringOf(given.network, given.cluster), RangeError);
    } else {
      assert.deepEqual(ringOf(given.network, given.cluster), expect.keys);
    }
  });
}

for (const { id, title, features, given, expect } of loadVectors('framing')) {
  for (const { name, sizes } of given.chunkings) {
    const skip = !features.every((each) => FEATURES.has(each));
    test(`${id}, ${name}: ${title}`, { skip }, () => {
      const reader = new Frames(given.trustedAfterFrames);
      for (const chunk of chunksOf(bytesOf(given.stream), sizes)) reader.push(chunk);
      assert.equal(reader.error, expect.error);
      assert.deepEqual(reader.frames.map(hexOf), expect.frames.map(bytesOf).map(hexOf));
    });
  }
}

// The peer

const UNTRUSTED_FRAME_BYTES_MAX = 1200;
const FRAME_BYTES_MAX = 16 * 2 ** 20;
const CLUSTER_BYTES_MAX = 255;
const KEY_IDS_MAX = 16;

/** 3.1 and 3.2 */
class Frames {
  /** @type {Uint8Array[]} */
  frames = [];
  /** @type {string | undefined} */
  error;
  /** What has come of a frame: its prefix, its envelope. */
  #prefix = new Uint8Array(4);
  #prefixBytes = 0;
  /** @type {Uint8Array[]} */
  #parts = [];
  #missing = 0;
  #limit = UNTRUSTED_FRAME_BYTES_MAX;

  /** @param {number | undefined} trustedAfterFrames */
  constructor(trustedAfterFrames) {
    this.trustedAfterFrames = trustedAfterFrames;
    if (trustedAfterFrames === 0) this.#limit = FRAME_BYTES_MAX;
  }

  /** @param {Uint8Array} chunk */
  push(chunk) {
    for (let at = 0; at < chunk.length && this.error === undefined; ) {
      if (this.#prefixBytes < 4) this.#takePrefix(chunk[at++] ?? 0);
      else at += this.#takeEnvelope(chunk.subarray(at, at + this.#missing));
    }
  }

  /** @param {number} byte */
  #takePrefix(byte) {
    this.#prefix[this.#prefixBytes++] = byte;
    if (this.#prefixBytes < 4) return;
    this.#missing = new DataView(this.#prefix.buffer).getUint32(0);
    if (this.#missing === 0) this.error = 'empty-frame';
    else if (this.#missing > this.#limit) this.error = 'frame-too-long';
  }

  /** @param {Uint8Array} part */
  #takeEnvelope(part) {
    this.#parts.push(part);
    this.#missing -= part.length;
    if (this.#missing === 0) {
      this.frames.push(Buffer.concat(this.#parts));
      this.#parts = [];
      this.#prefixBytes = 0;
      if (this.frames.length === this.trustedAfterFrames) this.#limit = FRAME_BYTES_MAX;
    }
    return part.length;
  }
}

/**
 * 4.1 to 4.3
 *
 * @param {readonly string[]} network
 * @param {string} cluster
 */
function ringOf(network, cluster) {
  if (network.length < 1 || network.length > KEY_IDS_MAX) throw new RangeError('1 to 16 keys');
  if (Buffer.byteLength(cluster) > CLUSTER_BYTES_MAX) throw new RangeError('the cluster is long');
  /** @type {Map<string, { secret: string, key: string, id: string }>} */
  const ring = new Map();
  for (const text of network) {
    const secret = secretOf(text, cluster);
    const key = createHmac('sha256', secret).update(`telepathine/v1/seal\0${cluster}`).digest();
    const hash = createHash('sha256').update('telepathine/v1/key-id\0').update(key).digest('hex');
    const derived = { secret: hexOf(secret), key: hexOf(key), id: hash.slice(0, 8) };
    const other = ring.get(derived.id);
    if (other !== undefined && other.key !== derived.key) throw new RangeError('ids are alike');
    ring.set(derived.id, derived);
  }
  return [...ring.values()];
}

/**
 * @param {string} text
 * @param {string} cluster
 */
function secretOf(text, cluster) {
  if (text === '') throw new RangeError('no passphrase');
  if (!text.startsWith('telepathine-key-')) {
    const salt = `telepathine/v1/passphrase\0${cluster}`;
    return scryptSync(text, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem: 2 ** 26 });
  }
  const secret = Buffer.from(text.slice('telepathine-key-v1:'.length), 'base64url');
  // The decoder skips what it does not know: only what comes back the same was a key.
  if (`telepathine-key-v1:${secret.toString('base64url')}` !== text || secret.length !== 32) {
    throw new RangeError('malformed');
  }
  return secret;
}

/** @param {Uint8Array} bytes */
function hexOf(bytes) {
  return Buffer.from(bytes).toString('hex');
}
