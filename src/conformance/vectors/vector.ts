/**
 * What every test vector has. `conformance/README.md` tells how to use them, and the JSON Schemas
 * beside it say the same as these types to other languages.
 */

/** Bytes as lower-case hex digits; what is long, as runs that follow each other. */
export type Bytes = string | readonly Run[];

/** Some bytes, so many times. */
export interface Run {
  readonly hex: string;
  /** 1 at least. */
  readonly times: number;
}

/** A layer of the protocol; the name of its file of vectors. */
export type LayerName =
  | 'keys'
  | 'protobuf'
  | 'envelope'
  | 'framing'
  | 'digest'
  | 'delta'
  | 'statements'
  | 'ring'
  | 'phi'
  | 'tokens'
  | 'exchange';

/** How binding the rule is that a vector tests (PROTOCOL.md, "Requirement words"). */
export type Grade = 'MUST' | 'SHOULD' | 'MAY';

/** What a peer must be to be tested by it: every peer is a basic one. */
export type Level = 'basic' | 'full';

/** What a peer may have or not have. A vector counts only for those that have all it names. */
export type Feature =
  | 'watch'
  | 'vote'
  | 'split'
  | 'push'
  | 'udp'
  | 'tcp'
  | 'ipv6'
  | 'sealed'
  | 'public'
  | 'rotate'
  | 'restart';

/** Where something is refused. The reasons of PROTOCOL.md's appendix B belong to one each. */
export type RefusalLayer =
  /** By whoever starts a node: nothing came from the network. The error is always `configuration`. */
  | 'configuration'
  /** By whoever computes what is claimed. The error is always `wrong-claim`. */
  | 'claim'
  /** The datagram itself. */
  | 'datagram'
  | 'framing'
  | 'envelope'
  | 'sealing'
  | 'packet'
  | 'trust'
  | 'delta'
  | 'digest'
  | 'identity';

/** What a peer does with what it is given. */
export interface Expectation {
  /** `ignore`: it is neither taken nor refused, and nothing comes of it. */
  readonly result: 'accept' | 'ignore' | 'reject';
  /** Of what is rejected: the layer that does it. */
  readonly layer?: RefusalLayer;
  /** Of what is rejected: the reason, as in PROTOCOL.md's appendix B. */
  readonly error?: string;
  /** What becomes of a stream on which it came; `none` where no stream is concerned. */
  readonly connection: 'kept' | 'closed' | 'none';
}

/** What all vectors share; `given` and more of `expect` depend on the layer. */
export interface VectorBase {
  /** Unique, and never used again for another vector. Begins with the layer. */
  readonly id: string;
  readonly layer: LayerName;
  /** A sentence: what a right peer does. */
  readonly title: string;
  /** The rule of PROTOCOL.md that is tested: `3.1.2`. */
  readonly section: string;
  /** Further rules that it takes to pass. */
  readonly alsoSections?: readonly string[];
  readonly grade: Grade;
  readonly level: Level;
  readonly features: readonly Feature[];
  /** The vector that this one was made from, by one change. Absent: a positive one. */
  readonly mutationOf?: string;
  /** The name of the change, from `schema/mutations.schema.json`. */
  readonly mutation?: string;
  /** What is worth knowing beside. */
  readonly notes?: string;
  /** What the peer is given. */
  readonly given: object;
  /** What a packet means, as ProtoJSON. */
  readonly json?: object;
  /** The bytes of each step on the way, for whoever gets something else. Keys are TEST ONLY. */
  readonly stages?: Readonly<Record<string, Bytes>>;
  readonly expect: Expectation;
}
