import test from 'ava';
import { TelepathineError } from '../../src/error.js';
import { HOST } from '../../src/node/host.js';
import { Telepathine } from '../../src/telepathine.js';
import { TestMesh } from './test-mesh.js';

test('start returns the node, and the start event never comes in the calling tick', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const told: unknown[] = [];
  node.on('start', function (given) {
    told.push(this === node, given === node);
  });
  t.is(
    node.start(function (error) {
      told.push('callback', this === node, error);
    }),
    node,
  );
  t.deepEqual(told, []);
  await mesh.settled(node.started);
  t.deepEqual(told, [true, true, 'callback', true, undefined]);
});

test('started may be asked for before the start', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const { started } = node;
  node.start();
  await t.notThrowsAsync(mesh.settled(started));
});

test('a second start does nothing but call its callback', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  let starts = 0;
  let callbacks = 0;
  node.on('start', () => starts++);
  node.start(() => callbacks++).start(() => callbacks++);
  await mesh.settled(node.started);
  node.start(() => callbacks++);
  await mesh.run(100);
  t.is(starts, 1);
  t.is(callbacks, 3);
});

test('start and stop may be repeated, and handlers neither go nor double', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const b = mesh.node();
  const told: string[] = [];
  b.on('start', () => told.push('start'));
  b.on('stop', (given) => told.push(`stop ${given === b}`));
  b.hear('x', (data) => told.push(`heard ${String(data)}`));
  for (let round = 1; round <= 3; round++) {
    b.start();
    await mesh.until(() => a!.livePeers().includes('n2') && b.livePeers().includes('n1'));
    a!.say('x', round, 1000);
    await mesh.run(2000);
    await mesh.settled(b.stop());
    await mesh.settled(b.stop());
  }
  t.deepEqual(
    told,
    [1, 2, 3].flatMap((round) => ['start', `heard ${round}`, 'stop true']),
  );
});

test('stop before any start, and twice, is no fault', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  node.on('stop', () => t.fail());
  await node.stop();
  await node.stop();
  t.pass();
});

test('stop during start ends it: started is rejected and nothing stays open', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  node.on('start', () => t.fail());
  node.on('stop', () => t.fail());
  const { started } = node.start();
  const stopped = node.stop();
  await t.throwsAsync(mesh.settled(started), { instanceOf: TelepathineError, code: 'STOPPED' });
  await mesh.settled(stopped);
  const other = mesh.node({ address: '10.0.0.1:9000', seeds: [] });
  await t.notThrowsAsync(mesh.settled(other.start().started));
});

test('start right after stop begins again when the stop is done', async (t) => {
  const mesh = new TestMesh();
  const [, b] = await mesh.start(2);
  const told: string[] = [];
  b!.on('start', () => told.push('start'));
  b!.on('stop', () => told.push('stop'));
  const stopped = b!.stop();
  b!.start();
  await mesh.settled(stopped);
  await mesh.settled(b!.started);
  t.deepEqual(told, ['stop', 'start']);
});

test('stop in a handler of start ends what has just begun', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const b = mesh.node();
  const told: string[] = [];
  b.on('start', () => {
    told.push('start');
    void b.stop();
  });
  b.on('stop', () => told.push('stop'));
  await mesh.settled(b.start().started);
  await mesh.run(5000);
  t.deepEqual(told, ['start', 'stop']);
  t.deepEqual(a!.livePeers(), []);
});

test('seeds and keys that change while the port is being bound are used', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node({ network: 'new' }).start();
  await mesh.settled(a.started);
  const b = mesh.node({ network: 'old', seeds: [] }).start();
  b.addPeer('10.0.0.1:9000');
  b.rotateKeys('new');
  await mesh.until(() => a.livePeers().length === 1);
  t.deepEqual(b.livePeers(), ['n1']);
});

test('a handler that sets a key while another is being set has the last word', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  b!.know('k', function (_peer, _key, value) {
    if (value === 1) this.set('k', 'mine').delete('k');
    this.set('k', value);
  });
  a!.set('k', 1);
  await mesh.run(500);
  a!.set('k', 2);
  await mesh.run(500);
  t.is(b!.get('k'), 2);
  t.is(a!.getRemote('n2', 'k'), 2);
});

test('what was set and said before the start is announced in that order', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const b = mesh.node();
  const told: unknown[] = [];
  a!.know('*', (_peer, key, value) => told.push([key, value]));
  a!.hear('*', function (data) {
    told.push([this.event, data]);
  });
  b.set('a', 1).say('x', 2).set('b', 3).set('a', 4).say('y', 5).set('c', 6);
  t.true(b.delete('c'));
  t.is(b.get('a'), 4);
  t.deepEqual(b.keys(), ['b', 'a']);
  t.deepEqual(b.entries(), [
    ['b', 3],
    ['a', 4],
  ]);
  await mesh.run(30_000);
  b.start();
  await mesh.until(() => a!.livePeers().length === 1);
  await mesh.run(1000);
  t.deepEqual(told, [
    ['x', 2],
    ['b', 3],
    ['a', 4],
    ['y', 5],
  ]);
});

