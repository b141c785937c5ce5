/** The harness of the original, telepathine 0.3.3 of npm. */
import type { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { runHarness } from '../node-harness.js';

/** The little that is used of it. */
interface Original extends EventEmitter {
  start(callback: () => void): void;
  set(key: string, value: unknown): void;
  say(event: string, data: unknown): void;
  hear(event: string, handler: () => void): void;
}

// It has the same name as this package: it is looked up from the folder where it is installed.
const requireThere = createRequire(resolve('bench/peers/original/package.json'));
const { Telepathine } = requireThere('telepathine') as {
  Telepathine: new (port: number, seeds: string[], options: object) => Original;
};

runHarness(async (port, seed, _key, heard) => {
  const seeds = seed === 0 ? [] : [`127.0.0.1:${seed}`];
  // Both intervals are 2.5 s by default (its README): a second, as the others have it. Without
  // `network`: what that turns on has neither a nonce nor a MAC, so it seals nothing.
  const node = new Telepathine(port, seeds, { gossipIntervalMS: 1000, heartbeatIntervalMS: 1000 });
  node.on('peer:start', heard.up);
  node.on('peer:stop', heard.down);
  // An event is a key that begins with `say:`, and `set` tells of it too.
  node.on('set', (_, id: string) => {
    if (!id.startsWith('say:')) heard.has(id);
  });
  node.hear('flood', heard.event);
  await new Promise<void>((started) => node.start(started));
  return {
    change: (id) => node.set(id, 1),
    say: (payload) => node.say('flood', payload),
  };
});
