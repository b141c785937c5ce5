/** Round trips kept; older ones fall out. */
const WINDOW_SAMPLES = 64;

/** What tells an answer that is late from one that does not come. */
export interface PhiSettings {
  /** The deviation is taken to be at least this, in milliseconds. */
  deviationMinMs: number;
  /** Added to the mean: a pause that is no sign of death, in milliseconds. */
  toleranceMs: number;
}

/**
 * The phi accrual failure detector (Hayashibara et al. 2004) over the round trips of one node's
 * answers: `phi = -log10(P(an answer comes later than this))`, for normally distributed round trips.
 * A sample costs O(1).
 */
export class PhiEstimator {
  readonly #samples = new Float64Array(WINDOW_SAMPLES);
  #count = 0;
  #sum = 0;
  #squares = 0;

  constructor(private readonly settings: PhiSettings) {}

  /** Takes the round trip of an answer; one that never came is no sample. */
  add(roundTripMs: number): void {
    const slot = this.#count % WINDOW_SAMPLES;
    if (this.#count >= WINDOW_SAMPLES) {
      const oldest = this.#samples[slot] as number;
      this.#sum -= oldest;
      this.#squares -= oldest * oldest;
    }
    this.#samples[slot] = roundTripMs;
    this.#sum += roundTripMs;
    this.#squares += roundTripMs * roundTripMs;
    this.#count += 1;
  }

  /** How unlikely it is that an answer is still to come, `elapsedMs` after its ping. */
  phi(elapsedMs: number): number {
    return phi(elapsedMs, this.#meanMs() + this.settings.toleranceMs, this.#deviationMs());
  }

  /** The time after a ping at which phi reaches a threshold, in milliseconds. */
  timeoutMs(threshold: number): number {
    const mean = this.#meanMs() + this.settings.toleranceMs;
    let low = mean;
    let high = mean + 64 * this.#deviationMs();
    while (high - low > 1) {
      const middle = (low + high) / 2;
      if (this.phi(middle) < threshold) low = middle;
      else high = middle;
    }
    return high;
  }

  #meanMs(): number {
    const size = Math.min(this.#count, WINDOW_SAMPLES);
    return size === 0 ? this.settings.toleranceMs : this.#sum / size;
  }

  #deviationMs(): number {
    const size = Math.min(this.#count, WINDOW_SAMPLES);
    if (size === 0) return this.settings.deviationMinMs;
    const mean = this.#sum / size;
    const variance = Math.max(0, this.#squares / size - mean * mean);
    return Math.max(Math.sqrt(variance), this.settings.deviationMinMs);
  }
}

/**
 * `-log10(1 - F(t))`, F the normal distribution by the logistic approximation
 * `1 / (1 + exp(-y (1.5976 + 0.070566 y^2)))`, y = (t - mean) / deviation, whose error is below 0.00014
 * (Bowling et al. 2009). Above the mean the tail is computed directly, so that it does not cancel out.
 */
export function phi(elapsedMs: number, meanMs: number, deviationMs: number): number {
  const y = (elapsedMs - meanMs) / deviationMs;
  const exponent = y * (1.5976 + 0.070566 * y * y);
  if (y <= 0) return Math.log10(1 + Math.exp(exponent));
  return (exponent + Math.log1p(Math.exp(-exponent))) / Math.LN10;
}
