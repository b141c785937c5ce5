/**
 * Fuzzes what takes bytes from outside, for as long as one likes:
 *
 *     npm run fuzz -- --seconds 600
 *     npm run fuzz -- --target packet --executions 1000000 --seed 7
 *     npm run fuzz -- --target packet --input 0a0b0c
 *
 * Without `--target` all take turns: the seconds in equal parts, and as many executions each. The
 * first input that breaks a promise ends it, with the command that shows it again.
 */
import { fuzzCommand } from './fuzz/command.js';
import { TARGETS } from './fuzz/targets.js';

process.exitCode = fuzzCommand(process.argv.slice(2), TARGETS, console);
