/** The adapter as a program of its own, which starts faster than the command with all others. */
import { readFileSync } from 'node:fs';
import { runAdapter } from '../../conformance/adapter.js';

const path = new URL('../../../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
await runAdapter({ input: process.stdin, output: process.stdout, version });
