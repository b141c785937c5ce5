/** What breaks one rule of the protocol. */

/** A node with one rule of PROTOCOL.md broken, and the case of the runner that says so. */
export interface Mutant {
  /** Words with hyphens; never used for another mutant. */
  readonly id: string;
  /** The rule that is broken: its number, and what it says in short. */
  readonly section: string;
  readonly rule: string;
  /** The compiled file that is changed, from `dist/src` on. */
  readonly file: string;
  /** A text that stands in the file once. */
  readonly find: string;
  /** What takes its place. */
  readonly replace: string;
  /** The case that must fail. */
  readonly caughtBy: string;
  /** The rule that the case then names; absent: that of the mutant. */
  readonly failsBy?: string;
}
