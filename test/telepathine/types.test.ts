import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Peer, TelepathineError } from '../../src/index.js';
import { Telepathine } from '../../src/index.js';
import { TestMesh } from './test-mesh.js';

interface Values {
  load: number;
  'room:lights': { on: boolean };
}

interface Says {
  greeting: string;
  tick: { at: number };
  ping: null;
}

test('types for keys and events are kept by the compiler', async (t) => {
  const mesh = new TestMesh();
  const a = mesh.node<Values, Says>().start();
  const b = mesh.node<Values, Says>().start();
  await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
  const seen: unknown[] = [];
  b.know('load', (peer, key, value, expiresAt) => {
    const load: number = value;
    seen.push([peer.toUpperCase(), key.toUpperCase(), load.toFixed(1), expiresAt]);
  });
  b.on('set:room:lights', function (_peer, _key, value) {
    const on: boolean = value.on;
    seen.push([on, this.peer_name]);
  });
  b.hear('greeting', (data) => seen.push(data.length));
  b.hear('*', (data: unknown) => seen.push(typeof data));
  b.on('say:tick', (data) => seen.push(data.at + 1));
  b.on('peer:stop', (peer) => seen.push(peer.length));
  b.on('peer:new', (peer: Peer) => seen.push(peer.port));
  a.set('load', 0.5)
    .set('room:lights', { on: true })
    .say('greeting', 'hello')
    .say('tick', { at: 1 });
  // @ts-expect-error a value of another type
  a.set('load', 'high');
  // @ts-expect-error a key that is not declared
  a.set('lod', 1);
  // @ts-expect-error data of another type
  a.say('greeting', 5);
  // @ts-expect-error the node has no such event
  b.on('peer:stop', (peer: number) => peer);
  const load: number | undefined = b.getRemote('n1', 'load');
  // @ts-expect-error it may be undefined
  const certain: number = a.get('load');
  const own: Map<keyof Values, Values[keyof Values]> = new Map(a.entries());
  const others: [keyof Values, Values[keyof Values]][] = b.entriesOf('n1');
  // @ts-expect-error no such key is declared
  own.get('lod');
  const keys: (keyof Values)[] = b.getRemoteKeys('n1');
  b.believe('load', (_peer, _key, value) => {
    // @ts-expect-error a deletion was adopted
    value.toFixed(1);
  });
  t.pass(`${load} ${certain} ${keys.length} ${others.length}`);
  await mesh.run(1000);
  t.true(seen.some((each) => Array.isArray(each) && each[0] === true && each[1] === 'n2'));
});

/** Compiles only if both types are the same. */
function same<A, B>(..._same: Same<A, B> extends true ? [] : [never]): void {
  // The compiler does it all.
}
type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

const typed = () => new TestMesh().node<Values, Says>();
type Typed = ReturnType<typeof typed>;

test('own keys: names, types of values, and what is given back', (t) => {
  const node = typed();
  node.set('load', 1, Date.now() + 60_000);
  // @ts-expect-error a key that is not declared
  node.set('lod', 1);
  // @ts-expect-error a pattern is no key
  node.set('room:*', { on: true });
  // @ts-expect-error a property is missing
  node.set('room:lights', {});
  // @ts-expect-error another key's value
  node.set('room:lights', 1);
  // @ts-expect-error there is no value
  t.throws(() => node.set('load', undefined), { code: 'NOT_SERIALIZABLE' });
  // @ts-expect-error expiresAt is Unix ms
  t.throws(() => node.set('load', 1, new Date()), { code: 'INVALID_ARGUMENT' });
  // @ts-expect-error a key that is not declared
  t.is(node.get('loud'), undefined);
  // @ts-expect-error a key that is not declared
  t.false(node.delete('loud'));
  same<ReturnType<Typed['keys']>, (keyof Values)[]>();
  same<ReturnType<Typed['entries']>, [key: keyof Values, value: Values[keyof Values]][]>();
  const lights = node.get('room:lights');
  same<typeof lights, { on: boolean } | undefined>();
  const own = new Map(node.entries());
  same<typeof own, Map<keyof Values, Values[keyof Values]>>();
});

