import { setTimeout as pause } from 'node:timers/promises';
import test from 'ava';
import { implementationOf } from '../../conformance/mutants/catch.js';
import { ControlledNode } from '../../src/conformance/control/controlled-node.js';

test('a node that was killed is not said to hang: whoever asked it may be gone', async (t) => {
  const node = new ControlledNode(implementationOf('none'), { answerWithinMs: 200 });
  let told: unknown;
  node.ask('hello', { control: 1 }).catch((error: unknown) => {
    told = error;
  });
  node.kill();
  await node.exited;
  await pause(400);
  t.is(told, undefined);
  t.is(node.fault, undefined);
});
