import test from 'ava';
import { runCommand } from './cli/command.js';
import { codeBlocks, runExample } from './documents.js';

test('the example of the README runs against the package as it is published', async (t) => {
  const examples = codeBlocks('README.md', ['js', 'ts']);
  t.is(examples.length, 1);
  for (const code of examples) {
    t.true(code.trim().split('\n').length <= 10);
    const { stdout, stderr } = await runExample(code);
    t.is(stderr, '');
    const name = '127\\.0\\.0\\.1:\\d+';
    t.regex(stdout, new RegExp(`^${name}: temperature is 21$`, 'm'));
    t.regex(stdout, new RegExp(`^${name} says lunch, with leek soup$`, 'm'));
  }
});

test('the options that the README gives to the command exist', async (t) => {
  const lines = codeBlocks('README.md', ['sh']).join('').split('\n');
  const commands = lines.filter((line) => line.startsWith('npx telepathine '));
  t.is(commands.length, 3);
  for (const line of commands) {
    const { code, stdout } = await runCommand([line.split(' ')[2]!, '--help']);
    t.is(code, 0, line);
    for (const [option] of line.matchAll(/--\S+/g)) t.true(stdout.includes(`${option} `), option);
  }
});
