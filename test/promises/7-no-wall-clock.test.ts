import test from 'ava';
import fc from 'fast-check';
import type { CoreOptions, Effect, Input, PeerView, RemoteValue } from '../../src/core/contract.js';
import { Core } from '../../src/core/core.js';
import { Mesh, type MeshNode } from '../support/mesh.js';
import { runs } from '../support/scenario.js';

const YEAR_MS = 365 * 24 * 3_600_000;

/** Where a node's clock begins: long before, long after, and at moments where doubles get coarse. */
const origin = fc.constantFrom(
  0,
  1,
  -1,
  -30 * YEAR_MS,
  -(2 ** 45),
  30 * YEAR_MS,
  1_700_000_000_000,
  2 ** 45,
  2 ** 48,
);

/** First guesses of the generation: clocks that stand in 1970, today, and far in the future. */
const guess = fc.constantFrom(1, 2, 1000, 1_700_000_000_000, 1_900_000_000_000, 2 ** 47);

const setting = fc.record({
  seed: fc.integer(),
  loss: fc.constantFrom(0, 0.1),
  origins: fc.array(origin, { minLength: 4, maxLength: 4 }),
  guesses: fc.array(guess, { minLength: 5, maxLength: 5 }),
});

test('nodes whose clocks are years apart agree, expire, notice and forget alike', (t) => {
  const settings = runs(500);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(setting, ({ seed, loss, origins, guesses }) => {
      const mesh = skewedMesh(seed, loss, origins);
      const nodes = ['n0', 'n1', 'n2'].map((name, i) =>
        mesh.start(name, i === 0 ? [] : ['n0'], { generation: guesses[i] as number }),
      );
      mesh.until(() => nodes.every((node) => mesh.live(node).length === 2), 10_000);
      mesh.set('n0', 'stays', 1);
      mesh.set('n1', 'ends', 2, 6000);
      mesh.say('n2', 'said', 3, 6000);
      const setAtMs = mesh.nowMs;
      mesh.until(() => nodes.every((node) => shows(mesh, node) === 'stays=1 ends=2'), 10_000);
      mesh.until(() => nodes.every((node) => shows(mesh, node) === 'stays=1'), 10_000);
      const lateMs = mesh.nowMs - setAtMs - 6000;
      if (lateMs < -5 || lateMs > 1000) throw new Error(`the value ended ${lateMs} ms late`);
      checkHeard(nodes);
      mesh.kill('n2');
      const left = nodes.slice(0, 2);
      mesh.until(() => left.every((node) => status(mesh, node, 'n2') === 'dead'), 30_000);
      mesh.until(() => left.every((node) => status(mesh, node, 'n2') === 'gone'), 30_000);
    }),
    { ...settings, includeErrorInReport: true },
  );
  t.pass();
});

test('a node that restarts wins over its earlier life, whatever its clock says', (t) => {
  const settings = runs(500);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  const noticed = fc.boolean();
  fc.assert(
    fc.property(setting, noticed, ({ seed, loss, origins, guesses }, waits) => {
      const mesh = skewedMesh(seed, loss, origins);
      const start = (name: string, life: number) =>
        mesh.start(name, name === 'n0' ? ['n1'] : ['n0'], { generation: guesses[life] as number });
      const [first, second] = [start('n0', 0), start('n1', 1)];
      mesh.until(() => mesh.live(first).length + mesh.live(second).length === 2, 10_000);
      mesh.set('n1', 'old', 1);
      mesh.say('n1', 'said', 1);
      mesh.until(() => mesh.shows(first, 'n1').join() === 'old=1', 10_000);
      mesh.kill('n1');
      if (waits) mesh.until(() => status(mesh, first, 'n1') === 'dead', 30_000);
      const again = start('n1', 2);
      mesh.set('n1', 'new', 2);
      mesh.until(() => mesh.shows(first, 'n1').join() === 'new=2', 30_000);
      mesh.until(() => mesh.live(again).length === 1 && mesh.live(first).length === 1, 30_000);
      mesh.run(3000);
      const shown = mesh.shows(first, 'n1').join();
      if (shown !== 'new=2') throw new Error(`then ${shown} is shown`);
    }),
    { ...settings, includeErrorInReport: true },
  );
  t.pass();
});

/** A core whose host's clock began elsewhere. */
class ShiftedCore extends Core {
  constructor(
    options: CoreOptions,
    seed: Uint8Array,
    private readonly originMs: number,
  ) {
    super(options, seed);
  }

  override handle(input: Input, nowMs: number): Effect[] {
    return super.handle(input, nowMs + this.originMs);
  }

  override nextDeadlineMs(): number | undefined {
    const dueMs = super.nextDeadlineMs();
    // Rounding must not wake the core a little before its deadline, again and again.
    return dueMs === undefined ? undefined : dueMs - this.originMs + 0.001;
  }

  override get(key: string, nowMs: number): RemoteValue | undefined {
    return super.get(key, nowMs + this.originMs);
  }

  override keys(nowMs: number): string[] {
    return super.keys(nowMs + this.originMs);
  }

  override remoteGet(name: string, key: string, nowMs: number): RemoteValue | undefined {
    return super.remoteGet(name, key, nowMs + this.originMs);
  }

  override remoteKeys(name: string, nowMs: number): string[] {
    return super.remoteKeys(name, nowMs + this.originMs);
  }

  override peers(nowMs: number): PeerView[] {
    return super.peers(nowMs + this.originMs);
  }
}

function skewedMesh(seed: number, loss: number, origins: number[]): Mesh {
  const options = { deadGraceMs: 6000, heartbeatIntervalMs: 500, burstMs: 1000 };
  const mesh = new Mesh(seed, { loss }, options);
  let started = 0;
  mesh.makeCore = (settings, bytes) => {
    started += 1;
    return new ShiftedCore(settings, bytes, origins[(started - 1) % origins.length] as number);
  };
  return mesh;
}

/** What a node shows of n0 and n1. */
function shows(mesh: Mesh, node: MeshNode): string {
  return [...mesh.shows(node, 'n0'), ...mesh.shows(node, 'n1')].join(' ');
}

function status(mesh: Mesh, node: MeshNode, name: string): string {
  return node.core.peers(mesh.nowMs).find((peer) => peer.name === name)?.status ?? 'gone';
}

function checkHeard(nodes: MeshNode[]): void {
  for (const { name, heard } of nodes) {
    if (heard.join() !== (name === 'n2' ? '' : 'n2:said=3')) throw new Error(`${name}: ${heard}`);
  }
}
