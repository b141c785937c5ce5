import { isDeepStrictEqual } from 'node:util';
import type { ExecutionContext } from 'ava';
import type { Telepathine } from '../../src/telepathine.js';

/** Nodes that set and say all the time, and remember what they have heard from whom. */
export class BusyMesh {
  /** What each node has heard, by `from to`, as numbers in their order. */
  readonly #heard = new Map<string, number[]>();
  readonly #losses: string[] = [];
  #said = 0;

  constructor(readonly nodes: readonly Telepathine[]) {
    for (const node of nodes) this.#listen(node);
  }

  /** How many events each node has said. */
  get said(): number {
    return this.#said;
  }

  /** Every node sets a key, of ten, and says an event. */
  act(): void {
    this.#said += 1;
    for (const node of this.nodes) {
      node.set(`key ${this.#said % 10}`, this.#said).say('count', this.#said, 600_000);
    }
  }

  /** Whether everybody has heard as much as everybody has said, and sees everybody's values. */
  isSettled(): boolean {
    return this.#pairs().every(
      ([from, to]) =>
        (this.#heard.get(pairText(from, to))?.length ?? 0) >= this.#said &&
        isDeepStrictEqual(sorted(to.entriesOf(from.peer_name)), sorted(from.entries())),
    );
  }

  /** Everybody has heard each event of each other once, in order, and found nobody dead. */
  check(t: ExecutionContext, message?: string): void {
    const all = Array.from({ length: this.#said }, (_, index) => index + 1);
    for (const [from, to] of this.#pairs()) {
      const pair = pairText(from, to);
      t.deepEqual(this.#heard.get(pair), all, `${message ?? ''} ${pair}`);
    }
    t.true(this.isSettled(), message);
    t.deepEqual(this.#losses, [], message);
  }

  #listen(node: Telepathine): void {
    node.hear('count', (count, from) => {
      const pair = `${from} to ${node.peer_name}`;
      this.#heard.set(pair, [...(this.#heard.get(pair) ?? []), Number(count)]);
    });
    node.on('peer:stop', (peer) => this.#losses.push(`${node.peer_name} has lost ${peer}`));
  }

  #pairs(): [from: Telepathine, to: Telepathine][] {
    return this.nodes.flatMap((from) =>
      this.nodes.flatMap((to): [Telepathine, Telepathine][] => (to === from ? [] : [[from, to]])),
    );
  }
}

function pairText(from: Telepathine, to: Telepathine): string {
  return `${from.peer_name} to ${to.peer_name}`;
}

function sorted(entries: [string, unknown][]): [string, unknown][] {
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