test('after a stop own values stay, and the next start announces them again', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  b!
    .set('stays', 1)
    .set('ends', 2, mesh.clock.wallMs() + 60_000)
    .set('gone', 3);
  await mesh.run(1000);
  await mesh.settled(b!.stop());
  b!.delete('gone');
  b!.set('new', 4);
  t.deepEqual(b!.keys(), ['stays', 'ends', 'new']);
  await mesh.run(20_000);
  let expiresAt = 0;
  a!.know('ends', (_peer, _key, _value, at) => {
    expiresAt = at ?? 0;
  });
  b!.start();
  await mesh.until(() => a!.getRemote('n2', 'new') === 4);
  t.deepEqual(a!.getRemoteKeys('n2'), ['stays', 'ends', 'new']);
  await mesh.run(40_000);
  t.is(b!.get('ends'), undefined);
  t.is(a!.getRemote('n2', 'ends'), undefined);
  t.is(a!.getRemote('n2', 'stays'), 1);
  t.true(expiresAt === 0 || Math.abs(expiresAt - mesh.clock.wallMs()) < 20_000);
});

test('an event that is said while the node is stopped waits for the start', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const heard: unknown[] = [];
  a!.hear('*', (data) => heard.push(data));
  await mesh.settled(b!.stop());
  b!.say('x', 1);
  b!.start();
  await mesh.until(() => heard.length > 0);
  await mesh.settled(b!.stop());
  b!.start();
  await mesh.run(5000);
  t.deepEqual(heard, [1]);
});

test('what is set and said in a start handler is announced', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const heard: unknown[] = [];
  a!.hear('*', (data) => heard.push(data));
  const b = mesh.node();
  b.on('start', function () {
    this.set('k', 1).say('x', 2);
  });
  b.start();
  await mesh.until(() => heard.length > 0 && a!.getRemote('n2', 'k') === 1);
  t.deepEqual(heard, [2]);
});

test('a busy port rejects started, reaches the callback, and crashes nothing', async (t) => {
  const mesh = new TestMesh();
  await mesh.start(1);
  const node = mesh.node({ address: '10.0.0.1:9000' });
  node.on('stop', () => t.fail());
  const errors: unknown[] = [];
  node.start((error) => errors.push(error?.code));
  await t.throwsAsync(mesh.settled(node.started), { code: 'ADDRESS_UNAVAILABLE' });
  await t.throwsAsync(node.started, { code: 'ADDRESS_UNAVAILABLE' });
  t.deepEqual(errors, ['ADDRESS_UNAVAILABLE']);
  t.deepEqual(mesh.logger.lines, []);
});

test('a start that fails and that nobody waits for goes to the error handlers or the log', async (t) => {
  const mesh = new TestMesh();
  await mesh.start(1);
  mesh.node({ address: '10.0.0.1:9000' }).start();
  await mesh.run(100);
  t.deepEqual(mesh.logger.lines, ['error ADDRESS_UNAVAILABLE']);
  const errors: string[] = [];
  const node = mesh.node({ address: '10.0.0.1:9000' });
  node.on('error', (error) => errors.push(error.code));
  node.start();
  await mesh.run(100);
  t.deepEqual(errors, ['ADDRESS_UNAVAILABLE']);
  t.is(mesh.logger.lines.length, 1);
});

test('a node whose start failed can start later', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const node = mesh.node({ address: '10.0.0.1:9000', seeds: [] });
  await t.throwsAsync(mesh.settled(node.start().started));
  await mesh.settled(a!.stop());
  await t.notThrowsAsync(mesh.settled(node.start().started));
});

test('an unknown host name as the address is ADDRESS_UNAVAILABLE', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node({ address: 'nowhere.example:9000' });
  await t.throwsAsync(mesh.settled(node.start().started), { code: 'ADDRESS_UNAVAILABLE' });
});

test('a node with the name of a living one stops by itself, and the other goes on', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  // Whichever had it first has to be beyond doubt.
  await mesh.run(1000);
  b!.on('stop', () => t.fail());
  const second = mesh.node({ name: 'n2' });
  const codes: unknown[] = [];
  second.on('error', (error) => codes.push(error.code));
  second.start((error) => error && codes.push(error.code));
  await mesh.run(2000);
  t.deepEqual(codes, ['NAME_TAKEN']);
  t.deepEqual(second.livePeers(), []);
  b!.set('k', 1);
  await mesh.until(() => a!.getRemote('n2', 'k') === 1);
  t.deepEqual(a!.livePeers(), ['n2']);
});

test('a callback that throws is reported and harms nothing', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  node.start(() => {
    throw new Error('broken');
  });
  await mesh.run(100);
  t.deepEqual(mesh.logger.lines, ['error HANDLER_FAILED']);
  t.deepEqual(node.allPeers(), []);
});

