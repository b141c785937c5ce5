import { readFileSync } from 'node:fs';
import test from 'ava';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import { capturedKey, capturePath, decode, readCapture } from '../decode/captured.js';
import { runCommand, spawnCommand, temporaryFile } from './command.js';

const CAPTURE = capturePath('ethernet.pcap');
const KEY_FILE = capturePath('mesh.key');
const KEYS = ['--key-file', capturePath('other.key'), '--key-file', KEY_FILE];
const packets = decode(readCapture('ethernet.pcap')).packets.length;
const cut = temporaryFile('');
const LINE =
  /^\d\d:\d\d:\d\d\.\d{3,6} 127\.0\.0\.1:\d+ > (127\.0\.0\.1)?:\d+ (udp|tcp) \d+ sealed (alice|bob|carol|#[0-9a-f]{8})( .*)?$/;

function run(...args: string[]) {
  return runCommand(['decode', CAPTURE, ...KEYS, ...args]);
}

function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

test('a packet is a line, and none has more than 80 columns', async (t) => {
  const { code, stdout, stderr } = await run();
  t.deepEqual({ code, stderr }, { code: 0, stderr: '' });
  const lines = linesOf(stdout);
  t.is(lines.length, packets);
  for (const line of lines) {
    t.regex(line, LINE);
    t.true(line.length <= 80, line);
  }
});

test('no form shows a value or a key unless it is asked for', async (t) => {
  const key = readFileSync(KEY_FILE, 'utf8').trim().slice(-43);
  const sealing = Buffer.from(capturedKey('mesh').bytes);
  const forms = [[], ['-v'], ['--hex'], ['--json'], ['--stats']];
  const secrets = ['leek', Buffer.from('{"soup":"leek"}').toString('base64')];
  secrets.push(Buffer.from('leek').toString('hex'), '6c 65 65 6b');
  for (const form of forms) {
    const { stdout } = await run(...form);
    for (const secret of secrets) t.false(stdout.includes(secret), `${form} ${secret}`);
    const shown = (await run(...form, '--show-values')).stdout;
    for (const encoding of ['hex', 'base64', 'base64url'] as const) {
      t.false(shown.includes(sealing.toString(encoding)), `${form}`);
    }
    t.false(shown.includes(key), `${form}`);
    if (form.length > 0 && form[0] !== '--stats') {
      t.true(
        secrets.some((secret) => shown.includes(secret)),
        `${form}`,
      );
    }
  }
});

test('equal values look equal, and others do not', async (t) => {
  const { stdout } = await run('-v', '--key-glob', 'colour');
  const hashes = [...stdout.matchAll(/^ +payload: 5 bytes, hash ([0-9a-f]{8})$/gm)];
  t.true(hashes.length > 1);
  t.is(new Set(hashes.map(([, hash]) => hash)).size, 1);
  const { stdout: all } = await run('-v');
  t.true(new Set([...all.matchAll(/hash ([0-9a-f]{8})$/gm)].map(([, hash]) => hash)).size > 3);
});

test('-v shows all fields with the names of owners, --hex where they stand', async (t) => {
  const tree = (await run('-v', '--type', 'say')).stdout;
  t.regex(tree, /\n {4}owner: [0-9a-f]{16} \(alice\)\n/);
  t.regex(tree, /\n {6}body\n {8}version: \d+\n {8}name: "lunch"\n {8}say\n/);
  const hex = (await run('--hex', '--type', 'say')).stdout;
  t.regex(hex, /\n {2}0000-0002 {2}10 01 +protocol: 1\n/);
  const ranges = [...hex.matchAll(/^ {2}([0-9a-f]{4})-([0-9a-f]{4}) {2}/gm)];
  t.true(ranges.length > 20);
  for (const [, from, to] of ranges) t.true(Number.parseInt(from!, 16) < Number.parseInt(to!, 16));
});

test('--json is an object a line, with the packet in the JSON of protobuf', async (t) => {
  const lines = linesOf((await run('--json')).stdout).map((line) => JSON.parse(line));
  t.is(lines.length, packets);
  for (const line of lines) {
    t.like(line, { schema: 1, type: 'packet', sealed: true, keyId: capturedKey('mesh').id });
    t.regex(line.time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/);
    t.regex(line.nonce, /^[0-9a-f]{48}$/);
    t.is(line.packet.protocol, 1);
  }
  const said = lines.find(({ opened }) =>
    opened.some((part: object) => JSON.stringify(part).includes('"lunch"')),
  );
  t.true(
    said.packet.deltas[0].entries.some(({ payload }: { payload: object }) => 'hash' in payload),
  );
});

for (const [args, every] of [
  [['--owner', 'carol', '--type', 'ping'], /ping|hb/],
  [['--key-glob', 'temp.*'], /delta/],
  [['--type', 'tombstone'], /-temp\.attic|delta/],
  [['--type', 'want'], /want/],
] as const) {
  test(`${args.join(' ')} shows only such packets`, async (t) => {
    const lines = linesOf((await run(...args)).stdout);
    t.true(lines.length > 0 && lines.length < packets);
    for (const line of lines) t.regex(line, every);
  });
}

test('--since and --port leave out what is earlier and elsewhere', async (t) => {
  const all = linesOf((await run()).stdout);
  const middle = JSON.parse(linesOf((await run('--json')).stdout)[20] as string).time;
  t.deepEqual(linesOf((await run('--since', middle)).stdout), all.slice(20));
  const late = linesOf((await run('--since', '200ms')).stdout);
  t.true(late.length > 0 && late.length < all.length);
  t.deepEqual(late, all.slice(-late.length));
  const some = linesOf((await run('--port', '9003')).stdout);
  t.true(some.length < all.length);
  for (const line of some) t.regex(line, /:9003 /);
});

test('--stats counts by sender, type, time and exchange', async (t) => {
  const { stdout } = await run('--stats');
  for (const title of ['by sender', 'by type', 'by time, each 1 s', 'exchanges', '  alice ']) {
    t.true(stdout.includes(title), title);
  }
  t.regex(stdout, /^ {2}ping: [1-9]\d+ answered, \d+ unanswered, after \d+\.\d\d ms/m);
  const stats = JSON.parse((await run('--stats', '--json')).stdout);
  t.is(stats.total.packets, packets);
  t.is(stats.sealed.packets, packets);
  t.true(stats.exchanges.ping.answered > stats.exchanges.ping.unanswered);
  const sum = (counts: { packets: number }[]) =>
    counts.reduce((all, each) => all + each.packets, 0);
  for (const counts of [stats.senders, stats.periods.counts, Object.values(stats.byType)]) {
    t.is(sum(counts as { packets: number }[]), packets);
  }
});

test('--stats counts what no key opens too, by address, and its sums agree', async (t) => {
  const opened = JSON.parse((await run('--stats', '--json')).stdout);
  const { code, stdout } = await runCommand(['decode', CAPTURE, '--stats', '--json']);
  t.is(code, 4);
  const closed = JSON.parse(stdout);
  for (const count of ['total', 'sealed', 'byTransport', 'periods']) {
    t.deepEqual(closed[count], opened[count], count);
  }
  t.deepEqual(closed.unopened, closed.total);
  t.deepEqual(opened.unopened, { packets: 0, bytes: 0 });
  t.deepEqual(closed.byType, { problem: closed.total });
  t.deepEqual([opened.unread, closed.senders], [[], []]);
  const sumOf = (counts: { packets: number; bytes: number }[]) => ({
    packets: counts.reduce((sum, { packets: each }) => sum + each, 0),
    bytes: counts.reduce((sum, { bytes }) => sum + bytes, 0),
  });
  t.deepEqual(sumOf(closed.unread), closed.total);
  t.deepEqual(sumOf(opened.senders), closed.total);
  t.true(closed.unread.some(({ address }: { address: string }) => address === '127.0.0.1:9001'));
  const { stdout: text } = await runCommand(['decode', CAPTURE, '--stats']);
  const { packets: count, bytes } = closed.total;
  const row = (name: string) => new RegExp(`^${name} +${count} packets +${bytes} bytes$`, 'm');
  t.regex(text, row('packets'));
  t.regex(text, row('sealed, and no key opens them'));
  t.regex(text, /^ {2}127\.0\.0\.1:9001, not read +\d+ packets +\d+ bytes$/m);
  t.false((await run('--stats')).stdout.includes('no key opens'));
  for (const line of linesOf(text)) t.true(line.length <= 80, line);
});

test('--owner finds a node by its name also before its header was seen', async (t) => {
  const [first] = linesOf((await run('--owner', 'carol')).stdout);
  t.true(first?.endsWith(`sealed #${ownerIdOf('carol').slice(0, 8)} ping 1`), first);
});

test('of an id --owner takes 4 digits or more, and says so; a short name is one', async (t) => {
  for (const owner of ['81', '#81b', 'B']) {
    const { code, stdout, stderr } = await run('--owner', owner);
    t.deepEqual([code, stdout], [2, ''], owner);
    t.is(
      stderr,
      `telepathine: no node is named ${owner}, and of an id --owner needs 4 digits or more\n`,
    );
  }
  for (const owner of ['81b6', '#81b637d8', 'bob']) {
    const { code, stdout } = await run('--owner', owner);
    t.is(code, 0);
    t.true(linesOf(stdout).length > 0, owner);
  }
});

test('--type empty shows packets that carry nothing', async (t) => {
  const { stdout } = await run('--type', 'empty');
  t.regex(stdout, /^[^\n]* empty\n$/);
});

test('--html writes a page that needs nothing else and shows no value', async (t) => {
  const path = temporaryFile('');
  t.is((await run('--html', path)).code, 0);
  const page = readFileSync(path, 'utf8');
  t.notRegex(page, /(src|href)=|https?:\/\/(?!www\.w3\.org)|@import/);
  t.false(page.includes('leek'));
  const [, json = ''] =
    /<script type="application\/json" id="data">(.*)<\/script>/.exec(page) ?? [];
  t.false(json.includes('<'));
  const { rows, lanes } = JSON.parse(json);
  t.is(rows.length, packets);
  t.deepEqual([...lanes].sort(), ['alice', 'bob', 'carol']);
  const asked = rows.findIndex((row: string[]) => row[6] === 'ping 1');
  const answered = rows[asked][8];
  t.regex(rows[answered][6], /^answer 1/);
  t.is(rows[answered][8], asked);
  const unanswered = rows.filter((row: unknown[]) => row[10] === 1);
  t.true(unanswered.length > 0 && unanswered.length < packets / 10);
  for (const row of unanswered) t.regex(row[6], /ping|want/);
  const { code, stderr } = await run('--html', '/nowhere/page.html');
  t.is(code, 2);
  t.regex(stderr, /page\.html cannot be written/);
});

test('standard input is read, also without an argument', async (t) => {
  const input = readFileSync(CAPTURE).toString('base64');
  const child = spawnCommand(['decode', '-', ...KEYS]);
  child.stdin.end(Buffer.from(input, 'base64'));
  let stdout = '';
  for await (const text of child.stdout) stdout += text;
  t.is(linesOf(stdout).length, packets);
});

test('a cut capture gives what is before, a line on standard error, and 1', async (t) => {
  const { writeFileSync } = await import('node:fs');
  writeFileSync(cut, readCapture('ethernet.pcap').subarray(0, 5001));
  const { code, stdout, stderr } = await runCommand(['decode', cut, ...KEYS]);
  t.is(code, 1);
  t.true(linesOf(stdout).length > 5);
  t.regex(stdout, /! capture: cut \(input \d+\)\n/);
  t.regex(stderr, /^telepathine: the capture cannot be read on from byte \d+: cut\n$/);
});

test('if no key fits, packets are lines, and the exit code is 4', async (t) => {
  for (const keys of [[], ['--key-file', capturePath('other.key')]]) {
    const { code, stdout, stderr } = await runCommand(['decode', CAPTURE, ...keys]);
    t.is(code, 4);
    t.is(linesOf(stdout).length, packets);
    const closed = new RegExp(`! env(elope)?: unknown-key (key )?${capturedKey('mesh').id} `);
    for (const line of linesOf(stdout)) {
      t.regex(line, closed);
      t.true(line.length <= 80, line);
    }
    t.regex(
      stderr,
      /^telepathine: no key opens any of \d+ sealed packets; they are sealed by \w+\n$/,
    );
  }
});

for (const [what, args, says] of [
  ['a file that is not there', ['/nowhere/x.pcap'], /nowhere.*cannot be read/],
  ['a folder', ['/tmp'], /\/tmp cannot be read/],
  [
    'a key file that is not there',
    [CAPTURE, '--key-file', '/nowhere/k'],
    /nowhere.*cannot be read/,
  ],
  ['a key file without a key', [CAPTURE, '--key-file', temporaryFile('\n')], /holds no key/],
  ['a malformed key', [CAPTURE, '--key-file', temporaryFile('telepathine-key-v1:x')], /malformed/],
  ['no capture', [temporaryFile('hello, world')], /is no capture/],
  ['an unknown type', [CAPTURE, '--type', 'pong'], /heartbeat, fingerprint/],
  ['a time that is none', [CAPTURE, '--since', 'yesterday'], /date and time/],
  ['a port that is none', [CAPTURE, '--port', '65536'], /a port/],
] as const) {
  test(`${what} is a line on standard error, and 2`, async (t) => {
    const { code, stdout, stderr } = await runCommand(['decode', ...args]);
    t.deepEqual({ code, stdout }, { code: 2, stdout: '' });
    t.regex(stderr, says);
    t.is(linesOf(stderr).length, 1);
    t.false(stderr.includes('v1:x'));
  });
}

test('SIGINT ends it with 130', async (t) => {
  const child = spawnCommand(['decode', ...KEYS]);
  child.stdin.write(readCapture('ethernet.pcap'));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGINT');
  t.is(await ended, 130);
});

test('a reader that goes away ends it', async (t) => {
  const child = spawnCommand(['decode', ...KEYS]);
  child.stdin.on('error', () => undefined);
  child.stdout.destroy();
  child.stdin.write(readCapture('ethernet.pcap'));
  const ended = new Promise((resolve) => child.on('exit', resolve));
  t.is(await ended, 0);
});
