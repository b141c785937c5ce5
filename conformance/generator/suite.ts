/**
 * The whole suite as files: vectors, mutations, what the vectors have one receive, a capture of that,
 * and the manifest. Made from nothing but the code: the same at each call.
 */
import { createHash } from 'node:crypto';
import type { Layer, Vector } from '../../src/conformance/vectors/layers.js';
import type { Manifest, ManifestFile, VectorFile } from '../../src/conformance/vectors/manifest.js';
import { PROTOCOL_VERSION } from '../../src/wire/limits.js';
import { Capture } from './capture.js';
import type { LayerSource } from './layer-source.js';
import { LAYERS } from './layers/index.js';
import { rustFiles } from './rust.js';

/** The suite's version: semantic, by what it does to peers that passed. */
export const SUITE = '1.0.0';

/** Ids of vectors that are gone. Whoever removes a vector adds its id here. */
export const RETIRED: readonly string[] = [];

/** The frozen schema, `.ci/baseline.binpb`: version 1 of the wire never changes in what it says. */
export const SCHEMA_SHA256 = '3079bb0cbedbb31ee4f2dfa1b1a47a4a6e4960b9f61660cd3dcf6ae27adc799d';

/** Longer bytes are in the vectors, as runs, and not in a file of their own. */
const RAW_BYTES_MAX = 64 * 1024;

/** The files by their paths from `conformance/`. */
export function suiteFiles(): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const listed: ManifestFile[] = [];
  const capture = new Capture();
  for (const source of LAYERS as readonly LayerSource[]) {
    const vectors = source.make();
    const path = `vectors/${source.layer}.json`;
    const bytes = textOf(vectorFile(source.layer, vectors));
    files.set(path, bytes);
    listed.push(entryOf(path, source.layer, bytes, vectors));
    for (const vector of vectors) addReceived(source, vector, files, capture);
  }
  files.set('packets.pcapng', capture.bytes());
  files.set('schema/mutations.schema.json', textOf(mutationsSchema()));
  files.set('manifest.json', textOf(manifestOf(listed)));
  files.set('src/files.rs', rustFiles(listed));
  return files;
}

function vectorFile(layer: Layer, vectors: readonly Vector[]): VectorFile {
  return {
    $schema: '../schema/vectors.schema.json',
    ...{ suite: SUITE, protocol: PROTOCOL_VERSION, generator: 'conformance/generator' },
    note: 'Keys, secrets and nonces in this file are TEST ONLY: they are public.',
    ...{ layer, vectors },
  };
}

function entryOf(
  path: string,
  layer: Layer,
  bytes: Uint8Array,
  vectors: readonly Vector[],
): ManifestFile {
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const mutations = vectors.filter(({ mutation }) => mutation !== undefined).length;
  return { path, layer, sha256, count: vectors.length, mutations };
}

function addReceived(
  source: LayerSource,
  vector: Vector,
  files: Map<string, Uint8Array>,
  capture: Capture,
): void {
  const received = source.received(vector);
  for (const [index, { bytes, carried }] of received.entries()) {
    if (bytes.length > RAW_BYTES_MAX) continue;
    const number = received.length > 1 ? `-${index + 1}` : '';
    files.set(`raw/${vector.layer}/${vector.id}${number}.bin`, bytes);
    if (carried !== undefined) capture.add(carried, `${vector.id}: ${vector.title}`);
  }
}

/** So that only these names can be used. */
function mutationsSchema(): object {
  const words = new Map<string, string>();
  for (const { mutations } of LAYERS) {
    for (const [name, description] of Object.entries(mutations)) {
      if ((words.get(name) ?? description) !== description) {
        throw new Error(`the mutation ${name} is described in two ways`);
      }
      words.set(name, description);
    }
  }
  const sorted = [...words].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: 'mutations.schema.json',
    title: 'What is done to a vector to make another of it',
    oneOf: sorted.map(([name, description]) => ({ const: name, description })),
  };
}

function manifestOf(files: readonly ManifestFile[]): Manifest {
  return {
    $schema: './schema/manifest.schema.json',
    ...{ suite: SUITE, protocol: PROTOCOL_VERSION, schemaSha256: SCHEMA_SHA256, files },
    count: files.reduce((sum, { count }) => sum + count, 0),
    retired: RETIRED,
  };
}

/** As Biome formats it, one value a line. */
function textOf(value: object): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
}
