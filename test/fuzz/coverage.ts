import { Session } from 'node:inspector';

interface FunctionCoverage {
  ranges: { startOffset: number; endOffset: number; count: number }[];
}

interface ScriptCoverage {
  scriptId: string;
  url: string;
  functions: FunctionCoverage[];
}

/**
 * What code was reached, as V8 itself counts it, block by block. Only one at a time in a process, and
 * not beside another who counts: V8 begins anew with each look.
 */
export class Coverage {
  readonly #session = new Session();
  /** By function: which of its characters were ever reached. */
  readonly #reached = new Map<string, Uint8Array>();
  /** Where the last look found something new. */
  #latest: [reached: Uint8Array, at: number][] = [];
  /** Characters of code that were ever reached. */
  characters = 0;

  /** @param isCounted which files count, by their URL. */
  constructor(private readonly isCounted: (url: string) => boolean) {
    this.#session.connect();
    this.#post('Profiler.enable');
    this.#post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  /** Whether since the last look code was reached that never was before. */
  look(): boolean {
    this.#latest = [];
    const { result } = this.#post('Profiler.takePreciseCoverage') as { result: ScriptCoverage[] };
    for (const { scriptId, url, functions } of result) {
      if (this.isCounted(url)) for (const each of functions) this.#add(scriptId, each);
    }
    return this.#latest.length > 0;
  }

  /** What the last look found is new again. */
  forgetLatest(): void {
    for (const [reached, at] of this.#latest) reached[at] = 0;
    this.characters -= this.#latest.length;
    this.#latest = [];
  }

  end(): void {
    this.#post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  /** The first range is the function, those within it are blocks with another count. */
  #add(scriptId: string, { ranges }: FunctionCoverage): void {
    const [whole] = ranges;
    if (whole === undefined || whole.count === 0) return;
    const { startOffset, endOffset } = whole;
    const now = new Uint8Array(endOffset - startOffset);
    for (const range of ranges) {
      now.fill(
        Math.min(range.count, 1),
        range.startOffset - startOffset,
        range.endOffset - startOffset,
      );
    }
    const key = `${scriptId} ${startOffset} ${endOffset}`;
    let reached = this.#reached.get(key);
    if (reached === undefined) {
      reached = new Uint8Array(now.length);
      this.#reached.set(key, reached);
    }
    for (let at = 0; at < now.length; at++) {
      if (now[at] === 0 || reached[at] === 1) continue;
      reached[at] = 1;
      this.#latest.push([reached, at]);
      this.characters += 1;
    }
  }

  /** V8 answers within the call. */
  #post(method: string, parameters: object = {}): unknown {
    let answer: unknown;
    this.#session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}
