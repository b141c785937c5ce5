import type { Check } from './check.js';
import { pair, recorder } from './check.js';

/** The events of the page, and the arguments that their handlers are given. */
export const EVENTS: Record<string, Check> = {
  "on('start', function(peer))": async (t, mesh) => {
    const node = mesh.node();
    const { calls, record } = recorder();
    node.on('start', record).start();
    t.is(calls.length, 0);
    await mesh.settled(node.started);
    t.deepEqual(
      calls.map(({ self, event, args }) => [self === 'n1', event, args[0] === node]),
      [[true, 'start', true]],
    );
  },
  "on('stop', function(peer))": async (t, mesh) => {
    const [node] = await pair(mesh);
    const { calls, record } = recorder();
    await mesh.settled(node.on('stop', record).stop());
    await mesh.settled(node.stop());
    t.deepEqual(
      calls.map(({ self, event, args }) => [self === 'n1', event, args[0] === node]),
      [[true, 'stop', true]],
    );
  },
  "on('set', function(peer_name, key, value, expiresAt))": async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    b.on('set', record);
    a.set('k', 1);
    await mesh.run(1000);
    t.deepEqual(calls, [{ self: 'n2', event: 'set', args: ['n1', 'k', 1, undefined] }]);
  },
  "on('set:[key]', function(peer_name, key, value, expiresAt)), with wildcards": async (
    t,
    mesh,
  ) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    b.on('set:k:l', record).on('set:k:*', record).on('set:*', record);
    a.set('k:l', 1);
    await mesh.run(1000);
    const call = { self: 'n2', event: 'set:k:l', args: ['n1', 'k:l', 1, undefined] };
    t.deepEqual(calls, [call, call, call]);
  },
  "on('say:[eventname]', function(parameter, fromPeer)), with wildcards": async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    b.on('say:e', record).on('say:*', record);
    a.say('e', 'data');
    await mesh.run(1000);
    const call = { self: 'n2', event: 'say:e', args: ['data', 'n1'] };
    t.deepEqual(calls, [call, call]);
  },
  "a peer does not receive its own 'say' events": async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    a.hear('*', record).on('say:*', record).know('*', record).on('set', record);
    a.say('e', 1).set('k', 1);
    await mesh.until(() => b.getRemote('n1', 'k') === 1);
    await mesh.run(5000);
    t.deepEqual(calls, []);
  },
  "on('key:expired', function(peer_name, key, value, expiresAt))": async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    a.on('key:expired', record);
    b.on('key:expired', record);
    const expiresAt = mesh.clock.wallMs() + 2000;
    b.set('k', 1, expiresAt);
    await mesh.run(3000);
    t.deepEqual(
      calls.map(({ event, args }) => [event, ...args.slice(0, 3)]),
      Array(2).fill(['key:expired', 'n2', 'k', 1]),
    );
    t.deepEqual(calls.map(({ self }) => self).sort(), ['n1', 'n2']);
    t.true(calls.every(({ args }) => Math.abs(Number(args[3]) - expiresAt) < 100));
  },
  "on('peer:new', function(peerstate))": async (t, mesh) => {
    const a = mesh.node();
    const { calls, record } = recorder();
    a.on('peer:new', record).start();
    mesh.node().start();
    await mesh.until(() => calls.length > 0);
    await mesh.run(5000);
    t.is(calls.length, 1);
    t.is(calls[0]!.self, 'n1');
    t.is(calls[0]!.event, 'peer:new');
    t.like(calls[0]!.args, [{ name: 'n2', address: '10.0.0.2', port: 9000, alive: true }]);
  },
  "on('peer:start', function(peer_name))": async (t, mesh) => {
    const a = mesh.node();
    const { calls, record } = recorder();
    a.on('peer:start', record).start();
    mesh.node().start();
    await mesh.until(() => a.livePeers().length === 1);
    t.deepEqual(calls, [{ self: 'n1', event: 'peer:start', args: ['n2'] }]);
  },
  "on('peer:stop', function(peer_name))": async (t, mesh) => {
    const [a] = await pair(mesh);
    const { calls, record } = recorder();
    a.on('peer:stop', record);
    mesh.network.crash('10.0.0.2:9000');
    await mesh.until(() => a.deadPeers().length === 1);
    t.deepEqual(calls, [{ self: 'n1', event: 'peer:stop', args: ['n2'] }]);
  },
};
