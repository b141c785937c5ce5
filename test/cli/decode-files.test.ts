import { chmodSync, linkSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { capturePath, readCapture } from '../decode/captured.js';
import { runCommand, temporaryFile } from './command.js';

const KEYS = ['--key-file', capturePath('mesh.key')];
const CAPTURE = ['decode', capturePath('ethernet.pcap'), ...KEYS];

function copyOfCapture(): string {
  const path = temporaryFile('');
  writeFileSync(path, readCapture('ethernet.pcap'));
  return path;
}

for (const option of ['--html', '--write-pcapng']) {
  test(`${option} never writes over what is read, by whatever name`, async (t) => {
    const path = copyOfCapture();
    linkSync(path, `${path}-link`);
    for (const output of [path, `${path}-link`]) {
      const { code, stdout, stderr } = await runCommand(['decode', path, ...KEYS, option, output]);
      t.deepEqual([code, stdout], [2, '']);
      t.regex(stderr, /^telepathine: .* cannot be written: it is the input, or another output\n$/);
      t.deepEqual(readFileSync(path), Buffer.from(readCapture('ethernet.pcap')));
    }
  });

  test(`${option} gives a file that was there mode 0600 and new content`, async (t) => {
    const path = temporaryFile('of before '.repeat(100_000));
    chmodSync(path, 0o644);
    t.is((await runCommand([...CAPTURE, option, path])).code, 0);
    t.is(statSync(path).mode & 0o777, 0o600);
    t.false(readFileSync(path, 'latin1').includes('of before'));
  });

  test(`${option} leaves a file alone if there is no input`, async (t) => {
    const path = temporaryFile('of before');
    const { code, stderr } = await runCommand(['decode', '/nowhere/x.pcap', option, path]);
    t.is(code, 2);
    t.regex(stderr, /^telepathine: the file \/nowhere\/x\.pcap cannot be read: [^\n]*\n$/);
    t.is(readFileSync(path, 'utf8'), 'of before');
  });
}

test('the page and the capture must be two files', async (t) => {
  const path = temporaryFile('');
  const args = [...CAPTURE, '--html', path, '--write-pcapng', path];
  const { code, stderr } = await runCommand(args);
  t.is(code, 2);
  t.regex(stderr, /it is the input, or another output/);
});

test('text that only looks like hex or base64 is nothing that is known', async (t) => {
  for (const input of ['hello world\n', 'abcdef\n', 'hello world\n?!\n']) {
    const { code, stderr } = await runCommand(['decode'], { input });
    t.is(code, 2, input);
    t.regex(stderr, /^telepathine: the input is no capture.*\n$/);
  }
  const input = `${readCapture('ethernet.pcap').length}\n1110012\n111001\nabcdef\n`;
  t.is((await runCommand(['decode'], { input })).code, 0);
});

test('of a cut capture that no key opens standard error has one line', async (t) => {
  const path = temporaryFile('');
  writeFileSync(path, readCapture('ethernet.pcap').subarray(0, 5001));
  const { code, stderr } = await runCommand(['decode', path]);
  t.is(code, 4);
  t.regex(
    stderr,
    /^telepathine: the capture cannot be read on[^\n]*; no key opens any of[^\n]*\n$/,
  );
});

test('what a message quotes cannot tell the terminal anything', async (t) => {
  const { code, stderr } = await runCommand(['encode'], { input: '\u001b[31m\u009b2J\n' });
  t.is(code, 1);
  t.regex(stderr, /\\u001b\[31m/);
  t.notRegex(stderr.trimEnd(), /\p{Cc}/u);
});

test('a file of keys that has no end is not read to it', async (t) => {
  for (const args of [
    ['decode', capturePath('ethernet.pcap'), '--key-file', '/dev/zero'],
    ['probe', '127.0.0.1:1', '--network-file', '/dev/zero'],
  ]) {
    const { code, stdout, stderr } = await runCommand(args);
    t.deepEqual([code, stdout], [2, '']);
    t.is(stderr, 'telepathine: the file /dev/zero cannot be read: it is too long to hold keys\n');
  }
});
