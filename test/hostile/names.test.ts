import test from 'ava';
import { deriveKeyring, generateKey } from '../../src/crypto/derive.js';
import { cryptoReady } from '../../src/crypto/secretbox.js';
import { encodePacket } from '../../src/wire/codec.js';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { writeEnvelope } from '../../src/wire/envelope.js';
import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import type { Delta } from '../../src/wire/packet.js';
import { TestMesh } from '../telepathine/test-mesh.js';
import { UdpAttacker } from './attackers.js';
import { Friend } from './friend.js';
import { Member } from './member.js';
import { Victim } from './victim.js';

/** Text that means something to JavaScript, to patterns, to the emitter, or to a terminal. */
const NAMES = [
  '*',
  '**',
  'a:b',
  ':',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  'then',
  'error',
  'newListener',
  'removeListener',
  'start',
  'set',
  'peer:new',
  ' ',
  '\0',
  '\u001b[2J\n',
  '\u202etxt',
  '\ufeff',
  '\ufffd',
  'é',
  'e\u0301',
  '😀',
  'x'.repeat(255),
];
/** Half of a surrogate pair: UTF-8 cannot express it. */
const UNSOUND = ['\ud800', 'a\udfffb', '\udc00\ud800'];

for (const network of [undefined, generateKey()]) {
  const kind = network === undefined ? 'public' : 'private';
  const options = network === undefined ? {} : { network };

  test(`in a ${kind} mesh any text is a key, and reaches the handlers meant for it only`, async (t) => {
    const mesh = new TestMesh();
    const [a, b] = await mesh.start(2, options);
    const keys = ['', ...NAMES, 'x'.repeat(1024), ':'.repeat(1024), '😀'.repeat(256)];
    const told: string[] = [];
    b!.on('error', () => t.fail()).on('newListener', () => t.fail());
    b!.know('secret', () => t.fail()).on('set:**:none', () => t.fail());
    for (const key of keys) {
      // A pattern as a handler's name would hear the others too.
      if (!key.includes('*')) b!.know(key, (_peer, name) => told.push(name));
      a!.set(key, { [key]: key });
    }
    await mesh.until(() => b!.getRemoteKeys('n1').length === keys.length);
    t.deepEqual(
      told,
      keys.filter((key) => !key.includes('*')),
    );
    t.deepEqual(b!.getRemoteKeys('n1'), keys);
    for (const key of keys) {
      t.deepEqual(Object.keys(b!.getRemote('n1', key) as object), [key]);
      t.deepEqual(b!.find(key), [['n1', b!.getRemote('n1', key)]]);
      t.true(a!.delete(key));
    }
    await mesh.until(() => b!.getRemoteKeys('n1').length === 0);
  });

  test(`in a ${kind} mesh any text is an event, and reaches the handlers meant for it only`, async (t) => {
    const mesh = new TestMesh();
    const [a, b] = await mesh.start(2, options);
    const events = ['', ...NAMES, 'x'.repeat(1024)].filter((name) => !name.includes('*'));
    const heard: unknown[] = [];
    b!.on('error', () => t.fail()).on('newListener', () => t.fail());
    b!.hear('secret', () => t.fail());
    for (const event of events) b!.hear(event, (data) => heard.push(data));
    for (const event of [...events, '*', '**']) a!.say(event, event);
    await mesh.run(2000);
    t.deepEqual(heard, events);
    t.deepEqual(mesh.logger.lines, []);
  });

  test(`in a ${kind} mesh any text is the name of a node, of a tag and of its value`, async (t) => {
    const mesh = new TestMesh();
    const nodes = NAMES.map((name) => {
      // `{ __proto__: … }` would set the prototype.
      const tags = Object.fromEntries([[name, name]]);
      return mesh
        .node({ ...options, name, tags })
        .set('k', name)
        .start();
    });
    const met: string[] = [];
    nodes[0]!.on('peer:new', (peer) => met.push(peer.name));
    await mesh.until(() => nodes.every((node) => node.livePeers().length === NAMES.length - 1));
    t.deepEqual(met.toSorted(), NAMES.slice(1).toSorted());
    for (const node of nodes) {
      for (const name of NAMES.filter((each) => each !== node.peer_name)) {
        t.is(node.getRemote(name, 'k'), name);
        t.deepEqual(Object.entries(node.peer(name)?.tags ?? {}), [[name, name]]);
      }
    }
    t.is(nodes[0]!.peer('toString'), undefined);
    t.deepEqual(nodes[0]!.getRemoteKeys('valueOf'), []);
  });

  test(`in a ${kind} mesh any text is a cluster, and no two of them hear each other`, async (t) => {
    const mesh = new TestMesh();
    const clusters = ['', ...NAMES];
    const nodes = clusters.flatMap((cluster, index) =>
      [0, 1].map((half) =>
        mesh
          .node({ ...options, cluster, name: `${index} ${half}` })
          .set('k', cluster)
          .start(),
      ),
    );
    for (const [index, node] of nodes.entries()) {
      // Each calls its own kind and the next one.
      for (const other of [index ^ 1, (index + 2) % nodes.length])
        node.addPeer(`10.0.0.${other + 1}:9000`);
    }
    await mesh.until(() => nodes.every((node) => node.livePeers().length > 0));
    await mesh.run(5000);
    for (const [index, node] of nodes.entries()) {
      t.deepEqual(node.allPeers(), [`${index >> 1} ${(index & 1) ^ 1}`]);
    }
  });

  test(`names in bytes that are no text do not get into a ${kind} node`, async (t) => {
    await cryptoReady();
    const victim = await Victim.start(t, options);
    const friend = await Friend.start(t, victim, options);
    const attacker = await UdpAttacker.open(t);
    const keyring = network === undefined ? undefined : deriveKeyring(network, '');
    const evil = Member.byDatagrams('evil', victim, attacker, keyring);
    await evil.join();
    const garbled = BAD_TEXTS.flatMap((bytes) => deltasNamed(evil, bytes));
    const [tooLongKey, tooLongEvent] = deltasOf(evil, 'x'.repeat(1025)) as [Delta, Delta];
    const tooLongName = deltasOf(evil, 'x'.repeat(256))[2] as Delta;
    for (const delta of [...garbled, tooLongKey, tooLongEvent, tooLongName])
      evil.send({ deltas: [delta] });
    for (const bytes of BAD_TEXTS) {
      const packet = encodePacket(evil.blank({ cluster: PLACE.toString(), token: 'e'.repeat(16) }));
      attacker.send(victim, writeEnvelope(withName(packet, bytes), keyring));
    }
    const { refusals } = await victim.statsWhen(
      (stats) => stats.refusals['malformed'] === BAD_TEXTS.length,
    );
    const { malformed, 'malformed-entry': entries, 'malformed-header': headers } = refusals;
    t.like(
      { malformed, entries, headers },
      {
        malformed: BAD_TEXTS.length,
        entries: 2 * BAD_TEXTS.length + 2,
        headers: BAD_TEXTS.length + 1,
      },
    );
    t.deepEqual(
      (await victim.ask('allPeers')).toSorted(),
      [friend.node.peer_name, 'evil'].toSorted(),
    );
    await friend.exchange();
  });
}

