import type { ExecutionContext } from 'ava';
import type { Telepathine, TelepathineOptions } from '../../../src/index.js';
import type { TestMesh } from '../test-mesh.js';

/** Tries what a line of the page says. */
export type Check = (t: ExecutionContext, mesh: TestMesh) => void | Promise<void>;

/** Two nodes that know each other: `n1` and `n2`. */
export async function pair(mesh: TestMesh, options: TelepathineOptions = {}) {
  return (await mesh.start(2, options)) as [Telepathine, Telepathine];
}

/** Takes down what handlers are called with: the name of `this`, `this.event`, the arguments. */
export function recorder() {
  const calls: { self: string; event: unknown; args: unknown[] }[] = [];
  function record(this: Telepathine, ...args: unknown[]): void {
    calls.push({ self: this.peer_name, event: this.event, args });
  }
  return { calls, record };
}
