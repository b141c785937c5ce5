import test from 'ava';
import { Distribution } from '../../src/simulation/distribution.js';
import { Rig } from './rig.js';

test('all see all once they have joined, and nobody sees who is not there', (t) => {
  const rig = new Rig({ nodes: 4 });
  t.true(rig.sightings.allSeeAll());
  t.is(rig.sightings.rightShare(), 1);
  rig.world.crash(rig.machine(0));
  t.false(rig.sightings.allSeeAll(), 'three still hold the fourth alive');
  t.is(rig.sightings.missed(), 3);
  t.is(rig.sightings.rightShare(), 6 / 9);
  rig.run(20_000);
  t.is(rig.sightings.rightShare(), 1);
  t.true(rig.sightings.allSeeAll());
  t.is(rig.sightings.missed(), 0);
});

test('the time from a crash until each other node knows is measured', (t) => {
  const rig = new Rig({ nodes: 4 });
  const knownMs: number[] = [];
  const crashedMs = rig.world.nowMs();
  rig.world.observe({
    emitted: (_, { type }) => {
      if (type === 'peerDown') knownMs.push(rig.world.nowMs() - crashedMs);
    },
  });
  rig.world.crash(rig.machine(0));
  rig.run(20_000);
  t.is(knownMs.length, 3);
  t.is(rig.sightings.detectionMs.percentiles()?.max, Math.max(...knownMs));
  t.is(rig.sightings.allKnowMs.percentiles()?.p50, Math.max(...knownMs));
  t.is(rig.sightings.falseStops + rig.sightings.faultyStops, 0);
});

test('a goodbye is no detection and no false stop', (t) => {
  const rig = new Rig();
  rig.fault({ kind: 'leave', nodes: { names: ['n0'] } });
  rig.run(5000);
  t.true(rig.sightings.allSeeAll());
  t.is(rig.sightings.detectionMs.percentiles(), undefined);
  t.is(rig.sightings.falseStops + rig.sightings.faultyStops, 0);
});

test('a node that restarts is not seen until its new life is', (t) => {
  const rig = new Rig();
  rig.fault({ kind: 'restart', nodes: { names: ['n0'] } });
  t.false(rig.sightings.allSeeAll());
  t.is(rig.sightings.rightShare(), 2 / 6);
  rig.run(5000);
  t.true(rig.sightings.allSeeAll());
});

test('a live node that is called dead is a false stop', (t) => {
  const rig = new Rig();
  stop(rig, 1, 0);
  stop(rig, 2, 0);
  t.is(rig.sightings.falseStops, 2);
  t.is(rig.sightings.faultyStops, 0);
  t.is(rig.sightings.stopsMax, 1);
  t.is(rig.sightings.rightShare(), 4 / 6);
});

test('faults excuse reports of a node and by it, and so for half a minute after the last', (t) => {
  const rig = new Rig();
  const bad = rig.machine(0);
  rig.sightings.markBad(bad);
  rig.sightings.markBad(bad);
  stop(rig, 1, 0);
  stop(rig, 0, 1);
  t.is(rig.sightings.faultyStops, 2);
  t.is(rig.sightings.misledStops, 1, 'nothing was wrong with n1');
  rig.sightings.markGood(bad);
  rig.run(40_000);
  see(rig, 1, 0);
  stop(rig, 1, 0);
  t.is(rig.sightings.faultyStops, 3, 'one fault is left');
  t.is(rig.sightings.stopsMax, 2);
  rig.sightings.markGood(bad);
  rig.run(29_000);
  see(rig, 1, 0);
  stop(rig, 1, 0);
  t.is(rig.sightings.faultyStops, 4);
  rig.run(2000);
  see(rig, 1, 0);
  stop(rig, 1, 0);
  t.is(rig.sightings.faultyStops, 4);
  t.is(rig.sightings.falseStops, 1);
});

test('changes of mind about a node that runs are counted in any ten minutes', (t) => {
  const rig = new Rig();
  const most = () => rig.sightings.changes.perTenMinutesMax;
  rig.fault({ kind: 'lossy', nodes: { names: ['n0'] } });
  see(rig, 1, 0);
  t.is(most(), 0, 'it was not held for dead');
  stop(rig, 1, 0);
  rig.run(300_000);
  see(rig, 1, 0);
  t.is(most(), 2);
  rig.run(300_001);
  stop(rig, 1, 0);
  t.is(most(), 2, 'the first is too long ago');
  see(rig, 1, 0);
  t.is(most(), 3);
  rig.sightings.started(rig.machine(0));
  see(rig, 1, 0);
  t.is(most(), 3, 'a new life is no change of mind');
});

test('what a faulty node takes others for is no change of mind of a good one', (t) => {
  const rig = new Rig();
  rig.sightings.markBad(rig.machine(0));
  stop(rig, 0, 1);
  see(rig, 0, 1);
  t.is(rig.sightings.changes.perTenMinutesMax, 0);
});

test('what is seen is what the cores show, whatever happens', (t) => {
  const rig = new Rig({ nodes: 6, network: { loss: 0.1 } });
  const kinds = ['crash', 'kill', 'leave', 'restart', 'pause', 'pause'];
  for (const kind of kinds) rig.fault({ kind, nodes: { count: 1 }, forMs: 7000 });
  rig.fault({ kind: 'partition', shares: [0.5, 0.5], forMs: 9000 });
  for (let step = 0; step < 20; step++) {
    rig.run(2000);
    // Others' word of a death is told some 300 ms later than it is shown.
    const difference = Math.abs(rig.sightings.rightShare() - shownShare(rig));
    t.true(difference < 0.2, `${difference} after step ${step}`);
  }
  t.is(rig.sightings.rightShare(), 1);
  t.is(shownShare(rig), 1);
});

test('percentiles are half a percent off at most, and the maximum is exact', (t) => {
  const distribution = new Distribution();
  t.is(distribution.percentiles(), undefined);
  for (let value = 1; value <= 10_000; value++) distribution.add(value * 1.7);
  const { p50, p99, max } = distribution.percentiles() as { p50: number; p99: number; max: number };
  t.true(Math.abs(p50 / (5000 * 1.7) - 1) < 0.0051);
  t.true(Math.abs(p99 / (9900 * 1.7) - 1) < 0.0051);
  t.is(max, 17_000);
  const zeros = new Distribution();
  zeros.add(0);
  t.deepEqual(zeros.percentiles(), { p50: 0, p99: 0, max: 0 });
});

/** One node tells that another one is dead, or alive. */
function stop(rig: Rig, observer: number, subject: number): void {
  const name = `n${subject}`;
  rig.sightings.emitted(rig.machine(observer), { type: 'peerDown', name, owner: '', left: false });
}

function see(rig: Rig, observer: number, subject: number): void {
  rig.sightings.emitted(rig.machine(observer), {
    type: 'peerAlive',
    name: `n${subject}`,
    owner: '',
  });
}

/** The share of pairs of which the first knows rightly whether the second lives, as cores tell. */
function shownShare({ world: { machines } }: Rig): number {
  const running = machines.filter((machine) => machine.isListening());
  let right = 0;
  for (const observer of running) {
    for (const subject of machines) {
      if (subject === observer) continue;
      const own = subject.core?.self(subject.localMs());
      const shown = observer.core?.peer(subject.name, observer.localMs());
      const isSeen = shown?.status === 'alive' && shown.logId === own?.logId;
      if (isSeen === subject.isListening()) right += 1;
    }
  }
  return right / (running.length * (machines.length - 1));
}
