import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import test from 'ava';

const DOCUMENTS = ['.', 'docs', 'examples'].flatMap((folder) =>
  readdirSync(folder).flatMap((name) => (name.endsWith('.md') ? [join(folder, name)] : [])),
);

/** The anchors of a document's headings, as GitHub makes them. */
function anchorsOf(path: string): string[] {
  const headings = readFileSync(path, 'utf8').matchAll(/^#+ (.*)$/gm);
  return [...headings].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

for (const document of DOCUMENTS) {
  test(`the links of ${document} lead to files and headings that are there`, (t) => {
    const links = readFileSync(document, 'utf8').matchAll(
      /\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g,
    );
    for (const [link, path, anchor] of links) {
      const target = path === '' ? document : join(dirname(document), path!);
      t.true(existsSync(target), link);
      if (anchor !== undefined) t.true(anchorsOf(target).includes(anchor), link);
    }
    t.pass();
  });
}
