/**
 * The rules that keep the layers apart (docs/ARCHITECTURE.md). Each takes the sources as
 * `{ 'src/core/log.ts': text }` and returns one line for each breach.
 */
import { posix } from 'node:path';
import { blankNonCode, importsOf, lineAt } from './source-text.js';

/** Text by path from the project's root, with forward slashes. */
export type Sources = Record<string, string>;

const LINES_MAX = 400;

/** Beside itself the core may import these, and nothing else. */
const CORE_IMPORTS = [
  /^src\/core\//,
  /^src\/wire\//,
  /^src\/error\.ts$/,
  /^@noble\/hashes(?:\/|$)/,
];

/** What lies above src/wire. */
const ABOVE_WIRE =
  /^src\/(?:core|node|transport|clock|cli|api|simulation|testing|decode|conformance)\/|^src\/(?:telepathine|index)\.ts$/;

/** What lies above each of these folders and beside it, and is not for it to import. */
const NOT_FOR: readonly [path: string, forbidden: RegExp][] = [
  ['src/clock/', /^src\/(?!clock\/)/],
  [
    'src/transport/',
    /^src\/(?:core|node|api|cli|simulation|testing|decode|conformance)\/|^src\/(?:telepathine|index)\.ts$/,
  ],
  [
    'src/node/',
    /^src\/(?:api|cli|simulation|testing|decode|conformance)\/|^src\/(?:telepathine|index)\.ts$/,
  ],
  [
    'src/api/',
    /^src\/(?:cli|simulation|testing|decode|conformance)\/|^src\/(?:telepathine|index)\.ts$/,
  ],
  ['src/simulation/', /^src\/(?!(?:simulation|core|wire|api)\/|error\.ts$)/],
  ['src/decode/', /^src\/(?!(?:decode|wire|crypto)\/|error\.ts$)/],
  ['src/conformance/vectors/', /^src\/(?!conformance\/vectors\/)/],
  ['src/telepathine.ts', /^src\/(?:cli|simulation|testing|decode|conformance)\//],
  [
    'src/conformance/',
    /^src\/(?:core|simulation|testing)\/|^src\/cli\/(?!proxy\/|decode\/|start\/content\.ts$)/,
  ],
];

/** Names that reach for the host: clocks, timers, randomness, I/O, and what runs later. */
const HOST_NAMES = [
  ...['Date', 'performance', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask'],
  ...['async', 'await', 'Promise', 'crypto', 'console', 'process', 'Buffer', 'fetch'],
  ...['globalThis', 'require', 'FinalizationRegistry', 'WeakRef'],
];

/** src/core imports only src/core, src/wire, src/error.ts and @noble/hashes. */
export function coreImports(sources: Sources): string[] {
  return edges(sources)
    .filter(({ from }) => isCore(from))
    .filter(({ to }) => !CORE_IMPORTS.some((allowed) => allowed.test(to)))
    .map(({ from, to, line }) => `${from}:${line} imports ${to}`);
}

/** src/core, and whatever of src/wire it pulls in when it runs, uses no clock, timer or I/O. */
export function corePurity(sources: Sources): string[] {
  const breaches: string[] = [];
  for (const path of reachedFromCore(sources)) {
    const text = sources[path]!;
    const code = blankNonCode(text);
    for (const pattern of [hostNamePattern(), randomPattern()]) {
      for (const match of code.matchAll(pattern)) {
        breaches.push(`${path}:${lineAt(text, match.index)} uses ${match[0]}`);
      }
    }
    for (const { specifier, line } of isCore(path) ? [] : importsOf(text)) {
      if (specifier.startsWith('node:')) breaches.push(`${path}:${line} imports ${specifier}`);
    }
  }
  return breaches;
}

/** Only src/wire imports gen/. */
export function generatedImports(sources: Sources): string[] {
  return edges(sources)
    .filter(({ from, to }) => to.startsWith('gen/') && !from.startsWith('src/wire/'))
    .map(({ from, to, line }) => `${from}:${line} imports ${to}`);
}

/** src/wire imports nothing that lies above it. */
export function wireImports(sources: Sources): string[] {
  return edges(sources)
    .filter(({ from, to }) => from.startsWith('src/wire/') && ABOVE_WIRE.test(to))
    .map(({ from, to, line }) => `${from}:${line} imports ${to}`);
}

/** No file of these folders imports what lies above it, or beside it. */
export function upwardImports(sources: Sources): string[] {
  return NOT_FOR.flatMap(([path, forbidden]) =>
    edges(sources)
      .filter(({ from, to }) => from.startsWith(path) && forbidden.test(to))
      .map(({ from, to, line }) => `${from}:${line} imports ${to}`),
  );
}

/**
 * No file imports itself through others. Imports of types count: they vanish when compiled, but two
 * files that need each other's types cannot be read one after the other either.
 */
export function importCycles(sources: Sources): string[] {
  const imported = new Map<string, string[]>();
  for (const { from, to } of edges(sources)) {
    imported.set(from, [...(imported.get(from) ?? []), to]);
  }
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): void => {
    const seenAt = trail.indexOf(path);
    if (seenAt >= 0) cycles.push([...trail.slice(seenAt), path].join(' -> '));
    if (seenAt >= 0 || done.has(path)) return;
    for (const next of imported.get(path) ?? []) visit(next, [...trail, path]);
    done.add(path);
  };
  for (const path of Object.keys(sources)) visit(path, []);
  return cycles;
}

/** No file of src/ is longer than 400 lines. */
export function fileLengths(sources: Sources): string[] {
  return Object.entries(sources)
    .map(([path, text]) => ({ path, lines: text.replace(/\n$/, '').split('\n').length }))
    .filter(({ lines }) => lines > LINES_MAX)
    .map(({ path, lines }) => `${path} has ${lines} lines`);
}

/** A relative import of a file that is not there hides an edge from all other rules. */
export function unresolvedImports(sources: Sources): string[] {
  return edges(sources)
    .filter(({ to }) => to.startsWith('src/') && sources[to] === undefined)
    .map(({ from, to, line }) => `${from}:${line} imports ${to}, which does not exist`);
}

interface Edge {
  from: string;
  /** A path of `Sources`, of gen/, or a package's specifier. */
  to: string;
  typeOnly: boolean;
  line: number;
}

function edges(sources: Sources): Edge[] {
  return Object.entries(sources).flatMap(([from, text]) =>
    importsOf(text).map(({ specifier, typeOnly, line }) => ({
      from,
      to: resolve(from, specifier),
      typeOnly,
      line,
    })),
  );
}

function resolve(from: string, specifier: string): string {
  if (!specifier.startsWith('.')) return specifier;
  return posix.join(posix.dirname(from), specifier).replace(/\.js$/, '.ts');
}

function reachedFromCore(sources: Sources): Set<string> {
  const reached = new Set(Object.keys(sources).filter(isCore));
  const all = edges(sources).filter(({ typeOnly }) => !typeOnly);
  for (const path of reached) {
    for (const { from, to } of all) {
      if (from === path && to.startsWith('src/wire/') && sources[to] !== undefined) reached.add(to);
    }
  }
  return reached;
}

function isCore(path: string): boolean {
  return path.startsWith('src/core/');
}

/** As a name of its own or spread (`...process`), not as a property (`options.process`). */
function hostNamePattern(): RegExp {
  return new RegExp(`(?<![\\w$#]|(?<!\\.\\.)\\.)(?:${HOST_NAMES.join('|')})(?![\\w$])`, 'g');
}

/** `Math.random` by any spelling: only `Math.name` is allowed, and no other use of `Math`. */
function randomPattern(): RegExp {
  return /(?<![\w$#.])Math\b(?!\s*\.\s*(?!random\b)[A-Za-z])(?:\s*\.\s*random)?/g;
}
