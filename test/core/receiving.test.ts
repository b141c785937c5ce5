import test from 'ava';
import type { Effect } from '../../src/core/contract.js';
import { encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import type { Packet } from '../../src/wire/packet.js';
import { HandPeer } from '../support/hand-peer.js';
import { Mesh } from '../support/mesh.js';

/** By its sender's clock later than whatever has no such time. */
const LATER = { uptimeMs: 100_000 };

function ping(number: number, answer = 0) {
  return { heartbeat: { ping: number, answer, roundTripUs: 0 } };
}

test('of the streams that a peer has opened the latest stays', (t) => {
  const mesh = new Mesh(7);
  mesh.recording = true;
  const { core } = mesh.start('n0');
  const peer = new HandPeer(mesh, 'peer');
  peer.send('n0', { ...LATER, ...ping(1) });
  peer.send('n0', { ...LATER, digests: [{ owners: [peer.digest()] }] });
  peer.send('n0', { ...LATER, deltas: [peer.header()] });
  const closed: string[] = [];
  const handle = core.handle.bind(core);
  core.handle = (...args): Effect[] => {
    const effects = handle(...args);
    for (const effect of effects) if (effect.type === 'close') closed.push(effect.link);
    return effects;
  };
  const addresses = [5001, 5002, 5003].map((port) => `10.9.9.9:${port}`);
  for (const address of addresses) prove(mesh, address);
  const [first, second] = addresses.map((address) => `tcp:${address}#${mesh.address('n0')}`);
  t.deepEqual(closed, [first, second]);
});

/** Opens a stream and answers the ping with which the node meets a clock that seems to stand still. */
function prove(mesh: Mesh, address: string): void {
  const stream = new HandPeer(mesh, 'peer', address);
  const write = (parts: Partial<Packet>) => {
    const { token } = stream.received.at(-1)?.packet ?? {};
    const echo = token === undefined ? {} : { echo: token };
    const packet = stream.packet(mesh.address('n0'), { ...echo, ...parts });
    stream.deliver('n0', encodePacket(packet), 'tcp');
    stream.listen();
  };
  write({ ...LATER, ...ping(1) });
  write(ping(2));
  write({ ...LATER, ...ping(3, stream.received.at(-1)?.packet.heartbeat?.ping) });
}

/** A node that knows a peer, and three parts of a push of the peer's log: versions 2, 3 and 4. */
function pushed(): { mesh: Mesh; push: (version: number) => void; wants: () => number } {
  const mesh = new Mesh(7);
  mesh.recording = true;
  mesh.start('n0');
  const peer = new HandPeer(mesh, 'peer');
  peer.join('n0');
  mesh.run(2000);
  peer.listen();
  const push = (version: number) => {
    const content = { kind: 'value', encoding: 1, typeName: '', stamp: { time: version } } as const;
    const body = encodeEntryBody({ version, name: `key${version}`, content });
    const entries = [{ body, payload: new TextEncoder().encode('1') }];
    const range = { from: version - 1, to: version, asOf: 4 };
    peer.push('n0', { deltas: [peer.delta({ ...range, entries })] });
  };
  const wants = () => peer.listen().flatMap((packet) => packet.wants).length;
  return { mesh, push, wants };
}

test('the parts of a push that overtake each other are joined, and nothing is asked for', (t) => {
  const { mesh, push, wants } = pushed();
  for (const version of [3, 4, 2]) push(version);
  t.deepEqual(mesh.shows(mesh.node('n0'), 'peer'), ['key2=1', 'key3=1', 'key4=1']);
  mesh.run(200);
  t.is(wants(), 0);
});

test('a part of a push that does not come is asked for once it is late', (t) => {
  const { mesh, push, wants } = pushed();
  push(2);
  push(4);
  mesh.run(45);
  t.is(wants(), 0, 'it may be on its way');
  mesh.run(10);
  t.is(wants(), 1);
  t.deepEqual(mesh.shows(mesh.node('n0'), 'peer'), []);
});
