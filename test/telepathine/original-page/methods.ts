import type { Check } from './check.js';
import { pair, recorder } from './check.js';

/** The methods of the page. */
export const METHODS: Record<string, Check> = {
  'start([callback])': async (t, mesh) => {
    const node = mesh.node();
    const { calls, record } = recorder();
    node.on('start', () => calls.push({ self: 'start event', event: '', args: [] }));
    t.is(node.start(record), node);
    t.deepEqual(calls, []);
    await mesh.settled(node.started);
    t.is(calls[0]?.self, 'start event');
    t.is(calls[1]?.self, 'n1');
    t.deepEqual(calls[1]?.args, []);
  },
  'start([callback]) at a busy port': async (t, mesh) => {
    await mesh.start(1);
    const node = mesh.node({ address: '10.0.0.1:9000' });
    const { calls, record } = recorder();
    await t.throwsAsync(mesh.settled(node.start(record).started), { code: 'ADDRESS_UNAVAILABLE' });
    t.like(calls[0]?.args[0], { code: 'ADDRESS_UNAVAILABLE' });
    t.is(calls.length, 1);
  },
  'stop()': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    await mesh.settled(a.stop());
    await mesh.settled(a.stop());
    await mesh.until(() => b.deadPeers().length === 1);
    t.deepEqual(b.deadPeers(), ['n1']);
  },
  'start() and stop() may be called repeatedly, event handlers will be maintained': async (
    t,
    mesh,
  ) => {
    const [a, b] = await pair(mesh);
    const heard: unknown[] = [];
    b.hear('round', (data) => heard.push(data));
    for (const round of [1, 2, 3]) {
      await mesh.settled(b.stop());
      b.start().start();
      await mesh.until(() => a.livePeers().length === 1 && b.livePeers().length === 1);
      a.say('round', round, 1000);
      await mesh.run(1500);
    }
    t.deepEqual(heard, [1, 2, 3]);
  },
  'set(key, value[, expiresAt])': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const expiresAt = mesh.clock.wallMs() + 3000;
    t.is(a.set('stays', { deep: [1, null] }).set('ends', 2, expiresAt), a);
    await mesh.run(1000);
    t.deepEqual(b.getRemote('n1', 'stays'), { deep: [1, null] });
    t.is(b.getRemote('n1', 'ends'), 2);
    await mesh.run(3000);
    t.is(b.getRemote('n1', 'ends'), undefined);
    t.deepEqual(b.getRemoteKeys('n1'), ['stays']);
    const past = mesh.clock.wallMs() - 1;
    t.throws(() => a.set('k', 1, past), { code: 'INVALID_ARGUMENT' });
    t.throws(() => a.set('k', undefined), { code: 'NOT_SERIALIZABLE' });
    t.deepEqual(a.keys(), ['stays']);
  },
  'get(key)': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    a.set('k', 1).set('ends', 2, mesh.clock.wallMs() + 500);
    b.set('other', 3);
    t.is(a.get('k'), 1);
    await mesh.run(1000);
    for (const key of ['ends', 'other', 'unknown', 'toString']) t.is(a.get(key), undefined);
  },
  'getRemote(peer, key)': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    a.set('k', 1);
    await mesh.until(() => b.getRemote('n1', 'k') === 1);
    t.is(b.getRemote('n1', 'unknown'), undefined);
    t.is(b.getRemote('nobody', 'k'), undefined);
  },
  'getRemoteKeys(peer)': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    a.set('k', 1).set('l', 2);
    await mesh.until(() => b.getRemoteKeys('n1').length === 2);
    t.deepEqual(b.getRemoteKeys('n1'), ['k', 'l']);
    t.deepEqual(b.getRemoteKeys('nobody'), []);
  },
  'addPeer(address): on success returns true': async (t, mesh) => {
    const [a] = await mesh.start(1);
    const b = mesh.node({ seeds: [] });
    await mesh.settled(b.start().started);
    t.true(b.addPeer('10.0.0.1:9000'));
    await mesh.until(() => a!.livePeers().length === 1);
    t.throws(() => b.addPeer('no port'), { code: 'INVALID_ARGUMENT' });
  },
  'allPeers(), livePeers(), deadPeers()': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const peers = () => [a.allPeers(), a.livePeers(), a.deadPeers()];
    t.deepEqual(peers(), [['n2'], ['n2'], []]);
    await mesh.settled(b.stop());
    await mesh.run(100);
    t.deepEqual(peers(), [['n2'], [], ['n2']]);
  },
  'say(eventname, parameter[, eventDurationMS, buffer])': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const heard: unknown[] = [];
    b.hear('*', (data) => heard.push(data));
    t.is(a.say('e', { a: 1 }).say('e', 2, 60_000).say('e', 3, 60_000, true).say('e'), a);
    await mesh.run(5000);
    t.deepEqual(heard, [{ a: 1 }, 2, 3, null]);
  },
  'without eventDurationMS say(eventname, parameter[, eventDurationMS, buffer]) lasts 20 seconds':
    async (t, mesh) => {
      const [a] = await mesh.start(1);
      const heard: unknown[] = [];
      a!.say('first', 1).say('longer', 2, 60_000);
      for (const waitMs of [17_000, 5000]) {
        await mesh.run(waitMs);
        const late = mesh.node();
        late.hear('*', (data) => heard.push(data));
        await mesh.settled(late.start().ready());
        await mesh.run(1000);
        await mesh.settled(late.stop());
      }
      t.deepEqual(heard, [1, 2, 2]);
    },
  'say(eventname, parameter[, eventDurationMS, buffer]) before start() and after stop()': async (
    t,
    mesh,
  ) => {
    const [a] = await mesh.start(1);
    const heard: unknown[] = [];
    a!.hear('*', (data) => heard.push(data));
    const b = mesh.node();
    for (const data of ['before', 'after']) {
      b.say('e', data);
      await mesh.settled(b.start().ready());
      await mesh.run(1000);
      await mesh.settled(b.stop());
    }
    t.deepEqual(heard, ['before', 'after']);
  },
  'hear(eventname, handler(data, fromPeer)), eventname can use wildcards': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    t.is(b.hear('a', record).hear('*', record).hear('a:*', record), b);
    a.say('a', 1).say('a:b', 2);
    await mesh.run(1000);
    const [one, two] = [1, 2].map((data) => ({ self: 'n2', args: [data, 'n1'] }));
    const [first, second] = [
      { ...one, event: 'a' },
      { ...two, event: 'a:b' },
    ];
    t.deepEqual(calls, [first, first, second, second] as typeof calls);
  },
  'hearOnce(eventname, handler(data, fromPeer))': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    t.is(b.hearOnce('e', record), b);
    a.say('e', 1).say('e', 2);
    await mesh.run(1000);
    t.deepEqual(calls, [{ self: 'n2', event: 'e', args: [1, 'n1'] }]);
  },
  'know(key, handler(peer_name, key, value, expiresAt)), key can use wildcards': async (
    t,
    mesh,
  ) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    t.is(b.know('k', record).know('*', record), b);
    a.set('k', 1).set('other:key', 2);
    await mesh.run(1000);
    const first = { self: 'n2', event: 'k', args: ['n1', 'k', 1, undefined] };
    const second = { self: 'n2', event: 'other:key', args: ['n1', 'other:key', 2, undefined] };
    t.deepEqual(calls, [first, first, second]);
  },
  'believe(key, handler(peer_name, key, value, expiresAt))': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    t.is(b.believe('k', record).believe('silent'), b);
    const expiresAt = mesh.clock.wallMs() + 5000;
    a.set('k', 1, expiresAt).set('silent', 2).set('other', 3);
    await mesh.run(1000);
    t.deepEqual(b.entries(), [
      ['k', 1],
      ['silent', 2],
    ]);
    const given = calls[0]!.args;
    t.deepEqual([calls.length, ...given.slice(0, 3)], [1, 'n1', 'k', 1]);
    t.true(Math.abs(Number(given[3]) - expiresAt) < 100);
    t.deepEqual([calls[0]!.self, calls[0]!.event], ['n2', 'k']);
    await mesh.run(5000);
    t.is(b.get('k'), undefined);
  },
  'after(delayMS, callback)': async (t, mesh) => {
    const node = mesh.node();
    const { calls, record } = recorder();
    t.is(node.after(1000, record), node);
    await mesh.run(5000);
    t.is(calls.length, 0);
    await mesh.settled(node.start().started);
    node.after(500, record);
    await mesh.run(900);
    t.is(calls.length, 1);
    await mesh.run(5000);
    t.is(calls.length, 2);
    t.true(calls.every(({ self, args }) => self === 'n1' && args.length === 0));
  },
  'every(intervalMS, callback)': async (t, mesh) => {
    const node = mesh.node();
    const { calls, record } = recorder();
    t.is(node.every(1000, record), node);
    await mesh.run(5000);
    t.is(calls.length, 0);
    await mesh.settled(node.start().started);
    node.every(500, record);
    await mesh.run(2200);
    t.is(calls.length, 6);
    t.true(calls.every(({ self, args }) => self === 'n1' && args.length === 0));
    await mesh.settled(node.stop());
    await mesh.run(5000);
    t.is(calls.length, 6);
  },
  'on(eventname, handler), eventname can use wildcards': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    t.is(a.on('peer:*', record), a);
    await mesh.settled(b.stop());
    await mesh.run(100);
    t.deepEqual(
      calls.map(({ self, event, args }) => [self === 'n1', event, args]),
      ['peer:leave', 'peer:stop'].map((event) => [true, event, ['n2']]),
    );
  },
};
