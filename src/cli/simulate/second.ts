import type { Sample } from '../../simulation/index.js';

/** Joins the samples of each virtual second to one: what was counted in it, and how it ended. */
export class SecondSampler {
  #fromMs = 0;
  #lastMs = 0;
  #bytes = 0;
  #suspicions = 0;

  /** @returns the sample of the second that ends with this one. */
  add(sample: Sample): Sample | undefined {
    const { atMs } = sample;
    this.#bytes += (sample.bytesPerSecond * (atMs - this.#lastMs)) / 1000;
    this.#suspicions += sample.suspicions;
    this.#lastMs = atMs;
    if (atMs % 1000 !== 0) return undefined;
    const bytesPerSecond = Math.round((this.#bytes * 1000) / (atMs - this.#fromMs));
    const joined = { ...sample, bytesPerSecond, suspicions: this.#suspicions };
    this.#fromMs = atMs;
    this.#bytes = 0;
    this.#suspicions = 0;
    return joined;
  }
}
