/** A node that others reach at a forwarded port, as in a container; `nat.test.ts` has real NAT. */
import test from 'ava';
import { Telepathine } from '../../src/telepathine.js';
import { Forwarder } from '../support/forwarder.js';
import { pause, until } from '../transport/recorder.js';

const QUICK = { profile: 'local' } as const;
/** A wrong verdict would come within this time. */
const WATCHED_MS = 4000;

for (const udp of [true, false]) {
  test(`a node with a forwarded port joins others, with udp: ${udp}`, async (t) => {
    const { forwarder, hidden } = await makeHidden({ udp });
    t.teardown(() => forwarder.close());
    await using first = await Telepathine.start({ ...QUICK, udp, name: 'first' });
    await using second = await Telepathine.start({
      ...QUICK,
      udp,
      name: 'second',
      seeds: [first.port],
    });
    hidden.addPeer(first.port);
    await using _ = await started(hidden, forwarder);
    const losses = lossesOf([first, second, hidden]);
    await shareAll([first, second, hidden]);
    t.is(hidden.peer_name, `127.0.0.1:${forwarder.port}`);
    for (const node of [first, second]) t.is(node.peer(hidden.peer_name)?.port, forwarder.port);
    await pause(WATCHED_MS);
    t.deepEqual(losses, []);
  });

  test(`others join a node by its forwarded port, with udp: ${udp}`, async (t) => {
    const { forwarder, hidden } = await makeHidden({ udp });
    t.teardown(() => forwarder.close());
    await using _ = await started(hidden, forwarder);
    const seeds = [forwarder.port];
    await using first = await Telepathine.start({ ...QUICK, udp, name: 'first', seeds });
    await using second = await Telepathine.start({ ...QUICK, udp, name: 'second', seeds });
    const losses = lossesOf([first, second, hidden]);
    await shareAll([first, second, hidden]);
    for (const node of [first, second]) t.is(node.peer(hidden.peer_name)?.port, forwarder.port);
    await pause(WATCHED_MS);
    t.deepEqual(losses, []);
  });
}

/** A node that is told the others at another port than the one that it binds. */
async function makeHidden({ udp }: { udp: boolean }) {
  const forwarder = await Forwarder.open();
  const bindAddress = '127.0.0.1';
  const advertise = `127.0.0.1:${forwarder.port}`;
  return { forwarder, hidden: new Telepathine({ ...QUICK, udp, bindAddress, advertise }) };
}

async function started(hidden: Telepathine, forwarder: Forwarder): Promise<Telepathine> {
  await hidden.start().started;
  forwarder.target = hidden.port;
  return hidden;
}

/** Each has the small and large values and the events of all others. */
async function shareAll(nodes: readonly Telepathine[]): Promise<void> {
  await Promise.all(nodes.map((node) => node.ready({ peers: 2, timeoutMs: 20_000 })));
  const heard = new Set<string>();
  for (const node of nodes) {
    node.hear('e', (_data, from) => heard.add(`${from} by ${node.peer_name}`));
  }
  for (const node of nodes) node.set('small', 1).set('large', 'x'.repeat(100_000)).say('e');
  const has = (node: Telepathine, { peer_name }: Telepathine) =>
    node.getRemote(peer_name, 'small') === 1 &&
    String(node.getRemote(peer_name, 'large')).length === 100_000 &&
    heard.has(`${peer_name} by ${node.peer_name}`);
  const hasAll = (node: Telepathine) => nodes.every((other) => other === node || has(node, other));
  await until(() => nodes.every(hasAll), 20_000);
}

function lossesOf(nodes: readonly Telepathine[]): string[] {
  const losses: string[] = [];
  for (const node of nodes) {
    node.on('peer:stop', (peer) => losses.push(`${node.peer_name} has lost ${peer}`));
  }
  return losses;
}
