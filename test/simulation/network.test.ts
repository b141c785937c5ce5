import test from 'ava';
import { Random } from '../../src/core/random.js';
import type { NetworkSettings, Station } from '../../src/simulation/network.js';
import { Network } from '../../src/simulation/network.js';
import { SimulatedClock } from '../../src/simulation/simulated-clock.js';

const FAIR: NetworkSettings = {
  latency: { minMs: 10, maxMs: 10 },
  loss: 0,
  duplication: 0,
  reordering: 0,
  mtuBytes: 1500,
  bandwidthBytesPerSecond: Number.POSITIVE_INFINITY,
};
const TRIALS = 20_000;

test('each way loses as much as the settings say, and lines add to it', (t) => {
  const network = makeNetwork({ loss: 0.3 });
  const [from, to] = [station(0), station(1)];
  t.true(Math.abs(lostShare(network, from, to) - 0.3) < 0.015);
  to.incomingLoss = 0.8;
  t.true(Math.abs(lostShare(network, from, to) - (1 - 0.7 * 0.2)) < 0.015);
  t.true(Math.abs(lostShare(network, to, from) - 0.3) < 0.015, 'the other way is as before');
  to.outgoingLoss = 1;
  t.is(lostShare(network, to, from), 1);
});

test('segments are lost as datagrams are', (t) => {
  const network = makeNetwork({ loss: 0.3 });
  const [from, to] = [station(0), station(1)];
  const lost = count(TRIALS, () => network.segment(from, to, 100, 0) === undefined);
  t.true(Math.abs(lost / TRIALS - 0.3) < 0.015);
});

test('an even latency lies between its bounds', (t) => {
  const values = latencies(makeNetwork({ latency: { minMs: 5, maxMs: 25 } }));
  t.true((values[0] as number) >= 5 && (values.at(-1) as number) <= 25);
  t.true(Math.abs(at(values, 0.5) - 15) < 0.5);
  t.true(Math.abs(at(values, 0.9) - 23) < 0.5);
});

test('a log-normal latency has the median and the 99th percentile that were asked for', (t) => {
  const values = latencies(makeNetwork({ latency: { medianMs: 20, p99Ms: 200 } }));
  t.true(Math.abs(at(values, 0.5) - 20) < 1);
  t.true(Math.abs(at(values, 0.99) - 200) < 20);
  t.true((values.at(-1) as number) > 300, 'its tail is long');
});

test('as many datagrams come twice as the settings say, and segments never', (t) => {
  const network = makeNetwork({ duplication: 0.2 });
  const [from, to] = [station(0), station(1)];
  const twice = count(TRIALS, () => network.datagram(from, to, 100, 0).length === 2);
  t.true(Math.abs(twice / TRIALS - 0.2) < 0.015);
});

test('a reordered datagram takes up to ten times as long, so that later ones overtake it', (t) => {
  const network = makeNetwork({ reordering: 0.25 });
  const [from, to] = [station(0), station(1)];
  const arrivals = Array.from({ length: TRIALS }, (_, index) => {
    return (network.datagram(from, to, 100, index)[0] as number) - index;
  });
  t.true(arrivals.every((ms) => ms >= 10 && ms <= 100));
  t.true(Math.abs(arrivals.filter((ms) => ms > 10).length / TRIALS - 0.25) < 0.015);
});

test('what is larger than the MTU, headers included, does not arrive', (t) => {
  const network = makeNetwork({ mtuBytes: 1500 });
  const [from, to] = [station(0), station(1)];
  t.is(network.datagram(from, to, 1472, 0).length, 1);
  t.is(network.datagram(from, to, 1473, 0).length, 0);
  t.is(network.segment(from, to, 1460, 0), 10);
  t.is(network.segment(from, to, 1461, 0), undefined);
});

test('a line carries its bandwidth, queues a quarter of a second, and drops the rest', (t) => {
  const network = makeNetwork({ bandwidthBytesPerSecond: 100_000 });
  const [from, to] = [station(0), station(1)];
  // 1000 bytes on the wire take 10 ms on the sender's line, 10 ms of way, 10 ms on the receiver's.
  const arrivals = Array.from({ length: 100 }, () => network.datagram(from, to, 972, 0)).flat();
  t.deepEqual(arrivals.slice(0, 3), [30, 40, 50]);
  t.is(arrivals.length, 26);
  t.deepEqual(network.datagram(from, to, 972, 5000), [5030], 'the queue is empty again');
});

test('many who send to one share its line', (t) => {
  const network = makeNetwork({ bandwidthBytesPerSecond: 100_000 });
  const to = station(0);
  const arrivals = [1, 2, 3].flatMap((index) => network.datagram(station(index), to, 972, 0));
  t.deepEqual(arrivals, [30, 40, 50]);
});

test('a cut may go one way, and heals', (t) => {
  const network = makeNetwork({});
  const [from, to] = [station(0), station(1)];
  const heal = network.cut((source, target) => source === 0 && target === 1);
  t.is(network.datagram(from, to, 100, 0).length, 0);
  t.is(network.segment(from, to, 100, 0), undefined);
  t.is(network.datagram(to, from, 100, 0).length, 1);
  heal();
  t.is(network.datagram(from, to, 100, 0).length, 1);
});

test('a core is never called before its clock has reached its deadline, however it drifts', (t) => {
  const random = new Random(new Uint8Array(4), 'clocks');
  for (let trial = 0; trial < TRIALS; trial++) {
    const rate = 1 + (random.real() - 0.5) * 2e-3;
    const bootMs = random.real() * 10 ** random.below(10);
    const clock = new SimulatedClock(bootMs, rate, 0);
    const deadlineMs = clock.local(0) + random.real() * 1e7;
    const worldMs = clock.world(deadlineMs);
    t.true(clock.local(worldMs) >= deadlineMs);
    t.true(clock.local(worldMs) < deadlineMs + 0.01, 'nor much later');
  }
});

test('a clock that is 1000 ppm fast gains a second in a thousand', (t) => {
  const clock = new SimulatedClock(500, 1.001, 3_600_000);
  t.is(clock.local(0), 500);
  t.true(Math.abs(clock.local(1_000_000) - 1_001_500) < 1e-6);
  const right = new SimulatedClock(0, 1, 0);
  t.is(clock.wall(7) - right.wall(7), 3_600_000);
});

function makeNetwork(settings: Partial<NetworkSettings>): Network {
  return new Network({ ...FAIR, ...settings }, new Random(new Uint8Array(4), 'network'));
}

function station(index: number): Station {
  return { index, incomingLoss: 0, outgoingLoss: 0, outgoingFreeMs: 0, incomingFreeMs: 0 };
}

function lostShare(network: Network, from: Station, to: Station): number {
  return count(TRIALS, () => network.datagram(from, to, 100, 0).length === 0) / TRIALS;
}

function count(trials: number, happens: () => boolean): number {
  return Array.from({ length: trials }, happens).filter(Boolean).length;
}

/** Drawn, and sorted. */
function latencies(network: Network): number[] {
  return Array.from({ length: TRIALS }, () => network.latencyMs()).sort((a, b) => a - b);
}

function at(sorted: readonly number[], share: number): number {
  return sorted[Math.floor(share * sorted.length)] as number;
}
