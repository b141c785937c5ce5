import test from 'ava';
import fc from 'fast-check';
import { runs, Stage, scenarios } from '../support/scenario.js';

const ALL = ['set', 'setFor', 'delete', 'say', 'kill', 'restart', 'leave', 'cut', 'heal'] as const;

test('when changes stop and the network heals, all live nodes hold the same', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(scenarios(ALL), (scenario) => {
      const stage = new Stage(scenario);
      stage.play();
      stage.heal(30_000);
      const living = stage.living().filter((node) => !stage.left.has(node.name));
      for (const node of living) {
        const alive = living
          .map((each) => each.name)
          .filter((name) => name !== node.name)
          .sort();
        const seen = stage.mesh.live(node);
        if (seen.join() !== alive.join()) {
          throw new Error(`${node.name} sees ${seen.join()} alive, not ${alive.join()}`);
        }
        for (const owner of living) {
          const own = stage.mesh.shows(owner, owner.name).join();
          const shown = stage.mesh.shows(node, owner.name).join();
          if (shown !== own)
            throw new Error(`${node.name} shows ${shown} of ${owner.name}, not ${own}`);
        }
      }
    }),
    settings,
  );
  t.pass();
});
