import test from 'ava';
import type { Telepathine } from '../../src/index.js';
import { Deferred } from '../../src/node/deferred.js';
import { HOST, type Host } from '../../src/node/host.js';
import { TestMesh } from '../telepathine/test-mesh.js';

const FAR_SEEDS = { seeds: ['10.9.9.9:9000'] };

/** Lets so many promises follow one another. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await undefined;
}

/** Keeps what a node tells of its starts and stops. */
function told(node: Telepathine): string[] {
  const events: string[] = [];
  node.on('start', () => events.push('start')).on('stop', () => events.push('stop'));
  return events;
}

/** How a promise of `started` ends: with `started`, or with the code of its error. */
function ending(started: Promise<void>): Promise<string> {
  return started.then(
    () => 'started',
    (error: { code: string }) => error.code,
  );
}

/** Starts a node, stops it after a while, and sees that both come to their ends. */
async function interrupt(mesh: TestMesh, node: Telepathine, wait: () => Promise<void>) {
  const events = told(node);
  const ended = ending(node.start().started);
  await wait();
  await mesh.settled(node.stop());
  const how = await mesh.settled(ended);
  return `${how} ${events.join(' ')}`.trim();
}

const NEVER_STARTED = 'STOPPED';
const BOTH = 'started start stop';

test('stop at any turn of the promises of a start ends it, and leaves nothing', async (t) => {
  const mesh = new TestMesh();
  await mesh.run(0);
  const seen = new Set<string>();
  for (let count = 0; count <= 60; count++) {
    // All have one address: what one had left open the next one would find taken.
    const node = mesh.node({ address: '10.0.0.1:9000', seeds: [] });
    const how = await interrupt(mesh, node, () => turns(count));
    t.true([NEVER_STARTED, BOTH].includes(how), `${count}: ${how}`);
    t.is(node.address, '');
    t.is(mesh.clock.nextCallMs(), undefined, `${count}: a timer is left`);
    seen.add(how);
  }
  t.deepEqual([...seen].sort(), [NEVER_STARTED, BOTH]);
  t.deepEqual(mesh.logger.lines, []);
});

for (const [where, options, last] of [
  ['a seed', {}, 60],
  ['a seed that is not there', FAR_SEEDS, 620],
] as const) {
  test(`stop at any time of joining by ${where} ends the start`, async (t) => {
    const mesh = new TestMesh();
    const [a] = await mesh.start(1);
    const seen = new Set<string>();
    for (let forMs = 0; forMs <= last; forMs += last / 20) {
      const node = mesh.node({ name: 'n', address: '10.0.0.2:9000', ...options });
      const how = await interrupt(mesh, node, () => mesh.run(forMs));
      t.true([NEVER_STARTED, BOTH].includes(how), `${forMs} ms: ${how}`);
      seen.add(how);
    }
    t.deepEqual([...seen].sort(), [NEVER_STARTED, BOTH]);
    await mesh.run(1000);
    t.deepEqual(a!.livePeers(), []);
    await mesh.settled(a!.stop());
    t.is(mesh.clock.nextCallMs(), undefined);
    t.deepEqual(mesh.logger.lines, []);
  });
}

/** The steps of a start that wait for the world, and where a host can be made to wait. */
const STEPS: Record<string, (host: Host, gate: Promise<void>) => Host> = {
  'its own address is looked up': (host, gate) => ({
    ...host,
    lookup: () => gate.then(() => '10.0.0.2'),
  }),
  'its port is about to be bound': (host, gate) => gated(host, gate, 'before'),
  'its port has just been bound': (host, gate) => gated(host, gate, 'after'),
  'the names of its seeds are looked up': (host, gate) => ({
    ...host,
    resolve: () => gate.then(() => ['10.0.0.1:9000']),
  }),
};

/** A host whose transports wait with binding, or with saying that they are bound. */
function gated(host: Host, gate: Promise<void>, when: 'before' | 'after'): Host {
  const transports: Host['transports'] = (ip, udp) =>
    host.transports(ip, udp).map((make) => (port) => {
      const transport = make(port);
      const open = transport.open.bind(transport);
      transport.open = async (receiver) => {
        if (when === 'before') await gate;
        const bound = await open(receiver);
        await gate;
        return bound;
      };
      return transport;
    });
  return { ...host, transports };
}

