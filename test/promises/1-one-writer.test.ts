import test from 'ava';
import fc from 'fast-check';
import type { MeshNode } from '../support/mesh.js';
import { runs, Stage, scenarios } from '../support/scenario.js';

const KINDS = ['set', 'delete', 'say', 'kill', 'restart', 'leave', 'cut', 'heal'] as const;

/** What each owner itself wrote, by the model: nothing else may ever change it. */
function ownState(stage: Stage, node: MeshNode): string {
  return stage.mesh.shows(node, node.name).join();
}

test('only the owner changes its own state, whatever the others send', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(scenarios(KINDS), (scenario) => {
      const stage = new Stage(scenario);
      const { mesh } = stage;
      const before = new Map<object, string>();
      let commanded: string | undefined;
      const command = mesh.input.bind(mesh);
      mesh.input = (node, input) => {
        commanded = input.type === 'set' || input.type === 'delete' ? node.name : undefined;
        command(node, input);
        commanded = undefined;
      };
      mesh.onStep = (node) => {
        const now = ownState(stage, node);
        const known = before.get(node.core);
        if (known !== undefined && known !== now && commanded !== node.name) {
          throw new Error(`${node.name} changed from ${known} to ${now} by no command of its own`);
        }
        before.set(node.core, now);
      };
      stage.play();
      stage.heal(10_000);
    }),
    settings,
  );
  t.pass();
});

test('a node that comes back does not take its earlier life’s state from the others', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 2, max: 4 }), (seed, nodes) => {
      const stage = new Stage({ ...CALM, seed, nodes });
      stage.play();
      stage.mesh.set('n1', 'old', 1);
      stage.mesh.run(1000);
      stage.mesh.kill('n1');
      const again = stage.mesh.start('n1', ['n0']);
      stage.mesh.set('n1', 'new', 2);
      stage.mesh.run(3000);
      if (ownState(stage, again) !== 'new=2') throw new Error(ownState(stage, again));
      for (const node of stage.living()) {
        const shown = stage.mesh.shows(node, 'n1').join();
        if (shown !== 'new=2') throw new Error(`${node.name} shows ${shown}`);
      }
    }),
    settings,
  );
  t.pass();
});

const CALM = { loss: 0, doubling: 0, jitterMs: 2, packetBytes: 1155, actions: [] };
