// Reads what `npm test` printed and prints two numbers: tests passed, tests failed. AVA's summary
// stands below the last line that is a dash; it leaves out those that passed if any failed, which
// are then counted by their marks.
import { readFileSync } from 'node:fs';

const [path, exitCode] = process.argv.slice(2);
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours are escape sequences
const colours = /\u001B\[[\d;]*m/g;
const lines = readFileSync(path, 'utf8').replaceAll(colours, '').split(/\r?\n/);
const dash = lines.findLastIndex((line) => /^\s*[─-]$/.test(line));
const summary = dash < 0 ? [] : lines.slice(dash + 1);

const passed =
  sum(/^\s*(\d+) tests? passed\b/) || lines.filter((line) => /^ {2}[✔√] /.test(line)).length;
let failed =
  sum(/^\s*(\d+) tests? failed\b/) +
  sum(/^\s*(\d+) hooks? failed\b/) +
  sum(/^\s*(\d+) unhandled rejections?\b/) +
  sum(/^\s*(\d+) uncaught exceptions?\b/) +
  sum(/^\s*(\d+) tests? remained pending\b/);
// What stopped the run before the summary, and a run without a test, are failures too.
if (failed === 0 && (exitCode !== '0' || passed === 0)) failed = 1;
console.log(passed, failed);

function sum(pattern) {
  return summary.reduce((total, line) => total + Number(pattern.exec(line)?.[1] ?? 0), 0);
}
