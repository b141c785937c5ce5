import { readdirSync, readFileSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, posix } from 'node:path';
import test from 'ava';
import { pack, ROOT, runIn, temporaryFolder } from './packed.js';

const ALLOWED = [
  /^package\.json$/,
  /^(?:README|CHANGELOG|CONTRIBUTING|SECURITY)\.md$/,
  /^LICENSE$/,
  /^docs\/[A-Z]+\.md$/,
  /^examples\/(?:README\.md|[\w-]+\.[jt]s)$/,
  /^simulations\/[\w.-]+\.json$/,
  /^conformance\/(?:CONTROL\.md|README\.md|\w+\.json|packets\.pcapng)$/,
  /^conformance\/(?:schema|vectors)\/[\w.-]+\.json$/,
  /^conformance\/js\/[\w.-]+\.js$/,
  /^conformance\/raw\/[a-z]+\/[a-z0-9-]+\.bin$/,
  /^proto\/telepathine\/v1\/\w+\.proto$/,
  /^dist\/(?:src|gen)\/[\w/-]+\.(?:js|d\.ts|js\.map)$/,
];

const folder = temporaryFolder();
const unpacked = join(folder, 'package');
let files: string[];

test.before('the package is packed', async () => {
  await runIn(folder, 'tar', '-xzf', await pack(folder));
  files = readdirSync(unpacked, { recursive: true, encoding: 'utf8' })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => statSync(join(unpacked, path)).isFile())
    .sort();
});

test('the package holds what it is made of, and nothing else', (t) => {
  t.deepEqual(
    files.filter((path) => !ALLOWED.some((allowed) => allowed.test(path))),
    [],
  );
  for (const path of ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md', 'package.json']) {
    t.true(files.includes(path), path);
  }
  for (const directory of ['docs', 'examples', 'proto', 'simulations', 'conformance/vectors']) {
    t.deepEqual(within(files, directory), within(listed(directory), directory));
  }
});

test('every source is there as code, types and map, and nothing is left of one that is gone', (t) => {
  const sources = [...listed('src'), ...listed('gen')].map((path) => path.replace(/\.ts$/, ''));
  const expected = sources.flatMap((path) =>
    ['.d.ts', '.js', '.js.map'].map((ending) => `dist/${path}${ending}`),
  );
  t.true(expected.length > 300);
  t.deepEqual(within(files, 'dist'), expected.sort(), 'npm run prepare builds anew');
});

test('a map carries its source, which the package does not hold', (t) => {
  const maps = files.filter((path) => path.endsWith('.map'));
  for (const path of maps) {
    const { sources, sourcesContent, sourceRoot } = JSON.parse(content(path));
    t.is(sourceRoot || '', '');
    t.is(sources.length, 1);
    const source = posix.join(posix.dirname(path), sources[0]);
    t.is(sourcesContent?.[0], readFileSync(join(ROOT, source), 'utf8'), path);
  }
  for (const path of within(files, 'dist').filter((each) => each.endsWith('.js'))) {
    const [, map] = /\/\/# sourceMappingURL=(\S+)\s*$/.exec(content(path)) ?? [];
    t.is(map, `${posix.basename(path)}.map`);
  }
});

test('no file names a folder of the machine that built it', (t) => {
  for (const path of files) {
    const text = content(path);
    for (const place of [ROOT, `${homedir()}/`]) t.false(text.includes(place), `${path}: ${place}`);
  }
});

test('every entry point, its types and the command are in the package', (t) => {
  const { exports, bin } = JSON.parse(content('package.json'));
  const targets = Object.values<string | Record<string, string>>(exports).flatMap((target) =>
    typeof target === 'string' ? [target] : Object.values(target),
  );
  t.true(targets.length >= 5);
  for (const target of targets) {
    const [start, end = ''] = posix.normalize(target).split('*') as [string, string?];
    t.true(
      target.includes('*')
        ? files.some((path) => path.startsWith(start) && path.endsWith(end))
        : files.includes(start),
      target,
    );
  }
  t.true(content(bin.telepathine).startsWith('#!/usr/bin/env node\n'));
});

test('the links of the documents lead to files of the package', (t) => {
  const links = files
    .filter((path) => path.endsWith('.md'))
    .flatMap((path) =>
      [...content(path).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, link]) =>
        posix.join(posix.dirname(path), link!),
      ),
    );
  t.true(links.length > 5);
  for (const link of links) t.true(files.includes(link), link);
});

function content(path: string): string {
  return readFileSync(join(unpacked, path), 'utf8');
}

function within(paths: string[], directory: string): string[] {
  return paths.filter((path) => path.startsWith(`${directory}/`)).sort();
}

/** The files below a folder of the project, by their paths from the project. */
function listed(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, encoding: 'utf8' })
    .map((path) => `${directory}/${path.replaceAll('\\', '/')}`)
    .filter((path) => statSync(join(ROOT, path)).isFile());
}
