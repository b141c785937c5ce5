/** Nodes on machines of their own, with real sockets and addresses that come and go. */
import type { ExecutionContext } from 'ava';
import type { NodeProcess } from '../../src/cli/demo/node-process.js';
import type { Member } from '../../src/cli/start/report.js';
import { Lab, testInNamespaces } from '../support/namespaces.js';
import { pause } from '../transport/recorder.js';

const PATIENCE = { timeoutMs: 30_000 };
const QUICK = ['--profile', 'local', '--port', '9000'];

testInNamespaces('two machines meet over IPv6', async (given) => {
  const t = given as ExecutionContext;
  const lab = new Lab(t);
  const [left, right] = [lab.machine(), lab.machine()];
  lab.cable([left, 'fd77::1/64'], [right, 'fd77::2/64']);
  const one = await start(lab, left, 'one', ['--address', 'fd77::1']);
  const other = await start(lab, right, 'other', [
    '--address',
    'fd77::2',
    '--join',
    '[fd77::1]:9000',
  ]);
  await shareAll([one, other]);
  t.is(await addressOf(one, 'other'), '[fd77::2]:9000');
});

testInNamespaces('two machines without any address but those of their link meet', async (given) => {
  const t = given as ExecutionContext;
  const lab = new Lab(t);
  const [left, right] = [lab.machine(), lab.machine()];
  const device = lab.cable([left, 'fe80::77:1/64'], [right, 'fe80::77:2/64']);
  const one = await start(lab, left, 'one', ['--address', '::']);
  const join = `[fe80::77:1%${device}]:9000`;
  const other = await start(lab, right, 'other', ['--address', '::', '--join', join]);
  await shareAll([one, other]);
  t.regex((await addressOf(one, 'other')) ?? '', /^\[fe80::[\da-f:]+%cable1\]:9000$/);
});

testInNamespaces(
  'machines that listen everywhere go on when the one that introduced them is gone',
  async (given) => {
    const t = given as ExecutionContext;
    const { lab, machines } = makeNetwork(t);
    const everywhere = ['--address', '0.0.0.0'];
    const first = await start(lab, machines[0]!, 'first', everywhere);
    const join = [...everywhere, '--join', '10.77.0.1:9000'];
    const others = await Promise.all(
      ['second', 'third'].map((name, index) => start(lab, machines[index + 1]!, name, join)),
    );
    const [second, third] = others as [NodeProcess, NodeProcess];
    await shareAll([first, second, third]);
    t.is(await addressOf(second, 'third'), '10.77.0.3:9000');
    first.kill('SIGKILL');
    const isFirst = ({ peer }: { peer: string }) => peer === 'first';
    await Promise.all(others.map((node) => node.next('peer:stop', isFirst, PATIENCE)));
    await shareAll(others);
    t.deepEqual(lostBy(others), ['second has lost first', 'third has lost first']);
  },
);

testInNamespaces('a machine that gets another address is found there', async (given) => {
  const t = given as ExecutionContext;
  const { lab, machines, devices } = makeNetwork(t);
  const first = await start(lab, machines[0]!, 'first', ['--address', '10.77.0.1']);
  const join = ['--join', '10.77.0.1:9000'];
  const second = await start(lab, machines[1]!, 'second', ['--address', '10.77.0.2', ...join]);
  const moving = await start(lab, machines[2]!, 'moving', ['--address', '0.0.0.0', ...join]);
  const all = [first, second, moving];
  await shareAll(all);
  lab.removeAddress(machines[2]!, devices[2]!, '10.77.0.3/24');
  lab.addAddress(machines[2]!, devices[2]!, '10.77.0.33/24');
  const isThere = async (node: NodeProcess) =>
    (await addressOf(node, 'moving')) === '10.77.0.33:9000';
  for (const node of [first, second]) {
    for (let tries = 0; tries < 200 && !(await isThere(node)); tries++) await pause(100);
    t.true(await isThere(node), node.name);
  }
  await shareAll(all);
  await pause(4000);
  t.deepEqual(lostBy(all), []);
});

testInNamespaces(
  'a TCP connection that has silently broken gives way to another one',
  async (given) => {
    const t = given as ExecutionContext;
    const { lab, machines, devices } = makeNetwork(t);
    const onlyTcp = (ip: string) => ['--no-udp', '--address', ip];
    const one = await start(lab, machines[0]!, 'one', onlyTcp('10.77.0.1'));
    const join = [...onlyTcp('10.77.0.2'), '--join', '10.77.0.1:9000'];
    const other = await start(lab, machines[1]!, 'other', join);
    await shareAll([one, other]);
    const [port] = lab.acceptedFrom(machines[0]!, 9000);
    lab.dropPort(machines[0]!, devices[0]!, port!);
    lab.dropPort(machines[1]!, devices[1]!, port!);
    await shareAll([one, other]);
    t.false(lab.acceptedFrom(machines[0]!, 9000).includes(port!));
  },
);

/** Three machines, .1 to .3, on one network. */
function makeNetwork(t: ExecutionContext) {
  const lab = new Lab(t);
  const machines = [lab.machine(), lab.machine(), lab.machine()];
  const devices = lab.network(
    ...machines.map((machine, index) => [machine, `10.77.0.${index + 1}/24`] as const),
  );
  return { lab, machines, devices };
}

async function start(lab: Lab, machine: string, name: string, args: readonly string[]) {
  const node = lab.node(machine, name, [...QUICK, ...args]);
  await node.next('started', undefined, PATIENCE);
  return node;
}

let shares = 0;

/** Each sets a small and a large value, and waits until it has those of all others. */
async function shareAll(nodes: readonly NodeProcess[]): Promise<void> {
  shares += 1;
  const keys = [`small ${shares}`, `large ${shares}`] as const;
  for (const node of nodes) {
    await node.ask({ command: 'set', key: keys[0], value: 1 });
    await node.ask({ command: 'set', key: keys[1], value: 'x'.repeat(50_000) });
  }
  const isOf = (other: NodeProcess, key: string) => (set: { peer: string; key: string }) =>
    set.peer === other.name && set.key === key;
  for (const node of nodes) {
    for (const other of nodes) {
      if (other === node) continue;
      for (const key of keys) await node.next('set', isOf(other, key), PATIENCE);
    }
  }
}

async function addressOf(node: NodeProcess, name: string): Promise<string | undefined> {
  const members = (await node.ask({ command: 'members' }))['members'] as Member[];
  return members.find((member) => member.name === name)?.address;
}

function lostBy(nodes: readonly NodeProcess[]): string[] {
  return nodes.flatMap(({ name, reports }) =>
    reports.flatMap((report) =>
      report.type === 'peer:stop' ? `${name} has lost ${report.peer}` : [],
    ),
  );
}
