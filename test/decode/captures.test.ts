import test from 'ava';
import { describeParts } from '../../src/decode/describe.js';
import { OwnerNames } from '../../src/decode/names.js';
import { capturedKey, decode, hexOf, readCapture } from './captured.js';

const ethernet = decode(readCapture('ethernet.pcap'));

test('a capture of a sealed mesh is opened, datagrams and streams', (t) => {
  t.deepEqual(ethernet.problems, []);
  t.true(ethernet.packets.length > 50);
  for (const transport of ['udp', 'tcp']) {
    t.true(
      ethernet.packets.some(({ place }) => place.transport === transport),
      transport,
    );
  }
  for (const { keyId, place } of ethernet.packets) {
    t.is(keyId, capturedKey('mesh').id);
    t.regex(place.from?.text ?? '', /^127\.0\.0\.1:\d+$/);
  }
});

test('the names, values, events and deletions of the mesh are in it', (t) => {
  const names = new OwnerNames();
  for (const { packet } of ethernet.packets) names.learn(packet);
  const parts = ethernet.packets.flatMap(({ packet }) => describeParts(packet, names)).join('\n');
  for (const name of ['alice', 'bob', 'carol']) t.true(parts.includes(`delta ${name}`), name);
  for (const word of ['colour', 'long', '!lunch', 'temp.kitchen', '-temp.attic', 'ping ']) {
    t.true(parts.includes(word), word);
  }
});

test('times are those of the capture, to the nanosecond', (t) => {
  const { packets } = decode(readCapture('nanoseconds.pcap'));
  t.true(packets.some(({ place }) => (place.time?.nanoseconds ?? 0) % 1000 > 0));
  const seconds = packets[0]?.place.time?.seconds ?? 0;
  t.true(Math.abs(seconds - (ethernet.packets[0]?.place.time?.seconds ?? 0)) <= 1);
});

for (const name of ['nanoseconds.pcap', 'blocks.pcapng', 'cooked1.pcap', 'cooked2.pcap']) {
  test(`${name} holds the packets that the others hold, but what was lost in capturing`, (t) => {
    const { packets, problems } = decode(readCapture(name));
    const known = new Set(hexOf(ethernet.packets));
    t.deepEqual(
      hexOf(packets).filter((hex) => !known.has(hex)),
      [],
    );
    t.true(packets.length > ethernet.packets.length * 0.9, `${packets.length}`);
    for (const { reason } of problems) t.regex(reason, /^(missing-bytes|skipped-bytes|cut-frame)$/);
    if (problems.length === 0) t.is(packets.length, ethernet.packets.length);
  });
}

for (const chunkBytes of [1, 7, 1000, 1_000_000]) {
  test(`chunks of ${chunkBytes} bytes give the same`, (t) => {
    const input = readCapture('blocks.pcapng');
    t.deepEqual(decode(input, { chunkBytes }).items, decode(input).items);
  });
}

test('connections that were captured from the middle on are read from the next frame on', (t) => {
  const { packets, problems } = decode(readCapture('middle.pcap'));
  t.true(packets.length > 10);
  for (const { place, keyId } of packets) {
    t.is(place.transport, 'tcp');
    t.is(keyId, capturedKey('other').id);
  }
  for (const { reason } of problems) t.is(reason, 'skipped-bytes');
});

for (const name of ['fragments4.pcap', 'fragments6.pcap']) {
  test(`${name}: datagrams that IP has cut are put together`, (t) => {
    const { packets, problems } = decode(readCapture(name));
    t.deepEqual(problems, []);
    const longest = Math.max(
      ...packets
        .filter(({ place }) => place.transport === 'udp')
        .map(({ envelope }) => envelope.length),
    );
    t.true(longest > (name === 'fragments4.pcap' ? 576 : 1280), `${longest}`);
  });
}

test('without its last fragment a datagram is a problem, and nothing else is', (t) => {
  const whole = readCapture('fragments6.pcap');
  const { packets } = decode(whole);
  const last = fragmentRecordIn(whole);
  const rest = Buffer.concat([whole.subarray(0, last.from), whole.subarray(last.to)]);
  const found = decode(new Uint8Array(rest));
  t.is(found.packets.length, packets.length - 1);
  t.like(found.problems, [{ layer: 'ip', reason: 'fragments-missing' }]);
});

test('without the key each packet is a problem that names the key', (t) => {
  const { packets, problems, decoder } = decode(readCapture('ethernet.pcap'), {
    keys: [capturedKey('other')],
  });
  t.deepEqual(packets, []);
  t.is(decoder.opener.sealed, ethernet.packets.length);
  t.is(decoder.opener.opened, 0);
  for (const { layer, reason, keyId } of problems) {
    t.deepEqual([layer, reason, keyId], ['envelope', 'unknown-key', capturedKey('mesh').id]);
  }
});

test('a capture that is cut anywhere gives what is before, and where it ends', (t) => {
  const input = readCapture('ethernet.pcap');
  const all = hexOf(ethernet.packets);
  for (const end of [10, 23, 30, 5000, input.length - 1]) {
    const { packets, decoder } = decode(input.subarray(0, end));
    t.deepEqual(hexOf(packets), all.slice(0, packets.length));
    t.is(decoder.fault?.reason, 'cut', `${end}`);
  }
});

/** Where the second fragment of the one fragmented datagram stands. */
function fragmentRecordIn(capture: Uint8Array): { from: number; to: number } {
  const view = new DataView(capture.buffer, capture.byteOffset, capture.length);
  const fragments: { from: number; to: number }[] = [];
  for (let at = 24; at < capture.length; ) {
    const to = at + 16 + view.getUint32(at + 8, true);
    // The next header of IPv6, behind the headers of the record and of Ethernet.
    if (capture[at + 16 + 14 + 6] === 44) fragments.push({ from: at, to });
    at = to;
  }
  return fragments.at(-1) as { from: number; to: number };
}
