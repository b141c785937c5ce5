import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { type Finished, runCommand } from '../cli/command.js';

const FAKE = fileURLToPath(new URL('./fake-node.js', import.meta.url));

/** The part of a report that tests look at. */
export interface Report {
  tested: { name: string; hello?: object; misbehaviour?: { kind: string; stderr: string } }[];
  stale: string[];
  results: {
    implementation: string;
    id: string;
    outcome: string;
    known: boolean;
    failure?: { rule: string; expected: string; seen: string };
    misbehaviour?: { kind: string; detail: string; stderr: string };
    missing?: string[];
    trace?: string;
  }[];
}

/** `--spawn` of a node that misbehaves. */
export function fake(mode: string): string[] {
  return ['--spawn', `${mode}="${process.execPath}" "${FAKE}" ${mode}`];
}

/** A folder that goes when the test ends. */
export function folderOf(t: ExecutionContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-test-'));
  t.teardown(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `telepathine conformance`, and reads its report. */
export async function runSuite(
  t: ExecutionContext,
  args: readonly string[],
): Promise<Finished & { report: Report }> {
  const file = join(folderOf(t), 'report.json');
  const finished = await runCommand(['conformance', '--jobs', '2', '--json', file, ...args]);
  const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
  return { ...finished, report };
}
