// Shared memory: what one node sets, every other node can read, at once and later. A key may expire
// or be deleted. Here all nodes share a process; usually each has one, or a machine, of its own.
//
//   node examples/p2p-memory.js

import { Telepathine } from 'telepathine';

// A node takes a free port by itself. Any node can be the seed by which others find the mesh.
const seed = await Telepathine.start({ name: 'seed' });
const seeds = [seed.port];
const ann = await Telepathine.start({ name: 'ann', seeds });
const bob = await Telepathine.start({ name: 'bob', seeds });
const cleo = await Telepathine.start({ name: 'cleo', seeds });

// Three ways to be told: of all keys, of one key, and of the keys that match a pattern.
ann.on('set', (peer, key, value) => {
  console.log(`ann, on('set'): ${peer} has set ${key} to ${value}`);
});
bob.know('weather', (peer, key, value) => {
  console.log(`bob, know('weather'): ${peer} has set ${key} to ${value}`);
});
cleo.know('*', function (peer, _key, value) {
  console.log(`${this.peer_name}, know('*'): ${peer} has set ${String(this.event)} to ${value}`);
});
cleo.on('key:expired', (peer, key) => console.log(`cleo: ${key} of ${peer} has expired`));
cleo.on('key:deleted', (peer, key) => console.log(`cleo: ${peer} has deleted ${key}`));

const dave = await Telepathine.start({ name: 'dave', seeds });
await dave.ready({ peers: 4 });
const expired = cleo.waitFor('key:expired');
dave.set('weather', 'sunny');
dave.set('mood', 'curious', Date.now() + 1000);
await expired;
console.log(`cleo reads dave's weather: ${cleo.getRemote('dave', 'weather')}`);
console.log(`cleo reads dave's mood: ${cleo.getRemote('dave', 'mood')}`);

// Who comes later is told what there is.
const erin = new Telepathine({ name: 'erin', seeds }).start();
const [peer, key, value] = await erin.waitFor('set:weather');
console.log(`erin has just come: ${key} of ${peer} is ${value}`);

const deleted = cleo.waitFor('key:deleted');
dave.delete('weather');
await deleted;

for (const node of [erin, dave, cleo, bob, ann, seed]) await node.stop();
