import { readFileSync } from 'node:fs';
import test from 'ava';
import type { Peer } from '../../src/index.js';
import { TestMesh } from './test-mesh.js';

interface Values {
  load: number;
  'room:lights': { on: boolean };
}

interface Says {
  greeting: string;
  tick: { at: number };
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
