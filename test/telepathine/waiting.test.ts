import { getEventListeners } from 'node:events';
import test from 'ava';
import { Feed } from '../../src/api/feed.js';
import { HOST } from '../../src/node/host.js';
import { Telepathine } from '../../src/telepathine.js';
import { TestMesh } from './test-mesh.js';

test('ready resolves when enough nodes are there', async (t) => {
  const mesh = new TestMesh();
  const [a, b, c] = [mesh.node(), mesh.node(), mesh.node()];
  let isReady = false;
  const ready = a.ready({ peers: 2 }).then(() => {
    isReady = true;
  });
  a.start();
  b.start();
  await mesh.run(5000);
  t.false(isReady);
  c.start();
  await mesh.settled(ready);
  await t.notThrowsAsync(a.ready());
  await t.notThrowsAsync(mesh.settled(mesh.node().start().ready({ peers: 0 })));
});

test('ready ends by its time, by its signal, and with the node', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node().start();
  await mesh.settled(node.started);
  await t.throwsAsync(mesh.settled(node.ready({ timeoutMs: 100 })), {
    code: 'TIMED_OUT',
    message: 'after 100 ms there are 0 live peers, not 1',
  });
  const controller = new AbortController();
  const aborted = node.ready({ signal: controller.signal });
  controller.abort(new Error('enough'));
  await t.throwsAsync(aborted, { message: 'enough' });
  await t.throwsAsync(node.ready({ signal: controller.signal }), { message: 'enough' });
  const stopped = node.ready();
  void node.stop();
  await t.throwsAsync(mesh.settled(stopped), { code: 'STOPPED' });
  await t.throwsAsync(node.ready({ peers: -1 }), { code: 'INVALID_ARGUMENT' });
  await t.throwsAsync(node.ready({ timeoutMs: Number.NaN }), { code: 'INVALID_ARGUMENT' });
  t.deepEqual(node.eventNames(), []);
});

test('ready ends with a start that fails, or that stop() ends', async (t) => {
  const mesh = new TestMesh();
  await mesh.start(1);
  const busy = mesh.node({ address: '10.0.0.1:9000' });
  const failed = busy.ready();
  await t.throwsAsync(mesh.settled(busy.start().ready()), { code: 'ADDRESS_UNAVAILABLE' });
  await t.throwsAsync(failed, { code: 'ADDRESS_UNAVAILABLE' });
  const node = mesh.node();
  const stopped = node.start().ready();
  void node.stop();
  await t.throwsAsync(mesh.settled(stopped), { code: 'STOPPED' });
  t.deepEqual(mesh.logger.lines, []);
});

test('a start that is aborted stops the node, and rejects with the reason', async (t) => {
  const mesh = new TestMesh();
  const reason = new Error('enough');
  const options = { address: '10.0.0.7:9000', seeds: ['10.0.0.9:9000'], [HOST]: mesh.host(7) };
  for (const waitMs of [0, 1, 200]) {
    const controller = new AbortController();
    const started = Telepathine.start(options, { signal: controller.signal });
    await mesh.run(waitMs);
    controller.abort(reason);
    t.is(await t.throwsAsync(mesh.settled(started)), reason);
    t.is(getEventListeners(controller.signal, 'abort').length, 0);
  }
  const aborted = Telepathine.start(options, { signal: AbortSignal.abort(reason) });
  t.is(await t.throwsAsync(mesh.settled(aborted)), reason);
  const { signal } = new AbortController();
  const node = await mesh.settled(Telepathine.start({ ...options, seeds: [] }, { signal }));
  t.is(getEventListeners(signal, 'abort').length, 0);
  t.is(node.peer_name, '10.0.0.7:9000');
});

test('an aborted start tells the callback STOPPED, and the node can start again', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node({ seeds: ['10.0.0.9:9000'] });
  node.on('start', () => told.push('start'));
  node.on('stop', () => told.push('stop'));
  const told: unknown[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const { started } = node.start((error) => told.push(error?.code, error?.cause), { signal });
  controller.abort('enough');
  await mesh.run(100);
  for (const each of [started, node.started]) {
    t.is(await each.catch((reason: unknown) => reason), 'enough');
  }
  t.deepEqual(told, ['STOPPED', 'enough']);
  t.deepEqual(mesh.logger.lines, []);
  await mesh.settled(node.start(undefined, { signal: new AbortController().signal }).started);
  t.deepEqual(told.slice(2), ['start']);
});

test('an abort does nothing to a node that takes part', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const controller = new AbortController();
  await mesh.settled(node.start(undefined, { signal: controller.signal }).started);
  node.start(undefined, { signal: controller.signal });
  controller.abort();
  node.start(undefined, { signal: controller.signal });
  node.on('stop', () => t.fail());
  await mesh.run(5000);
  t.is(node.port, 9000);
});

test('what is no signal is refused wherever one is taken', async (t) => {
  const node = new TestMesh().node();
  const signal = { aborted: 'no' } as never;
  const invalid = {
    code: 'INVALID_ARGUMENT',
    message: 'signal: an object was given; allowed is an AbortSignal',
  };
  t.throws(() => node.start(undefined, { signal }), invalid);
  await t.throwsAsync(Telepathine.start({}, { signal }), invalid);
  await t.throwsAsync(node.ready({ signal }), invalid);
  t.throws(() => node.watch('*', { signal }), invalid);
  t.throws(() => node.listen('*', { signal }), invalid);
  t.throws(() => node.after(1, () => undefined, { signal }), invalid);
  t.throws(() => node.every(1, () => undefined, { signal }), invalid);
  t.is(node.stats(), undefined);
});

