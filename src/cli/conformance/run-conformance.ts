import { mkdirSync, writeFileSync } from 'node:fs';
import { MESH_CASES } from '../../conformance/meshes/all.js';
import { htmlReport } from '../../conformance/report/html-report.js';
import { jsonReport } from '../../conformance/report/json-report.js';
import { junitReport } from '../../conformance/report/junit-report.js';
import { resultText, summaryText, testedText } from '../../conformance/report/text-report.js';
import { TraceFiles } from '../../conformance/report/trace-files.js';
import { type CaseResult, isFailure } from '../../conformance/run/result.js';
import type { RunReport } from '../../conformance/run/run.js';
import { NETWORK_CASES, runConformance as run } from '../../conformance/run/run.js';
import { select } from '../../conformance/run/selection.js';
import { messageOf, TelepathineError } from '../../error.js';
import { formatAddress } from '../../transport/address.js';
import { ExitCode } from '../exit.js';
import type { ConformanceOptions } from './conformance-options.js';

const PROGRESS_COLUMNS = 79;

/**
 * Tests nodes, tells what came out, and returns the exit code.
 *
 * @throws TelepathineError INVALID_ARGUMENT if nothing is selected, or a file cannot be written: before
 * anything is run.
 */
export async function runConformance(
  options: ConformanceOptions,
  version: string,
): Promise<ExitCode> {
  if (options.list) return listCases(options);
  const { files, debug, answerWithinMs } = options;
  tryFiles(files);
  const traces =
    files.traces === undefined ? undefined : new TraceFiles(files.traces, files.traceAll);
  const voice = new Voice(traces);
  const beganMs = performance.now();
  const report = await interrupted(
    run({
      ...options,
      debug,
      patience: { answerWithinMs },
      onResult: (result, ran, of) => voice.result(result, ran, of),
    }),
  );
  // Cases may wait for what does not come any more; the nodes end with this process.
  if (report === undefined) process.exit(ExitCode.interrupted);
  voice.end(report, performance.now() - beganMs);
  writeReports(report, options, version, traces);
  if (report.left.length > 0) await untilInterrupted(report);
  const isSound = report.tested.every(({ misbehaviour }) => misbehaviour === undefined);
  const isRight = isSound && report.stale.length === 0 && !report.results.some(isFailure);
  return isRight ? ExitCode.done : ExitCode.failed;
}

function listCases({ selection, meshes, attached }: ConformanceOptions): ExitCode {
  const network = NETWORK_CASES.filter(({ attachable }) => attached === undefined || attachable);
  const cases = select([...network, ...(meshes ? MESH_CASES : [])], selection);
  for (const { id, grade, title, features } of cases) {
    const needs = features.length > 0 ? ` [${features.join(' ')}]` : '';
    process.stdout.write(`${id} ${grade}${needs} ${title}\n`);
  }
  return ExitCode.done;
}

/** Tells how far the run is where there is a terminal, and of what fails as it comes. */
class Voice {
  #failed = 0;

  constructor(private readonly traces: TraceFiles | undefined) {}

  result(result: CaseResult, ran: number, of: number): void {
    const file = this.traces?.write(result);
    const hasFailed = result.outcome === 'failed' || result.outcome === 'misbehaved';
    if (hasFailed) {
      this.#failed += 1;
      this.#progress('');
      process.stdout.write(`${resultText(result, file)}\n\n`);
    }
    const counts = `${ran} of ${of}, ${this.#failed} failed`;
    this.#progress(`${counts}  ${result.implementation} ${result.id}`);
  }

  end(report: RunReport, tookMs: number): void {
    this.#progress('');
    const tested = report.tested.map(testedText).join('\n');
    process.stdout.write(`${tested}\n\n${summaryText(report, tookMs)}\n`);
  }

  #progress(line: string): void {
    if (!process.stderr.isTTY) return;
    process.stderr.write(`\r\x1b[K${line.slice(0, PROGRESS_COLUMNS)}`);
  }
}

/** Whoever waits for minutes is to learn before, not after, that a report has no place. */
function tryFiles({ json, junit, html, traces }: ConformanceOptions['files']): void {
  for (const file of [json, junit, html]) if (file !== undefined) write(file, '', 'a');
  if (traces === undefined) return;
  try {
    mkdirSync(traces, { recursive: true });
  } catch (cause) {
    const message = `the folder ${traces} cannot be made: ${messageOf(cause)}`;
    throw new TelepathineError('INVALID_ARGUMENT', message, { cause });
  }
}

function writeReports(
  report: RunReport,
  { files }: ConformanceOptions,
  version: string,
  traces: TraceFiles | undefined,
): void {
  const { json, junit, html } = files;
  if (json !== undefined)
    write(
      json,
      jsonReport(report, version, (each) => traces?.of(each)),
    );
  if (junit !== undefined) write(junit, junitReport(report));
  if (html !== undefined) write(html, htmlReport(report, version));
}

function write(file: string, text: string, flag = 'w'): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (cause) {
    const message = `the file ${file} cannot be written: ${messageOf(cause)}`;
    throw new TelepathineError('INVALID_ARGUMENT', message, { cause });
  }
}

/** Undefined if somebody has interrupted it; the nodes end with this process. */
async function interrupted(running: Promise<RunReport>): Promise<RunReport | undefined> {
  let listener: () => void = () => undefined;
  const signal = new Promise<undefined>((resolve) => {
    listener = () => resolve(undefined);
    process.once('SIGINT', listener);
    process.once('SIGTERM', listener);
  });
  try {
    return await Promise.race([running, signal]);
  } finally {
    process.off('SIGINT', listener);
    process.off('SIGTERM', listener);
  }
}

async function untilInterrupted({ left }: RunReport): Promise<void> {
  const signal = new Promise<void>((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
  for (const { node, subject } of left) {
    const { ip = '', port = 0 } = subject?.address ?? {};
    const where = subject === undefined ? '' : ` at ${formatAddress(ip, port)}`;
    process.stdout.write(`process ${node.pid} is left running${where}\n`);
    for (const key of subject?.start.keys ?? []) process.stdout.write(`  its key: ${key}\n`);
  }
  process.stdout.write(
    'Attach with gdb -p PID, lldb -p PID, or kill -USR1 PID and node inspect -p PID.\n' +
      'Its standard input stays open. Ctrl-C ends it.\n',
  );
  await signal;
  for (const { node } of left) node.kill();
}
