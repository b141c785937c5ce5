import type { Keyring } from '../../crypto/keyring.js';
import type { Packet } from '../../wire/packet.js';
import type { Arrived } from './peer-link.js';
import type { Trace } from './trace.js';

/** On whose behalf a link speaks. */
export interface Speaker {
  readonly keyring: Keyring | undefined;
  readonly trace: Trace;
  /** A packet that says who speaks, for how long it has been up, and nothing else. */
  blank(): Packet;
  nextPing(): number;
  /** A packet has come on one of its links. */
  arrived(arrived: Arrived): void;
}
