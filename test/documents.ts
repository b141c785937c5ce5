import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The blocks of code of a document of the project that are of one of some languages. */
export function codeBlocks(path: string, languages: readonly string[]): string[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, language, code]) => {
    return languages.includes(language!) ? [code!] : [];
  });
}

/** A table of a document. */
export interface Table {
  /** The heading that it stands under. */
  readonly heading: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The tables of a document of the project; the cells as they are written. */
export function tables(path: string): Table[] {
  const found: { heading: string; columns: string[]; rows: string[][] }[] = [];
  let heading = '';
  let isInside = false;
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const cells = line.startsWith('| ') && line.split('|').slice(1, -1);
    if (line.startsWith('#')) heading = line.replace(/^#+ /, '');
    if (cells) {
      const trimmed = cells.map((cell) => cell.trim());
      if (isInside) found.at(-1)!.rows.push(trimmed);
      else found.push({ heading, columns: trimmed, rows: [] });
    }
    isInside = line.startsWith('|');
  }
  return found;
}

/** The words and calls of a cell that stand between backquotes. */
export function codeSpans(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, code]) => code!);
}

/** What an example says that it prints: the texts behind `// => `, line by line. */
export function promisedOutput(code: string): string {
  return [...code.matchAll(/\/\/ => (.*)$/gm)].map(([, line]) => `${line}\n`).join('');
}

/** Runs an example in JavaScript against the package as it is published, for at most 30 s. */
export async function runExample(code: string): Promise<{ stdout: string; stderr: string }> {
  const type = /\brequire\(/.test(code) ? 'commonjs' : 'module';
  const { DEBUG: _, ...env } = process.env;
  const args = [`--input-type=${type}`, '--eval', code];
  return run(process.execPath, args, { timeout: 30_000, env });
}

/**
 * Compiles an example in TypeScript as strictly as this project, against the types as they are
 * published.
 *
 * @returns JavaScript.
 */
export async function compileExample(code: string): Promise<string> {
  // Within the package, so that it is found by its name.
  const directory = mkdtempSync(join('dist', 'example-'));
  try {
    writeFileSync(join(directory, 'example.mts'), code);
    const none = { sourceMap: false, inlineSources: false, declaration: false };
    const compilerOptions = { rootDir: '.', outDir: 'out', ...none };
    const settings = { extends: '../../tsconfig.json', compilerOptions, include: ['*.mts'] };
    writeFileSync(join(directory, 'tsconfig.json'), JSON.stringify(settings));
    const compiler = join(createRequire(import.meta.url).resolve('typescript/package.json'), '..');
    await run(process.execPath, [join(compiler, 'bin', 'tsc'), '-p', directory]);
    return readFileSync(join(directory, 'out', 'example.mjs'), 'utf8');
  } finally {
    rmSync(directory, { recursive: true });
  }
}
