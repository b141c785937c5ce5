/** Vectors that drive a node, against this implementation in virtual time. */
import { NODE_SEED } from '../../../conformance/generator/node/script.js';
import type {
  AnyNodeVector,
  NodeView,
  StepExpectation,
} from '../../../src/conformance/vectors/index.js';
import { Core } from '../../../src/core/core.js';
import { NodeUnderTest, type StepOutcome } from './node-under-test.js';
import { differences, layerOf } from './outcome.js';
import { faultsOf, isIgnored } from './patterns.js';

/** What is tested, so that a test can put something broken in its place. */
export type MakeCore = (...of: ConstructorParameters<typeof Core>) => Core;

export function checkNode(
  { given, expect }: AnyNodeVector,
  makeCore: MakeCore = (...of) => new Core(...of),
): string[] {
  const node = new NodeUnderTest(given.node, (options) => makeCore(options, NODE_SEED));
  for (const [index, step] of given.before.entries()) {
    node.step(step, given.before[index + 1]?.atMs ?? given.steps[0]?.atMs);
  }
  const faults: string[] = [];
  const outcomes = given.steps.map((step, index) => {
    const expected = expect.steps[index];
    const outcome = node.step(step, given.steps[index + 1]?.atMs);
    if (expected === undefined) faults.push(`step ${index} has no expectation`);
    else faults.push(...faultsOf(outcome, expected).map((fault) => `step ${index}: ${fault}`));
    return outcome;
  });
  if (expect.steps.length > given.steps.length)
    faults.push('there are more expectations than steps');
  // What is judged as a whole is the last that comes from others or the application.
  const last = Math.max(
    0,
    given.steps.findLastIndex(({ do: what }) => what !== 'wait' && what !== 'close'),
  );
  const view: NodeView = node.view();
  const result = resultOf(outcomes[last], expect.steps[last]);
  const { steps: _steps, ...expected } = expect;
  return [
    ...node.missing,
    ...faults,
    ...differences({ ...result, connection: 'none', view }, expected, 'in the end'),
  ];
}

/** Of the last packet: what is to be ignored is, if nothing of it was taken. */
function resultOf(outcome: StepOutcome | undefined, expected: StepExpectation | undefined) {
  if (outcome === undefined || expected === undefined) return {};
  const [error] = outcome.refusals;
  if (error !== undefined) return { result: 'reject', layer: layerOf(error), error };
  const isLess =
    !outcome.isVisible || (expected.result === 'ignore' && isIgnored(outcome, expected));
  return { result: isLess ? 'ignore' : 'accept' };
}
