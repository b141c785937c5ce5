/** docs/PEERS.md: its steps name vectors and cases that there are, and leave none out. */
import { readFileSync } from 'node:fs';
import test from 'ava';
import { CASES } from '../../src/conformance/cases/all.js';
import { FEATURES } from '../../src/conformance/control/protocol.js';
import { select } from '../../src/conformance/run/selection.js';
import { loadManifest } from '../../src/conformance/vectors/index.js';
import { FOLDER, readJson } from './suite.js';

const text = readFileSync(new URL('../docs/PEERS.md', FOLDER), 'utf8');
const steps = [...text.matchAll(/^\| (\d+) \|(.*)\|(.*)\|(.*)\|(.*)\|$/gm)].map(
  ([, step, , , vectors, runner]) => ({
    step: Number(step),
    layers: [...vectors!.matchAll(/`(\w+)`/g)].map(([, layer]) => layer!),
    sections: [...runner!.matchAll(/--section ([\d.]+)/g)].map(([, section]) => section!),
    features: [...runner!.matchAll(/--feature (\w+)/g)].map(([, feature]) => feature!),
  }),
);

test('the steps are numbered, and those that the text tells of are in the table', (t) => {
  t.deepEqual(
    steps.map(({ step }) => step),
    steps.map((_, index) => index + 1),
  );
  const told = [...text.matchAll(/^### (\d+)(?: to (\d+))?/gm)];
  t.is(Number(told.at(-1)?.[2]), steps.length);
});

test('the steps name every layer that has vectors, and no other', (t) => {
  const named = new Set(steps.flatMap(({ layers }) => layers));
  for (const { layer } of loadManifest().files) t.true(named.has(layer), layer);
  const schema = readJson('schema/vectors.schema.json') as {
    $defs: { layerName: { enum: string[] } };
  };
  t.deepEqual([...named].sort(), schema.$defs.layerName.enum.toSorted());
});

test('each selection of the runner selects cases', (t) => {
  for (const { sections, features } of steps) {
    for (const section of sections) t.notThrows(() => select(CASES, { sections: [section] }));
    for (const feature of features) {
      t.true(FEATURES.some((each) => each === feature));
      t.true(CASES.some((each) => each.features.some((needed) => needed === feature)));
    }
  }
});

test('every case of sections 2 to 15 belongs to a step', (t) => {
  const sections = steps.flatMap((step) => step.sections);
  const features = steps.flatMap((step) => step.features);
  const selected = new Set(select(CASES, { sections }).map(({ id }) => id));
  const left = CASES.filter(
    (each) =>
      /^([2-9]|1[0-5])\./.test(each.id) &&
      !selected.has(each.id) &&
      !each.features.some((needed) => features.includes(needed)),
  );
  t.deepEqual(
    left.map(({ id }) => id),
    [],
  );
});
