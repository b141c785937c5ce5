import test from 'ava';
import fc from 'fast-check';
import type { MeshNode } from '../support/mesh.js';
import { runs, Stage, scenarios } from '../support/scenario.js';

const KINDS = ['set', 'delete', 'say', 'kill', 'restart', 'leave', 'cut', 'heal'] as const;

test('what is shown of an owner is a state that the owner had, at the version that is claimed', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  let compared = 0;
  fc.assert(
    fc.property(scenarios(KINDS), (scenario) => {
      const stage = new Stage(scenario);
      const history = new Map<string, string>();
      stage.mesh.onStep = (node) => {
        remember(stage, node, history);
        for (const name of stage.names) {
          if (name !== node.name) compared += compare(stage, node, name, history);
        }
      };
      stage.play();
      stage.heal(10_000);
    }),
    settings,
  );
  t.log(`${compared} states compared`);
  t.true(compared > 10 * settings.numRuns);
});

test('versions that a node shows of one life of an owner only grow', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(scenarios(KINDS), (scenario) => {
      const stage = new Stage(scenario);
      const seen = new Map<string, number>();
      stage.mesh.onStep = (node) => {
        for (const peer of node.core.peers(stage.mesh.nowMs)) {
          const life = `${node.name} ${stage.lives.get(node.name)} ${peer.name} ${peer.generation}`;
          const before = seen.get(life) ?? 0;
          if (peer.version < before) {
            throw new Error(`${life}: version ${peer.version} after ${before}`);
          }
          seen.set(life, peer.version);
        }
      };
      stage.play();
      stage.heal(10_000);
    }),
    settings,
  );
  t.pass();
});

test('events of one owner are heard in the order in which it said them', (t) => {
  const settings = runs(1000);
  t.log(`seed ${settings.seed}, ${settings.numRuns} runs`);
  fc.assert(
    fc.property(scenarios(['set', 'say', 'kill', 'restart', 'cut', 'heal']), (scenario) => {
      const stage = new Stage(scenario);
      const everyone: MeshNode[] = [];
      const start = stage.mesh.start.bind(stage.mesh);
      for (const node of stage.mesh.nodes.values()) everyone.push(node);
      stage.mesh.start = (...settings) => {
        const node = start(...settings);
        everyone.push(node);
        return node;
      };
      stage.play();
      stage.heal(10_000);
      for (const node of everyone) checkOrder(node);
    }),
    settings,
  );
  t.pass();
});

/** Data of events grow with the time of saying, within each owner and across its lives. */
function checkOrder(node: MeshNode): void {
  const last = new Map<string, number>();
  for (const heard of node.heard) {
    const [owner = '', data] = heard.split(':e=');
    if (Number(data) <= (last.get(owner) ?? 0)) {
      throw new Error(`${node.name} heard ${node.heard.join(' ')}`);
    }
    last.set(owner, Number(data));
  }
}

function remember(stage: Stage, node: MeshNode, history: Map<string, string>): void {
  const { generation, version } = node.core.self(stage.mesh.nowMs);
  const state = stage.mesh.shows(node, node.name).join();
  const key = `${node.name} ${generation} ${version}`;
  const known = history.get(key);
  if (known !== undefined && known !== state) throw new Error(`${key} was ${known}, is ${state}`);
  history.set(key, state);
}

function compare(stage: Stage, node: MeshNode, name: string, history: Map<string, string>): number {
  const peer = node.core.peer(name, stage.mesh.nowMs);
  if (peer === undefined || peer.version === 0) return 0;
  const had = history.get(`${name} ${peer.generation} ${peer.version}`);
  if (had === undefined) return 0;
  const shown = stage.mesh.shows(node, name).join();
  if (shown === had) return 1;
  throw new Error(`${node.name} shows ${shown} of ${name} at ${peer.version}, which was ${had}`);
}
