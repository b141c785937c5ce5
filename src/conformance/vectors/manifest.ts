/** What tells about the vectors as a whole. */
import type { Layer, Vector } from './layers.js';

/** `manifest.json`. */
export interface Manifest {
  readonly $schema: string;
  /** The version of the suite. The major one rises when a right peer may fail what it passed. */
  readonly suite: string;
  /** The version of the protocol that is tested. */
  readonly protocol: number;
  /** SHA-256, in hex, of the frozen schema: a descriptor set, as `buf build` writes it. */
  readonly schemaSha256: string;
  readonly files: readonly ManifestFile[];
  /** Of all files together. */
  readonly count: number;
  /** Ids of vectors that are gone. They are not used again. */
  readonly retired: readonly string[];
}

/** A file of vectors. */
export interface ManifestFile {
  /** From the manifest's folder. */
  readonly path: string;
  readonly layer: Layer;
  /** Of the file's bytes, in hex. */
  readonly sha256: string;
  /** Vectors in it. */
  readonly count: number;
  /** How many of them are mutations of others. */
  readonly mutations: number;
}

/** `vectors/<layer>.json`. */
export interface VectorFile {
  readonly $schema: string;
  readonly suite: string;
  readonly protocol: number;
  /** What made the file. */
  readonly generator: string;
  readonly note: string;
  readonly layer: Layer;
  readonly vectors: readonly Vector[];
}
