// Events: what one node says, every other node hears once, in the order in which it was said.
//
//   node examples/events.js

import { Telepathine } from 'telepathine';

const ann = await Telepathine.start({ name: 'ann' });
const bob = await Telepathine.start({ name: 'bob', seeds: [ann.port] });
await bob.ready();

ann.hearOnce('question', (data, fromPeer) => {
  console.log(`ann hears a question, for the first time: ${data}`);
  ann.say('answer', `Yes, ${fromPeer}?`);
});
// A pattern: the parts of a name stand between ':', and '*' is any part; alone it is any name.
ann.hear('door:*', function (data) {
  console.log(`ann hears a door: ${String(this.event)} is ${data}`);
});
ann.hear('*', function (data, fromPeer) {
  console.log(`ann hears anything: ${String(this.event)} from ${fromPeer}: ${data}`);
});
bob.hear('answer', (data, fromPeer) => console.log(`bob hears an answer of ${fromPeer}: ${data}`));

const answered = bob.waitFor('say:answer');
const opened = ann.waitFor('say:door:back');
bob.say('question', 'Are you there?');
bob.say('question', 'Do you hear me?');
bob.say('door:front', 'locked').say('door:back', 'open');
await Promise.all([answered, opened]);

// An event lives for 20 s, or as long as it is told: who comes in that time hears it too.
bob.say('lunch', 'leek soup', 60_000);
const cleo = new Telepathine({ name: 'cleo', seeds: [ann.port] }).start();
for await (const { event, data, fromPeer } of cleo.listen('lunch')) {
  console.log(`cleo, who came later, hears ${event} from ${fromPeer}: ${data}`);
  break;
}

for (const node of [cleo, bob, ann]) await node.stop();
