/**
 * Writes `test/fuzz/corpus` anew, with the project's own encoders:
 *
 *     node dist/test/fuzz/make-corpus.js
 *
 * To be run when the wire has changed, so that the inputs are taken again.
 */
import { writeFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { PLAIN_KIND } from '../../src/wire/envelope.js';
import { frame } from '../../src/wire/framing.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import type { Packet } from '../../src/wire/packet.js';
import { decode, readCapture } from '../decode/captured.js';
import { pcapngOf, pcapOf, recordsOf, relinked } from '../decode/make-capture.js';
import { hostileParts } from '../support/hostile.js';
import * as arbitraries from '../wire/arbitraries.js';
import { joined } from './bytes.js';
import { type Step, writeSteps } from './core-script.js';
import { CoreStage, EVIL } from './core-stage.js';
import { corpusFile } from './corpus.js';
import type { Target } from './target.js';
import { captureTarget } from './targets/capture.js';
import { coreTarget } from './targets/core.js';
import { envelopeTarget, KEYRING, sealedBy } from './targets/envelope.js';
import { framesTarget } from './targets/frames.js';
import { entryBodyTarget, ownerHeaderTarget } from './targets/log.js';
import { packetTarget } from './targets/packet.js';
import { addressTarget, requestTarget, valueTarget } from './targets/text.js';

const INPUT_BYTES_MAX = 4000;
const PACKET_BYTES_MAX = 1200;

const packets = [...recordedPackets(), ...samplesOf(arbitraries.packet).map(encodePacket)];
write(packetTarget, packets);
write(entryBodyTarget, samplesOf(arbitraries.entryBody).map(encodeEntryBody));
write(ownerHeaderTarget, samplesOf(arbitraries.ownerHeader).map(encodeOwnerHeader));
write(envelopeTarget, packets.flatMap(envelopesOf));
write(framesTarget, streams());
write(coreTarget, scripts());
write(addressTarget, addresses());
write(valueTarget, values());
write(requestTarget, requests());
write(captureTarget, captures());

function samplesOf<Made>(arbitrary: fc.Arbitrary<Made>): Made[] {
  return fc.sample(arbitrary, { seed: 1, numRuns: 3000 });
}

/** What nodes say to each other while they meet, and while one is gone. */
function recordedPackets(): Uint8Array[] {
  const { mesh } = new CoreStage();
  mesh.recording = true;
  mesh.start('n2', ['n0', 'n1']);
  mesh.set('n1', 'long', 'x'.repeat(1300));
  mesh.run(8000);
  mesh.delete('n1', 'k0');
  mesh.kill('n1');
  mesh.run(12_000);
  return mesh.sent.map(({ bytes }) => bytes);
}

function envelopesOf(packet: Uint8Array, index: number): Uint8Array[] {
  const nonce = new Uint8Array(24).fill(index);
  return [joined([Uint8Array.of(PLAIN_KIND), packet]), sealedBy(KEYRING, nonce, packet)];
}

/** The first three bytes tell how a stream is cut and when longer frames are allowed. */
function streams(): Uint8Array[] {
  const frames = [1, 1200, 20, 1900, 3].map((bytes) => frame(new Uint8Array(bytes).fill(bytes)));
  const [short, longest, some, long, last] = frames as [Uint8Array, ...Uint8Array[]];
  return [
    [[0, 0, 0], short, last],
    [[1, 0, 0], longest, some],
    [[2, 2, 2], short, some, long, last],
    [[3, 1, 3], last, long, short],
    [[4, 0, 0], some, long],
    [[5, 0, 0], short, [0, 0, 0, 0]],
  ].map((parts) => joined(parts.map((part) => Uint8Array.from(part as Uint8Array))));
}

/** How somebody joins, what members say, and what liars say: each as a script. */
function scripts(): Uint8Array[] {
  const kinds = { spoofedWithEcho: 128 + 32 + 24, evilWithEcho: 128 + 32, evilPush: 128 + 64 };
  const wait: Step = { kind: 4, options: 7, content: new Uint8Array(0) };
  const step = (kind: number, options: number, content: Uint8Array): Step => ({
    kind,
    options,
    content,
  });
  const members = recordedPackets().filter((bytes) => bytes.length <= PACKET_BYTES_MAX);
  const replayed = members.map((bytes) => [step(kinds.spoofedWithEcho, 4, bytes), wait]);
  const lies = samplesOf(fc.tuple(liesAbout(), liesAbout())).map((pair) =>
    pair.flatMap((bytes, index) => [
      step(index === 0 ? kinds.evilWithEcho : kinds.evilPush, 6, bytes),
      wait,
    ]),
  );
  const join = joining().map((bytes) => step(kinds.evilWithEcho, 6, bytes));
  const ping = step(128, 6, joining()[0] as Uint8Array);
  return [...replayed, ...lies].map((steps) => writeSteps([ping, wait, ...join, wait, ...steps]));
}

/** A ping, a digest and a header of one who wants to be a member. */
function joining(): Uint8Array[] {
  const header = encodeOwnerHeader({
    version: 1,
    name: 'evil',
    addresses: [{ family: 4, ip: Uint8Array.of(10, 9, 9, 9), port: 9000, transport: 'udp' }],
    tags: {},
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [],
  });
  const statement = { ...EVIL, incarnation: 0, status: 1, version: 1, floor: 0, ageMs: 0 } as const;
  const delta = { ...EVIL, from: 0, to: 1, asOf: 1, floor: 0, header, entries: [] };
  return [
    packetOf({ heartbeat: { ping: 1, answer: 0, roundTripUs: 0 }, token: 'eeeeeeeeeeeeeeee' }),
    packetOf({ digests: [{ owners: [{ ...statement, refused: false }] }] }),
    packetOf({ deltas: [{ ...delta, requiredFeatures: 0 }] }),
  ];
}

function liesAbout(): fc.Arbitrary<Uint8Array> {
  const { nodes, nowMs } = new CoreStage().mesh;
  const lives = [...nodes.values()].map(({ core }) => core.self(nowMs));
  return hostileParts([...lives, EVIL])
    .map(packetOf)
    .filter((bytes) => decodePacket(bytes).ok);
}

function packetOf(parts: Partial<Packet>): Uint8Array {
  return encodePacket({
    requiredFeatures: 0,
    protocol: 1,
    cluster: '',
    sender: EVIL,
    uptimeMs: 1000,
    fingerprints: [],
    digests: [],
    wants: [],
    deltas: [],
    probes: [],
    suspicions: [],
    votes: [],
    ...parts,
  });
}

function addresses(): Uint8Array[] {
  return texts([
    ...['9000', ':9000', '1.2.3.4:5', '1.2.3.4', '[2001:db8::1]:80', '::', '[fe80::1%eth0]:1'],
    ...['host.example:9000', 'host', 'srv:_telepathine._udp.example', '::ffff:1.2.3.4'],
    ...['1.2.3.4 10.0.0.1\n1.2.3.5:1 [::1]:2', '::1 127.0.0.1'],
  ]);
}

function values(): Uint8Array[] {
  const json = ['null', '-1.5e3', '"é\\ud83d\\ude00"', '[1,[2,{}]]', '{"a":{"__proto__":{"b":1}}}'];
  return [
    ...json.map((text) => joined([Uint8Array.of(1), Buffer.from(text)])),
    Uint8Array.of(2, 0, 255),
    Uint8Array.of(3, 8, 1),
    Uint8Array.of(9),
  ];
}

function requests(): Uint8Array[] {
  return texts([
    'set "a key" {"a": [1, " }\\" "]} 5000',
    '{"command":"set","key":"k","bytes":"AAE=","ttlMs":500,"id":7}',
    'say e null 1000',
    '{"command":"say","event":"e","value":[1],"durationMs":5,"buffer":true}',
    'get k n1',
    'keys "n 1"',
    'delete k',
    'members',
    '{"command":"stats"}',
    'sett k 1',
  ]);
}

/** Parts of captures that were taken, and what is in them in other forms. */
function captures(): Uint8Array[] {
  const names = ['ethernet', 'nanoseconds', 'cooked1', 'cooked2', 'middle', 'fragments4'];
  const files = [...names, 'fragments6'].map((name) => readCapture(`${name}.pcap`));
  const records = recordsOf(files[0] as Uint8Array).slice(0, 12);
  const envelopes = decode(files[0] as Uint8Array).packets.map(({ envelope }) => envelope);
  const [one, two] = envelopes as [Uint8Array, Uint8Array];
  return [
    ...files.flatMap((file) => [file.subarray(0, 3900), file.subarray(0, 1000)]),
    readCapture('blocks.pcapng').subarray(0, 3500),
    pcapngOf(records, { littleEndian: false, block: 'simple' }),
    pcapngOf(records, { littleEndian: true, block: 'obsolete' }),
    pcapOf(
      records.map((each) => relinked(each, [])),
      { littleEndian: false, linkType: 101 },
    ),
    one,
    joined([frame(one), frame(two)]),
    ...texts([`${Buffer.from(one).toString('hex')}\n`, Buffer.from(two).toString('base64')]),
  ];
}

function texts(lines: string[]): Uint8Array[] {
  return lines.map((line) => new Uint8Array(Buffer.from(line)));
}

/** For each word of all outcomes the shortest input. */
function write(target: Target, inputs: readonly Uint8Array[]): void {
  const best = new Map<string, Uint8Array>();
  for (const input of inputs.filter(({ length }) => length <= INPUT_BYTES_MAX)) {
    for (const word of target.run(new Uint8Array(input)).split(/[ ,]+/)) {
      const known = best.get(word);
      if (known === undefined || input.length < known.length) best.set(word, input);
    }
  }
  const chosen = [...new Set(best.values())].sort((a, b) => a.length - b.length);
  const lines = chosen.map((input) => `${Buffer.from(input).toString('hex')}\n`);
  writeFileSync(corpusFile(target.name), `# Made by test/fuzz/make-corpus.ts.\n${lines.join('')}`);
  console.log(`${target.name}: ${chosen.length} inputs, ${best.size} words`);
}
