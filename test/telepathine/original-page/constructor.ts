import { readOptions } from '../../../src/api/options.js';
import { Telepathine as T } from '../../../src/index.js';
import { HOST } from '../../../src/node/host.js';
import { runProgram } from '../run-program.js';
import type { Check } from './check.js';
import { pair, recorder } from './check.js';

/** How the page makes a node, asks for its name and debugs it. */
export const CONSTRUCTOR: Record<string, Check> = {
  'new Telepathine(port, seeds, options)': async (t, mesh) => {
    const options = { address: '10.0.0.9', profile: 'lan', [HOST]: mesh.host(9) } as const;
    const node = new T(9001, ['10.0.0.1:9000'], options);
    t.is(node.peer_name, '10.0.0.9:9001');
    const [other] = await mesh.start(1);
    await mesh.settled(node.start().ready());
    t.deepEqual(node.livePeers(), ['n1']);
    t.deepEqual(other!.livePeers(), ['10.0.0.9:9001']);
  },
  'new Telepathine(port, []).start()': async (t) => {
    const node = new T(0, []);
    const started = node.start();
    t.is(started, node);
    await node.stop();
  },
  "seeds of the forms '9000', ':9000' and 'host:9000'": (t) => {
    t.deepEqual(readOptions({ seeds: ['9000', ':9000', 9000, 'host:9000', '[::1]:9000'] }).seeds, [
      ...Array(3).fill({ kind: 'address', ip: '127.0.0.1', port: 9000 }),
      { kind: 'name', name: 'host', port: 9000 },
      { kind: 'address', ip: '::1', port: 9000 },
    ]);
  },
  'this.peer_name': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    t.is(a.peer_name, 'n1');
    b.set('k', 1);
    const name = new Promise((resolve) => {
      a.know('k', function () {
        resolve(this.peer_name);
      });
    });
    t.is(await mesh.settled(name), 'n1');
  },
  'this.event': async (t, mesh) => {
    const [a, b] = await pair(mesh);
    const { calls, record } = recorder();
    a.know('*', record).hear('*', record).on('set:*', record);
    b.set('k', 1).say('e');
    await mesh.until(() => calls.length === 3);
    t.deepEqual(calls.map(({ event }) => event).sort(), ['e', 'k', 'set:k']);
  },
  'DEBUG=*': async (t) => {
    const program = 'const node = await Telepathine.start(); await node.stop();';
    const { stderr } = await runProgram(program, { DEBUG: '*' });
    t.regex(stderr, /telepathine:\w+ /);
    t.is((await runProgram(program)).stderr, '');
  },
};