test("others' keys: names and the types of what is found", (t) => {
  const node = typed();
  const load = node.getRemote('peer', 'load');
  same<typeof load, number | undefined>();
  // @ts-expect-error a key that is not declared
  t.is(node.getRemote('peer', 'lod'), undefined);
  const loads = node.find('load');
  same<typeof loads, [peer: string, value: number][]>();
  // @ts-expect-error a key that is not declared
  t.deepEqual(node.find('lod'), []);
  // @ts-expect-error a pattern is no key
  t.deepEqual(node.find('*'), []);
  same<ReturnType<Typed['entriesOf']>, [key: keyof Values, value: Values[keyof Values]][]>();
  same<ReturnType<Typed['getRemoteKeys']>, (keyof Values)[]>();
});

test("handlers of keys: the key's own type, or unknown for a pattern", (t) => {
  const node = typed();
  type Arguments<Key, Value> = [string, Key, Value, number | undefined];
  node.know('load', (...given) => same<typeof given, Arguments<'load', number>>());
  node.know('room:*', (...given) => same<typeof given, Arguments<string, unknown>>());
  node.know('*', (...given) => same<typeof given, Arguments<string, unknown>>());
  node.believe('load', (...given) => same<typeof given, Arguments<'load', number | undefined>>());
  node.believe('**', (...given) => same<typeof given, Arguments<string, unknown>>());
  node.believe('load').believe('*');
  node.on('set', (...given) => same<typeof given, Arguments<string, unknown>>());
  node.on('set:load', (...given) => same<typeof given, Arguments<'load', number>>());
  node.on('set:*', (...given) => same<typeof given, Arguments<string, unknown>>());
  node.once('set:load', (...given) => same<typeof given, Arguments<'load', number>>());
  node.know('load', function (_peer, key, value) {
    this.set(key, value);
    // @ts-expect-error a pattern's value could be anything
    this.know('*', (_peer, _key, any) => this.set('load', any));
  });
  // @ts-expect-error a key that is not declared
  node.know('lod', () => undefined);
  // @ts-expect-error a key that is not declared
  node.believe('lod');
  // @ts-expect-error a key that is not declared
  node.on('set:lod', () => undefined);
  // @ts-expect-error a key that is not declared
  node.once('set:lod', () => undefined);
  // @ts-expect-error a handler of another type of value
  node.know('load', (_peer, _key, value: string) => value);
  // @ts-expect-error a believer is told of deletions too
  node.believe('load', (_peer, _key, value: number) => value);
  // @ts-expect-error a handler of another type of value
  node.on('set:load', (_peer, _key, value: string) => value);
  // @ts-expect-error a handler of more than there is
  node.on('set', (_peer, _key, _value, _expiresAt, more) => more);
  t.is(node.listenerCount('set:load'), 13);
});

test('events: their data when they are said, and in handlers', (t) => {
  const node = typed();
  node.say('greeting', 'hello').say('tick', { at: 1 }, 1000, true).say('ping').say('ping', null);
  // @ts-expect-error an event that is not declared
  node.say('greting', 'hello');
  // @ts-expect-error data of another type
  node.say('tick', { at: 'noon' });
  // @ts-expect-error the data is missing
  node.say('tick');
  // @ts-expect-error the duration is a number
  t.throws(() => node.say('ping', null, '5'), { code: 'INVALID_ARGUMENT' });
  type Arguments<Data> = [Data, string];
  node.hear('tick', (...given) => same<typeof given, Arguments<{ at: number }>>());
  node.hear('*', (...given) => same<typeof given, Arguments<unknown>>());
  node.hearOnce('greeting', (...given) => same<typeof given, Arguments<string>>());
  node.on('say:tick', (...given) => same<typeof given, Arguments<{ at: number }>>());
  node.on('say:**', (...given) => same<typeof given, Arguments<unknown>>());
  node.once('say:tick', (...given) => same<typeof given, Arguments<{ at: number }>>());
  // @ts-expect-error an event that is not declared
  node.hear('tock', () => undefined);
  // @ts-expect-error an event that is not declared
  node.hearOnce('tock', () => undefined);
  // @ts-expect-error an event that is not declared
  node.on('say:tock', () => undefined);
  // @ts-expect-error a handler of other data
  node.hear('tick', (data: string) => data);
  // @ts-expect-error a handler of other data
  node.on('say:tick', (data: string) => data);
  t.is(node.listenerCount('say:tick'), 7);
});

