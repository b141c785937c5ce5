// A private mesh: a key seals every packet. Who has no key, or another one, hears nothing and is
// not heard. A key comes from `telepathine keygen`, or from `generateKey()` as here.
//
//   node examples/darknet.js

import { setTimeout as delay } from 'node:timers/promises';
import { generateKey, Telepathine } from 'telepathine';

// In earnest it comes from a file or the environment; a passphrase is possible too.
const network = generateKey();
const ann = await Telepathine.start({ name: 'ann', network });
const seeds = [ann.port];
const bob = await Telepathine.start({ name: 'bob', network, seeds });
const outsider = await Telepathine.start({ name: 'outsider', seeds });
const stranger = await Telepathine.start({ name: 'stranger', network: generateKey(), seeds });
const nodes = [ann, bob, outsider, stranger];

for (const node of nodes) {
  node.know('*', (peer, key, value) => {
    console.log(`${node.peer_name} knows that ${key} of ${peer} is ${value}`);
  });
  node.hear('*', (data, fromPeer) => {
    console.log(`${node.peer_name} hears ${fromPeer}: ${data}`);
  });
}

await bob.ready();
const known = bob.waitFor('set:treasure');
const heard = ann.waitFor('say:secret');
ann.set('treasure', 'under the oak');
bob.say('secret', 'meet at midnight');
for (const node of [outsider, stranger]) node.say('plea', 'let me in');
await Promise.all([known, heard]);
for (const node of nodes) {
  console.log(`${node.peer_name} sees ${node.livePeers().join(', ') || 'nobody'}`);
}

// The two go on calling ann, who counts what she throws away unread.
/** @param {string} reason */
const refused = (reason) => ann.stats()?.refusals[reason] ?? 0;
while (!refused('plain-in-private') || !refused('unknown-key')) await delay(50);
console.log(`ann has refused ${refused('plain-in-private')} packets that were not sealed`);
console.log(`ann has refused ${refused('unknown-key')} packets sealed with another key`);

for (const node of nodes.reverse()) await node.stop();
