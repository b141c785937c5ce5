/** The Rust crate of the vectors is of the suite's version, and needs nothing that may change. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { loadManifest } from '../../src/conformance/vectors/index.js';
import { FOLDER } from './suite.js';

const { suite } = loadManifest();
const cargo = readText('Cargo.toml');

function readText(path: string): string {
  return readFileSync(new URL(path, FOLDER), 'utf8');
}

test("the Rust crate's version is that of the suite", (t) => {
  t.is(/^version = "(.*)"$/m.exec(cargo)?.[1], suite);
});

test('every crate that the Rust crate needs is pinned', (t) => {
  const [, dependencies = ''] = /\[dependencies\]([\s\S]*)\[workspace\]/.exec(cargo) ?? [];
  const needed = [...dependencies.matchAll(/^[\w-]+ = .*?"(\S*)"/gm)].map(([, version]) => version);
  t.true(needed.length >= 4);
  for (const version of needed) t.regex(version ?? '', /^=\d+\.\d+\.\d+$/);
});
