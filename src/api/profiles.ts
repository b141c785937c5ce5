/** Where the mesh lives: `profile` sets what an option given by hand does not. */
export type Profile = 'local' | 'lan' | 'wan';

export const PROFILE_NAMES: readonly Profile[] = ['local', 'lan', 'wan'];

/** What a profile sets, in milliseconds; the names are those of the options, which explain them. */
export interface ProfileSettings {
  readonly gossipIntervalMS: number;
  readonly heartbeatIntervalMS: number;
  readonly phiToleranceMs: number;
  readonly burstMs: number;
  readonly joinTimeoutMs: number;
}

/**
 * Without a profile: the intervals are the original's, and the burst is so long that an event
 * loop that is blocked for 6 s convicts nobody (test/life/pause.test.ts).
 */
export const ORIGINAL_PACE: ProfileSettings = Object.freeze({
  gossipIntervalMS: 2500,
  heartbeatIntervalMS: 2500,
  phiToleranceMs: 150,
  burstMs: 6000,
  joinTimeoutMs: 500,
});

/**
 * What each `profile` sets. The figures are first guesses, in proportion to those of memberlist's
 * local, lan and wan configurations.
 */
export const PROFILES: Readonly<Record<Profile, ProfileSettings>> = {
  /** All nodes on one machine. */
  local: {
    gossipIntervalMS: 500,
    heartbeatIntervalMS: 500,
    phiToleranceMs: 100,
    burstMs: 1800,
    joinTimeoutMs: 250,
  },
  /** One network, round trips of a few milliseconds. */
  lan: {
    gossipIntervalMS: 1000,
    heartbeatIntervalMS: 1000,
    phiToleranceMs: 150,
    burstMs: 1800,
    joinTimeoutMs: 500,
  },
  /** Several sites, round trips of up to some 300 ms. */
  wan: {
    gossipIntervalMS: 5000,
    heartbeatIntervalMS: 5000,
    phiToleranceMs: 500,
    burstMs: 4000,
    joinTimeoutMs: 1500,
  },
};
