import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/** The project. */
export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

const run = promisify(execFile);

/** A folder that goes when the tests end. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-test-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs a program to its end. Rejects if it fails, with what it wrote. */
export function runIn(cwd: string, program: string, ...args: string[]) {
  // The coverage of the package's copy would be of no use.
  const { NODE_V8_COVERAGE: _, ...env } = process.env;
  return run(program, args, { cwd, env, timeout: 120_000 });
}

/** Packs what is built, as `npm publish` would; returns the tarball's path. */
export async function pack(folder: string): Promise<string> {
  // Without scripts: `prepare` would remove and build what the other tests are running.
  await runIn(ROOT, 'npm', 'pack', '--ignore-scripts', '--pack-destination', folder);
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.tgz'))!);
}
