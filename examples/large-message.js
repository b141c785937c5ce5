// Large values and events, of up to 1 MiB. What does not fit a datagram goes over TCP by itself. A
// Uint8Array travels as bytes, all else as JSON.
//
//   node examples/large-message.js

import { randomBytes } from 'node:crypto';
import { Telepathine, TelepathineError } from 'telepathine';

const MIB = 1024 * 1024;

const ann = await Telepathine.start({ name: 'ann' });
const bob = await Telepathine.start({ name: 'bob', seeds: [ann.port] });
await bob.ready();

const picture = randomBytes(MIB);
const known = bob.waitFor('set:picture');
const setAtMs = performance.now();
ann.set('picture', picture);
const [, , copy] = await known;
console.log(`bob knows a picture of ${copy.length} bytes after ${msSince(setAtMs)} ms`);
console.log(`its bytes are ${picture.equals(copy) ? 'the same' : 'others'}`);

const heard = ann.waitFor('say:story');
const saidAtMs = performance.now();
bob.say('story', { title: 'On and on', text: 'and then '.repeat(110_000) });
const [story] = await heard;
const { length } = story.text;
console.log(`ann hears '${story.title}' of ${length} letters after ${msSince(saidAtMs)} ms`);

try {
  ann.set('picture', randomBytes(MIB + 1));
} catch (error) {
  if (!(error instanceof TelepathineError)) throw error;
  console.log(`one byte more is refused: ${error.code}`);
}

const received = bob.stats()?.received;
console.log(`bob received ${received?.udp.bytes} bytes by UDP, ${received?.tcp.bytes} by TCP`);

await bob.stop();
await ann.stop();

/** @param {number} startMs */
function msSince(startMs) {
  return Math.round(performance.now() - startMs);
}
