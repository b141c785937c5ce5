import type { Input } from '../../src/core/contract.js';
import { Mesh, type MeshNode } from './mesh.js';

/**
 * A mesh whose nodes can stand still, as a process with a blocked event loop or one that was stopped
 * by SIGSTOP: its kernel goes on taking packets and connections, and it finds them when it goes on.
 */
export class PausingMesh extends Mesh {
  /** What has come for the nodes that stand still. */
  readonly #waiting = new Map<string, Input[]>();

  /** Lets a node stand still for so long; what happens meanwhile comes to it afterwards, in order. */
  pause(name: string, forMs: number): void {
    this.#waiting.set(name, []);
    this.at(this.nowMs + forMs, () => {
      const waiting = this.#waiting.get(name) ?? [];
      this.#waiting.delete(name);
      for (const input of waiting) this.input(this.node(name), input);
    });
  }

  override input(node: MeshNode, input: Input): void {
    const waiting = this.#waiting.get(node.name);
    if (waiting) waiting.push(input);
    else super.input(node, input);
  }
}
