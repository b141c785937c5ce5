import test from 'ava';
import { matchesGlob } from '../../src/decode/glob.js';
import type { PacketItem } from '../../src/decode/item.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { frame } from '../../src/wire/framing.js';
import { decode, hexOf, readCapture } from './captured.js';
import { joined, pcapngOf, pcapOf, recordsOf, relinked } from './make-capture.js';

const records = recordsOf(readCapture('ethernet.pcap'));
const expected = decode(readCapture('ethernet.pcap')).packets;
const MEBIBYTE = 2 ** 20;

function timesOf(packets: readonly PacketItem[]): string[] {
  return packets.map(({ place: { time } }) => `${time?.seconds}.${time?.nanoseconds}`);
}

for (const littleEndian of [true, false]) {
  const order = littleEndian ? 'little-endian' : 'big-endian';
  for (const nanoseconds of [false, true]) {
    test(`pcap, ${order}, ${nanoseconds ? 'nano' : 'micro'}seconds`, (t) => {
      const { packets, problems } = decode(pcapOf(records, { littleEndian, nanoseconds }));
      t.deepEqual(problems, []);
      t.deepEqual(hexOf(packets), hexOf(expected));
      t.deepEqual(timesOf(packets), timesOf(expected));
    });
  }
  for (const block of ['enhanced', 'obsolete', 'simple'] as const) {
    test(`pcapng, ${order}, with ${block} packet blocks`, (t) => {
      const { packets, problems } = decode(pcapngOf(records, { littleEndian, block }));
      t.deepEqual(problems, []);
      t.deepEqual(hexOf(packets), hexOf(expected));
      if (block !== 'simple') t.deepEqual(timesOf(packets), timesOf(expected));
    });
  }
}

test('pcapng counts time in the units of each interface', (t) => {
  for (const resolution of [9, 0x80 | 30]) {
    const { packets } = decode(pcapngOf(records, { littleEndian: true, resolution }));
    const [first] = packets as [PacketItem];
    const [wanted] = expected as [PacketItem];
    t.is(first.place.time?.seconds, wanted.place.time?.seconds);
    const difference = first.place.time!.nanoseconds - wanted.place.time!.nanoseconds;
    t.true(Math.abs(difference) < 1000, `${difference}`);
  }
});

test('sections of pcapng follow each other, each with its own byte order and interfaces', (t) => {
  const two = joined([
    pcapngOf(records, { littleEndian: true }),
    pcapngOf(
      records.map((each) => relinked(each, [])),
      { littleEndian: false, linkType: 101 },
    ),
  ]);
  t.deepEqual(hexOf(decode(two).packets), [...hexOf(expected), ...hexOf(expected)]);
});

for (const [name, linkType, header] of [
  ['raw IP', 101, []],
  ['raw IP of BSD', 12, []],
  ['raw IP of OpenBSD', 14, []],
  ['IPv4', 228, []],
  ['null, little-endian', 0, [2, 0, 0, 0]],
  ['null, big-endian', 0, [0, 0, 0, 2]],
  ['loopback', 108, [0, 0, 0, 2]],
  ['Ethernet with two VLAN tags', 1, [...new Array(12), 0x88, 0xa8, 0, 5, 0x81, 0, 0, 7, 8, 0]],
  ['Linux cooked v1', 113, [...new Array(14), 8, 0]],
  ['Linux cooked v2', 276, [8, 0, ...new Array(18)]],
] as const) {
  test(`link type ${linkType}, ${name}`, (t) => {
    const linked = records.map((each) => relinked(each, [...header]));
    const { packets, problems } = decode(pcapOf(linked, { littleEndian: true, linkType }));
    t.deepEqual(problems, []);
    t.deepEqual(hexOf(packets), hexOf(expected));
  });
}

test('a link type that is not known is a problem of each record', (t) => {
  const { problems } = decode(pcapOf(records.slice(0, 2), { littleEndian: true, linkType: 147 }));
  t.deepEqual(
    problems.map(({ layer, reason, place }) => [layer, reason, place.offset]),
    [
      ['link', 'unknown-link-type', 24],
      ['link', 'unknown-link-type', 24 + 16 + records[0]!.bytes.length],
    ],
  );
});

