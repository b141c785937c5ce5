/** Phi, and when an answer is overdue (PROTOCOL.md, "Phi"). */
import type { OverdueClaim, PhiClaim } from '../../../src/conformance/vectors/upper-layers.js';
import { RIGHT, WRONG } from '../claims.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';
import { type Distribution, overdueMs, type PhiMistake, phiOf, type Watch } from '../models/phi.js';

const MUTATIONS = {
  'sample-deviation': 'The deviation is that of a sample (n - 1), not of the population.',
  'tolerance-missing': 'The tolerance is not added to the mean.',
  'tolerance-once': 'Without samples the mean is the tolerance, to which none is added.',
  'deviation-not-least': 'The deviation has no least value.',
  'window-missing': 'All samples count, not the newest WINDOW_SAMPLES.',
  'window-oldest': 'The oldest WINDOW_SAMPLES samples count, not the newest.',
  'natural-logarithm': 'The logarithm is the natural one.',
  'other-tail': 'It is the probability that the answer has come before.',
  'linear-exponent': 'The cubic term of the exponent is missing.',
  'coefficients-swapped': 'The coefficients of the exponent stand for each other.',
  'cancelled-out': 'One less a probability near 1 is 0, and phi is as large as can be.',
  'threshold-natural': 'The threshold is taken for one of natural logarithms.',
} as const satisfies Record<PhiMistake, string>;

export const phi: LayerSource<'phi'> = {
  layer: 'phi',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'phi'>({
      ...{ layer: 'phi', grade: 'MUST', level: 'full', features: ['watch'] },
    });
    for (const draft of [...values(), ...wrongValues(), ...overdues(), ...wrongOverdues()]) {
      list.add(draft);
    }
    return list.vectors;
  },
  received: () => [],
};

// Phi at a time

const AT_MEAN = { elapsedMs: 200, meanMs: 200, deviationMs: 50 };
const LATE = { elapsedMs: 300, meanMs: 200, deviationMs: 50 };
const VERY_LATE = { elapsedMs: 1000, meanMs: 200, deviationMs: 50 };
const HOURS_LATE = { elapsedMs: 3_600_000, meanMs: 300, deviationMs: 50 };
const AT_ONCE = { elapsedMs: 0, meanMs: 300, deviationMs: 50 };

function values(): Draft<'phi'>[] {
  return [
    value('at-mean', 'At the mean phi is the logarithm of 2.', AT_MEAN),
    value('late', 'Above the mean phi grows fast.', LATE),
    value('very-late', 'Where the probability is next to nothing phi goes on.', VERY_LATE),
    value('hours-late', 'An exponent beyond the range of exp() does no harm.', HOURS_LATE),
    value('at-once', 'When the ping has just gone phi is next to 0.', AT_ONCE),
  ];
}

function wrongValues(): Draft<'phi'>[] {
  return [
    wrong('natural', 'late', 'natural-logarithm', LATE),
    wrong('other-tail', 'late', 'other-tail', LATE),
    wrong('linear', 'late', 'linear-exponent', LATE),
    wrong('swapped', 'late', 'coefficients-swapped', LATE),
    wrong('cancelled', 'very-late', 'cancelled-out', VERY_LATE),
    wrong('overflown', 'hours-late', 'cancelled-out', HOURS_LATE),
  ];
}

function value(id: string, title: string, of: Distribution): Draft<'phi'> {
  return { id, title, section: '13.6.3', given: phiClaim(of), expect: RIGHT };
}

function wrong(
  id: string,
  mutationOf: string,
  mutation: PhiMistake,
  of: Distribution,
): Draft<'phi'> {
  return {
    ...{ id: `not-${id}`, mutationOf, mutation, section: '13.6.3' },
    title: `It is not so that: ${MUTATIONS[mutation]}`,
    ...{ given: phiClaim(of, mutation), expect: WRONG },
  };
}

function phiClaim(of: Distribution, mistake?: PhiMistake): PhiClaim {
  return { kind: 'phi', ...of, claim: { phi: rounded(phiOf(of, mistake)), tolerance: 1e-6 } };
}

