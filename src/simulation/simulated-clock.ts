/** A machine's clocks: the monotonic one runs a little fast or slow, the wall clock may be years off. */
export class SimulatedClock {
  /**
   * @param bootMs the monotonic clock at the simulation's time 0: machines booted at different times.
   * @param rate how fast it runs: 1.0001 is 100 ppm fast.
   * @param wallSkewMs how far the wall clock is ahead.
   */
  constructor(
    private readonly bootMs: number,
    private readonly rate: number,
    private readonly wallSkewMs: number,
  ) {}

  /** The machine's monotonic time, in ms. */
  local(worldMs: number): number {
    return this.bootMs + worldMs * this.rate;
  }

  /** The simulation's time at which the machine's clock has reached a time. */
  world(localMs: number): number {
    let worldMs = (localMs - this.bootMs) / this.rate;
    // Division rounds: a core that is woken just before its deadline would be woken for ever.
    while (this.local(worldMs) < localMs) worldMs += STEP_MS;
    return worldMs;
  }

  /** Unix ms, as far as the machine knows. */
  wall(worldMs: number): number {
    return EPOCH_MS + this.wallSkewMs + worldMs;
  }
}

const STEP_MS = 1 / 1024;
/** Some day of 2026. */
const EPOCH_MS = 1_790_000_000_000;
