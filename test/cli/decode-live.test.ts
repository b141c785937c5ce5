import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import test from 'ava';
import { Telepathine } from '../../src/telepathine.js';
import { capturePath } from '../decode/captured.js';
import { spawnCommand } from './command.js';

/** Whether packets can be captured here: tcpdump is there, and this user may. */
const canCapture =
  spawnSync('tcpdump', ['-i', 'lo', '-d', 'udp']).status === 0 && process.getuid?.() === 0;
const testLive = canCapture ? test : test.skip;
const skipped = canCapture ? '' : 'skipped: needs tcpdump, and root: ';

testLive(`${skipped}what tcpdump sees of running nodes is decoded as it comes`, async (t) => {
  const network = readFileSync(capturePath('mesh.key'), 'utf8').trim();
  const one = await Telepathine.start({ name: 'one', network });
  t.teardown(() => one.stop());
  const filter = ['udp', 'port', `${one.port}`];
  const tcpdump = spawn('tcpdump', ['-i', 'lo', '-U', '--immediate-mode', '-w', '-', ...filter], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => tcpdump.kill());
  await untilSays(tcpdump.stderr, /listening on lo/);
  const decode = spawnCommand(['decode', '-', '-v', '--key-file', capturePath('mesh.key')]);
  t.teardown(() => decode.kill());
  tcpdump.stdout.pipe(decode.stdin);
  const said = untilSays(decode.stdout, /sealed two .*name: "colour"/s);
  const ended = new Promise((resolve) => decode.on('exit', resolve));
  const two = await Telepathine.start({ name: 'two', network, seeds: [one.port] });
  t.teardown(() => two.stop());
  await two.ready({ peers: 1 });
  two.set('colour', 'red');
  await said;
  tcpdump.kill('SIGTERM');
  t.is(await ended, 0);
});

async function untilSays(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<void> {
  let text = '';
  return new Promise((resolve, reject) => {
    stream.on('data', (chunk) => {
      text += chunk;
      if (pattern.test(text)) resolve();
    });
    stream.on('end', () => reject(new Error(`it ended, and said: ${text}`)));
  });
}
