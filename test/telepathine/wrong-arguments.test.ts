import { getEventListeners } from 'node:events';
import test from 'ava';
import { Telepathine, TelepathineError } from '../../src/index.js';
import { TestMesh } from './test-mesh.js';

const INVALID = { instanceOf: TelepathineError, code: 'INVALID_ARGUMENT' };
const noop = () => undefined;
const NONSENSE = [undefined, null, 5, Number.NaN, true, {}, { key: 'k' }, noop, 5n, Symbol('s')];
const NO_EVENTS = NONSENSE.filter((given) => given !== undefined);

/** Each call with something that is none of its arguments. */
const CALLS: Record<string, (node: Telepathine, nonsense: never) => unknown> = {
  'set(key)': (node, nonsense) => node.set(nonsense, 1),
  'get(key)': (node, nonsense) => node.get(nonsense),
  'delete(key)': (node, nonsense) => node.delete(nonsense),
  'getRemote(peer)': (node, nonsense) => node.getRemote(nonsense, 'k'),
  'getRemote(…, key)': (node, nonsense) => node.getRemote('n2', nonsense),
  'getRemoteKeys(peer)': (node, nonsense) => node.getRemoteKeys(nonsense),
  'entriesOf(peer)': (node, nonsense) => node.entriesOf(nonsense),
  'find(key)': (node, nonsense) => node.find(nonsense),
  'peer(name)': (node, nonsense) => node.peer(nonsense),
  'say(event)': (node, nonsense) => node.say(nonsense),
  'hear(event)': (node, nonsense) => node.hear(nonsense, noop),
  'hearOnce(event)': (node, nonsense) => node.hearOnce(nonsense, noop),
  'know(key)': (node, nonsense) => node.know(nonsense, noop),
  'believe(key)': (node, nonsense) => node.believe(nonsense),
  'watch(pattern)': (node, nonsense) => node.watch(nonsense),
  'listen(pattern)': (node, nonsense) => node.listen(nonsense),
  'on(event)': (node, nonsense) => node.on(nonsense, noop),
  'once(event)': (node, nonsense) => node.once(nonsense, noop),
  'many(event)': (node, nonsense) => node.many(nonsense, 1, noop),
  'prependMany(event)': (node, nonsense) => node.prependMany(nonsense, 1, noop),
  'prependListener(event)': (node, nonsense) => node.prependListener(nonsense, noop),
  'off(event)': (node, nonsense) => node.off(nonsense, noop),
  'waitFor(event)': (node, nonsense) => node.waitFor(nonsense),
  'listeners(event)': (node, nonsense) => node.listeners(nonsense),
  'listenerCount(event)': (node, nonsense) => node.listenerCount(nonsense),
  'hasListeners(event)': (node, nonsense) => node.hasListeners(nonsense),
  'emit(event)': (node, nonsense) => node.emit(nonsense),
};

for (const [call, wrong] of Object.entries(CALLS)) {
  test(`${call} refuses what is no text, and changes nothing`, async (t) => {
    const mesh = new TestMesh();
    const [node] = await mesh.start(2);
    node!.set('k', 1);
    for (const nonsense of NONSENSE) {
      t.throws(() => wrong(node!, nonsense as never), INVALID, String(nonsense));
    }
    t.deepEqual(node!.entries(), [['k', 1]]);
    t.deepEqual(node!.eventNames(), []);
  });
}

test('what else is of a wrong type is refused as well', async (t) => {
  const node = new Telepathine();
  const wrong: (() => unknown)[] = [
    ...['yes', 1, null].map((buffer) => () => node.say('e', 1, 1000, buffer as never)),
    ...['1', 0, 1.5, undefined].map((times) => () => node.many('e', times as never, noop)),
    ...[0, '1'].map((times) => () => node.prependMany('e', times as never, noop)),
    ...[null, 'soon', []].map((options) => () => node.waitFor('e', options as never)),
    () => node.waitFor('e', { signal: 'none' as never }),
    ...[-1, Number.NaN, 2 ** 31].map((timeout) => () => node.waitFor('e', timeout)),
    ...[-1, '1', null].map((timeout) => () => node.waitFor('e', { timeout: timeout as never })),
    () => node.waitFor('e', { filter: 1 as never }),
    () => node.waitFor('e', { handleError: 1 as never }),
    () => node.waitFor('e', { overload: 1 as never }),
    () => node.waitFor('e', { Promise: 1 as never }),
    () => node.waitFor('e', { timeOut: 1 } as never),
    ...NO_EVENTS.map((event) => () => node.removeAllListeners(event as never)),
    ...NONSENSE.filter((given) => given !== 5).flatMap((given) => [
      () => node.addPeer(given as never),
      () => node.after(given as never, noop),
      () => node.every(given as never, noop),
    ]),
  ];
  for (const call of wrong) t.throws(call, INVALID, String(call));
  await t.throwsAsync(node.emitAsync(5 as never), INVALID);
  t.deepEqual(node.eventNames(), []);
});

test('any text is a name to look for', (t) => {
  const node = new Telepathine();
  for (const name of ['', 'a:b', '*', '__proto__', '\ud800', 'x'.repeat(5000)]) {
    t.is(node.get(name), undefined);
    t.false(node.delete(name));
    t.is(node.getRemote(name, name), undefined);
    t.deepEqual([...node.getRemoteKeys(name), ...node.entriesOf(name), ...node.find(name)], []);
    t.is(node.peer(name), undefined);
  }
});

for (const event of ['own', 'say:a:*'] as const) {
  test(`the abort of its signal ends a waitFor('${event}')`, async (t) => {
    const node = new Telepathine();
    const controller = new AbortController();
    const { signal } = controller;
    const reason = new Error('enough');
    const waiting = node.waitFor(event, { signal });
    t.is(node.eventNames().length, 1);
    controller.abort(reason);
    t.is(await t.throwsAsync(waiting), reason);
    t.is(getEventListeners(signal, 'abort').length, 0);
    t.deepEqual(node.eventNames(), []);
    t.is(await t.throwsAsync(node.waitFor(event, { signal })), reason);
    t.deepEqual(node.eventNames(), []);
  });

  test(`a waitFor('${event}') with a signal is otherwise as EventEmitter2's`, async (t) => {
    const node = new Telepathine();
    const { signal } = new AbortController();
    const name = event.replace('*', 'b');
    const filtered = node.waitFor(event, { signal, filter: (value) => value === 2 });
    node.emit(name, 1);
    node.emit(name, 2);
    t.deepEqual(await filtered, [2]);
    t.is(getEventListeners(signal, 'abort').length, 0);
    await t.throwsAsync(node.waitFor(event, { signal, timeout: 1 }), { code: 'ETIMEDOUT' });
    await t.throwsAsync(node.waitFor(event, 1), { code: 'ETIMEDOUT' });
    const canceled = node.waitFor(event, { signal });
    canceled.cancel(undefined as never);
    await t.throwsAsync(canceled, { message: 'canceled' });
    t.is(getEventListeners(signal, 'abort').length, 0);
    const first = node.waitFor(event, (value) => value === 3);
    node.emit(name, 3);
    t.deepEqual(await first, [3]);
  });
}