test('options of a call that are no object are refused wherever they are taken', async (t) => {
  const node = new TestMesh().node();
  const nothing = null as never;
  const invalid = { code: 'INVALID_ARGUMENT', message: /^options: null was given/ };
  t.throws(() => node.start(undefined, nothing), invalid);
  await t.throwsAsync(node.ready(nothing), invalid);
  t.throws(() => node.watch('*', nothing), invalid);
  t.throws(() => node.listen('*', nothing), invalid);
  t.throws(() => node.after(1, () => undefined, nothing), invalid);
  t.throws(() => node.every(1, () => undefined, nothing), invalid);
  t.throws(() => node.on(undefined as never, () => undefined), { code: 'INVALID_ARGUMENT' });
});

test('watch gives the changes of the keys that match, until the loop is left', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const changes = b!.watch('room:*');
  a!.set('room:1', 'x').set('other', 'y', mesh.clock.wallMs() + 300);
  a!.set('room:2', 'z', mesh.clock.wallMs() + 300);
  await mesh.run(500);
  a!.delete('room:1');
  await mesh.run(500);
  const seen: string[] = [];
  for await (const change of changes) {
    const value = change.type === 'set' ? ` ${String(change.value)}` : '';
    seen.push(`${change.type} ${change.peer} ${change.key}${value} ${change.dropped}`);
    if (seen.length === 4) break;
  }
  t.deepEqual(seen, [
    'set n1 room:1 x 0',
    'set n1 room:2 z 0',
    'expired n1 room:2 0',
    'deleted n1 room:1 0',
  ]);
  t.deepEqual(b!.eventNames(), []);
});

test('listen gives the events that match, until the signal aborts', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const controller = new AbortController();
  const heard: unknown[] = [];
  const loop = (async () => {
    for await (const item of b!.listen('*', { signal: controller.signal })) heard.push(item);
  })();
  a!.say('a:b', 1).say('c', 2);
  await mesh.run(1000);
  controller.abort();
  await loop;
  t.deepEqual(heard, [
    { event: 'a:b', data: 1, fromPeer: 'n1', dropped: 0 },
    { event: 'c', data: 2, fromPeer: 'n1', dropped: 0 },
  ]);
  t.deepEqual(b!.eventNames(), []);
});

test('a slow reader loses the oldest items, and is told how many', async (t) => {
  let push: (item: { number: number }) => void = () => undefined;
  let connected = true;
  const feed = new Feed<{ number: number }>({ itemsMax: 2 }, (given) => {
    push = given;
    return () => {
      connected = false;
    };
  });
  for (let number = 1; number <= 5; number++) push({ number });
  t.deepEqual((await feed.next()).value, { number: 4, dropped: 3 });
  t.deepEqual((await feed.next()).value, { number: 5, dropped: 0 });
  const waiting = feed.next();
  push({ number: 6 });
  t.deepEqual((await waiting).value, { number: 6, dropped: 0 });
  const last = feed.next();
  await feed.return();
  t.true((await last).done);
  t.true((await feed.next()).done);
  t.false(connected);
});

test('a signal that has aborted gives a loop without rounds', async (t) => {
  const node = new TestMesh().node();
  for await (const _ of node.watch('*', { signal: AbortSignal.abort() })) t.fail();
  t.deepEqual(node.eventNames(), []);
});

for (const itemsMax of [0, -1, 1.5, 1_000_001, Number.NaN]) {
  test(`a loop cannot keep ${itemsMax} items`, (t) => {
    const node = new TestMesh().node();
    t.throws(() => node.watch('*', { itemsMax }), { code: 'INVALID_ARGUMENT' });
    t.throws(() => node.listen(5 as never), { code: 'INVALID_ARGUMENT' });
    t.deepEqual(node.eventNames(), []);
  });
}

test('loops and promises that wait are no handlers: none can be removed, and none are too many', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const warnings: Error[] = [];
  const warned = (warning: Error) => warnings.push(warning);
  process.on('warning', warned);
  const feeds = Array.from({ length: 20 }, () => node.watch('k'));
  const events = node.listen('*');
  const ready = node.ready();
  await new Promise(setImmediate);
  process.off('warning', warned);
  t.deepEqual(warnings, []);
  node.removeAllListeners();
  t.deepEqual(node.eventNames(), []);
  node.start();
  const other = mesh.node().start();
  await mesh.settled(ready);
  other.set('k', 5).say('e', 6);
  await mesh.run(1000);
  for (const feed of feeds) t.like((await feed.next()).value, { key: 'k', value: 5 });
  t.like((await events.next()).value, { event: 'e', data: 6, fromPeer: 'n2' });
});

test('a loop has what is announced before the handlers', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const order: string[] = [];
  const changes = b!.watch('k');
  b!.on('set', () => {
    void changes.return?.();
    order.push('handler');
  });
  const next = changes.next().then(({ done }) => order.push(done ? 'end' : 'item'));
  a!.set('k', 1);
  await mesh.run(1000);
  await next;
  t.deepEqual(order, ['handler', 'item']);
});
