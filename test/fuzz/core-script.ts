import type { Random } from '../../src/core/random.js';
import { joined } from './bytes.js';
import { BYTE_MUTATIONS } from './mutations.js';
import { PROTOBUF_MUTATIONS, withoutFields } from './protobuf.js';
import type { Mutation } from './target.js';

/** One step of what happens to a core. In an input: kind, options, 2 bytes of length, the content. */
export interface Step {
  kind: number;
  options: number;
  /** Of a packet its bytes, sealed off from other steps; of commands a key or value. */
  content: Uint8Array;
}

/** The steps of an input. Every input has some meaning: a length that is too long is cut. */
export function readSteps(input: Uint8Array): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at + HEAD_BYTES <= input.length; ) {
    const [kind = 0, options = 0, high = 0, low = 0] = input.subarray(at, at + HEAD_BYTES);
    at += HEAD_BYTES;
    const content = input.subarray(at, at + high * 256 + low);
    at += content.length;
    steps.push({ kind, options, content });
  }
  return steps;
}

export function writeSteps(steps: readonly Step[]): Uint8Array {
  return joined(
    steps.flatMap(({ kind, options, content }) => [
      Uint8Array.of(kind, options, content.length >> 8, content.length & 0xff),
      content,
    ]),
  );
}

/** The script without one of its steps, then without one field of a packet, for each in turn. */
export function* withoutParts(input: Uint8Array): Generator<Uint8Array> {
  const steps = readSteps(input);
  for (let at = 0; at < steps.length; at++) yield writeSteps(steps.toSpliced(at, 1));
  for (let at = 0; at < steps.length; at++) {
    const step = steps[at] as Step;
    for (const content of withoutFields(step.content)) {
      yield writeSteps(steps.with(at, { ...step, content }));
    }
  }
}

/** Changes of single steps, of their contents as messages, and of their order. */
export const STEP_MUTATIONS: readonly Mutation[] = [
  ...[...PROTOBUF_MUTATIONS, ...BYTE_MUTATIONS].map(inContent),
  ...[takeSteps, takeSteps, takeSteps, takeSteps, takeSteps, takeSteps].map(inSteps),
  ...[repeatStep, repeatStep, dropStep, dropStep, moveStep, moveStep].map(inSteps),
  ...[changeHead, changeHead, changeHead, changeHead, changeHead, changeHead].map(inSteps),
];

const HEAD_BYTES = 4;

type StepChange = (steps: Step[], at: number, random: Random, others: Step[]) => void;

function inSteps(change: StepChange): Mutation {
  return (input, random, other) => {
    const steps = readSteps(input);
    change(steps, random.below(steps.length), random, readSteps(other));
    return writeSteps(steps);
  };
}

function inContent(mutation: Mutation): Mutation {
  return inSteps((steps, at, random, others) => {
    const step = steps[at];
    const other = others[random.below(others.length)];
    if (step === undefined || other === undefined) return;
    step.content = mutation(step.content, random, other.content).subarray(0, 0xffff);
  });
}

/** Some steps of another script come in between, or in place of others. */
function takeSteps(steps: Step[], at: number, random: Random, others: Step[]): void {
  const from = random.below(others.length);
  const taken = others.slice(from, from + 1 + random.below(6));
  steps.splice(at, random.below(3), ...taken);
}

function repeatStep(steps: Step[], at: number, random: Random): void {
  const step = steps[at];
  if (step === undefined) return;
  const times = random.real() < 0.9 ? 1 : random.below(20);
  for (let i = 0; i < times; i++) steps.splice(random.below(steps.length + 1), 0, { ...step });
}

function dropStep(steps: Step[], at: number, random: Random): void {
  steps.splice(at, 1 + random.below(3));
}

function moveStep(steps: Step[], at: number, random: Random): void {
  steps.splice(random.below(steps.length), 0, ...steps.splice(at, 1));
}

function changeHead(steps: Step[], at: number, random: Random): void {
  const step = steps[at];
  if (step === undefined) return;
  if (random.real() < 0.5) step.kind ^= 1 << random.below(8);
  else step.options = random.below(256);
}
