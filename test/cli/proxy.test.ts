import { once } from 'node:events';
import { networkInterfaces } from 'node:os';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { codeBlocks } from '../documents.js';
import { freePorts } from '../support/free-ports.js';
import { runCommand, spawnCommand, temporaryFile } from './command.js';

const KEY = 'telepathine-key-v1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8';
const TIMEOUT = 90_000;

/** A process, which does not outlive the test, and what it has written so far. */
function start(t: ExecutionContext, args: readonly string[]) {
  const child = spawnCommand(args);
  t.teardown(() => {
    child.kill('SIGKILL');
  });
  const written = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (text: Buffer) => {
      written[name] += text;
      for (const look of waiting) look();
    });
  }
  const closed = once(child, 'close');
  /** Waits for a match, behind a place in what was written. */
  const saw = (name: 'stdout' | 'stderr', pattern: RegExp, from = 0): Promise<RegExpExecArray> =>
    new Promise((resolve) => {
      const look = () => {
        const found = pattern.exec(written[name].slice(from));
        if (!found) return;
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
    });
  const say = (line: string) => child.stdin.write(`${line}\n`);
  return { child, written, saw, say, closed };
}

test('the example of docs/CLI.md does what it says, and bears the death of a node', async (t) => {
  t.timeout(TIMEOUT);
  const example = codeBlocks('docs/CLI.md', ['sh']).find((code) => code.includes(' proxy '))!;
  const ports = await freePorts(4);
  const file = temporaryFile(`${KEY}\n`);
  const given = ['9101', '9102', '9001', '9002'];
  const lines = example.trim().replaceAll('mesh.key', file);
  const [proxyArgs, ...nodeArgs] = lines
    .replaceAll(/\b9[01]0[12]\b/g, (port) => String(ports[given.indexOf(port)]))
    .split('\n')
    .map((line) => line.split(' ').slice(1));
  const proxy = start(t, proxyArgs!);
  await proxy.saw('stderr', /stands for 2/);
  const [alice, bob] = nodeArgs.map((args) => start(t, [...args, '--profile', 'local'])) as [
    ReturnType<typeof start>,
    ReturnType<typeof start>,
  ];
  await bob.saw('stdout', /^peer:start alice$/m);
  alice.say('set colour "red"');
  await bob.saw('stdout', /^set alice colour "red"$/m);
  await alice.saw('stdout', /^peer:start bob$/m);
  await proxy.saw('stdout', /^.{1,73} udp \d+ sealed alice .*\[lost\]$/m);
  proxy.say('cut');
  await alice.saw('stdout', /^peer:stop bob$/m);
  await bob.saw('stdout', /^peer:stop alice$/m);
  const [aliceFrom, bobFrom] = [alice.written.stdout.length, bob.written.stdout.length];
  proxy.say('heal');
  await alice.saw('stdout', /^peer:start bob$/m, aliceFrom);
  await bob.saw('stdout', /^peer:start alice$/m, bobFrom);
  const still = bob.written.stdout.length;
  alice.child.kill('SIGKILL');
  await bob.saw('stdout', /^peer:stop alice$/m, still);
  proxy.say('stats');
  await proxy.saw('stderr', /passed \d+, .*cut [1-9]/);
  proxy.say('stop');
  t.deepEqual(await proxy.closed, [0, null]);
  t.false(proxy.written.stdout.includes('red'));
});

test('commands are answered, wrong ones with a line, and the end tells the counts', async (t) => {
  const [port] = await freePorts(1);
  const { say, saw, written, closed } = start(t, ['proxy', `0=127.0.0.1:${port}`]);
  await saw('stderr', /127\.0\.0\.1:\d+ stands for 1, 127\.0\.0\.1:\d+\n/);
  for (const [line, answer] of [
    ['loss 30% udp', 'done: loss 30% udp'],
    ['delay 1..20 >1', 'done: delay 1..20 >1'],
    ['rate 1000', 'done: rate 1000'],
    ['break', 'done: break'],
    ['clear', 'done: clear'],
    ['stats', 'passed 0, bytes 0'],
    ['loss much', 'much must be a share, as 0.3 or 30%'],
    ['loss', 'loss: it needs a value'],
    ['delay 20..1', '20..1 must be milliseconds'],
    ['cut 2', '2 must be a number up to 1'],
    ['dance', 'dance is no command'],
    ['__proto__ 1', '__proto__ is no command'],
  ] as const) {
    const from = written.stderr.length;
    say(line);
    const [, text] = await saw('stderr', /^telepathine: (.*)\n/m, from);
    t.true(text!.startsWith(answer), text);
  }
  say('stop');
  t.deepEqual(await closed, [0, null]);
  t.is(written.stdout, '');
  t.regex(written.stderr, /passed 0, bytes 0\n$/);
});

