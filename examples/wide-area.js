// Wide area: sites that know each other by public addresses and reach each other by others, as
// behind forwarded ports or in a VPN. Here all are on this machine, at 127.0.0.2 to 127.0.0.4;
// macOS wants `sudo ifconfig lo0 alias 127.0.0.2` first, and the same for the others.
//
//   node examples/wide-area.js

import { Telepathine } from 'telepathine';

// From an address as the mesh knows it to the one under which it is reached from here. With ports
// behind both, `1.2.3.4:9000`, it maps these; without, all ports stay as they are.
const addressMap = {
  '192.0.2.1': '127.0.0.2',
  '198.51.100.1': '127.0.0.3',
  '203.0.113.1': '127.0.0.4',
};

const lisbon = await Telepathine.start({
  name: 'lisbon',
  bindAddress: '127.0.0.2', // where it listens
  advertise: '192.0.2.1', // where the others are told to find it
  addressMap,
  profile: 'wan', // patient: for round trips of up to some 300 ms
});
const seeds = [`192.0.2.1:${lisbon.port}`];
const nairobi = await Telepathine.start({
  name: 'nairobi',
  seeds,
  bindAddress: '127.0.0.3',
  advertise: '198.51.100.1',
  addressMap,
  profile: 'wan',
});
const osaka = await Telepathine.start({
  name: 'osaka',
  seeds,
  bindAddress: '127.0.0.4',
  advertise: '203.0.113.1',
  addressMap,
  profile: 'wan',
});
const nodes = [osaka, nairobi, lisbon];
await Promise.all(nodes.map((node) => node.ready({ peers: 2 })));

for (const node of nodes) {
  const others = node.livePeers().map((peer) => `${peer} at ${node.peer(peer)?.address}`);
  console.log(`${node.peer_name}, bound to ${node.address}, sees ${others.join(', ')}`);
}

const known = nairobi.waitFor('set:weather');
osaka.set('weather', 'rain');
const [peer, key, value] = await known;
console.log(`nairobi knows that the ${key} of ${peer} is ${value}`);

for (const node of nodes) await node.stop();
