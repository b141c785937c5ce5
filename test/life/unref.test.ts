import test from 'ava';
import { Telepathine } from '../../src/index.js';
import { runProgram } from '../telepathine/run-program.js';

/** Whom the programs meet: over datagrams, and over connections that are kept. */
const peers = [true, false].map((udp) => new Telepathine({ profile: 'local', udp }));

test.before(() => Promise.all(peers.map((peer) => peer.start().started)));
test.after.always(() => Promise.all(peers.map((peer) => peer.stop())));

/** Begins a node that has all that could keep a process alive, and has met the peer. */
const meet = ({ port, udp = true }: { port: number; udp?: boolean }) => `
  const node = new Telepathine({ profile: 'local', udp: ${udp}, seeds: ['localhost:${port}'] });
  node.every(10, () => undefined).after(1e9, () => undefined).start();
  await node.ready();
`;

for (const [index, peer] of peers.entries()) {
  const udp = index === 0;
  const how = udp ? 'datagrams' : 'kept connections';

  test.serial(`a program whose node was unref'd ends by itself, with ${how}`, async (t) => {
    const { stdout, stderr } = await runProgram(`
      ${meet({ port: peer.port, udp })}
      node.unref();
      console.log('finished');
    `);
    t.is(stdout, 'finished\n');
    t.is(stderr, '');
  });

  test.serial(
    `a program whose node was not, or is ref'd again, goes on, with ${how}`,
    async (t) => {
      for (const kept of ['node', 'node.unref().ref()']) {
        const { stdout } = await runProgram(`
        ${meet({ port: peer.port, udp })}
        ${kept};
        setTimeout(() => process.exit(console.log('goes on')), 500).unref();
      `);
        t.is(stdout, 'goes on\n', kept);
      }
    },
  );
}

test.serial("a start and a stop of an unref'd node are carried to their end", async (t) => {
  const { stdout } = await runProgram(`
    const seeds = ['localhost:${peers[0]!.port}'];
    const node = new Telepathine({ profile: 'local', seeds }).unref();
    node.on('start', () => console.log('start')).on('stop', () => console.log('stop'));
    for (const time of [1, 2]) {
      await node.start().started;
      await node.stop();
      console.log('stopped', time);
    }
    await node.start().started;
  `);
  t.is(stdout, 'start\nstop\nstopped 1\nstart\nstop\nstopped 2\nstart\n');
});

test.serial('a program may say goodbye when it has nothing else to do', async (t) => {
  const left = peers[0]!.waitFor('peer:leave');
  const { stdout } = await runProgram(`
    ${meet(peers[0]!)}
    node.unref();
    process.once('beforeExit', () => node.stop());
    console.log(node.peer_name);
  `);
  t.deepEqual(await left, [stdout.trim()]);
});

test.serial("a node that is unref'd leaves another of the same process alone", async (t) => {
  const { stdout } = await runProgram(`
    const [one, two] = await Promise.all([Telepathine.start(), Telepathine.start()]);
    one.unref();
    setTimeout(() => two.unref(console.log('goes on')), 500).unref();
  `);
  t.is(stdout, 'goes on\n');
});
