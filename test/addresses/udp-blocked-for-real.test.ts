/** Datagrams that do not get through, with real sockets; `udp-blocked.test.ts` has more of it. */
import type { ExecutionContext } from 'ava';
import type { NodeProcess } from '../../src/cli/demo/node-process.js';
import type { NodeStats } from '../../src/node/stats.js';
import { Lab, testInNamespaces } from '../support/namespaces.js';
import { pause } from '../transport/recorder.js';

/** The protocol takes 5 s at most; processes on a busy machine take longer. */
const CONVERGED_WITHIN_MS = 10_000;
/** A wrong verdict would come within this time. */
const VERDICT_WITHIN_MS = 8000;

const DIRECTIONS = ['from one to the other', 'from the other to the one', 'both ways'] as const;

for (const direction of DIRECTIONS) {
  for (const when of ['from the start', 'while it goes on'] as const) {
    const title = `two machines converge when datagrams are blocked ${direction} ${when}`;
    testInNamespaces(title, async (given) => {
      const t = given as ExecutionContext;
      const lab = new Lab(t);
      const [left, right] = [lab.machine(), lab.machine()];
      const device = lab.cable([left, '10.77.0.1/24'], [right, '10.77.0.2/24']);
      const isDeaf = { one: direction !== DIRECTIONS[0], other: direction !== DIRECTIONS[1] };
      const block = () => {
        if (isDeaf.one) lab.dropDatagrams(left, device);
        if (isDeaf.other) lab.dropDatagrams(right, device);
      };
      if (when === 'from the start') block();
      const one = lab.node(left, 'one', ['--address', '10.77.0.1:9000']);
      await one.next('started', undefined, { timeoutMs: 20_000 });
      const join = ['--address', '10.77.0.2:9000', '--join', '10.77.0.1:9000'];
      const other = lab.node(right, 'other', join);
      await Promise.all([one, other].map((node) => node.next('peer:start', () => true, PATIENCE)));
      if (when === 'while it goes on') block();
      const blockedAtMs = performance.now();
      const before = await Promise.all([one, other].map(datagramsReceived));
      for (const node of [one, other]) {
        await node.ask({ command: 'set', key: 'k', value: 'x'.repeat(20_000) });
        await node.ask({ command: 'say', event: 'e', value: node.name });
      }
      const arrived = await Promise.all([arrival(one, other), arrival(other, one)]);
      const lastMs = Math.max(...arrived) - blockedAtMs;
      t.log(`all had come ${lastMs.toFixed(0)} ms after the block`);
      t.true(lastMs < CONVERGED_WITHIN_MS, `${lastMs} ms`);
      await pause(blockedAtMs + VERDICT_WITHIN_MS - performance.now());
      const down = [one, other].flatMap(({ name, reports }) =>
        reports.flatMap(({ type }) => (type === 'peer:stop' ? `${name}: ${type}` : [])),
      );
      t.deepEqual(down, []);
      const after = await Promise.all([one, other].map(datagramsReceived));
      if (isDeaf.one) t.is(after[0], before[0]);
      if (isDeaf.other) t.is(after[1], before[1]);
    });
  }
}

const PATIENCE = { timeoutMs: 20_000 };

/** When one had heard of both the value and the event of the other. */
async function arrival(at: NodeProcess, from: NodeProcess): Promise<number> {
  const [set, say] = await Promise.all([
    at.next('set', ({ peer, key }) => peer === from.name && key === 'k', PATIENCE),
    at.next('say', ({ peer }) => peer === from.name, PATIENCE),
  ]);
  return Math.max(set.atMs, say.atMs);
}

async function datagramsReceived(node: NodeProcess): Promise<number> {
  const { stats } = await node.ask({ command: 'stats' });
  return (stats as NodeStats).received.udp.packets;
}
