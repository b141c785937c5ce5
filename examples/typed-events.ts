// Types for keys and events: what a mesh shares is declared once, and the compiler holds every
// `set`, `say` and handler to it. It cannot hold other nodes to it: they may run anything.
//
//   npm run build && node dist/examples/typed-events.js
//
// Node 22.18 and later take it as it is: node examples/typed-events.ts

import { Telepathine } from 'telepathine';

/** The keys of all nodes, and their values. */
interface Values {
  temperature: { celsius: number };
  'lamp:kitchen': 'on' | 'off';
}

/** The events that nodes say, and their data. */
interface Says {
  alarm: { room: string; level: 1 | 2 | 3 };
  'door:opened': { by: string };
}

type HouseNode = Telepathine<Values, Says>;

const sensor: HouseNode = await Telepathine.start({ name: 'sensor' });
const panel: HouseNode = await Telepathine.start({ name: 'panel', seeds: [sensor.port] });
await panel.ready();

// The name of the key or event gives the type of the value or data.
panel.know('temperature', (peer, _key, { celsius }) => {
  console.log(`${peer} measures ${celsius.toFixed(1)} degrees`);
});
panel.hear('alarm', ({ room, level }, fromPeer) => {
  console.log(`${fromPeer} raises an alarm of level ${level} in the ${room}`);
});
const opened = panel.listen('door:opened');

sensor.set('temperature', { celsius: 21 }).set('lamp:kitchen', 'on');
sensor.say('alarm', { room: 'kitchen', level: 2 }).say('door:opened', { by: 'ann' });

for await (const { data, fromPeer } of opened) {
  console.log(`${fromPeer} sees ${data.by} open the door`);
  break;
}
// What another node has not set, or not yet, is undefined.
const lamp: 'on' | 'off' | undefined = panel.getRemote('sensor', 'lamp:kitchen');
console.log(`the lamp in the kitchen is ${lamp ?? 'unknown'}`);

await panel.stop();
await sensor.stop();

/** Is never called: without the comments the compiler would refuse each of these. */
export function refused(node: HouseNode): void {
  // @ts-expect-error a value of another type
  node.set('lamp:kitchen', 'green');
  // @ts-expect-error a key that is not declared
  node.set('lamp:cellar', 'on');
  // @ts-expect-error data without the level
  node.say('alarm', { room: 'kitchen' });
}
