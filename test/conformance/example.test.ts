/** The example of a peer in plain JavaScript passes, and a wrong one would not. */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { loadVectors } from '../../src/conformance/vectors/index.js';
import { codeBlocks, runExample } from '../documents.js';

const FOLDER = fileURLToPath(new URL('../../../conformance/js/', import.meta.url));
const run = promisify(execFile);

/** Node's runner tells its children by this that they are its children. */
const { NODE_TEST_CONTEXT: _, ...env } = process.env;

test('the example in plain JavaScript passes all vectors of its layers', async (t) => {
  const { stdout } = await run(process.execPath, ['--test', `${FOLDER}example.test.js`], { env });
  t.regex(stdout, /^# fail 0$|^ℹ fail 0$/m);
  const [, count] = /^(?:#|ℹ) pass (\d+)$/m.exec(stdout) ?? [];
  t.true(Number(count) > 100, stdout.slice(-500));
});

test('the example fails with a peer that forgets the limit of a stream that is not trusted', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-example-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  const text = readFileSync(`${FOLDER}example.test.js`, 'utf8');
  const broken = text.replace('FRAME_BYTES_MAX = 1200', 'FRAME_BYTES_MAX = 16 * 2 ** 20');
  t.not(broken, text);
  const file = join(folder, 'broken.test.mjs');
  // Outside the package its name leads nowhere.
  const index = new URL('../../src/conformance/vectors/index.js', import.meta.url);
  writeFileSync(file, broken.replace("'telepathine/conformance'", `'${index}'`));
  const failed = run(process.execPath, ['--test', file], { env });
  const { stdout } = (await t.throwsAsync(failed)) as unknown as { stdout: string };
  t.regex(stdout, /framing-untrusted-over/);
});

test('the example of the README runs, and the vector that it shows is one', async (t) => {
  const [code] = codeBlocks('conformance/README.md', ['js']);
  const { stdout, stderr } = await runExample(code!);
  t.is(stderr, '');
  t.regex(stdout, /^framing-one-frame: 53 bytes, 1 frames, accept$/m);
  const [shown] = codeBlocks('conformance/README.md', ['json']).map((each) => JSON.parse(each));
  const vector = loadVectors('framing').find(({ id }) => id === shown.id)!;
  const { given, expect, ...rest } = vector;
  t.deepEqual({ ...shown, given, expect }, { ...rest, given, expect });
  t.deepEqual({ ...shown.expect, frames: expect.frames }, { ...expect });
  t.deepEqual(Object.keys(shown.given), Object.keys(given));
});
