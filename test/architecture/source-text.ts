/**
 * Reads TypeScript as text, as far as the architecture's rules need it: which part is code, and what
 * is imported.
 */

/** One import, export-from or dynamic import. */
export interface ImportStatement {
  /** As written: './packet.js', 'node:fs', '@noble/hashes/sha2.js'. */
  specifier: string;
  /** It vanishes when compiled. */
  typeOnly: boolean;
  line: number;
}

/**
 * The source with comments, the contents of strings and regular expressions overwritten by spaces.
 * Lengths and line breaks stay, so that an offset means the same place in both. What a template
 * holds between `${` and `}` is code and stays.
 */
export function blankNonCode(source: string): string {
  const blanker = new Blanker(source);
  blanker.code(false);
  return blanker.out.join('');
}

export function importsOf(source: string): ImportStatement[] {
  const code = blankNonCode(source);
  const statement =
    /(?<![\w$.])(?:import|export)\b(?<type>\s+type\b(?!\s+from\b))?(?:(?!\b(?:import|export)\b)[^'";])*?\bfrom\s*(?<quote>['"])(?<text>\s*)\k<quote>/dg;
  const bare = /(?<![\w$.])(?:import|require)\b\s*\(?\s*(?<quote>['"`])(?<text>\s*)\k<quote>/dg;
  const found: ImportStatement[] = [];
  for (const pattern of [statement, bare]) {
    for (const match of code.matchAll(pattern)) {
      const [start, end] = match.indices!.groups!['text']!;
      found.push({
        specifier: source.slice(start, end),
        typeOnly: match.groups!['type'] !== undefined,
        line: lineAt(source, match.index),
      });
    }
  }
  return found.sort((a, b) => a.line - b.line);
}

export function lineAt(source: string, offset: number): number {
  return source.slice(0, offset).split('\n').length;
}

const KEYWORDS_BEFORE_A_REGEX = /(?:^|[^\w$.])(?:return|typeof|case|in|of|do|else|void|throw)$/;

class Blanker {
  readonly out: string[] = [];
  private at = 0;
  private readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  /** To the end, or, within a template, past the brace that closes its expression. */
  code(untilBrace: boolean): void {
    let depth = 0;
    while (this.at < this.source.length) {
      if (this.nonCode()) continue;
      if (this.source[this.at] === '{') depth += 1;
      if (this.source[this.at] === '}') depth -= 1;
      this.keep();
      if (untilBrace && depth < 0) return;
    }
  }

  /** Takes a comment, string, template or regular expression, if one begins here. */
  private nonCode(): boolean {
    const two = this.source.slice(this.at, this.at + 2);
    if (two === '//') this.blankTo(this.indexOf('\n', this.at));
    else if (two === '/*') this.blankTo(this.indexOf('*/', this.at + 2) + 2);
    else if (two[0] === '/' && this.regexMayStart()) this.regex();
    else if (two[0] === "'" || two[0] === '"') this.string(two[0]);
    else if (two[0] === '`') this.template();
    else return false;
    return true;
  }

  private template(): void {
    this.keep();
    while (this.at < this.source.length && this.source[this.at] !== '`') {
      if (this.source.startsWith('${', this.at)) {
        this.keep();
        this.keep();
        this.code(true);
      } else this.blankCharacter();
    }
    this.keep();
  }

  private string(quote: string): void {
    this.keep();
    while (this.at < this.source.length && this.source[this.at] !== quote) this.blankCharacter();
    this.keep();
  }

  private regex(): void {
    this.keep();
    let inClass = false;
    while (this.at < this.source.length) {
      const character = this.source[this.at];
      if (character === '\n' || (character === '/' && !inClass)) break;
      if (character === '[') inClass = true;
      if (character === ']') inClass = false;
      this.blankCharacter();
    }
    this.keep();
  }

  /** A slash after a value divides; elsewhere it begins a regular expression. */
  private regexMayStart(): boolean {
    const before = this.out.slice(-200).join('').trimEnd();
    return !/[\w$)\]}'"`]$/.test(before) || KEYWORDS_BEFORE_A_REGEX.test(before);
  }

  private blankCharacter(): void {
    this.blankTo(this.at + (this.source[this.at] === '\\' ? 2 : 1));
  }

  private blankTo(end: number): void {
    this.out.push(...this.source.slice(this.at, end).replace(/[^\n]/g, ' '));
    this.at = end;
  }

  private keep(): void {
    this.out.push(this.source[this.at] ?? '');
    this.at += 1;
  }

  private indexOf(text: string, from: number): number {
    const index = this.source.indexOf(text, from);
    return index < 0 ? this.source.length : index;
  }
}