for (const [step, make] of Object.entries(STEPS)) {
  const waiting = async () => {
    const mesh = new TestMesh();
    await mesh.start(1);
    const gate = new Deferred<void>();
    const node = mesh.node({
      bindAddress: 'me.example',
      advertise: '10.0.0.2',
      address: '',
      port: 9000,
      seeds: ['seed.example:9000'],
      [HOST]: make({ ...mesh.host(2), lookup: async () => '10.0.0.2' }, gate.promise),
    });
    return { mesh, gate, node };
  };

  test(`stop while ${step} ends the start, and the next one works`, async (t) => {
    const { mesh, gate, node } = await waiting();
    const events = told(node);
    const first = ending(node.start().started);
    await mesh.run(100);
    const stops = [node.stop(), node.stop()];
    const second = ending(node.start().started);
    await mesh.run(100);
    t.deepEqual(events, []);
    gate.resolve();
    await mesh.settled(Promise.all(stops));
    t.is(await mesh.settled(first), 'STOPPED');
    t.is(await mesh.settled(second), 'started');
    t.deepEqual(events, ['start']);
    await mesh.settled(node.stop());
    t.deepEqual(mesh.logger.lines, []);
  });

  test(`stop, start and stop while ${step} leave a stopped node`, async (t) => {
    const { mesh, gate, node } = await waiting();
    const events = told(node);
    const starts = [ending(node.start().started)];
    await mesh.run(100);
    void node.stop();
    starts.push(ending(node.start().started));
    await mesh.run(100);
    const stopped = node.stop();
    gate.resolve();
    await mesh.settled(stopped);
    t.deepEqual(await mesh.settled(Promise.all(starts)), ['STOPPED', 'STOPPED']);
    t.deepEqual(events, []);
  });
}

test('a port that proves taken after stop is no failure any more', async (t) => {
  const mesh = new TestMesh();
  await mesh.start(1);
  const gate = new Deferred<void>();
  const node = mesh.node({
    address: '10.0.0.1:9000',
    seeds: [],
    [HOST]: gated(mesh.host(2), gate.promise, 'before'),
  });
  const started = ending(node.start().started);
  await mesh.run(100);
  const stopped = node.stop();
  gate.resolve();
  await mesh.settled(stopped);
  t.is(await started, 'STOPPED');
  t.deepEqual(mesh.logger.lines, []);
});

test('of calls in one tick the last one counts, and each start is answered', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  const events = told(node);
  const early = ending(node.started);
  const starts: Promise<string>[] = [];
  const stops: Promise<void>[] = [];
  for (let time = 0; time < 3; time++) {
    starts.push(ending(node.start().started));
    stops.push(node.stop(), node.stop());
  }
  starts.push(ending(node.start().start().started));
  t.is(await mesh.settled(early), 'STOPPED');
  t.deepEqual(await mesh.settled(Promise.all(starts)), [...Array(3).fill('STOPPED'), 'started']);
  await mesh.settled(Promise.all(stops));
  t.deepEqual(events, ['start']);
  await mesh.settled(node.stop());
  t.deepEqual(events, ['start', 'stop']);
  t.is(mesh.clock.nextCallMs(), undefined);
});

test('start while a goodbye is being said waits for its end, whatever is called meanwhile', async (t) => {
  const mesh = new TestMesh();
  const [, b] = await mesh.start(2);
  const events = told(b!);
  // Nobody acknowledges the goodbye: it takes its 2 s.
  mesh.network.partition([['10.0.0.1:9000'], ['10.0.0.2:9000']]);
  const stopped = b!.stop();
  await mesh.run(500);
  const starts = [ending(b!.start().started)];
  await mesh.run(500);
  const again = b!.stop();
  t.not(again, stopped);
  starts.push(ending(b!.start().started));
  t.deepEqual(events, []);
  await mesh.settled(Promise.all([stopped, again]));
  t.deepEqual(await mesh.settled(Promise.all(starts)), ['STOPPED', 'started']);
  t.deepEqual(events, ['stop', 'start']);
});

test('a node may be stopped, and started again, in any handler', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  a!.set('k', 1);
  for (const event of ['start', 'peer:new', 'peer:start', 'set', 'set:k', 'say:e', 'stop']) {
    const node = mesh.node({ name: 'n', address: '10.0.0.2:9000' });
    const events = told(node);
    let stopped: Promise<void> | undefined;
    node.once(event as 'own', () => {
      stopped = node.stop();
      if (event !== 'start') node.start();
    });
    node.start();
    await mesh.run(1000);
    a!.say('e', 1);
    await mesh.run(1000);
    if (event === 'stop') await mesh.settled(node.stop());
    await mesh.settled(stopped!);
    if (event === 'start') node.start();
    await mesh.settled(node.started);
    t.deepEqual(events, ['start', 'stop', 'start'], event);
    await mesh.until(() => node.getRemote('n1', 'k') === 1);
    await mesh.settled(node.stop());
  }
  t.deepEqual(mesh.logger.lines, []);
});

test('what is given to start() while the node stops is called when it has started again', async (t) => {
  const mesh = new TestMesh();
  const [, b] = await mesh.start(2);
  const calls: unknown[] = [];
  void b!.stop();
  b!.start((error) => calls.push(error));
  void b!.stop();
  b!.start((error) => calls.push(error));
  await mesh.settled(b!.started);
  await mesh.run(0);
  t.deepEqual(
    calls.map((error) => (error as { code: string } | undefined)?.code),
    ['STOPPED', undefined],
  );
});
