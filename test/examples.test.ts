import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import test from 'ava';

/** The lines that each example must print, in any order: other lines may stand between them. */
const LINES: Record<string, RegExp[]> = {
  'believe.js': [
    /^ {2}bob believes ann: the meeting is at nine$/,
    /^ {2}cleo believes ann: the meeting is at nine$/,
    /^All agree that the meeting is at nine\.$/,
    /^All agree that the meeting is at (?:ten|eleven)\.$/,
    /^ {2}ann believes (?:bob|cleo): the meeting is at (?:ten|eleven)$/,
  ],
  'darknet.js': [
    /^bob knows that treasure of ann is under the oak$/,
    /^ann hears bob: meet at midnight$/,
    /^ann sees bob$/,
    /^bob sees ann$/,
    /^outsider sees nobody$/,
    /^stranger sees nobody$/,
    /^ann has refused [1-9]\d* packets that were not sealed$/,
    /^ann has refused [1-9]\d* packets sealed with another key$/,
  ],
  'events.js': [
    /^ann hears a question, for the first time: Are you there\?$/,
    /^ann hears anything: question from bob: Are you there\?$/,
    /^ann hears anything: question from bob: Do you hear me\?$/,
    /^ann hears a door: door:front is locked$/,
    /^ann hears a door: door:back is open$/,
    /^bob hears an answer of ann: Yes, bob\?$/,
    /^cleo, who came later, hears lunch from bob: leek soup$/,
  ],
  'feature-flags.js': [
    /^flag:new-checkout is switched on$/,
    /^ {2}shop follows after \d+\.\d ms: true$/,
    /^ {2}search follows after \d+\.\d ms: false$/,
    /^ {2}mail follows after \d+\.\d ms: false$/,
    /^Map\(2\) \{ 'flag:new-checkout' => true, 'flag:dark-mode' => false \}$/,
    /^Map\(2\) \{ 'flag:dark-mode' => false, 'flag:new-checkout' => true \}$/,
  ],
  'large-message.js': [
    /^bob knows a picture of 1048576 bytes after \d+ ms$/,
    /^its bytes are the same$/,
    /^ann hears 'On and on' of 990000 letters after \d+ ms$/,
    /^one byte more is refused: TOO_LARGE$/,
    /^bob received \d+ bytes by UDP, 10\d{5} by TCP$/,
  ],
  'load-sharing.js': [
    /: it goes to ann$/,
    /: it goes to bob$/,
    /: it goes to cleo$/,
    /^cleo is killed, and the client finds it dead$/,
  ],
  'p2p-memory.js': [
    /^ann, on\('set'\): dave has set weather to sunny$/,
    /^ann, on\('set'\): dave has set mood to curious$/,
    /^bob, know\('weather'\): dave has set weather to sunny$/,
    /^cleo, know\('\*'\): dave has set mood to curious$/,
    /^cleo: mood of dave has expired$/,
    /^cleo reads dave's weather: sunny$/,
    /^cleo reads dave's mood: undefined$/,
    /^erin has just come: weather of dave is sunny$/,
    /^cleo: dave has deleted weather$/,
  ],
  'typed-events.ts': [
    /^sensor measures 21\.0 degrees$/,
    /^sensor raises an alarm of level 2 in the kitchen$/,
    /^sensor sees ann open the door$/,
    /^the lamp in the kitchen is on$/,
  ],
  'wide-area.js': [
    /^osaka, bound to 127\.0\.0\.4, sees .*lisbon at 192\.0\.2\.1/,
    /^nairobi, bound to 127\.0\.0\.3, sees .*osaka at 203\.0\.113\.1/,
    /^lisbon, bound to 127\.0\.0\.2, sees .*nairobi at 198\.51\.100\.1/,
    /^nairobi knows that the weather of osaka is rain$/,
  ],
};

/** What must not be printed. */
const SILENCE: Record<string, RegExp> = {
  'darknet.js': /hears (?:outsider|stranger)|(?:outsider|stranger) (?:knows|hears)/,
  'events.js': /first time.*first time/s,
  'load-sharing.js': /finds it dead.*goes to cleo|is lost/s,
};

/** On an idle machine the longest takes 4 s. */
const TIMEOUT_MS = 60_000;

for (const [file, lines] of Object.entries(LINES)) {
  test.serial(`the example ${file} prints what it is said to, and ends by itself`, async (t) => {
    if (file === 'wide-area.js' && process.platform === 'darwin') {
      t.pass('this system has to be given the addresses first');
      return;
    }
    const printed = await run(file);
    const missing = lines.filter((line) => !printed.some((each) => line.test(each)));
    const tooLong = printed.filter((line) => [...line].length > 80);
    t.deepEqual({ missing, tooLong }, { missing: [], tooLong: [] });
    if (SILENCE[file]) t.notRegex(printed.join('\n'), SILENCE[file]);
  });
}

test('every example is tested, says how to run it, and is listed in examples/README.md', (t) => {
  const files = readdirSync('examples').filter((name) => name !== 'README.md');
  t.deepEqual(files.sort(), Object.keys(LINES).sort());
  const rows = readFileSync('examples/README.md', 'utf8').matchAll(/^\| \[`(.+?)`\]\((.+?)\) \|/gm);
  const listed = [...rows].map(([, name, link]) => [name!, link!]);
  t.deepEqual(listed.map(([name]) => name).sort(), files.sort());
  for (const [name, link] of listed) t.is(link, name);
  for (const file of files) {
    const [head] = readFileSync(`examples/${file}`, 'utf8').split('\n\n');
    t.true(head!.includes(`node ${program(file)}`), file);
  }
});

/** Runs an example as its head says; returns the lines that it prints. */
async function run(file: string): Promise<string[]> {
  const { DEBUG: _, ...env } = process.env;
  const options = { timeout: TIMEOUT_MS, env };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [program(file)], options);
  if (stderr !== '') throw new Error(stderr);
  return stdout.trimEnd().split('\n');
}

/** What Node runs: TypeScript is compiled by the build. */
function program(file: string): string {
  return file.endsWith('.ts') ? `dist/examples/${file.replace(/ts$/, 'js')}` : `examples/${file}`;
}
