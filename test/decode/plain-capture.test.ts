import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import test from 'ava';
import { PcapngReader } from '../../src/decode/capture/pcapng.js';
import type { CaptureRecord } from '../../src/decode/capture/record.js';
import { readIpPacket, TCP, UDP } from '../../src/decode/net/ip-packet.js';
import { readDatagram, readSegment } from '../../src/decode/net/segments.js';
import { PlainCapture } from '../../src/decode/plain-capture.js';
import { runCommand, temporaryFile } from '../cli/command.js';
import { capturePath, decode, readCapture } from './captured.js';
import { joined } from './make-capture.js';

const hasTshark = spawnSync('tshark', ['--version']).status === 0;
const testWithTshark = hasTshark ? test : test.skip;
const skipped = hasTshark ? '' : 'skipped: needs tshark: ';

function recordsOf(pcapng: Uint8Array): CaptureRecord[] {
  const records: CaptureRecord[] = [];
  const reader = new PcapngReader({ record: (each) => records.push(each), fault: () => undefined });
  if (reader.push(pcapng) ?? reader.end()) throw new Error('not a capture');
  return records;
}

/** Of words of 16 bits, with the carry (RFC 1071): 0xffff if the checksum among them is right. */
function sumOf(...parts: Uint8Array[]): number {
  let sum = 0;
  for (const part of parts) {
    for (let at = 0; at < part.length; at += 2) sum += part[at]! * 256 + (part[at + 1] ?? 0);
  }
  while (sum > 0xffff) sum = (sum & 0xffff) + Math.floor(sum / 65_536);
  return sum;
}

for (const name of ['ethernet.pcap', 'fragments6.pcap']) {
  test(`${name} in the clear has the packets, times, lengths and checksums`, async (t) => {
    const path = temporaryFile('');
    const args = ['decode', capturePath(name), '--key-file', capturePath('mesh.key')];
    t.is((await runCommand([...args, '--write-pcapng', path])).code, 0);
    t.is(statSync(path).mode & 0o777, 0o600);
    const { packets } = decode(readCapture(name));
    let checked = 0;
    for (const { bytes, time } of recordsOf(new Uint8Array(readFileSync(path)))) {
      const ip = readIpPacket(bytes)!;
      if (ip.version === 4) t.is(sumOf(bytes.subarray(0, 20)), 0xffff);
      if (ip.protocol !== UDP) continue;
      const length = Uint8Array.of(0, UDP, ip.payload.length >> 8, ip.payload.length & 255);
      t.is(sumOf(ip.source, ip.destination, length, ip.payload), 0xffff);
      const { packetBytes, place } = packets[checked++]!;
      const datagram = readDatagram(ip.payload)!;
      t.deepEqual(datagram.payload, packetBytes);
      t.is(datagram.destinationPort, place.to!.port);
      t.deepEqual(time, place.time);
    }
    t.is(checked, packets.length);
  });
}

test('a frame that is too long for a datagram is segments, in order, behind its length', (t) => {
  const [item] = decode(readCapture('ethernet.pcap')).packets;
  const packetBytes = new Uint8Array(150_001).fill(7);
  const parts: Uint8Array[] = [];
  const capture = new PlainCapture((bytes) => parts.push(bytes));
  capture.item({ ...item!, packetBytes });
  capture.item({ ...item!, packetBytes });
  const segments = recordsOf(joined(parts)).map(({ bytes }) => {
    const ip = readIpPacket(bytes)!;
    t.is(ip.protocol, TCP);
    const length = Uint8Array.of(0, TCP, ip.payload.length >> 8, ip.payload.length & 255);
    t.is(sumOf(ip.source, ip.destination, length, ip.payload), 0xffff);
    return readSegment(ip.payload)!;
  });
  let next = 1;
  for (const { sequence, payload } of segments) {
    t.is(sequence, next);
    next += payload.length;
  }
  const stream = joined(segments.map(({ payload }) => payload));
  t.is(stream.length, 2 * (4 + packetBytes.length));
  t.is(new DataView(stream.buffer).getUint32(0), packetBytes.length);
});

testWithTshark(`${skipped}tshark reads it with the schema alone`, async (t) => {
  const path = temporaryFile('');
  const args = ['decode', capturePath('ethernet.pcap'), '--key-file', capturePath('mesh.key')];
  await runCommand([...args, '--write-pcapng', path]);
  const schema = `uat:protobuf_search_paths:"${process.cwd()}/proto","TRUE"`;
  const ports = 'uat:protobuf_udp_message_types:"9001-9003","telepathine.v1.Packet"';
  const text = execFileSync('tshark', ['-r', path, '-o', schema, '-o', ports, '-V'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 64 * 1024 * 1024,
  });
  t.regex(text, /Message: telepathine\.v1\.Packet\b/);
  t.regex(text, /Field\(5\): uptime_ms = \d+/);
  t.regex(text, /Message: telepathine\.v1\.Delta\b/);
  t.notRegex(text, /Malformed Packet/);
});
