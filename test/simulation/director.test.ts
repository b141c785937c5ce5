import test from 'ava';
import type { Machine } from '../../src/simulation/machine.js';
import { readScenario } from '../../src/simulation/scenario-reader.js';
import { Rig } from './rig.js';

test('a fault comes when it is to, lasts as long, and comes again', (t) => {
  const rig = new Rig({ nodes: 4 });
  const fault = { kind: 'pause', nodes: { names: ['n1'] }, atMs: 1000, forMs: 300, everyMs: 1000 };
  begin(rig, fault);
  const pausedMs = times(rig, 3000, 100, () => rig.machine(1).state === 'paused');
  t.deepEqual(pausedMs, [1000, 1100, 1200, 2000, 2100, 2200, 3000]);
});

test('nodes that are struck one after another are so far apart', (t) => {
  const rig = new Rig({ nodes: 4 });
  begin(rig, { kind: 'crash', nodes: { share: 1 }, spacingMs: 500 });
  const down: number[] = [];
  for (let step = 0; step < 4; step++) {
    rig.run(step === 0 ? 0 : 500);
    down.push(rig.world.machines.filter((machine) => !machine.isOn()).length);
  }
  t.deepEqual(down, [1, 2, 3, 4]);
});

test('a share is of all nodes, and one at least', (t) => {
  for (const [share, struck] of [
    [0, 0],
    [0.01, 1],
    [0.5, 5],
    [1, 10],
  ] as const) {
    const rig = new Rig({ nodes: 10 });
    rig.fault({ kind: 'kill', nodes: { share } });
    t.is(rig.world.machines.filter((machine) => !machine.isListening()).length, struck);
  }
});

test('other nodes are drawn each time, if that is asked for', (t) => {
  for (const anew of [false, true]) {
    const rig = new Rig({ nodes: 10 });
    const paused = new Set<Machine>();
    begin(rig, { kind: 'pause', nodes: { count: 1 }, forMs: 50, everyMs: 100, anew });
    for (let step = 0; step < 20; step++) {
      rig.run(step === 0 ? 20 : 100);
      for (const machine of rig.world.machines) if (machine.state === 'paused') paused.add(machine);
    }
    t.is(paused.size > 1, anew);
  }
});

test('a partition has parts of the sizes that were asked for, and heals', (t) => {
  const rig = new Rig({ nodes: 10 });
  rig.fault({ kind: 'partition', shares: [0.6, 0.3, 0.1], forMs: 1000 });
  const reached = rig.world.machines.map(({ station }) => {
    return rig.world.machines.filter((other) => !rig.world.network.isCut(station, other.station));
  });
  const sizes = reached.map(({ length }) => length).sort((a, b) => a - b);
  t.deepEqual(sizes, [1, 3, 3, 3, 6, 6, 6, 6, 6, 6]);
  rig.run(1000);
  const stations = rig.world.machines.map(({ station }) => station);
  t.false(stations.some((from) => stations.some((to) => rig.world.network.isCut(from, to))));
});

test('in a one-way partition only what the first part sends is lost', (t) => {
  const rig = new Rig({ nodes: 4 });
  rig.fault({ kind: 'partition', shares: [0.25, 0.75], oneWay: true });
  const { machines, network } = rig.world;
  const cuts = machines.flatMap(({ station: from, name }) =>
    machines.filter(({ station: to }) => network.isCut(from, to)).map(() => name),
  );
  t.is(cuts.length, 3);
  t.is(new Set(cuts).size, 1);
});

test('load begins, ends and comes as often as it is to', (t) => {
  const rig = new Rig({ nodes: 4 });
  const versions = () => rig.machine(1).core?.self(0).version as number;
  const before = versions();
  const load = [
    { kind: 'set', perSecond: 10, nodes: { names: ['n1'] }, fromMs: 1000, forMs: 2000 },
  ];
  rig.director.begin(readScenario({ nodes: 4, load }).load, []);
  rig.run(1000);
  t.is(versions(), before);
  rig.run(5000);
  t.is(versions(), before + 20);
  t.is(rig.machine(1).core?.keys(0).length, 10);
  t.is(rig.machine(2).core?.self(0).version, before, 'the others do nothing');
});

test('load deletes keys', (t) => {
  const rig = new Rig({ nodes: 4 });
  for (let key = 0; key < 4; key++) rig.set(0, `key${key}`);
  const load = [{ kind: 'delete', perSecond: 10, keys: 3, nodes: { names: ['n0'] } }];
  rig.director.begin(readScenario({ nodes: 4, load }).load, []);
  rig.run(1000);
  t.deepEqual(rig.machine(0).core?.keys(0), ['key3']);
});

test('at the end all that was down runs again, and nothing comes any more', (t) => {
  const rig = new Rig({ nodes: 6 });
  for (const kind of ['crash', 'kill', 'leave', 'pause']) {
    begin(rig, { kind, nodes: { count: 1 }, everyMs: 500 });
  }
  rig.run(1000);
  rig.director.end();
  const states = () => rig.world.machines.map(({ state }) => state);
  t.deepEqual(new Set(states()), new Set(['running']));
  rig.run(5000);
  t.deepEqual(new Set(states()), new Set(['running']));
  t.true(rig.sightings.allSeeAll());
});

test('what happened is told', (t) => {
  const rig = new Rig({ nodes: 4 });
  const names = ['n2'];
  rig.fault({ kind: 'crash', nodes: { names }, forMs: 1000 });
  rig.run(2000);
  rig.fault({ kind: 'lossy', nodes: { names }, incoming: 0.8, forMs: 1000 });
  rig.fault({ kind: 'partition', shares: [0.5, 0.5], forMs: 1000 });
  rig.fault({ kind: 'replay', datagrams: 7 });
  rig.run(2000);
  t.deepEqual(
    rig.director.happenings.map(({ atMs, text }) => `${atMs} ${text}`),
    [
      '2000 n2 crashes',
      '3000 n2 starts again',
      '4000 n2 loses 80 % in, 0 % out',
      '4000 the mesh is cut into 2 and 2 nodes',
      '4000 7 old datagrams come again',
      "5000 n2's line is well again",
      '5000 the mesh is whole again',
    ],
  );
});

/** Plans a fault from now on. */
function begin(rig: Rig, fields: object): void {
  const { nodes } = rig;
  rig.director.begin([], readScenario({ nodes, faults: [fields] }).faults);
}

/** The times, from now, at which something is so. */
function times(rig: Rig, forMs: number, stepMs: number, isSo: () => boolean): number[] {
  const found: number[] = [];
  for (let ms = 0; ms <= forMs; ms += stepMs) {
    rig.run(ms === 0 ? 0 : stepMs);
    if (isSo()) found.push(ms);
  }
  return found;
}
