import { readFileSync } from 'node:fs';
import test from 'ava';
import { Command } from 'commander';
import { addAskOptions } from '../../src/cli/ask/target.js';
import { addConformanceOptions } from '../../src/cli/conformance/conformance-options.js';
import { addDecodeOptions } from '../../src/cli/decode/decode-options.js';
import { addSealOptions } from '../../src/cli/decode/encode.js';
import { addDiffOptions } from '../../src/cli/diff/run-diff.js';
import { addProxyOptions } from '../../src/cli/proxy/proxy-options.js';
import { addSimulateOptions } from '../../src/cli/simulate/simulate-options.js';
import { COMMANDS } from '../../src/cli/start/commands.js';
import { parseJsonRequest, readRequest } from '../../src/cli/start/request.js';
import { addStartOptions } from '../../src/cli/start/start-options.js';
import { readScenario, simulate } from '../../src/simulation/index.js';
import { codeBlocks } from '../documents.js';

const lines = codeBlocks('docs/CLI.md', ['json'])
  .join('')
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line) as Record<string, unknown>);

test('the commands of docs/CLI.md are taken, and all commands are there', (t) => {
  const commands = lines.filter((line) => !('schema' in line));
  for (const command of commands) {
    t.notThrows(() => readRequest(parseJsonRequest(JSON.stringify(command))));
  }
  const names = new Set(commands.map(({ command }) => command));
  t.deepEqual([...names].sort(), Object.keys(COMMANDS).sort());
});

test('the fields of every command are in docs/CLI.md', (t) => {
  for (const [name, { fields }] of Object.entries(COMMANDS)) {
    const shown = lines.filter(({ command, schema }) => command === name && !schema);
    const shownFields = new Set(shown.flatMap((line) => Object.keys(line)));
    for (const field of Object.keys(fields)) t.true(shownFields.has(field), `${name}: ${field}`);
  }
});

for (const [name, { options }] of [
  ['start', addStartOptions(new Command())],
  ['simulate', addSimulateOptions(new Command())],
  ['decode', addDecodeOptions(new Command())],
  ['seal', addSealOptions(new Command())],
  ['probe', addAskOptions(new Command())],
  ['diff', addDiffOptions(new Command())],
  ['proxy', addProxyOptions(new Command())],
  ['conformance', addConformanceOptions(new Command())],
] as const) {
  test(`the options of ${name} are in docs/CLI.md, and no others`, (t) => {
    const section = sectionOf(`telepathine ${name}`);
    const described = [...section.matchAll(/^\| `(-[^`]+)` \|/gm)].map(([, flags]) => flags);
    t.deepEqual(described.sort(), options.map(({ flags }) => flags).sort());
  });
}

test('the fields of a simulation’s totals are in docs/CLI.md, and no others', (t) => {
  const shown = lines.find(({ type }) => type === 'totals');
  const totals = simulate(readScenario({ nodes: 2, durationMs: 0, settleMs: 0 }));
  t.deepEqual(Object.keys(shown ?? {}).sort(), ['type', ...Object.keys(totals)].sort());
});

/** What stands under a heading, up to the next one of its level. */
function sectionOf(command: string): string {
  const document = readFileSync('docs/CLI.md', 'utf8');
  const [, after = ''] = document.split(`\n## \`${command}`);
  return after.split(/^## /m)[0] as string;
}
