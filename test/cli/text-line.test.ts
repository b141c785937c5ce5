import test from 'ava';
import { columnsOf, textLine } from '../../src/cli/decode/text-line.js';
import { liveLine, placeNow } from '../../src/cli/live-line.js';
import type { Item, PacketItem, ProblemItem } from '../../src/decode/item.js';
import { OwnerNames } from '../../src/decode/names.js';
import { decode, readCapture } from '../decode/captured.js';

const names = new OwnerNames();
const captured = decode(readCapture('ethernet.pcap')).packets;
for (const { packet } of captured) names.learn(packet);
const delta = captured.find(({ packet }) => packet.deltas.length > 0 && packet.heartbeat)!;
const closed = decode(readCapture('ethernet.pcap'), { keys: [] }).problems;

function inColumns(item: Item, columns: number): string {
  return textLine(item, names, { columns });
}

test('a line takes as much as there is room for, and no word of it is lost before others', (t) => {
  const forms = [200, 80, 70, 60].map((columns) => inColumns(delta, columns));
  t.regex(forms[0]!, /^\d\d:\d\d:\d\d\.\d{6} 127\.0\.0\.1:\d+ > 127\.0\.0\.1:\d+ .* delta \w+ \d+/);
  t.regex(forms[1]!, / (hb|heartbeat)\+.*delta$/);
  t.regex(forms[2]!, /^\d\d:\d\d:\d\d\.\d{3} 127\.0\.0\.1:\d+ > :\d+ /);
  for (const form of forms) t.regex(form, / (udp|tcp) \d+ sealed /);
});

test('no line of a capture on loopback has more than 80 columns, opened or not', (t) => {
  for (const name of ['ethernet.pcap', 'middle.pcap', 'fragments6.pcap', 'blocks.pcapng']) {
    for (const keys of [undefined, []]) {
      const { items } = decode(readCapture(name), keys === undefined ? {} : { keys });
      for (const item of items) {
        const line = inColumns(item, 80);
        t.true(line.length <= 80, line);
        if (item.kind === 'packet') continue;
        t.regex(line, /! (env|envelope|frame): [\w-]+/);
        t.regex(line, new RegExp(`( \\(input |@)${item.place.offset}\\)?$`));
      }
    }
  }
});

test('a packet that no key opens tells its key and its place, however narrow the line', (t) => {
  const [first] = closed as [ProblemItem];
  const { keyId, bytes, place } = first;
  const far: ProblemItem = { ...first, place: { ...place, offset: 987_654_321 } };
  const line = inColumns(far, 80);
  t.true(line.length <= 80, line);
  t.true(line.endsWith(` udp ${bytes} ! env: unknown-key ${keyId} @987654321`), line);
  t.regex(inColumns(first, 120), / ! envelope: unknown-key key \w{8} \(input \d+\)$/);
});

test('what happened to a packet has room on its line, and its type is cut before', (t) => {
  const place = placeNow('udp', '127.0.0.1:19001', '127.0.0.1:19002');
  const many: PacketItem = { ...delta, place };
  for (const remark of [' [lost]', ' [bit 9313]', ' [+135 ms]', ' [overtaken, +107 ms]']) {
    const line = liveLine(many, names, remark);
    t.true(line.length <= 80, line);
    t.true(line.endsWith(remark));
    t.regex(line, / \d+ sealed \S+ (hb|heartbeat)/);
  }
  for (const remark of [' [lost]', ' [bit 9313]', ' [+135 ms]']) {
    const shut: ProblemItem = { ...(closed[0] as ProblemItem), place };
    const refused: ProblemItem = { ...shut, layer: 'packet', reason: 'protocol-version' };
    for (const item of [shut, refused]) {
      const line = liveLine(item, names, remark);
      t.true(line.length <= 80, line);
      t.false(line.includes('@'), 'there is no input');
      t.regex(line, new RegExp(`! (env|${item.layer}): ${item.reason}`));
    }
  }
});

test('ends of different machines are told in full, and an end without a port as it is', (t) => {
  const far = { ...delta, place: placeNow('udp', '10.0.0.1:9001', '10.0.0.10:9001') };
  t.regex(inColumns(far, 10), / 10\.0\.0\.1:9001 > 10\.0\.0\.10:9001 /);
  const lost = { kind: 'problem', layer: 'ip', reason: 'fragments-missing' } as const;
  const portless = { ...lost, place: placeNow('udp', '[::1]', '[::12]') };
  t.regex(inColumns(portless, 10), / \[::1\] > \[::12\] /);
});

test('a packet without parts is shown as empty', (t) => {
  const item: PacketItem = { ...delta, packet: { ...delta.packet, deltas: [], wants: [] } };
  delete item.packet.heartbeat;
  const { digests: _, ...rest } = item.packet;
  t.regex(inColumns({ ...item, packet: { ...rest, digests: [] } }, 80), / empty$/);
});

test('a terminal tells how many columns a line may have, a pipe has 80', (t) => {
  t.is(columnsOf({ isTTY: true, columns: 132 }), 132);
  t.is(columnsOf({ isTTY: true, columns: 0 }), 80);
  t.is(columnsOf({}), 80);
});
