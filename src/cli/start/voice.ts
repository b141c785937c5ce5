import { messageLine } from '../exit.js';
import type { Output } from './output.js';
import type { Answer, Member, Report } from './report.js';
import { SCHEMA_VERSION } from './report.js';
import { addressText, contentText, jsonLine, word } from './text.js';

/** How a node that runs in a terminal or a pipe says something. */
export type Voice = (report: Report) => void;

/** Everything to standard output, one JSON object a line. */
export function jsonVoice(output: Output): Voice {
  return (report) => output.write(jsonReport(report));
}

/** One report as `--json` prints it. */
export function jsonReport(report: Report): string {
  return jsonLine({ schema: SCHEMA_VERSION, ...report });
}

/** Data to standard output, messages to standard error. */
export function textVoice(output: Output, message: (line: string) => void): Voice {
  return (report) => {
    switch (report.type) {
      case 'started':
      case 'stopped':
      case 'error':
      case 'dropped':
        return message(messageLine(messageText(report)));
      case 'answer':
        return tellAnswer(report, output, message);
      case 'packet':
        // Shown as lines, by the dump itself.
        return;
      default:
        return output.write(eventText(report));
    }
  };
}

/** A message for people. */
export function messageText(
  report: Extract<Report, { type: 'started' | 'stopped' | 'error' | 'dropped' }>,
): string {
  switch (report.type) {
    case 'started': {
      const { name, address, private: isPrivate } = report;
      const mesh = isPrivate ? 'a private' : 'a public';
      return `${word(name)} takes part in ${mesh} mesh, at ${address}`;
    }
    case 'stopped':
      return 'stopped';
    case 'error':
      return report.message;
    case 'dropped':
      return `standard output is read too slowly: ${report.reports} lines were left out`;
  }
}

type EventReport = Exclude<
  Report,
  { type: 'started' | 'stopped' | 'error' | 'dropped' | 'answer' | 'packet' }
>;

function eventText(report: EventReport): string {
  const { type, peer } = report;
  switch (type) {
    case 'peer:new':
      return `${type} ${word(peer)} ${addressText(report) || '-'}`;
    case 'set':
    case 'key:expired':
      return `${type} ${word(peer)} ${word(report.key)} ${contentText(report)}`;
    case 'key:deleted':
      return `${type} ${word(peer)} ${word(report.key)}`;
    case 'say':
      return `${type} ${word(peer)} ${word(report.event)} ${contentText(report)}`;
    default:
      return `${type} ${word(peer)}`;
  }
}

function tellAnswer(answer: Answer, output: Output, message: (line: string) => void): void {
  if (!answer.ok) return message(messageLine((answer['error'] as { message: string }).message));
  if (answer['found'] === false) return message(messageLine('there is no such key'));
  if (answer.command === 'get') return output.write(contentText(answer as never));
  if (answer.command === 'stats') return output.write(jsonLine(answer['stats']));
  for (const key of (answer['keys'] as string[] | undefined) ?? []) output.write(word(key));
  for (const member of (answer['members'] as Member[] | undefined) ?? []) {
    output.write(memberText(member));
  }
}

function memberText({ name, status, address, roundTripMs }: Member): string {
  const roundTrip = roundTripMs === undefined ? '' : ` ${roundTripMs.toFixed(1)} ms`;
  return `${word(name)} ${status} ${address || '-'}${roundTrip}`;
}
