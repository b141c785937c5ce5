import test from 'ava';
import fc from 'fast-check';
import type { MeshNode } from '../support/mesh.js';
import { runs, type Said, Stage, scenarios } from '../support/scenario.js';

const KINDS = ['set', 'delete', 'say', 'kill', 'restart', 'leave', 'cut', 'heal'] as const;

test('an event fires at most once in each life, and once where the owner is reached', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(scenarios(KINDS), (scenario) => {
      const stage = new Stage(scenario);
      const everyone = watchStarts(stage);
      stage.play();
      stage.heal(20_000);
      for (const node of everyone) {
        if (new Set(node.heard).size !== node.heard.length) {
          throw new Error(`${node.name} heard ${node.heard.join(' ')}`);
        }
      }
      for (const said of stage.said) checkHeardOnce(stage, said);
    }),
    settings,
  );
  t.pass();
});

test('an event that died before it could arrive does not fire', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  const scenario = fc.record({ seed: fc.integer(), lives: fc.integer({ min: 100, max: 3000 }) });
  fc.assert(
    fc.property(scenario, ({ seed, lives }) => {
      const stage = new Stage({ ...CALM, seed });
      stage.play();
      stage.mesh.mayPass = () => false;
      stage.mesh.say('n0', 'e', 1, lives);
      stage.mesh.say('n0', 'e', 2, 600_000);
      stage.mesh.run(lives + 1);
      stage.heal(20_000);
      for (const node of stage.living()) {
        const expected = node.name === 'n0' ? '' : 'n0:e=2';
        if (node.heard.join() !== expected) throw new Error(`${node.name} heard ${node.heard}`);
      }
    }),
    settings,
  );
  t.pass();
});

const CALM = { nodes: 3, loss: 0, doubling: 0, jitterMs: 2, packetBytes: 1155, actions: [] };

/** Every life of every node, those that have ended too. */
function watchStarts(stage: Stage): MeshNode[] {
  const everyone = [...stage.mesh.nodes.values()];
  const start = stage.mesh.start.bind(stage.mesh);
  stage.mesh.start = (...settings) => {
    const node = start(...settings);
    everyone.push(node);
    return node;
  };
  return everyone;
}

/** While its owner's life goes on and the event lives, each other live node has heard it. */
function checkHeardOnce(stage: Stage, said: Said): void {
  const owner = stage.mesh.node(said.owner);
  const goesOn =
    owner.up && stage.lives.get(said.owner) === said.life && !stage.left.has(said.owner);
  if (!goesOn || said.diesAtMs <= stage.mesh.nowMs) return;
  for (const node of stage.living()) {
    if (node === owner || stage.left.has(node.name)) continue;
    const times = node.heard.filter((heard) => heard === `${said.owner}:e=${said.data}`).length;
    if (times !== 1)
      throw new Error(`${node.name} heard ${said.data} of ${said.owner} ${times} times`);
  }
}
