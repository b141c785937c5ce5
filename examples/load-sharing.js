// Load sharing: worker processes tell each other how many jobs they have, and whoever gets a new
// job gives it to the one with the fewest by what it sees. Nobody is elected and nobody directs. A
// worker that dies is left out.
//
//   node examples/load-sharing.js

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { Telepathine } from 'telepathine';

/** @typedef {Telepathine<{ worker: { jobs: number, port: number } }>} Node */

const WORKERS = ['ann', 'bob', 'cleo'];

const [name, seed] = process.argv.slice(2);
if (name && seed) await work(name, seed);
else await main();

/** A worker, in a process of its own. @param {string} name @param {string} seed */
async function work(name, seed) {
  let jobs = 0;
  const server = createServer(async ({ url }, response) => {
    if (url === '/begin') begin();
    response.end(url === '/begin' ? '' : await passOn());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  /** @type {Node} */
  const node = new Telepathine({ name, seeds: [seed], profile: 'local' });
  // Comes when the parent lets go of it, and also when the parent dies.
  process.once('disconnect', () => node.stop().then(() => server.close()));
  // The others, and the client.
  await node.start().ready({ peers: WORKERS.length });
  node.set('worker', { jobs, port });

  /** A real job would do something now, and there would be one fewer at its end. */
  function begin() {
    jobs += 1;
    node.set('worker', { jobs, port });
  }

  /** Gives a job to the one with the fewest, by figures some milliseconds old; tells to whom. */
  async function passOn() {
    const seen = liveWorkers(node);
    seen.unshift([name, { jobs, port }]);
    seen.sort(([, a], [, b]) => a.jobs - b.jobs);
    let story = `sees ${seen.map(([peer, { jobs }]) => `${peer} ${jobs}`).join(', ')}:`;
    for (const [peer, { port }] of seen) {
      try {
        await post(port, 'begin');
        return `${story} it goes to ${peer}`;
      } catch {
        // It is dead, which this worker does not know yet: the next one gets the job.
        story += ` ${peer} is silent,`;
      }
    }
    return `${story} it is lost`;
  }
}

/** What a node sees of the workers. @param {Node} node */
function liveWorkers(node) {
  return node.find('worker').filter(([peer]) => node.peer(peer)?.alive);
}

async function main() {
  /** @type {Node} */
  const node = await Telepathine.start({ name: 'client', profile: 'local' });
  const workers = WORKERS.map((name) => fork(import.meta.filename, [name, String(node.port)]));
  while (liveWorkers(node).length < WORKERS.length) await delay(10);
  await giveJobs(node, 'ann', 9);

  workers.pop()?.kill('SIGKILL');
  while (node.peer('cleo')?.alive) await delay(10);
  console.log('cleo is killed, and the client finds it dead');
  await giveJobs(node, 'bob', 4);

  for (const worker of workers) {
    worker.disconnect();
    await once(worker, 'exit');
  }
  await node.stop();
}

/** Jobs come from outside. @param {Node} node @param {string} worker @param {number} count */
async function giveJobs(node, worker, count) {
  const port = node.getRemote(worker, 'worker')?.port;
  for (let job = 1; job <= count; job++) {
    const answer = await post(port, 'job');
    console.log(`${worker} gets a job and ${await answer.text()}`);
  }
}

/** @param {number | undefined} port @param {string} path */
function post(port, path) {
  return fetch(`http://127.0.0.1:${port}/${path}`, { method: 'POST' });
}
