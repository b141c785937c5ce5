/** The part of the Rust crate that names the files: a crate cannot read a folder as it is compiled. */
import type { ManifestFile } from '../../src/conformance/vectors/manifest.js';

/** `src/files.rs`. */
export function rustFiles(files: readonly ManifestFile[]): Uint8Array {
  const lines = files.map(({ layer, path }) => `    ("${layer}", include_str!("../${path}")),\n`);
  const text = `// Written by \`npm run vectors\`.

/// The files of vectors as they are, by layer, in the order in which a peer is best built.
#[rustfmt::skip]
pub const FILES: &[(&str, &str)] = &[
${lines.join('')}];
`;
  return new TextEncoder().encode(text);
}
