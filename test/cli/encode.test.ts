import test from 'ava';
import * as fc from 'fast-check';
import { encodeLine, sealLine } from '../../src/cli/decode/encode.js';
import { deriveSealingKey } from '../../src/crypto/derive.js';
import type { PacketItem } from '../../src/decode/item.js';
import { encodePacket } from '../../src/wire/codec.js';
import { packetToJson } from '../../src/wire/json.js';
import { capturedKey, capturePath, decode, hexOf, readCapture } from '../decode/captured.js';
import { packet } from '../wire/arbitraries.js';
import { checkProperty } from '../wire/property.js';
import { runCommand } from './command.js';

const KEYS = ['--key-file', capturePath('mesh.key')];

for (const name of ['ethernet.pcap', 'fragments6.pcap']) {
  test(`decode --json | encode | seal gives the envelopes of ${name} again`, async (t) => {
    const args = ['decode', capturePath(name), ...KEYS, '--json', '--show-values'];
    const json = (await runCommand(args)).stdout;
    const encoded = await runCommand(['encode'], { input: json });
    t.deepEqual([encoded.code, encoded.stderr], [0, '']);
    const sealed = await runCommand(['seal', ...KEYS], { input: encoded.stdout });
    t.deepEqual([sealed.code, sealed.stderr], [0, '']);
    const { packets } = decode(readCapture(name));
    // Of what holds fields that this schema does not have they are lost: it is nobody's own packet.
    const isOwn = ({ place }: PacketItem) => place.from?.port !== 9005;
    const found = sealed.stdout.trim().split('\n');
    t.deepEqual(
      found.filter((_, index) => isOwn(packets[index] as PacketItem)),
      hexOf(packets.filter(isOwn)),
    );
  });
}

test('any packet comes back the same from its JSON', (t) => {
  const property = fc.property(packet, (each) => {
    const bytes = encodePacket(each);
    const line = JSON.stringify({ packet: packetToJson(bytes), sealed: false });
    if (encodeLine(line) !== `${Buffer.from(bytes).toString('hex')} plain`) throw new Error(line);
  });
  t.notThrows(() => checkProperty(property, 300));
});

test('what does not tell how it was sealed is sealed anew, or plain without a key', (t) => {
  const { packetBytes } = decode(readCapture('ethernet.pcap')).packets[0] as PacketItem;
  const line = encodeLine(JSON.stringify(packetToJson(packetBytes)));
  const key = deriveSealingKey('another', '');
  const envelopes = [sealLine(line, [key]), sealLine(line, [key])];
  t.notDeepEqual(envelopes[0], envelopes[1]);
  for (const envelope of envelopes) {
    t.deepEqual(decode(envelope, { keys: [key] }).packets[0]?.packetBytes, packetBytes);
  }
  t.deepEqual(decode(sealLine(line, [])).packets[0]?.packetBytes, packetBytes);
});

test('seal --frames writes a stream that decode reads', async (t) => {
  const json = ['decode', capturePath('ethernet.pcap'), ...KEYS, '--json', '--show-values'];
  const lines = (await runCommand(['encode'], { input: (await runCommand(json)).stdout })).stdout;
  const hex = (await runCommand(['seal', ...KEYS], { input: lines })).stdout;
  const decoded = await runCommand(['decode', ...KEYS], { input: hex });
  t.is(decoded.code, 0);
  t.is(decoded.stdout.split('\n').length, lines.split('\n').length);
});

test('a bad line is said with its number, and the others are done', async (t) => {
  const hidden = (await runCommand(['decode', capturePath('ethernet.pcap'), ...KEYS, '--json']))
    .stdout;
  const { code, stdout, stderr } = await runCommand(['encode'], { input: `{]\n${hidden}` });
  t.is(code, 1);
  t.regex(stderr, /^telepathine: line 1: /);
  t.regex(stderr, /line \d+: values are hidden: decode with --show-values\n/);
  t.true(stdout.split('\n').length > 20);
  const sealed = await runCommand(['seal'], { input: `${stdout}xyz\n` });
  t.is(sealed.code, 4);
  t.is(sealed.stdout, '');
  t.regex(sealed.stderr, new RegExp(`line 1: there is no key ${capturedKey('mesh').id}\n`));
});
