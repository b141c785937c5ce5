import test from 'ava';
import * as fc from 'fast-check';
import { PhiEstimator, phi } from '../../src/core/phi.js';
import { checkProperty } from '../wire/property.js';

const SETTINGS = { deviationMinMs: 50, toleranceMs: 150 };
const WINDOW = 64;

/** 1 - F(y) of the standard normal distribution, to 10 digits (Abramowitz and Stegun, table 26.1). */
const TAILS: [y: number, tail: number][] = [
  [-2, 0.9772498681],
  [-1, 0.8413447461],
  [0, 0.5],
  [0.5, 0.3085375387],
  [1, 0.1586552539],
  [1.5, 0.0668072013],
  [2, 0.0227501319],
  [2.5, 0.0062096653],
  [3, 0.001349898],
];

/** log10(1 + exp(y (1.5976 + 0.070566 y^2))), computed with 50 digits. */
const VECTORS: [y: number, phi: number][] = [
  [-3, 0.000535274549],
  [0, 0.301029995663],
  [1, 0.799508320839],
  [3, 2.909475326484],
  [5, 7.29994739446],
  [10, 37.58471305287],
];

test('phi is that of the exact normal tail, to the error that its source claims', (t) => {
  for (const [y, tail] of TAILS) {
    const approximate = 10 ** -phi(1000 + y * 50, 1000, 50);
    t.true(Math.abs(approximate - tail) < 0.00014, `${y}: ${approximate}`);
  }
});

test('phi at fixed points is as PROTOCOL.md gives it', (t) => {
  for (const [y, expected] of VECTORS) {
    t.true(
      Math.abs(phi(1000 + y * 50, 1000, 50) - expected) < 1e-9 * Math.max(1, expected),
      `${y}`,
    );
  }
});

test('phi grows with the time that has gone by, and stays finite', (t) => {
  const time = fc.double({ min: 0, max: 1e7, noNaN: true });
  const deviation = fc.double({ min: 1, max: 1e4, noNaN: true });
  const property = fc.property(time, time, time, deviation, (one, other, mean, spread) => {
    const [early, late] = one < other ? [one, other] : [other, one];
    const before = phi(early, mean, spread);
    const after = phi(late, mean, spread);
    t.true(Number.isFinite(after) && before >= 0);
    t.true(before <= after + 1e-12 * after, `${before} ${after}`);
  });
  checkProperty(property, 1000);
});

const roundTrips = fc.array(fc.double({ min: 0, max: 5000, noNaN: true }), { maxLength: 200 });

test('phi reaches a threshold when its timeout is over, to a millisecond', (t) => {
  const threshold = fc.double({ min: 0.5, max: 20, noNaN: true });
  const property = fc.property(roundTrips, threshold, (samples, wanted) => {
    const estimator = new PhiEstimator(SETTINGS);
    for (const sample of samples) estimator.add(sample);
    const timeoutMs = estimator.timeoutMs(wanted);
    t.true(estimator.phi(timeoutMs) >= wanted);
    t.true(estimator.phi(timeoutMs - 1) < wanted);
  });
  checkProperty(property, 500);
});

test('the window kept in O(1) equals one that is computed anew', (t) => {
  const property = fc.property(roundTrips, fc.nat(20_000), (samples, elapsedMs) => {
    const estimator = new PhiEstimator(SETTINGS);
    for (const sample of samples) estimator.add(sample);
    const window = samples.slice(-WINDOW);
    const sum = window.reduce((total, each) => total + each, 0);
    const mean = window.length === 0 ? SETTINGS.toleranceMs : sum / window.length;
    const squares = window.reduce((total, each) => total + (each - mean) ** 2, 0);
    const deviation = window.length === 0 ? 0 : Math.sqrt(squares / window.length);
    const expected = phi(
      elapsedMs,
      mean + SETTINGS.toleranceMs,
      Math.max(deviation, SETTINGS.deviationMinMs),
    );
    const actual = estimator.phi(elapsedMs);
    t.true(Math.abs(actual - expected) <= 1e-6 * Math.max(1, expected), `${actual} ${expected}`);
  });
  checkProperty(property, 500);
});

test('a long life does not spoil the window: sums do not drift', (t) => {
  const worn = new PhiEstimator(SETTINGS);
  for (let i = 0; i < 300_000; i++) worn.add(i % 1000 === 0 ? 4999.9 : (i % 7) + 0.1);
  const fresh = new PhiEstimator(SETTINGS);
  for (let i = 300_000 - WINDOW; i < 300_000; i++) fresh.add((i % 7) + 0.1);
  t.true(Math.abs(worn.phi(600) - fresh.phi(600)) < 1e-6);
});

test('steady answers are waited for by the least deviation and the tolerance', (t) => {
  const estimator = new PhiEstimator(SETTINGS);
  for (let i = 0; i < 10; i++) estimator.add(10);
  t.is(estimator.phi(160), Math.log10(2));
  const timeoutMs = estimator.timeoutMs(8);
  t.true(timeoutMs > 400 && timeoutMs < 440, `${timeoutMs}`);
});
