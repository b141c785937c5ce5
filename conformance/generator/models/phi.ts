/** Phi as PROTOCOL.md has it, written for the vectors alone; and as those have it who get it wrong. */
import type { OverdueClaim, PhiClaim } from '../../../src/conformance/vectors/upper-layers.js';

export type Distribution = Omit<PhiClaim, 'kind' | 'claim'>;
export type Watch = Omit<OverdueClaim, 'kind' | 'claim'>;

/** One thing that is done wrong. */
export type PhiMistake =
  | 'sample-deviation'
  | 'tolerance-missing'
  | 'tolerance-once'
  | 'deviation-not-least'
  | 'window-missing'
  | 'window-oldest'
  | 'natural-logarithm'
  | 'other-tail'
  | 'linear-exponent'
  | 'coefficients-swapped'
  | 'cancelled-out'
  | 'threshold-natural';

const WINDOW_SAMPLES = 64;
/** In place of an infinite one. */
const NO_PHI = 1e15;

/** Phi at a time after a ping. */
export function phiOf(
  { elapsedMs, meanMs, deviationMs }: Distribution,
  mistake?: PhiMistake,
): number {
  const swapped = mistake === 'coefficients-swapped';
  const [linear, cubic] = swapped ? [0.070566, 1.5976] : [1.5976, 0.070566];
  const y = (elapsedMs - meanMs) / deviationMs;
  const exponent = linear * y + (mistake === 'linear-exponent' ? 0 : cubic * y ** 3);
  const natural = logOfOnePlusExp(mistake === 'other-tail' ? -exponent : exponent);
  if (mistake === 'cancelled-out' && exponent > 36) return NO_PHI;
  return mistake === 'natural-logarithm' ? natural : natural / Math.LN10;
}

/** Phi, and the exact time at which it reaches the threshold. */
export function overdueMs(watch: Watch, mistake?: PhiMistake): { phi: number; overdueMs: number } {
  const distribution = distributionOf(watch, mistake);
  const at = (elapsedMs: number) => phiOf({ ...distribution, elapsedMs }, mistake);
  const natural = mistake === 'threshold-natural';
  const threshold = natural ? watch.phiThreshold / Math.LN10 : watch.phiThreshold;
  let [low, high] = [0, 1e6];
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2;
    if (at(middle) < threshold) low = middle;
    else high = middle;
  }
  return { phi: at(watch.elapsedMs), overdueMs: high };
}

function distributionOf(
  { samplesMs, phiDeviationMinMs, phiToleranceMs }: Watch,
  mistake?: PhiMistake,
): Omit<Distribution, 'elapsedMs'> {
  const window =
    mistake === 'window-missing'
      ? samplesMs
      : mistake === 'window-oldest'
        ? samplesMs.slice(0, WINDOW_SAMPLES)
        : samplesMs.slice(-WINDOW_SAMPLES);
  const count = window.length;
  const mean = count > 0 ? sumOf(window) / count : phiToleranceMs;
  const divisor = mistake === 'sample-deviation' ? count - 1 : count;
  const squares = sumOf(window.map((sample) => (sample - mean) ** 2));
  const deviation = count > 0 ? Math.sqrt(squares / divisor) : 0;
  // A deviation of 0 would divide by it.
  const least = mistake === 'deviation-not-least' ? 1 : phiDeviationMinMs;
  const missing = mistake === 'tolerance-missing' || (mistake === 'tolerance-once' && count === 0);
  return {
    meanMs: mean + (missing ? 0 : phiToleranceMs),
    deviationMs: Math.max(deviation, least),
  };
}

function logOfOnePlusExp(exponent: number): number {
  if (exponent <= 0) return Math.log1p(Math.exp(exponent));
  return exponent + Math.log1p(Math.exp(-exponent));
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
