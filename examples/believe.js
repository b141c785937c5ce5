// Belief: a node that believes a key takes over what another sets, as its own. So the value lives
// on without the node that set it; and of several values one wins, everywhere the same.
//
//   node examples/believe.js

import { setTimeout as delay } from 'node:timers/promises';
import { Telepathine } from 'telepathine';

const ann = believer('ann', []).start();
await ann.started;
const bob = believer('bob', [ann.port]).start();
const cleo = believer('cleo', [ann.port]).start();
await Promise.all([ann, bob, cleo].map((node) => node.ready({ peers: 2 })));

ann.set('meeting', 'nine');
await agreement(ann, bob, cleo);

console.log('Bob and cleo set it at the same time:');
bob.set('meeting', 'ten');
cleo.set('meeting', 'eleven');
await agreement(ann, bob, cleo);

console.log('Ann leaves, and comes back without any memory:');
await ann.stop();
const newAnn = believer('ann', [bob.port]).start();
await agreement(newAnn, bob, cleo);

for (const node of [newAnn, cleo, bob]) await node.stop();

/** @param {string} name @param {number[]} seeds */
function believer(name, seeds) {
  return new Telepathine({ name, seeds }).believe('meeting', (peer, _key, value) => {
    console.log(`  ${name} believes ${peer}: the meeting is at ${value}`);
  });
}

/** Waits until all hold the same value. @param {Telepathine[]} nodes */
async function agreement(...nodes) {
  const values = () => new Set(nodes.map((node) => node.get('meeting')));
  while (values().size > 1) await delay(10);
  console.log(`All agree that the meeting is at ${[...values()]}.`);
}
