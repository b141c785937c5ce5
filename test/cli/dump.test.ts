import { setImmediate } from 'node:timers/promises';
import test from 'ava';
import { PacketDump } from '../../src/cli/start/packet-dump.js';
import type { Report } from '../../src/cli/start/report.js';
import { jsonReport } from '../../src/cli/start/voice.js';
import { encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { Encoding, type Packet } from '../../src/wire/packet.js';

const LIFE = { owner: '1'.repeat(16), logId: '2'.repeat(16), generation: 3 };
const OPTIONS = { node: {}, json: true, untilEof: false };

test('a value is shown as JSON, whatever it looks like on the wire', async (t) => {
  const [report] = await dump([envelopeOf('{"a":1}')]);
  t.like(report, { parts: 'delta', sealed: false });
  t.true(jsonReport(report!).includes('"value":{"a":1}'));
});

test('a value that is nested too deeply to be printed does not end the node', async (t) => {
  const deep = 200_000;
  const json = '['.repeat(deep) + ']'.repeat(deep);
  const [report] = await dump([envelopeOf(json)]);
  t.like(report, { type: 'packet', parts: 'delta' });
  t.notThrows(() => jsonReport(report!));
});

test('so many packets are shown as were asked for, unreadable ones too', async (t) => {
  const reports = await dump([new Uint8Array([0x99]), new Uint8Array(0), envelopeOf('1')], 2);
  t.is(reports.length, 2);
  t.like(reports[0], { refusal: 'unknown-kind', envelopeHex: '99' });
  t.like(reports[1], { refusal: 'empty' });
});

async function dump(envelopes: Uint8Array[], packets = 10): Promise<Report[]> {
  const reports: Report[] = [];
  const shown = new PacketDump({ ...OPTIONS, dump: packets }, (report) => {
    jsonReport(report);
    reports.push(report);
  });
  for (const envelope of envelopes) {
    shown.take({ direction: 'in', transport: 'udp', address: '127.0.0.1:1', envelope });
  }
  await setImmediate();
  return reports;
}

/** A packet with one value, in the clear. */
function envelopeOf(json: string): Uint8Array {
  const body = encodeEntryBody({
    version: 1,
    name: 'k',
    content: { kind: 'value', encoding: Encoding.json, typeName: '', stamp: { time: 1 } },
  });
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
  return writeEnvelope(encodePacket(packet), undefined);
}
