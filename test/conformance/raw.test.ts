/** The bytes for fuzzers and for Wireshark are those of the vectors. */
import { existsSync } from 'node:fs';
import test from 'ava';
import { bytesOf, loadVectors } from '../../src/conformance/vectors/index.js';
import { DATAGRAM_BYTES_MAX } from '../../src/wire/index.js';
import { capturedKey, decode } from '../decode/captured.js';
import { joined } from '../fuzz/bytes.js';
import { FOLDER, fileBytes } from './suite.js';

const RAW_BYTES_MAX = 64 * 1024;

test('a raw file holds the bytes that its vector gives', (t) => {
  const given = [
    ...loadVectors('protobuf').map((vector) => [vector.id, vector.given.bytes] as const),
    ...loadVectors('envelope').map((vector) => [vector.id, vector.given.envelope] as const),
    ...loadVectors('framing').map((vector) => [vector.id, vector.given.stream] as const),
  ];
  for (const [id, source] of given) {
    const bytes = bytesOf(source);
    const path = `raw/${id.slice(0, id.indexOf('-'))}/${id}.bin`;
    if (bytes.length > RAW_BYTES_MAX) t.false(existsSync(new URL(path, FOLDER)), id);
    else t.deepEqual(fileBytes(path), bytes, id);
  }
});

test('the capture holds the envelopes of the vectors', (t) => {
  const { items } = decode(fileBytes('packets.pcapng'), { keys: [capturedKey('other')] });
  const seen = new Set(items.map(({ envelope }) => hexOf(envelope ?? new Uint8Array(0))));
  const packets = loadVectors('protobuf').filter(({ given }) => given.message === 'Packet');
  const frames = loadVectors('framing').filter(({ section }) => section === '3.1.1');
  const envelopes = [
    ...packets.map(({ given }) => joined([Uint8Array.of(0x11), bytesOf(given.bytes)])),
    ...loadVectors('envelope').map(({ given }) => bytesOf(given.envelope)),
    ...frames.flatMap(({ expect }) => expect.frames.map(bytesOf)),
  ].filter((bytes) => bytes.length <= DATAGRAM_BYTES_MAX + 1);
  t.true(envelopes.length > 200);
  t.deepEqual(
    envelopes.map(hexOf).filter((hex) => !seen.has(hex)),
    [],
  );
});

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
