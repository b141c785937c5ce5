/** Time as the node sees it; tests and the simulator give their own. */
export interface Clock {
  /** Milliseconds that only grow, a suspended machine's sleep included; the origin is arbitrary. */
  nowMs(): number;
  /** Unix milliseconds: for `expiresAt` in the API and as the first guess of a generation only. */
  wallMs(): number;
  /** Calls once at or after `atMs` of `nowMs()`, never in the calling tick. */
  schedule(atMs: number, callback: () => void): ScheduledCall;
}

export interface ScheduledCall {
  cancel(): void;
}