test('Telepathine.start waits until the node takes part, and await using stops it', async (t) => {
  const mesh = new TestMesh();
  const options = { address: '10.0.0.9:9000', [HOST]: mesh.host(9) };
  const node = await mesh.settled(Telepathine.start(options));
  t.is(node.peer_name, '10.0.0.9:9000');
  let stopped = false;
  node.on('stop', () => {
    stopped = true;
  });
  await mesh.settled(node[Symbol.asyncDispose]());
  t.true(stopped);
});

test('addPeer finds a node that no seed names', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const b = mesh.node({ seeds: [] });
  b.start();
  await mesh.run(5000);
  t.deepEqual(b.allPeers(), []);
  t.true(b.addPeer('10.0.0.1:9000'));
  await mesh.until(() => a!.livePeers().length === 1 && b.livePeers().length === 1);
  await mesh.settled(b.stop());
  b.start();
  await mesh.until(() => b.livePeers().length === 1);
  t.throws(() => b.addPeer('nowhere'), { code: 'INVALID_ARGUMENT' });
});

test('after calls once and every again and again, while the node runs', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const calls: string[] = [];
  const controller = new AbortController();
  node
    .after(1000, function () {
      calls.push(`after ${this === node}`);
    })
    .every(1000, () => calls.push('every'))
    .every(100, () => t.fail(), { signal: AbortSignal.abort() })
    .every(100, () => t.fail(), { signal: controller.signal });
  controller.abort();
  await mesh.run(5000);
  t.deepEqual(calls, []);
  node.start();
  await mesh.settled(node.started);
  await mesh.run(500);
  await mesh.settled(node.stop());
  node.start();
  await mesh.settled(node.started);
  await mesh.run(3500);
  t.deepEqual(calls, ['after true', 'every', 'every', 'every']);
  await mesh.settled(node.stop());
  await mesh.run(5000);
  t.is(calls.length, 4);
  node.start();
  await mesh.settled(node.started);
  node.after(100, () => calls.push('late'));
  await mesh.run(1500);
  t.deepEqual(calls.slice(4), ['late', 'every']);
});

test('a timer that fails is reported and goes on', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  let calls = 0;
  node.every(100, () => {
    calls++;
    throw new Error('broken');
  });
  node.start();
  await mesh.settled(node.started);
  await mesh.run(350);
  t.is(calls, 3);
  t.deepEqual(mesh.logger.lines, Array(3).fill('error HANDLER_FAILED'));
});

for (const time of [Number.NaN, -1, Number.POSITIVE_INFINITY, '5', undefined]) {
  test(`after and every refuse the time ${String(time)}`, (t) => {
    const node = new TestMesh().node();
    const invalid = { code: 'INVALID_ARGUMENT' };
    t.throws(() => node.after(time as number, () => undefined), invalid);
    t.throws(() => node.every(time as number, () => undefined), invalid);
    t.throws(() => node.every(10, undefined as never), invalid);
  });
}

test('rotating keys keeps the mesh together', async (t) => {
  const mesh = new TestMesh();
  const nodes = await mesh.start(3, { network: 'old' });
  for (const keys of [['old', 'new'], ['new', 'old'], ['new']]) {
    for (const node of nodes) {
      node.rotateKeys(keys);
      await mesh.run(500);
    }
  }
  nodes[0]!.set('k', 1);
  await mesh.run(2000);
  t.is(nodes[2]!.getRemote('n1', 'k'), 1);
  t.is(nodes[2]!.livePeers().length, 2);
  t.throws(() => mesh.node().rotateKeys('x'), { code: 'WRONG_STATE' });
});

test('a node tells what it is bound to while it runs', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node({ address: '10.0.0.9', port: 0, seeds: [] });
  const place = () => [node.address, node.port];
  t.deepEqual(place(), ['', 0]);
  node.on('start', () => t.deepEqual(place(), ['10.0.0.9', node.port]));
  await mesh.settled(node.start().started);
  t.true(node.port > 0);
  const [other] = await mesh.start(1, { seeds: [`10.0.0.9:${node.port}`] });
  await mesh.settled(other!.ready());
  t.like(other!.peer('n1'), { address: node.address, port: node.port });
  await mesh.settled(node.stop());
  t.deepEqual(place(), ['', 0]);
});

test('a callback of start that is no function is refused before anything begins', (t) => {
  const node = new TestMesh().node();
  t.throws(() => node.start(5 as never), {
    code: 'INVALID_ARGUMENT',
    message: 'the callback of start(): 5 was given; allowed is a function',
  });
  t.is(node.stats(), undefined);
});

test('a node that left long ago is forgotten, and that is told', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2, { leftGraceMs: 1000 });
  const forgotten: string[] = [];
  a!.on('peer:forget', (peer) => forgotten.push(peer));
  await mesh.settled(b!.stop());
  t.deepEqual(a!.deadPeers(), ['n2']);
  await mesh.run(60_000);
  t.deepEqual(forgotten, ['n2']);
  t.deepEqual(a!.allPeers(), []);
});
