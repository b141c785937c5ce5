/** The harness of Telepathine itself. */
import { Telepathine } from '../../../src/index.js';
import { runHarness } from '../node-harness.js';

runHarness(async (port, seed, key, heard) => {
  const node = new Telepathine({
    port,
    seeds: seed === 0 ? [] : [seed],
    // A ping and the unit of gossip each second, as the others have it.
    profile: 'lan',
    network: key,
  });
  node.on('peer:start', heard.up);
  node.on('peer:stop', heard.down);
  node.on('set', (_, id) => heard.has(String(id)));
  node.hear('flood', heard.event);
  await node.start().started;
  return {
    change: (id) => node.set(id, 1),
    say: (payload) => node.say('flood', payload),
  };
});
