/**
 * `node dist/conformance/mutants/node.js ID`: the node of `telepathine adapter`, with the rule of that
 * mutant broken. With `none` it is the node as it is, started in the same way.
 */
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import type { Change } from './hook.js';
import { MUTANTS } from './mutants.js';

const SOURCES = new URL('../../src/', import.meta.url);
const NONE = 'none';

const [id = '', ...rest] = process.argv.slice(2);
const mutant = MUTANTS.find((each) => each.id === id);
if (mutant === undefined && id !== NONE) {
  process.stderr.write(`there is no mutant ${id}\n`);
  process.exit(2);
}
if (mutant !== undefined) {
  const { file, find, replace } = mutant;
  const change: Change = { url: new URL(file, SOURCES).href, find, replace };
  register('./hook.js', import.meta.url, { data: change });
}
const main = new URL('cli/main.js', SOURCES);
process.argv = [process.execPath, fileURLToPath(main), 'adapter', ...rest];
await import(main.href);
