/** What a step has brought about, against what a vector expects of it. */
import { isDeepStrictEqual } from 'node:util';
import type {
  Json,
  PacketPattern,
  StepExpectation,
} from '../../../src/conformance/vectors/index.js';
import type { StepOutcome } from './node-under-test.js';

/** What an envelope is counted with, whatever it is. */
const ENVELOPE_BYTES = 45;

/** In a public mesh. */
const DATAGRAM_PACKET_BYTES_MAX = 1199;

/** What differs, a line each. */
export function faultsOf(outcome: StepOutcome, expected: StepExpectation): string[] {
  return [
    ...resultFaults(outcome, expected),
    ...eventFaults(outcome, expected),
    ...sentFaults(outcome, expected),
    ...bytesFaults(outcome, expected),
  ];
}

function resultFaults(outcome: StepOutcome, expected: StepExpectation): string[] {
  const { refusals, isChanged } = outcome;
  const error = expected.error === undefined ? [] : [expected.error];
  const faults: string[] = [];
  if (!isDeepStrictEqual(refusals, error)) {
    faults.push(`refused by ${refusals.join() || 'nothing'}, not by ${error.join() || 'nothing'}`);
  }
  if ((expected.result === 'reject') !== refusals.length > 0) faults.push('refused or not');
  if (expected.result === 'ignore' && !isIgnored(outcome, expected))
    faults.push('it is not ignored');
  if (expected.result === 'reject' && isChanged) faults.push('it is not refused');
  return faults;
}

function eventFaults({ events }: StepOutcome, expected: StepExpectation): string[] {
  if (isDeepStrictEqual(events, expected.events)) return [];
  return [`events are ${shown(events)}, and should be ${shown(expected.events)}`];
}

function sentFaults({ sent }: StepOutcome, expected: StepExpectation): string[] {
  const missing = (expected.sent ?? []).filter(
    (pattern) => !sent.some((each) => isMatch(each, pattern)),
  );
  const wrong = sent.filter((each) => expected.notSent?.some((pattern) => isMatch(each, pattern)));
  return [
    ...missing.map((pattern) => `sent ${shown(sent)}, and not ${shown(pattern)}`),
    ...wrong.map((each) => `sent ${shown(each)}`),
  ];
}

/** Nothing of it is taken, and nothing is sent because of it but what is expected. */
export function isIgnored(outcome: StepOutcome, { sent }: StepExpectation): boolean {
  return sent === undefined ? !outcome.isVisible : !outcome.isChanged;
}

function bytesFaults({ sent }: StepOutcome, { bytesMax }: StepExpectation): string[] {
  const long = sent.filter(
    ({ to, bytes }) => to.startsWith('udp:') && bytes > DATAGRAM_PACKET_BYTES_MAX,
  );
  const faults = long.map(({ bytes }) => `a datagram has ${bytes} bytes, and its envelope`);
  if (bytesMax === undefined) return faults;
  const total = sent
    .filter(({ to }) => to === bytesMax.to)
    .reduce((sum, each) => sum + each.bytes + ENVELOPE_BYTES, 0);
  return total > bytesMax.bytes ? [...faults, `sent ${total} bytes to ${bytesMax.to}`] : faults;
}

function isMatch({ to, packet }: { to: string; packet: unknown }, pattern: PacketPattern): boolean {
  return to === pattern.to && holds(packet, pattern.packet);
}

/** Whether a value has at least what is told; a list, in any order and among others. */
function holds(actual: unknown, told: Json): boolean {
  if (told === null) return actual === undefined;
  if (told === '*') return actual !== undefined;
  if (Array.isArray(told)) {
    return Array.isArray(actual) && told.every((each) => actual.some((one) => holds(one, each)));
  }
  if (typeof told !== 'object') return actual === told;
  if (typeof actual !== 'object' || actual === null) return false;
  return Object.entries(told).every(([name, value]) =>
    holds((actual as Record<string, unknown>)[name], value),
  );
}

function shown(value: unknown): string {
  return JSON.stringify(value);
}
