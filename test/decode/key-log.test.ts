import { mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { deriveKeyring, deriveSealingKey, generateKey } from '../../src/crypto/derive.js';
import { keyLogLine, keyOfLogLine, writeKeyLog } from '../../src/crypto/key-log.js';
import { Telepathine } from '../../src/telepathine.js';
import { runCommand } from '../cli/command.js';
import { capturePath } from './captured.js';

const folder = mkdtempSync(join(tmpdir(), 'telepathine-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('a line of a key log gives the key again, with its id', (t) => {
  const key = deriveSealingKey('open sesame', 'a cluster');
  t.deepEqual(keyOfLogLine(keyLogLine(key)), key);
  t.throws(() => deriveSealingKey(keyLogLine(key), ''), { message: /malformed key/ });
  const error = t.throws(() => keyOfLogLine(`${keyLogLine(key)}A`));
  t.false(error?.message.includes(keyLogLine(key).slice(30)));
});

test('each key is written once, to a file that only its owner reads', (t) => {
  const path = join(folder, 'log');
  writeFileSync(path, '', { mode: 0o644 });
  const [one, two] = [generateKey(), generateKey()];
  writeKeyLog(path, deriveKeyring(one, ''));
  writeKeyLog(path, deriveKeyring([two, one], ''));
  t.is(statSync(path).mode & 0o777, 0o600);
  t.is(
    readFileSync(path, 'utf8'),
    [one, two].map((key) => `${keyLogLine(deriveSealingKey(key, ''))}\n`).join(''),
  );
});

test('a link is not followed', (t) => {
  const path = join(folder, 'link');
  symlinkSync(join(folder, 'target'), path);
  t.throws(() => writeKeyLog(path, deriveKeyring(generateKey(), '')));
});

test.serial(
  'a node writes its keys where the environment says, those of a rotation too',
  async (t) => {
    const path = join(folder, 'node');
    const [one, two] = [generateKey(), generateKey()];
    process.env['TELEPATHINE_KEYLOGFILE'] = path;
    t.teardown(() => {
      delete process.env['TELEPATHINE_KEYLOGFILE'];
    });
    const node = await Telepathine.start({ network: one, cluster: 'c' });
    node.rotateKeys([two, one]);
    await node.stop();
    const keys = [one, two].map((key) => deriveSealingKey(key, 'c'));
    t.deepEqual(readFileSync(path, 'utf8').trim().split('\n').map(keyOfLogLine), keys);
  },
);

test.serial('a key log that cannot be written does not stop a node', async (t) => {
  process.env['TELEPATHINE_KEYLOGFILE'] = folder;
  t.teardown(() => {
    delete process.env['TELEPATHINE_KEYLOGFILE'];
  });
  const messages: string[] = [];
  const tell = (_: unknown, message?: string) => void messages.push(`${message}`);
  const ignore = () => undefined;
  const logger = { debug: ignore, info: ignore, warn: ignore, error: tell };
  const node = await Telepathine.start({ network: generateKey(), logger });
  await node.stop();
  t.deepEqual(messages, ['the key log cannot be written']);
});

test('a capture is opened with the key log that its nodes have written', async (t) => {
  const log = capturePath('mesh.keylog');
  const args = ['decode', capturePath('ethernet.pcap')];
  const byFile = await runCommand([...args, '--key-file', log]);
  const byEnvironment = await runCommand(args, { env: { TELEPATHINE_KEYLOGFILE: log } });
  t.is(byFile.code, 0);
  t.true(byFile.stdout.length > 5000);
  t.deepEqual(byEnvironment, byFile);
});
