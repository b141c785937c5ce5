// Feature flags: an administrator switches them, and every app follows within milliseconds. An app
// that starts later is told how they stand. When the administrator goes, the apps keep what they
// know.
//
//   node examples/feature-flags.js

import { Telepathine } from 'telepathine';

const admin = await Telepathine.start({ name: 'admin' });
const apps = [startApp('shop'), startApp('search'), startApp('mail')];
await Promise.all(apps.map(({ node }) => node.ready({ peers: apps.length })));
await admin.ready({ peers: apps.length });

await switchFlag('flag:dark-mode', true);
await switchFlag('flag:new-checkout', true);
await switchFlag('flag:dark-mode', false);

const late = startApp('chat');
apps.push(late);
await late.node.waitFor('set:flag:dark-mode');
console.log('chat has just come, and is told:');
console.log(late.flags);

await admin.stop();
console.log('the administrator has gone; shop still knows:');
console.log(apps[0]?.flags);

for (const { node } of apps.reverse()) await node.stop();

/** An app, and the flags as it knows them. @param {string} name */
function startApp(name) {
  const flags = new Map();
  const node = new Telepathine({ name, seeds: [admin.port] });
  node.know('flag:*', (_peer, key, value) => flags.set(key, value));
  return { node: node.start(), flags };
}

/** Measures how soon the apps follow. @param {string} flag @param {boolean} value */
async function switchFlag(flag, value) {
  console.log(`${flag} is switched ${value ? 'on' : 'off'}`);
  const switchedAtMs = performance.now();
  const followed = apps.map(async ({ node, flags }) => {
    await node.waitFor(`set:${flag}`);
    const tookMs = performance.now() - switchedAtMs;
    console.log(`  ${node.peer_name} follows after ${tookMs.toFixed(1)} ms: ${flags.get(flag)}`);
  });
  admin.set(flag, value);
  await Promise.all(followed);
}
