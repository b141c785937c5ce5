/** What a run writes, of cases that pass and of one that fails. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';
import { PcapngReader } from '../../src/decode/capture/pcapng.js';
import { readIpPacket } from '../../src/decode/net/ip-packet.js';
import { readDatagram } from '../../src/decode/net/segments.js';
import { decodePacket } from '../../src/wire/codec.js';
import { fake, folderOf, runSuite } from './run-suite.js';

const schema = JSON.parse(readFileSync('conformance/schema/report.schema.json', 'utf8'));
const isReport = new Ajv2020({ strict: false }).compile(schema);
const SOME = ['9.3.3-gap', '3.1.3-empty-frame', '8.5.2-expired-hides-older'];
const ids = (...all: string[]) => all.flatMap((id) => ['--id', id]);

test('the TypeScript node passes cases of framing, of logs and of a mesh', async (t) => {
  const folder = folderOf(t);
  const files = { junit: join(folder, 'r.xml'), html: join(folder, 'r.html') };
  const { code, stdout, stderr, report } = await runSuite(t, [
    ...ids(...SOME, 'mesh-convergence-3'),
    ...['--junit', files.junit, '--html', files.html],
    ...['--traces', join(folder, 'traces'), '--trace-all'],
  ]);
  t.is(code, 0, stdout);
  t.is(stderr, '');
  t.true(isReport(report), JSON.stringify(isReport.errors));
  t.deepEqual(
    report.results.map(({ outcome }) => outcome),
    Array(4).fill('passed'),
  );
  t.regex(stdout, /4 cases in \d+ s, none failed/);
  const xml = readFileSync(files.junit, 'utf8');
  t.regex(xml, /<testsuite name="telepathine" tests="4" failures="0" errors="0" skipped="0"/);
  const page = readFileSync(files.html, 'utf8');
  for (const id of SOME)
    t.true(xml.includes(`name="${id}"`) && page.includes(`<th>${id}</th>`), id);
  t.notRegex(page, /(?:src|href)=/);
  for (const { trace = '' } of report.results) {
    t.regex(readFileSync(trace, 'utf8'), /is started at port \d+/);
    t.true(packetsOf(readFileSync(trace.replace(/txt$/, 'pcapng'))) > 10, trace);
  }
});

test('a case that fails tells the rule, what was expected and what was seen, and leaves its trace', async (t) => {
  const folder = folderOf(t);
  const traces = join(folder, 'traces');
  const junit = join(folder, 'r.xml');
  const html = join(folder, 'r.html');
  const args = [...fake('liar'), ...ids('8.4.1-replaces', '3.1.3-empty-frame')];
  const { code, stdout, report } = await runSuite(t, [
    ...args,
    ...['--traces', traces, '--junit', junit, '--html', html],
  ]);
  t.is(code, 1);
  t.true(isReport(report), JSON.stringify(isReport.errors));
  const failed = report.results.find(({ id }) => id === '8.4.1-replaces');
  const failure = { rule: '8.4.1', expected: 'the second value', seen: 'second or so' };
  t.deepEqual(failed?.failure, failure);
  t.regex(stdout, /rule 8\.4\.1: expected the second value\n {2}seen: second or so\n {2}trace: /);
  t.true(
    stdout.split('\n').every((line) => line.length <= 80 || line.includes(traces)),
    stdout,
  );
  t.regex(readFileSync(failed?.trace ?? '', 'utf8'), /rule 8\.4\.1: expected the second value/);
  t.true(existsSync(join(traces, 'liar', '8.4.1-replaces.pcapng')));
  t.false(existsSync(join(traces, 'liar', '3.1.3-empty-frame.txt')));
  t.regex(
    readFileSync(junit, 'utf8'),
    /tests="2" failures="1"[\s\S]*<failure message="rule 8\.4\.1/,
  );
  t.regex(readFileSync(html, 'utf8'), /seen: second or so/);
});

test('a known failure does not fail the run, and a stale entry does', async (t) => {
  const folder = folderOf(t);
  const list = join(folder, 'known');
  const junit = join(folder, 'r.xml');
  const run = (text: string) => {
    writeFileSync(list, text);
    return runSuite(t, [
      ...fake('liar'),
      ...ids('8.4.1-replaces', '3.1.3-empty-frame'),
      ...['--known-failing', list, '--junit', junit],
    ]);
  };
  const known = await run('# why\n8.4.1-replaces # it lies\n');
  t.is(known.code, 0, known.stdout);
  t.true(known.report.results.some((each) => each.known && each.outcome === 'failed'));
  const named = await run('liar 8.4.1-replaces\nother 3.1.3-empty-frame\n');
  t.is(named.code, 0, named.stdout);
  const stale = await run('8.4.1-replaces\nliar 3.1.3-empty-frame\n');
  t.is(stale.code, 1);
  const xml = readFileSync(junit, 'utf8');
  t.regex(xml, /<testsuite name="liar" tests="2" failures="0" errors="0" skipped="1"/);
  t.is(xml.match(/<skipped/g)?.length, 1);
  t.deepEqual(stale.report.stale, ['line 2: liar 3.1.3-empty-frame does not fail']);
  const unknown = await run('8.4.1-replaces\n9.9.9-gone\n');
  t.is(unknown.code, 1);
  t.deepEqual(unknown.report.stale, ['line 2: 9.9.9-gone: there is no such case']);
});

test('several implementations are reported apart, and meet in meshes', async (t) => {
  const { code, report } = await runSuite(t, [
    ...['--spawn', `one="${process.execPath}" dist/src/cli/main.js adapter`],
    ...['--spawn', `two="${process.execPath}" dist/src/cli/main.js adapter`],
    ...ids('3.1.3-empty-frame', 'mesh-convergence-3'),
  ]);
  t.is(code, 0);
  const names = report.results.map(({ id, implementation }) => `${implementation} ${id}`).sort();
  t.deepEqual(names, [
    'one 3.1.3-empty-frame',
    'one mesh-convergence-3',
    'one+two mesh-convergence-3',
    'two 3.1.3-empty-frame',
    'two mesh-convergence-3',
  ]);
});

/** How many datagrams of a capture are packets in the clear. */
function packetsOf(capture: Uint8Array): number {
  let packets = 0;
  const reader = new PcapngReader({
    record: ({ bytes }) => {
      const ip = readIpPacket(bytes);
      const datagram = ip && readDatagram(ip.payload);
      if (datagram !== undefined && decodePacket(datagram.payload).ok) packets += 1;
    },
    fault: ({ reason }) => {
      throw new Error(reason);
    },
  });
  reader.push(capture);
  reader.end();
  return packets;
}
