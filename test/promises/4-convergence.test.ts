import test from 'ava';
import fc from 'fast-check';
import { Mesh } from '../support/mesh.js';
import { runs, Stage, scenarios } from '../support/scenario.js';

const ALL = ['set', 'setFor', 'delete', 'say', 'kill', 'restart', 'leave', 'cut', 'heal'] as const;

test('when changes stop and the network heals, all live nodes hold the same', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(scenarios(ALL), (scenario) => {
      const stage = new Stage(scenario);
      stage.play();
      stage.heal(60_000);
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

test('a node that was cut off for an hour ends equal to the others', (t) => {
  for (const seed of [1, 2, 3]) {
    const mesh = new Mesh(seed, { loss: 0.05, latencyMaxMs: 20 });
    const nodes = mesh.grow(5);
    const absent = mesh.node('n4');
    mesh.set('n0', 'deleted', 1);
    mesh.set('n0', 'expiring', 1, 1_800_000);
    mesh.set('n0', 'overwritten', 1);
    mesh.until(() => nodes.slice(1).every((node) => mesh.shows(node, 'n0').length === 3), 10_000);
    mesh.mayPass = (from, to) => (from === absent.address) === (to === absent.address);
    mesh.run(60_000);
    mesh.delete('n0', 'deleted');
    mesh.set('n0', 'overwritten', 2);
    mesh.say('n0', 'died', 1, 1000);
    mesh.say('n0', 'lives', 2, 7_200_000);
    mesh.set('n4', 'meanwhile', 3);
    mesh.run(3_600_000);
    t.deepEqual(mesh.live(mesh.node('n0')), ['n1', 'n2', 'n3']);
    t.deepEqual(mesh.live(absent), []);
    mesh.mayPass = () => true;
    const healedMs = mesh.until(() => nodes.every((node) => mesh.live(node).length === 4), 60_000);
    t.log(`seed ${seed}: all see all ${healedMs} ms after the network healed`);
    mesh.run(10_000);
    for (const node of nodes) {
      if (node.name !== 'n0') t.deepEqual(mesh.shows(node, 'n0'), ['overwritten=2'], node.name);
      if (node.name !== 'n4') t.deepEqual(mesh.shows(node, 'n4'), ['meanwhile=3'], node.name);
    }
    t.deepEqual(absent.heard, ['n0:lives=2']);
    const told = absent.events.filter(
      (event) => event.type === 'deleted' || event.type === 'expired',
    );
    t.deepEqual(told.map((event) => `${event.type} ${event.key}`).sort(), [
      'deleted deleted',
      'expired expiring',
    ]);
  }
});
