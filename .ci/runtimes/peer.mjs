// A node of a private mesh that tells each thing it sees as a line: peer.mjs <name> <udp|tcp> [seed].
// It leaves when its standard input ends. The key comes with the environment.
import { Telepathine } from 'telepathine';

const [name, transport, seed] = process.argv.slice(2);
const node = new Telepathine({
  name,
  network: process.env.TELEPATHINE_NETWORK,
  udp: transport === 'udp',
  seeds: seed ? [seed] : [],
  profile: 'local',
});
for (const event of ['peer:start', 'peer:stop', 'peer:leave', 'error']) {
  node.on(event, (about) => console.log(event, String(about)));
}
node.know('*', (peer, key, value) => console.log('set', peer, key, value.length));
node.hear('*', (data, from) => console.log('heard', from, data));
node.start();
await node.started;
console.log('listens', node.port);
await node.ready({ peers: 1, timeoutMs: 20_000 });
node.set('small', name).set('large', name.repeat(200_000)).say('hello', name);
process.stdin.on('end', async () => {
  await node.stop();
  console.log('stopped', node.stats().received.udp.packets > 0);
});
process.stdin.resume();
