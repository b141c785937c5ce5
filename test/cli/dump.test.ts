import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { Command } from 'commander';
import { PacketDump } from '../../src/cli/start/packet-dump.js';
import type { PacketReport } from '../../src/cli/start/packet-report.js';
import type { Report } from '../../src/cli/start/report.js';
import {
  addStartOptions,
  readStartOptions,
  type StartFlags,
} from '../../src/cli/start/start-options.js';
import { jsonReport } from '../../src/cli/start/voice.js';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import type { Keyring } from '../../src/crypto/keyring.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import type { HiddenValue } from '../../src/decode/values.js';
import type { PacketMessage } from '../../src/node/diagnostics.js';
import { decodePacket, encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { readEnvelope, writeEnvelope } from '../../src/wire/envelope.js';
import { Encoding, type Packet } from '../../src/wire/packet.js';

await cryptoReady();

const LIFE = { owner: '1'.repeat(16), logId: '2'.repeat(16), generation: 3 };
const OWN = '127.0.0.1:9000';
const OTHER = '127.0.0.1:9001';

test('with --show-values a value is JSON, whatever it looks like on the wire', async (t) => {
  const [report] = await dump([envelopeOf('{"a":1}')], { showValues: true });
  t.like(report, { parts: 'delta', sealed: false });
  t.true(jsonReport(report!).includes('"value":{"a":1}'));
  t.true('envelopeHex' in report!);
});

test('without it a value is its length and a hash, and no form of it is to be seen', async (t) => {
  const sealed = { keyring: deriveKeyring(generateKey(), '') };
  const secret = '{"soup":"leek"}';
  const packets = [secret, secret, '"other"'].map((json) => envelopeOf(json));
  const reports = await dump([...packets, envelopeOf(secret, sealed.keyring)], sealed);
  const payloads = reports.map((report) => {
    const entry = entryOf(report);
    t.is(entry.name, 'k');
    return entry.payload;
  });
  for (const { hash } of payloads) t.regex(hash, /^[0-9a-f]{8}$/);
  t.deepEqual(payloads[0], payloads[1]);
  t.is(payloads[0]!.bytes, secret.length);
  t.not(payloads[0]!.hash, payloads[2]!.hash);
  t.deepEqual(payloads[3], payloads[0]);
  t.true('envelopeHex' in reports[3]!, 'a sealed one shows nothing');
  const shown = reports.map((report) => jsonReport(report)).join();
  for (const encoding of ['utf8', 'hex', 'base64'] as const) {
    t.false(shown.includes(Buffer.from(secret).toString(encoding).slice(4, -4)), encoding);
  }
});

test('an entry that cannot be decoded hides its value, too', async (t) => {
  const [report] = await dump([envelopeOf('"leek"', undefined, Uint8Array.of(0xff))]);
  t.like(entryOf(report!), { body: 'ff', payload: { bytes: 6 } });
});

test('a value that is nested too deeply to be printed does not end the node', async (t) => {
  const deep = 200_000;
  const json = '['.repeat(deep) + ']'.repeat(deep);
  const [report] = await dump([envelopeOf(json)], { showValues: true });
  t.like(report, { type: 'packet', parts: 'delta' });
  t.notThrows(() => jsonReport(report!));
});

test('so many packets are shown as were asked for, unreadable ones too', async (t) => {
  const reports = await dump([new Uint8Array([0x99]), new Uint8Array(0), envelopeOf('1')], {
    packets: 2,
  });
  t.is(reports.length, 2);
  t.like(reports[0], { refusal: 'unknown-kind', envelopeHex: '99' });
  t.like(reports[1], { refusal: 'empty' });
});

test('without --json a packet is a line, as decode has it, an unreadable one too', async (t) => {
  const shown = await lines([envelopeOf('1'), new Uint8Array([0x99]), new Uint8Array([0x11, 7])]);
  const way = /^\d\d:\d\d:\d\d\.\d{6} 127\.0\.0\.1:9001 > 127\.0\.0\.1:9000 udp /;
  for (const line of shown) t.regex(line, way);
  t.deepEqual(
    shown.map((line) => line.replace(way, '')),
    [
      `${envelopeOf('1').length} plain #11111111 delta`,
      '1 ! envelope: unknown-kind',
      '2 ! packet: malformed',
    ],
  );
});

test('--dump without a number shows all, and nothing is shown without it', (t) => {
  const dumpOf = (...args: string[]) => {
    const command = addStartOptions(new Command()).parse(args, { from: 'user' });
    return readStartOptions(command.opts<StartFlags>(), {}).dump;
  };
  t.is(dumpOf('--dump'), Number.POSITIVE_INFINITY);
  t.is(dumpOf('--dump', '7'), 7);
  t.is(dumpOf(), 0);
});

async function dump(
  envelopes: Uint8Array[],
  { packets = 10, showValues = false, keyring }: DumpOptions = {},
): Promise<Report[]> {
  const reports: Report[] = [];
  const report = (each: Report) => {
    jsonReport(each);
    reports.push(each);
  };
  const output = { report, line: () => undefined, showValues };
  const shown = new PacketDump(packets, output, () => OWN);
  for (const envelope of envelopes) {
    shown.take(messageOf(envelope, envelope[0] === 0x21 ? keyring : undefined));
  }
  await setImmediate();
  shown.close();
  return reports;
}

async function lines(envelopes: Uint8Array[]): Promise<string[]> {
  const written: string[] = [];
  const shown = new PacketDump(10, { line: (line) => written.push(line) }, () => OWN);
  for (const envelope of envelopes) shown.take(messageOf(envelope));
  await setImmediate();
  shown.close();
  return written;
}

interface ShownEntry {
  name: string;
  payload: HiddenValue;
}

function entryOf(report: Report): ShownEntry {
  const [delta] = (report as PacketReport).packet!.deltas as { entries: ShownEntry[] }[];
  return delta!.entries[0]!;
}

interface DumpOptions {
  packets?: number;
  showValues?: boolean;
  keyring?: Keyring;
}

/** What a node tells of an envelope. */
function messageOf(envelope: Uint8Array, keyring?: Keyring): PacketMessage {
  const message = { node: 'n1', direction: 'received', transport: 'udp', address: OTHER } as const;
  const opened = readEnvelope(envelope, keyring);
  if (!opened.ok) return { ...message, envelope, refusal: opened.reason };
  const { packetBytes } = opened;
  const decoded = decodePacket(packetBytes);
  if (!decoded.ok) return { ...message, envelope, packetBytes, refusal: decoded.reason };
  return { ...message, envelope, packetBytes, packet: decoded.packet };
}

/** A packet with one value. */
function envelopeOf(json: string, keyring?: Keyring, body = valueBody()): Uint8Array {
  const packet: Packet = {
    requiredFeatures: 0,
    protocol: 1,
    cluster: '',
    sender: LIFE,
    uptimeMs: 1,
    fingerprints: [],
    digests: [],
    wants: [],
    deltas: [
      {
        ...LIFE,
        from: 0,
        to: 1,
        asOf: 1,
        floor: 0,
        header: new Uint8Array(0),
        entries: [{ body, payload: new TextEncoder().encode(json) }],
        requiredFeatures: 0,
      },
    ],
    probes: [],
    suspicions: [],
    votes: [],
  };
  return writeEnvelope(encodePacket(packet), keyring);
}

function valueBody(): Uint8Array {
  return encodeEntryBody({
    version: 1,
    name: 'k',
    content: { kind: 'value', encoding: Encoding.json, typeName: '', stamp: { time: 1 } },
  });
}
