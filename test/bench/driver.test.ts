import test from 'ava';
import { PeerMesh, until } from '../../bench/peers/driver.js';
import { PEERS } from '../../bench/peers/peers.js';
import { freePorts } from './free-ports.js';

const WITHIN_MS = 30_000;
const KEY = Buffer.alloc(32, 7).toString('base64');

test('a mesh of the harness joins, hears a change and events, and learns of a death', async (t) => {
  const [victim, ...ports] = (await freePorts(4)) as [number, ...number[]];
  const peer = PEERS.find(({ name }) => name === 'telepathine');
  if (peer === undefined) return t.fail('there is no such peer');
  const mesh = new PeerMesh(peer, ports, KEY);
  t.teardown(() => mesh.close());
  const joinMs = await mesh.join(WITHIN_MS);
  t.true(joinMs !== undefined && joinMs > 0 && joinMs < WITHIN_MS, `${joinMs}: ${mesh.error}`);

  const change = mesh.change(ports[1] as number, 'colour');
  t.true(await until(() => change.hasMs.size === 2, WITHIN_MS));
  t.deepEqual([...change.hasMs.keys()].sort(), [ports[0], ports[2]].sort());
  for (const hasMs of change.hasMs.values()) t.true(hasMs >= change.changedMs);

  t.is(await mesh.flood('few', 20, 1), 20);
  let heard = 0;
  for (let asked = 0; asked < 100 && heard < 40; asked++) heard = await mesh.count();
  t.is(heard, 40);

  t.true(mesh.isComplete());
  mesh.startAlone(victim);
  t.true(await until(() => mesh.isComplete(), WITHIN_MS));
  t.deepEqual(mesh.deathsOf(victim), []);
  const killedMs = mesh.kill(victim);
  t.true(await until(() => mesh.deathsOf(victim).length === ports.length, WITHIN_MS));
  t.true(mesh.deathsOf(victim).every((atMs) => atMs > killedMs));
  t.is(mesh.deathsBeside([victim]), 0);
});
