import type { Clock, ScheduledCall } from '../../src/clock/clock.js';
import { SystemClock } from '../../src/clock/system-clock.js';
import type { VirtualClock } from '../../src/clock/virtual-clock.js';

/**
 * The clock of a machine that can be suspended while the world's time goes on, as Linux has it: its
 * monotonic clock and its timers stand still, and its wall clock and uptime are found ahead.
 */
export class SleepingMachine implements Clock {
  readonly #system: SystemClock;
  #asleepSinceMs: number | undefined;
  #sleptMs = 0;
  #waiting: (() => void)[] = [];

  constructor(private readonly world: VirtualClock) {
    this.#system = new SystemClock({
      sources: {
        monotonicMs: () => this.#monotonicMs(),
        wallMs: () => world.wallMs(),
        uptimeMs: () => Math.floor(world.nowMs() / 1000) * 1000,
      },
    });
  }

  /** From now on no timer of this machine fires. What comes by the network is the test's to stop. */
  sleep(): void {
    this.#asleepSinceMs = this.world.nowMs();
  }

  wake(): void {
    this.#sleptMs += this.world.nowMs() - (this.#asleepSinceMs ?? this.world.nowMs());
    this.#asleepSinceMs = undefined;
    for (const rearm of this.#waiting.splice(0)) rearm();
  }

  nowMs(): number {
    return this.#system.nowMs();
  }

  wallMs(): number {
    return this.world.wallMs();
  }

  /** As `setTimeout` on such a machine: the delay is one of the monotonic clock. */
  schedule(atMs: number, callback: () => void): ScheduledCall {
    let call: ScheduledCall | undefined;
    let cancelled = false;
    const fire = () => {
      if (cancelled) return;
      if (this.#asleepSinceMs !== undefined) this.#waiting.push(() => arm(dueMs));
      else if (this.#monotonicMs() < dueMs) arm(dueMs);
      else if (this.nowMs() < atMs) armAnew();
      else callback();
    };
    const arm = (newDueMs: number) => {
      dueMs = newDueMs;
      call = this.world.schedule(this.world.nowMs() + dueMs - this.#monotonicMs(), fire);
    };
    const armAnew = () => arm(this.#monotonicMs() + Math.ceil(Math.max(0, atMs - this.nowMs())));
    let dueMs = 0;
    armAnew();
    return {
      cancel: () => {
        cancelled = true;
        call?.cancel();
      },
    };
  }

  #monotonicMs(): number {
    return (this.#asleepSinceMs ?? this.world.nowMs()) - this.#sleptMs;
  }
}
