/** That the vectors find what is wrong: implementations with one fault each, and who sees it. */
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import test, { type ExecutionContext } from 'ava';
import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';
import type { Layer, VectorsByLayer } from '../../src/conformance/vectors/index.js';
import { bytesOf, loadVectors } from '../../src/conformance/vectors/index.js';
import { deriveKeyring } from '../../src/crypto/derive.js';
import { FRAME_BYTES_MAX, FrameReader, Keyring, readEnvelope } from '../../src/wire/index.js';
import { packetToJson } from '../../src/wire/json.js';
import { checkEnvelope, type Open } from './checks/envelope.js';
import { checkFraming, type MakeReader } from './checks/framing.js';
import { checkKeys } from './checks/keys.js';
import { checkProtobuf, type Read, readMessage } from './checks/protobuf.js';

type Check<L extends Layer> = (vector: VectorsByLayer[L]) => string[] | Promise<string[]>;

/** Those that fail must be these; with `andMore` at least these. */
async function seenBy<L extends Layer>(
  t: ExecutionContext,
  layer: L,
  check: Check<L>,
  expected: readonly string[],
  { andMore = false } = {},
): Promise<void> {
  const failed: string[] = [];
  for (const vector of loadVectors(layer)) {
    // It has megabytes.
    if (vector.id === 'framing-trusted-limit') continue;
    if ((await check(vector)).length > 0) failed.push(vector.id.slice(layer.length + 1));
  }
  if (andMore)
    t.deepEqual(
      expected.filter((id) => !failed.includes(id)),
      [],
    );
  else t.deepEqual(failed.sort(), [...expected].sort());
}

test('a peer that takes frames of any size before it trusts a stream is found', async (t) => {
  const makeReader = () => {
    const reader = new FrameReader();
    reader.frameBytesMax = FRAME_BYTES_MAX;
    return reader;
  };
  await seenBy(t, 'framing', (vector) => checkFraming(vector, makeReader), [
    ...['untrusted-over', 'untrusted-over-announced', 'never-trusted', 'trusted-late'],
    // What they announce is below the other limit, and waited for.
    ...['length-short', 'short-prefix'],
  ]);
});

test('a peer that wants each chunk to be whole frames is found', async (t) => {
  const makeReader = () => {
    let whole = new FrameReader();
    return readerWith(whole, (chunk, deliver) => {
      whole = new FrameReader();
      return whole.push(chunk, deliver);
    });
  };
  const check: Check<'framing'> = (vector) => checkFraming(vector, makeReader);
  await seenBy(t, 'framing', check, ['one-frame', 'odd-cuts', 'half-frame'], { andMore: true });
});

test('a peer that goes on behind an empty frame is found', async (t) => {
  const makeReader = () => {
    const reader = new FrameReader();
    return readerWith(reader, (chunk, deliver) => {
      const refusal = reader.push(chunk, deliver);
      return refusal?.reason === 'empty-frame' ? undefined : refusal;
    });
  };
  await seenBy(t, 'framing', (vector) => checkFraming(vector, makeReader), [
    ...['zero-first', 'zero-second', 'padding', 'padding-one'],
  ]);
});

/** A reader that pushes in another way. */
function readerWith(reader: FrameReader, push: FrameReader['push']): ReturnType<MakeReader> {
  return {
    push,
    get bufferedBytes() {
      return reader.bufferedBytes;
    },
    get frameBytesMax() {
      return reader.frameBytesMax;
    },
    set frameBytesMax(bytes) {
      reader.frameBytesMax = bytes;
    },
  };
}

test('a peer that opens with its first key only is found', async (t) => {
  const open: Open = (bytes, keyring) =>
    readEnvelope(bytes, keyring && new Keyring([keyring.sealing]));
  await seenBy(t, 'envelope', (vector) => checkEnvelope(vector, open), [
    ...['sealed-second', 'sealed-third'],
  ]);
});

test('a peer with a key that takes what comes in the clear is found', async (t) => {
  const open: Open = (bytes, keyring) =>
    readEnvelope(bytes, bytes[0] === 0x11 ? undefined : keyring);
  await seenBy(t, 'envelope', (vector) => checkEnvelope(vector, open), [
    ...['plain-in-private', 'plain-empty-in-private'],
  ]);
});

test('a peer that does not look at the MAC is found', async (t) => {
  const open: Open = (bytes, keyring) => {
    const opened = readEnvelope(bytes, keyring);
    if (opened.ok || opened.reason !== 'not-authentic') return opened;
    return { ok: true, packetBytes: bytes.subarray(45) };
  };
  const check: Check<'envelope'> = (vector) => checkEnvelope(vector, open);
  const some = ['mac-first-bit', 'ciphertext-last-bit', 'nonce-first-bit', 'box-cut', 'key-wrong'];
  await seenBy(t, 'envelope', check, some, { andMore: true });
});

test('a peer that leaves its reading to a library is found', async (t) => {
  const read: Read = (given) => {
    if (given.message !== 'Packet') return readMessage(given);
    try {
      const message = fromBinary(PacketSchema, bytesOf(given.bytes), { readUnknownFields: false });
      const encoded = toBinary(PacketSchema, message);
      return { outcome: { result: 'accept' }, encoded, meaning: packetToJson(encoded) };
    } catch {
      return { outcome: { result: 'reject', layer: 'packet', error: 'malformed' } };
    }
  };
  const some = ['uptime-2-53', 'owners-reversed', 'status-4', 'sender-absent', 'parts-one-more'];
  const check: Check<'protobuf'> = (vector) => checkProtobuf(vector, read);
  await seenBy(t, 'protobuf', check, [...some, 'varint-of-65-bits', 'sum-zero'], { andMore: true });
});

test('a peer that takes absent time for 0 is found', async (t) => {
  const read: Read = (given) => {
    const reading = readMessage(given);
    const text = JSON.stringify(reading.meaning)?.replaceAll(',"remainingMs":"0"', '');
    return text === undefined ? reading : { ...reading, meaning: JSON.parse(text) };
  };
  await seenBy(t, 'protobuf', (vector) => checkProtobuf(vector, read), ['remaining-zero']);
});

test('a peer that leaves the cluster out of its keys is found', async (t) => {
  const derive: typeof deriveKeyring = (network) => deriveKeyring(network, '');
  await seenBy(t, 'keys', (vector) => checkKeys(vector, derive), [
    ...['typed', 'passphrase', 'cluster-accents', 'cluster-longest'],
  ]);
});

test('a peer that takes a malformed key for a passphrase is found', async (t) => {
  const derive: typeof deriveKeyring = (network, cluster) => {
    const texts = typeof network === 'string' ? [network] : network;
    const taken = (text: string) => /^telepathine-key-v1:[\w-]{42}[AEIMQUYcgkosw048]$/.test(text);
    const other = (text: string) => (taken(text) || text === '' ? text : `x${text}`);
    return deriveKeyring(texts.map(other), cluster);
  };
  const check: Check<'keys'> = (vector) => {
    const isTyped = vector.given.network.every((text) => text.startsWith('telepathine-key-'));
    return isTyped ? checkKeys(vector, derive) : [];
  };
  await seenBy(t, 'keys', check, ['short', 'padded', 'version', 'log-line'], { andMore: true });
});
