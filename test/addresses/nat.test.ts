/** A node behind a router that translates addresses, and forwards one port to it. */
import type { ExecutionContext } from 'ava';
import type { NodeProcess } from '../../src/cli/demo/node-process.js';
import type { Member } from '../../src/cli/start/report.js';
import { Lab, type Translator, testWithTranslation } from '../support/namespaces.js';
import { pause } from '../transport/recorder.js';

const PATIENCE = { timeoutMs: 20_000 };
/** Each is watched by each: a wrong verdict would have come. */
const WATCHED_MS = 7000;
const INSIDE = ['--bind-address', '0.0.0.0', '--port', '9000', '--advertise', '10.77.2.1:19000'];

testWithTranslation('a node behind a NAT joins a mesh outside', async (t, translator) => {
  const { lab, inside, outside } = makeNetwork(t, translator);
  const first = await start(lab, outside[0], 'first', ['--address', '10.77.2.2:9000']);
  const join = ['--join', '10.77.2.2:9000'];
  const second = await start(lab, outside[1], 'second', ['--address', '10.77.3.2:9000', ...join]);
  const hidden = await start(lab, inside, 'hidden', [...INSIDE, ...join]);
  await seeEachOther(t, [first, second, hidden]);
});

testWithTranslation(
  'a mesh outside is joined through a node behind a NAT',
  async (t, translator) => {
    const { lab, inside, outside } = makeNetwork(t, translator);
    const hidden = await start(lab, inside, 'hidden', INSIDE);
    const join = ['--join', '10.77.2.1:19000'];
    const first = await start(lab, outside[0], 'first', ['--address', '10.77.2.2:9000', ...join]);
    const second = await start(lab, outside[1], 'second', ['--address', '10.77.3.2:9000', ...join]);
    await seeEachOther(t, [hidden, first, second]);
  },
);

/** One machine inside, and two outside, which know nothing of the network inside. */
function makeNetwork(t: ExecutionContext, translator: Translator) {
  const lab = new Lab(t);
  const [router, inside, near, far] = [1, 2, 3, 4].map(() => lab.machine()) as Machines;
  lab.cable([router, '10.77.1.1/24'], [inside, '10.77.1.2/24']);
  lab.cable([router, '10.77.2.1/24'], [near, '10.77.2.2/24']);
  lab.cable([router, '10.77.3.1/24'], [far, '10.77.3.2/24']);
  lab.route(inside, 'default', '10.77.1.1');
  lab.route(near, '10.77.3.0/24', '10.77.2.1');
  lab.route(far, '10.77.2.0/24', '10.77.3.1');
  const forwarded = { forwarded: '10.77.2.1:19000', to: '10.77.1.2:9000' };
  lab.translate(router, translator, { inside: '10.77.1.0/24', ...forwarded });
  return { lab, inside, outside: [near, far] as const };
}

type Machines = [router: string, inside: string, near: string, far: string];

async function start(lab: Lab, machine: string, name: string, args: readonly string[]) {
  const node = lab.node(machine, name, args);
  await node.next('started', undefined, PATIENCE);
  return node;
}

/** All share small and large values and events, each with each, and nobody is found dead. */
async function seeEachOther(t: ExecutionContext, nodes: readonly NodeProcess[]): Promise<void> {
  const pairs = nodes.flatMap((node) =>
    nodes.flatMap((other) => (other === node ? [] : [{ node, other }])),
  );
  const isFrom = (other: NodeProcess) => (report: { peer: string }) => report.peer === other.name;
  await each(pairs, ({ node, other }) => node.next('peer:start', isFrom(other), PATIENCE));
  for (const node of nodes) {
    await node.ask({ command: 'set', key: 'small', value: 1 });
    await node.ask({ command: 'set', key: 'large', value: 'x'.repeat(100_000) });
    await node.ask({ command: 'say', event: 'e' });
  }
  for (const key of ['small', 'large']) {
    await each(pairs, ({ node, other }) =>
      node.next('set', (set) => set.key === key && set.peer === other.name, PATIENCE),
    );
  }
  await each(pairs, ({ node, other }) => node.next('say', isFrom(other), PATIENCE));
  await pause(WATCHED_MS);
  for (const node of nodes) {
    const losses = node.reports.filter(({ type }) => type === 'peer:stop');
    t.deepEqual(losses, [], node.name);
    const members = (await node.ask({ command: 'members' }))['members'] as Member[];
    const hidden = members.find(({ name, status }) => name === 'hidden' && status !== 'self');
    if (hidden) t.is(hidden.address, '10.77.2.1:19000', node.name);
  }
}

function each<Item>(items: readonly Item[], act: (item: Item) => Promise<unknown>) {
  return Promise.all(items.map(act));
}
