import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaseResult } from '../run/result.js';

/** Writes the traces of cases: text for people, and a capture for Wireshark. */
export class TraceFiles {
  readonly #written = new Map<CaseResult, string>();

  /**
   * @param folder is made if it is not there.
   * @param passedToo not only of cases that did not pass.
   */
  constructor(
    private readonly folder: string,
    private readonly passedToo: boolean,
  ) {}

  /** @returns the file of text; undefined if there is nothing to write. */
  write(result: CaseResult): string | undefined {
    const { implementation, id, trace, outcome } = result;
    if (trace === undefined || (outcome === 'passed' && !this.passedToo)) return undefined;
    const folder = join(this.folder, implementation);
    mkdirSync(folder, { recursive: true });
    const file = join(folder, `${id}.txt`);
    writeFileSync(file, trace.text());
    writeFileSync(join(folder, `${id}.pcapng`), trace.pcapng());
    this.#written.set(result, file);
    return file;
  }

  /** Where the trace of a result was written. */
  of(result: CaseResult): string | undefined {
    return this.#written.get(result);
  }
}