test('packets of which the capture kept a part are told of, and streams go on behind them', (t) => {
  const short = records.map((each, index) =>
    index % 9 === 0 ? { ...each, bytes: each.bytes.slice(0, 60) } : each,
  );
  const { packets, problems } = decode(pcapOf(short, { littleEndian: true }));
  t.true(packets.length > expected.length / 2);
  t.true(problems.some(({ reason }) => reason === 'cut-by-capture' || reason === 'missing-bytes'));
});

const [one, two] = expected as [PacketItem, PacketItem];
const both = hexOf([one, two]);

test('a single envelope is read', (t) => {
  t.deepEqual(hexOf(decode(one.envelope).packets), both.slice(0, 1));
});

test('a stream of frames is read', (t) => {
  const stream = joined([frame(one.envelope), frame(two.envelope)]);
  t.deepEqual(hexOf(decode(stream, { chunkBytes: 5 }).packets), both);
  t.like(decode(stream.subarray(0, -3)).problems, [{ layer: 'frame', reason: 'cut-frame' }]);
});

for (const encoding of ['hex', 'base64'] as const) {
  const lines = [one, two].map(({ envelope }) => Buffer.from(envelope).toString(encoding));
  const wrapped = lines.map((line) => line.match(/.{1,76}/g)!.join('\n'));
  for (const [how, text] of [
    ['a line each', lines.join('\n')],
    ['wrapped', wrapped.join('\n')],
    ['wrapped, with empty lines and other ends', wrapped.join('\n\n').replaceAll('\n', '\r\n')],
  ] as const) {
    test(`envelopes in ${encoding}, ${how}`, (t) => {
      for (const chunkBytes of [3, MEBIBYTE]) {
        t.deepEqual(hexOf(decode(new Uint8Array(Buffer.from(text)), { chunkBytes }).packets), both);
      }
    });
  }
}

test('hex with 0x, colons and spaces, and frames in hex', (t) => {
  const [first] = both as [string];
  const colons = `0x${first.replace(/..(?=.)/g, '$&:')}`;
  t.deepEqual(hexOf(decode(new Uint8Array(Buffer.from(colons))).packets), both.slice(0, 1));
  const frames = Buffer.from(joined([frame(one.envelope), frame(two.envelope)])).toString('hex');
  t.deepEqual(hexOf(decode(new Uint8Array(Buffer.from(`${frames}\n`))).packets), both);
});

test('frames in hex are read however their lines are wrapped', (t) => {
  const plain = [one, two].map(({ packetBytes }) => writeEnvelope(packetBytes, undefined));
  const frames = Buffer.from(joined(plain.map(frame))).toString('hex');
  // Of these widths one begins a line with the second envelope, its length before it.
  for (let width = 12; width <= 80; width += 2) {
    const text = frames.match(new RegExp(`.{1,${width}}`, 'g'))!.join('\n');
    const { packets, problems } = decode(new Uint8Array(Buffer.from(text)));
    t.deepEqual(problems, [], `${width}`);
    t.deepEqual(
      hexOf(packets),
      plain.map((each) => Buffer.from(each).toString('hex')),
    );
  }
});

test('a line of base64 may begin with 0x', (t) => {
  const envelope = writeEnvelope(one.packetBytes, undefined);
  const text = Buffer.from(envelope).toString('base64');
  const [first] = decode(new Uint8Array(Buffer.from(`${text}\n0x0x\n`))).problems;
  // The second line is three more bytes of the packet, which belong to no field.
  t.is(first?.bytes, envelope.length + 3);
});

test('what is nothing that is known is said to be so', (t) => {
  for (const text of ['', 'hello, world', '{"a":1}', '\n\n', '%PDF-1.4']) {
    t.is(decode(new Uint8Array(Buffer.from(text))).decoder.kind, 'unknown', text);
  }
});

test('a glob takes little time whatever the text', (t) => {
  t.true(matchesGlob('temp.kitchen', 'temp.*'));
  t.true(matchesGlob('temp.kitchen', '*.k?tchen'));
  t.false(matchesGlob('temp.kitchen', 'temp'));
  t.true(matchesGlob('', '**'));
  t.false(matchesGlob('a'.repeat(1024), `${'*a'.repeat(50)}b`));
});
