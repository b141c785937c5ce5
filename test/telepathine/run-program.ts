import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** Runs a program with the built package in a process of its own, for at most 20 s by default. */
export function runProgram(
  program: string,
  environment: Record<string, string> = {},
  { flags = [] as readonly string[], timeoutMs = 20_000 } = {},
): Promise<{ stdout: string; stderr: string }> {
  const index = new URL('../../src/index.js', import.meta.url);
  const source = `import { Telepathine } from '${index}';\n${program}`;
  const given = [...flags, '--input-type=module', '--eval', source];
  const { DEBUG: _, ...rest } = process.env;
  const env = { ...rest, ...environment };
  return promisify(execFile)(process.execPath, given, { timeout: timeoutMs, env });
}
