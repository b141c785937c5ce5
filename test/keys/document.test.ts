import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';
import { codeBlocks } from '../documents.js';

test('the example of docs/KEYS.md changes the key of a mesh', async (t) => {
  const [code, ...more] = codeBlocks('docs/KEYS.md', ['js']);
  t.deepEqual(more, []);
  const args = ['--input-type=module', '--eval', code ?? ''];
  const run = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  const held = [2, 2, 1].map((count) => `two holds ${count} keys, and is alive\n`);
  t.deepEqual(run, { stdout: held.join(''), stderr: '' });
});

test('the links of docs/KEYS.md lead to files that are there', (t) => {
  const links = readFileSync('docs/KEYS.md', 'utf8').matchAll(/\]\(([^)#]+)/g);
  for (const [, path] of links) t.true(existsSync(`docs/${path}`), path);
});
