import test from 'ava';
import { runProgram } from './run-program.js';

const LIFE = `
const node = await Telepathine.start();
node.say('hello');
await node.stop();`;

const IS_LOADED = `
import { createRequire } from 'node:module';
const require = createRequire('${import.meta.url}');
const isLoaded = () => Object.keys(require.cache).includes(require.resolve('debug'));`;

test('a node without DEBUG does without the debug package', async (t) => {
  const program = `${IS_LOADED}${LIFE}\nconsole.log(isLoaded());`;
  const { stdout, stderr } = await runProgram(program);
  t.is(stdout, 'false\n');
  t.is(stderr, '');
});

test('DEBUG loads it, and its lines come in full', async (t) => {
  const program = `${IS_LOADED}${LIFE}\nconsole.log(isLoaded());`;
  const { stdout, stderr } = await runProgram(program, { DEBUG: 'telepathine:info' });
  t.is(stdout, 'true\n');
  t.regex(stderr, /telepathine:info started \{ node: '127\.0\.0\.1:\d+' \}/);
  t.regex(stderr, /telepathine:info stopped/);
});

test('debug.enable() of an application shows the lines from then on', async (t) => {
  const program = `
const first = await Telepathine.start();
await first.stop();
const { default: debug } = await import('${import.meta.resolve('debug')}');
debug.enable('telepathine:info');
${LIFE}`;
  const { stderr } = await runProgram(program);
  t.is(stderr.match(/telepathine:info started/g)?.length, 1);
});