test('loops have the types of handlers', async (t) => {
  const node = typed();
  const controller = new AbortController();
  const { signal } = controller;
  const changes = node.watch('load', { signal });
  const all = node.watch('*', { signal });
  const ticks = node.listen('tick', { signal });
  const everything = node.listen('**', { signal });
  // @ts-expect-error a key that is not declared
  node.watch('lod', { signal });
  // @ts-expect-error an event that is not declared
  node.listen('tock', { signal });
  controller.abort();
  for await (const change of changes) {
    same<typeof change.key, 'load'>();
    if (change.type === 'set') same<typeof change.value, number>();
    // @ts-expect-error only a set key has a value
    else t.log(change.value);
  }
  for await (const { dropped, ...change } of all) {
    same<typeof dropped, number>();
    same<typeof change.key, string>();
    if (change.type === 'set') same<typeof change.value, unknown>();
  }
  for await (const { event, data, fromPeer } of ticks) {
    same<[typeof event, typeof data, typeof fromPeer], ['tick', { at: number }, string]>();
  }
  for await (const { event, data } of everything) {
    same<[typeof event, typeof data], [string, unknown]>();
  }
  t.deepEqual(node.eventNames(), []);
});

test('the types of a node reach its handlers, its callbacks and what starts it', (t) => {
  const node = typed();
  node.on('start', (...given) => same<typeof given, [node: Typed]>());
  node.on('peer:new', (...given) => same<typeof given, [peer: Peer]>());
  node.on('key:deleted', (...given) => same<typeof given, [peer: string, key: string]>());
  node.on('error', (...given) => same<typeof given, [error: TelepathineError]>());
  node.after(1, function () {
    // @ts-expect-error a key that is not declared
    this.set('load', 1).set('lod', 1);
  });
  type Started = Awaited<ReturnType<typeof Telepathine.start<Values, Says>>>;
  same<Started, Typed>();
  // @ts-expect-error the node has no such event with such a handler
  node.on('error', (error: string) => error);
  // @ts-expect-error an option that does not exist
  t.throws(() => new Telepathine({ prot: 9000 }), { code: 'INVALID_ARGUMENT' });
  // @ts-expect-error seeds are an array
  t.throws(() => new Telepathine(9000, '9001'), { code: 'INVALID_ARGUMENT' });
});

test('names may be declared by a template, and its patterns are then typed', (t) => {
  interface Rooms {
    [room: `room:${string}`]: { on: boolean };
  }
  const node = new TestMesh().node<Rooms, Rooms>();
  node.set('room:1', { on: true }).say('room:1', { on: false });
  node.know('room:*', (_peer, key, value) =>
    same<[typeof key, typeof value], [string, { on: boolean }]>(),
  );
  node.hear('*', (data) => same<typeof data, unknown>());
  // @ts-expect-error a key that no template fits
  node.set('hall', { on: true });
  // @ts-expect-error a key that no template fits
  node.know('hall', () => undefined);
  t.deepEqual(node.get('room:1'), { on: true });
});

test('without types every key and event is allowed, and values are unknown', (t) => {
  const node = new TestMesh().node();
  node.set('anything', { a: 1 }).say('anything');
  node.hear('x', (data, fromPeer) => {
    // @ts-expect-error what another node sends must be looked at first
    data.length;
    return fromPeer.length;
  });
  node.on('of my own', (first, second) => first + second);
  t.deepEqual(node.get('anything'), { a: 1 });
});

test('the types that are published do not show what is internal', (t) => {
  const types = new URL('../../src/api/options.d.ts', import.meta.url);
  t.notRegex(readFileSync(types, 'utf8'), /\bHOST\b/);
});