// Phi and the overdue time of a watch

const SETTINGS = { phiThreshold: 8, phiDeviationMinMs: 50, phiToleranceMs: 150 };
const NONE: Watch = { samplesMs: [], ...SETTINGS, elapsedMs: 500 };
const FOUR: Watch = { samplesMs: [10, 20, 30, 40], ...SETTINGS, elapsedMs: 500 };
const WIDE: Watch = { samplesMs: [100, 400, 250], ...SETTINGS, elapsedMs: 500 };
const EQUAL: Watch = { samplesMs: [20, 20, 20, 20, 20], ...SETTINGS, elapsedMs: 300 };
/** 64 round trips of 20 ms after 36 of 900 ms. */
const LONG: Watch = {
  samplesMs: [...new Array<number>(36).fill(900), ...new Array<number>(64).fill(20)],
  ...SETTINGS,
  elapsedMs: 400,
};
const NARROW: Watch = {
  samplesMs: [40, 60],
  ...{ phiThreshold: 1, phiDeviationMinMs: 1, phiToleranceMs: 0, elapsedMs: 65 },
};
const STRICT: Watch = { ...FOUR, phiThreshold: 16 };

function overdues(): Draft<'phi'>[] {
  return [
    overdue('no-samples', '13.6.2', 'Without samples the tolerance is the mean.', NONE),
    overdue('four-samples', '13.6.2', 'The deviation is at least phiDeviationMinMs.', FOUR),
    overdue('wide-samples', '13.6.2', 'A deviation above the least one counts.', WIDE),
    overdue('equal-samples', '13.6.2', 'Equal round trips have the least deviation.', EQUAL),
    overdue('long-window', '13.6.1', 'Only the newest WINDOW_SAMPLES samples count.', LONG),
    overdue('low-threshold', '13.6.4', 'A low threshold is reached soon.', NARROW),
    overdue('high-threshold', '13.6.4', 'A high threshold is reached late.', STRICT),
  ];
}

function wrongOverdues(): Draft<'phi'>[] {
  return [
    wrongOverdue('sample-deviation', 'wide-samples', 'sample-deviation', WIDE),
    wrongOverdue('without-tolerance', 'four-samples', 'tolerance-missing', FOUR),
    wrongOverdue('tolerance-once', 'no-samples', 'tolerance-once', NONE),
    wrongOverdue('no-least-deviation', 'equal-samples', 'deviation-not-least', EQUAL),
    wrongOverdue('all-samples', 'long-window', 'window-missing', LONG),
    wrongOverdue('oldest-samples', 'long-window', 'window-oldest', LONG),
    wrongOverdue('threshold-natural', 'high-threshold', 'threshold-natural', STRICT),
  ];
}

function overdue(id: string, section: string, title: string, watch: Watch): Draft<'phi'> {
  const grade = 'SHOULD';
  return { id, title, section, grade, given: overdueClaim(watch), expect: RIGHT };
}

function wrongOverdue(
  id: string,
  mutationOf: string,
  mutation: PhiMistake,
  watch: Watch,
): Draft<'phi'> {
  return {
    ...{ id: `not-${id}`, mutationOf, mutation, section: '13.6.2', grade: 'SHOULD' },
    title: `It is not so that: ${MUTATIONS[mutation]}`,
    ...{ given: overdueClaim(watch, mutation), expect: WRONG },
  };
}

function overdueClaim(watch: Watch, mistake?: PhiMistake): OverdueClaim {
  const found = overdueMs(watch, mistake);
  return {
    ...{ kind: 'overdue', ...watch },
    claim: {
      ...{ phi: rounded(found.phi), tolerance: 1e-6 },
      ...{ overdueMs: Math.round(found.overdueMs * 1000) / 1000, overdueToleranceMs: 1 },
    },
  };
}

/** To so many digits that no processor's own way to round shows. */
function rounded(number: number): number {
  return Number(number.toPrecision(10));
}
