import { readFileSync } from 'node:fs';

/** The blocks of code of a document of the project that are of one of some languages. */
export function codeBlocks(path: string, languages: readonly string[]): string[] {
  const blocks = readFileSync(path, 'utf8').matchAll(/^```(\w+)\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, language, code]) => {
    return languages.includes(language!) ? [code!] : [];
  });
}