test('with --json all of it is objects, with what is done to each packet', async (t) => {
  const [port] = await freePorts(1);
  const args = ['proxy', `0=127.0.0.1:${port}`, '--json', '--corrupt', '1', '--until-eof'];
  const { child, say, saw, written, closed } = start(t, args);
  const [line] = await saw('stdout', /^\{.*"type":"started".*\}$/m);
  const [{ listen }] = JSON.parse(line).routes;
  const asking = runCommand(['probe', listen, '--timeout', '300']);
  const [packet] = await saw('stdout', /^\{.*"fate":\{"flippedBit":\d+.*\}$/m);
  const shown = JSON.parse(packet);
  t.true(shown.type === 'packet' || shown.type === 'problem');
  t.is(shown.to, `127.0.0.1:${port}`);
  t.is(shown.offset, undefined);
  await asking;
  say('loss much');
  await saw('stdout', /"ok":false,"error":"much must/);
  child.stdin.end('stats\n');
  t.deepEqual(await closed, [0, null]);
  t.is(written.stderr, '');
  const types = written.stdout
    .trim()
    .split('\n')
    .map((each) => JSON.parse(each).type);
  t.is(types.at(-1), 'stopped');
  t.is(types.at(-2), 'answer');
});

test('what is no route, option, command or key is one line, and 2; a taken port is 1', async (t) => {
  const [free] = await freePorts(1);
  const { child, saw, closed } = start(t, ['proxy', `${free}=127.0.0.1:9`]);
  await saw('stderr', /stands for/);
  for (const [args, expected] of [
    [['proxy'], 2],
    [['proxy', '9101'], 2],
    [['proxy', 'x=127.0.0.1:9'], 2],
    [['proxy', '0=nonsense'], 2],
    [['proxy', '0=127.0.0.1:9', '--do', 'dance'], 2],
    [['proxy', '0=127.0.0.1:9', '--loss', '2'], 2],
    [['proxy', '0=127.0.0.1:9', '--key-file', '/nowhere'], 2],
    [['proxy', `${free}=127.0.0.1:9`], 1],
  ] as const) {
    const { code, stdout, stderr } = await runCommand(args);
    t.is(code, expected, args.join(' '));
    t.is(stdout, '');
    t.is(stderr.trim().split('\n').length, 1, stderr);
  }
  child.kill('SIGINT');
  t.deepEqual(await closed, [130, null]);
});

test('the same seed decides the same', async (t) => {
  const [port] = await freePorts(1);
  const fatesOf = async (seed: string) => {
    const { saw, written, child, closed } = start(t, [
      ...['proxy', `0=127.0.0.1:${port}`, '--json', '--loss', '0.5', '--seed', seed],
    ]);
    const [line] = await saw('stdout', /^\{.*"type":"started".*\}$/m);
    const { createSocket } = await import('node:dgram');
    const socket = createSocket('udp4');
    const [, listenPort] = JSON.parse(line).routes[0].listen.split(':');
    const lines = createInterface({ input: child.stdout });
    for (let each = 0; each < 40; each++) {
      socket.send('x', Number(listenPort), '127.0.0.1');
      await once(lines, 'line');
    }
    socket.close();
    child.kill();
    await closed;
    const all = written.stdout
      .trim()
      .split('\n')
      .map((each) => JSON.parse(each));
    return all.flatMap(({ fate }) => (fate === undefined ? [] : [fate.lost ?? 'passed'])).join();
  };
  const first = await fatesOf('5');
  t.true(first.includes('lost') && first.includes('passed'));
  t.is(await fatesOf('5'), first);
  t.not(await fatesOf('6'), first);
});

test('what would come back to the proxy is refused: it would go round for ever', async (t) => {
  const [one, other] = await freePorts(2);
  const [machine] = Object.values(networkInterfaces()).flatMap((each) => each ?? []);
  const own = machine!.family === 'IPv6' ? `[${machine!.address}]` : machine!.address;
  for (const routes of [
    [`${one}=127.0.0.1:${one}`],
    [`${one}=:${other}`, `${other}=:${one}`],
    [`0.0.0.0:${one}=127.0.0.1:${one}`],
    [`0.0.0.0:${one}=127.0.0.2:${one}`],
    [`[::]:${one}=127.0.0.1:${one}`],
    [`[::]:${one}=[::1]:${one}`],
    [`[::]:${one}=${own}:${one}`],
    [`[::]:${one}=:${other}`, `${other}=127.0.0.1:${one}`],
  ]) {
    const args = ['proxy', ...routes, '--until-eof'];
    const { code, stdout, stderr } = await runCommand(args);
    t.deepEqual([code, stdout], [2, ''], routes.join(' '));
    t.regex(stderr, /^telepathine: \S+:\d+ is a port of the proxy, not of a node\n$/);
  }
});

test('the same port of another machine, or of another address here, is no circle', async (t) => {
  const [port] = await freePorts(1);
  for (const route of [
    `0.0.0.0:${port}=192.0.2.1:${port}`,
    `127.0.0.1:${port}=127.0.0.2:${port}`,
  ]) {
    const { code, stderr } = await runCommand(['proxy', route, '--until-eof']);
    t.is(code, 0, stderr);
  }
});
