/** What a layer gives to the suite, and how its vectors are put together. */
import type { Layer, VectorsByLayer } from '../../src/conformance/vectors/layers.js';

/** What makes the vectors of a layer. */
export interface LayerSource<L extends Layer = Layer> {
  readonly layer: L;
  /** What the mutations do, by name. Layers may share one, with the same words. */
  readonly mutations: Readonly<Record<string, string>>;
  /** The same at each call. */
  readonly make: () => VectorsByLayer[L][];
  /** The bytes that the vector has a peer receive, in their order; none if it has no such. */
  readonly received: (vector: VectorsByLayer[L]) => Received[];
}

/** Bytes from outside, for fuzzers. */
export interface Received {
  readonly bytes: Uint8Array;
  /** How they come, for captures. Absent: they are on no network by themselves. */
  readonly carried?: Carried;
}

/** A datagram, or all of a stream. */
export interface Carried {
  readonly transport: 'udp' | 'tcp';
  readonly payload: Uint8Array;
  /** Of a datagram. Absent: a usual one. */
  readonly sourcePort?: number;
}

/** What most vectors of a layer have alike. */
type Alike = 'layer' | 'grade' | 'level' | 'features';

/** A vector less what its layer has alike, and its id less the layer. */
export type Draft<L extends Layer> = Omit<VectorsByLayer[L], Alike> &
  Partial<Pick<VectorsByLayer[L], Exclude<Alike, 'layer'>>>;

/** Collects the vectors of a layer, with their properties in one order. */
export class VectorList<L extends Layer> {
  readonly vectors: VectorsByLayer[L][] = [];

  constructor(private readonly alike: Pick<VectorsByLayer[L], Alike>) {}

  add(draft: Draft<L>): void {
    const { layer } = this.alike;
    const { id, title, section, alsoSections, mutationOf, mutation, notes } = draft;
    const { given, json, stages, expect } = draft;
    const { grade, level, features } = { ...this.alike, ...draft };
    const vector = {
      ...{ id: `${layer}-${id}`, layer, title, section },
      ...(alsoSections && { alsoSections }),
      ...{ grade, level, features },
      ...(mutationOf && { mutationOf: `${layer}-${mutationOf}`, mutation }),
      ...(notes && { notes }),
      given,
      ...(json && { json }),
      ...(stages && { stages }),
      expect,
    };
    this.vectors.push(vector as unknown as VectorsByLayer[L]);
  }
}