for (const text of UNSOUND) {
  test(`${JSON.stringify(text)} is no key, event, node, tag or cluster`, (t) => {
    const mesh = new TestMesh();
    const node = mesh.node();
    const invalid = { code: 'INVALID_ARGUMENT' };
    t.throws(() => node.set(text, 1), invalid);
    t.throws(() => node.say(text), invalid);
    t.throws(() => mesh.node({ name: text }), invalid);
    t.throws(() => mesh.node({ cluster: text }), invalid);
    t.throws(() => mesh.node({ tags: { [text]: '' } }), invalid);
    t.throws(() => mesh.node({ tags: { tag: text } }), invalid);
    t.is(node.getRemote(text, text), undefined);
    t.deepEqual(node.keys(), []);
  });
}

test('names that are empty or too long are refused where they may not be so', (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  t.throws(() => mesh.node({ name: '' }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => mesh.node({ name: 'é'.repeat(128) }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => mesh.node({ cluster: 'x'.repeat(256) }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => mesh.node({ tags: { '': 'x' } }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => node.set('x'.repeat(1025), 1), { code: 'TOO_LARGE' });
  t.throws(() => node.say('😀'.repeat(257)), { code: 'TOO_LARGE' });
});

/** Stands for a name until `withName` puts other bytes of that length in its place. */
const PLACE = Buffer.from('~name~');
/** Not UTF-8: a byte that nothing begins with, half of a pair, an overlong form, a cut sequence. */
const BAD_TEXTS = ['ffffffffffff', '6161eda08061', '61c0806161aa', '616161f09f98'].map((hex) =>
  Buffer.from(hex, 'hex'),
);

function withName(bytes: Uint8Array, name: Uint8Array): Uint8Array {
  const copy = Buffer.from(bytes);
  copy.set(name, copy.indexOf(PLACE));
  return copy;
}

/** A key, an event and a node's name of these bytes. */
function deltasNamed(evil: Member, name: Uint8Array): Delta[] {
  return deltasOf(evil, PLACE.toString(), (bytes) => withName(bytes, name));
}

/** The same of a text, which may be too long; `change` is done to the bytes that name it. */
function deltasOf(
  evil: Member,
  name: string,
  change = (bytes: Uint8Array): Uint8Array => bytes,
): Delta[] {
  const form = { encoding: 1, typeName: '' } as const;
  const contents = [
    { kind: 'value', ...form, stamp: { time: 1 } },
    { kind: 'say', ...form, sequence: 1 },
  ] as const;
  const header = encodeOwnerHeader({
    version: 2,
    name,
    addresses: [],
    tags: {},
    protocolMin: 1,
    protocolMax: 1,
    features: 0,
    keyIds: [],
  });
  const payload = Buffer.from('1');
  const parts = { from: 1, to: 2, asOf: 2 };
  return [
    ...contents.map((content) => {
      const body = change(encodeEntryBody({ version: 2, name, content }));
      return evil.delta({ ...parts, entries: [{ body, payload, remainingMs: 9 }] });
    }),
    evil.delta({ ...parts, header: change(header) }),
  ];
}
