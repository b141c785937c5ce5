/** Envelopes, plain and sealed (PROTOCOL.md, "Envelope"). */
import { bytesOf } from '../../../src/conformance/vectors/bytes.js';
import type { EnvelopeVector } from '../../../src/conformance/vectors/lower-layers.js';
import type { SealingKey } from '../../../src/crypto/keyring.js';
import { decodePacket, encodePacket } from '../../../src/wire/codec.js';
import { packetToJson } from '../../../src/wire/json.js';
import { DATAGRAM_BYTES_MAX } from '../../../src/wire/limits.js';
import { fromHex, hexOf, joined } from '../hex.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';
import { ALICE_TOKEN, packetOf } from '../samples.js';
import {
  flipped,
  KEY,
  NONCE,
  OTHER_CLUSTER_KEY,
  packetOfBytes,
  reversed,
  SECOND_KEY,
  seal,
  starting,
  THIRD_KEY,
  wantOf,
} from './envelope-bytes.js';

const MUTATIONS = {
  'no-bytes': 'There is no byte at all.',
  'kind-other-version': 'The kind byte names another version.',
  'kind-unknown': 'The kind byte names no kind.',
  'envelope-cut': 'The envelope ends before its shortest form does.',
  'key-id-changed': 'The key id is that of no key of the receiver.',
  'key-dropped': 'The receiver no longer holds the key.',
  'key-of-other-cluster': 'The receiver has the same passphrase in another cluster.',
  'key-id-of-other': 'The key id is that of another key that the receiver holds.',
  'key-wrong': 'The receiver holds another key under that id.',
  'nonce-changed': 'A bit of the nonce is changed.',
  'nonce-reversed': 'The bytes of the nonce stand in the reverse order.',
  'mac-changed': 'A bit of the MAC is changed.',
  'mac-zero': 'The MAC is all zero.',
  'mac-behind': 'The MAC stands behind the ciphertext.',
  'ciphertext-changed': 'A bit of the ciphertext is changed.',
  'box-cut': 'The last byte of the box is missing.',
  'box-extended': 'There is one byte behind the box.',
  'box-not-encrypted': 'The packet stands in the clear behind the MAC.',
  'receiver-private': 'The receiver holds a key.',
  'receiver-public': 'The receiver holds no key.',
  'datagram-too-long': 'The datagram has one byte more than it may.',
  'source-port-zero': 'The datagram comes from port 0.',
} as const;

const NOTHING = new Uint8Array(0);
const PACKET = encodePacket(
  packetOf({ token: ALICE_TOKEN, heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } }),
);
const PLAIN = joined(Uint8Array.of(0x11), PACKET);
const SEALED = seal(PACKET, KEY);

export const envelope: LayerSource<'envelope'> = {
  layer: 'envelope',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'envelope'>({
      ...{ layer: 'envelope', grade: 'MUST', level: 'basic', features: ['sealed'] },
    });
    for (const draft of [...plain(), ...sealed(), ...datagrams()]) list.add(draft);
    for (const draft of [...wrongKinds(), ...wrongKeys(), ...notAuthentic()]) list.add(draft);
    for (const draft of [...wrongMeshes(), ...wrongDatagrams()]) list.add(draft);
    return list.vectors;
  },
  received: ({ given }: EnvelopeVector) => {
    const bytes = bytesOf(given.envelope);
    return [{ bytes, carried: { transport: 'udp', payload: bytes, ...given.datagram } }];
  },
};

function plain(): Draft<'envelope'>[] {
  return [
    taken('plain', '2.1', 'A plain envelope is the packet behind its kind.', PLAIN, [], PACKET),
    taken('plain-empty', '2.1', 'A plain envelope may hold no byte.', fromHex('11'), [], NOTHING, {
      notes: 'The packet of no bytes is refused by what it lacks, which is not for the envelope.',
    }),
  ];
}

function sealed(): Draft<'envelope'>[] {
  const long = encodePacket(
    packetOf({ wants: Array.from({ length: 60 }, (_, index) => wantOf(index + 1)) }),
  );
  const malformed = fromHex('1001220a');
  const ring = [KEY, SECOND_KEY, THIRD_KEY];
  const of = (
    id: string,
    section: string,
    title: string,
    packet: Uint8Array,
    { key = KEY, keys = [KEY], nonce = NONCE, ...more }: Sealing = {},
  ) => {
    const stages = { nonce: hexOf(nonce), box: hexOf(seal(packet, key, nonce).subarray(29)) };
    const bytes = seal(packet, key, nonce);
    return {
      ...taken(id, section, title, bytes, keys, packet, { keyId: key.id }),
      stages,
      ...more,
    };
  };
  return [
    of('sealed', '2.2', 'A sealed envelope is opened with its key.', PACKET),
    of('sealed-empty', '2.2', 'A sealed envelope may hold no byte: it has 45 bytes.', NOTHING),
    of('sealed-long', '2.2', 'What fits no datagram is sealed the same way.', long),
    of('sealed-nonce-zero', '2.2', 'A receiver takes any nonce.', PACKET, {
      nonce: new Uint8Array(24),
    }),
    of('sealed-nonce-ones', '2.2', 'The highest nonce is one as well.', PACKET, {
      nonce: new Uint8Array(24).fill(0xff),
    }),
    of('sealed-malformed', '2.6', 'An envelope is opened whatever it holds.', malformed, {
      notes: 'The packet inside is refused as malformed, after its MAC was verified.',
    }),
    of('sealed-second', '4.3.1', 'The second key of the ring opens.', PACKET, {
      ...{ key: SECOND_KEY, keys: ring, features: ['sealed', 'rotate'] },
    }),
    of('sealed-third', '4.3.1', 'Every key of the ring opens, the last too.', PACKET, {
      ...{ key: THIRD_KEY, keys: ring, features: ['sealed', 'rotate'] },
    }),
    of('sealed-typed', '4.2.2', 'A key that was made from a typed key opens.', PACKET, {
      ...{ key: SECOND_KEY, keys: [SECOND_KEY] },
    }),
  ];
}

interface Sealing extends Partial<Draft<'envelope'>> {
  key?: SealingKey;
  keys?: SealingKey[];
  nonce?: Uint8Array;
}

function datagrams(): Draft<'envelope'>[] {
  const inPlain = packetOfBytes(DATAGRAM_BYTES_MAX - 1);
  const inSealed = packetOfBytes(DATAGRAM_BYTES_MAX - 45);
  const datagram = { sourcePort: 9001 };
  const plainOne = joined(Uint8Array.of(0x11), inPlain);
  const title = (form: string) => `A ${form} datagram of DATAGRAM_BYTES_MAX bytes is taken.`;
  return [
    {
      ...taken('datagram-plain', '2.8', title('plain'), plainOne, [], inPlain, { datagram }),
      features: ['public', 'udp'],
    },
    {
      ...taken('datagram-sealed', '2.8', title('sealed'), seal(inSealed, KEY), [KEY], inSealed, {
        ...{ datagram, keyId: KEY.id },
      }),
      features: ['sealed', 'udp'],
    },
  ];
}

function wrongKinds(): Draft<'envelope'>[] {
  const kinds: [id: string, by: Mutation, kind: number][] = [
    ['plain-version-2', 'kind-other-version', 0x12],
    ['plain-version-0', 'kind-other-version', 0x10],
    ['kind-zero', 'kind-unknown', 0x00],
    ['kind-one', 'kind-unknown', 0x01],
    ['kind-31', 'kind-unknown', 0x31],
    ['kind-ff', 'kind-unknown', 0xff],
  ];
  const title = 'An envelope of an unknown kind is refused.';
  return [
    refused('no-bytes', 'plain', 'no-bytes', 'An envelope without bytes is refused.', 'empty', {
      envelope: NOTHING,
    }),
    ...kinds.map(([id, by, kind]) =>
      refused(id, 'plain', by, title, 'unknown-kind', { envelope: starting(kind, PLAIN) }),
    ),
    refused('sealed-version-2', 'sealed', 'kind-other-version', title, 'unknown-kind', {
      ...{ envelope: starting(0x22, SEALED), keys: [KEY] },
    }),
    refused('first-byte-number', 'sealed', 'kind-unknown', title, 'unknown-kind', {
      ...{ envelope: starting(0x20, SEALED), keys: [KEY] },
    }),
  ];
}

function wrongKeys(): Draft<'envelope'>[] {
  const title = 'An envelope sealed by no key of the receiver is refused.';
  const cut = 'A sealed envelope below 45 bytes is refused.';
  const unknown = (id: string, by: Mutation, bytes: Uint8Array, keys: SealingKey[]) =>
    refused(id, 'sealed', by, title, 'unknown-key', { envelope: bytes, keys });
  const short = (id: string, length: number) =>
    refused(id, 'sealed-empty', 'envelope-cut', cut, 'truncated', {
      ...{ envelope: seal(NOTHING, KEY).subarray(0, length), keys: [KEY] },
    });
  return [
    short('cut-to-44', 44),
    short('cut-to-29', 29),
    short('cut-to-5', 5),
    short('cut-to-kind', 1),
    unknown('key-id-bit', 'key-id-changed', flipped(SEALED, 4), [KEY]),
    unknown('key-id-reversed', 'key-id-changed', reversed(SEALED, 1, 5), [KEY]),
    refused('key-dropped', 'sealed-third', 'key-dropped', title, 'unknown-key', {
      ...{ envelope: seal(PACKET, THIRD_KEY), keys: [KEY, SECOND_KEY] },
    }),
    unknown('other-cluster', 'key-of-other-cluster', SEALED, [OTHER_CLUSTER_KEY]),
  ];
}

function notAuthentic(): Draft<'envelope'>[] {
  const [mac, end] = [29, SEALED.length];
  const bodies: [id: string, by: Mutation, envelope: Uint8Array][] = [
    ['nonce-first-bit', 'nonce-changed', flipped(SEALED, 5)],
    ['nonce-last-bit', 'nonce-changed', flipped(SEALED, 28)],
    ['nonce-reversed', 'nonce-reversed', reversed(SEALED, 5, 29)],
    ['mac-first-bit', 'mac-changed', flipped(SEALED, mac)],
    ['mac-last-bit', 'mac-changed', flipped(SEALED, mac + 15)],
    [
      'mac-zero',
      'mac-zero',
      joined(SEALED.subarray(0, mac), new Uint8Array(16), SEALED.subarray(45)),
    ],
    [
      'mac-behind',
      'mac-behind',
      joined(SEALED.subarray(0, mac), SEALED.subarray(45), SEALED.subarray(mac, 45)),
    ],
    ['ciphertext-first-bit', 'ciphertext-changed', flipped(SEALED, 45)],
    ['ciphertext-last-bit', 'ciphertext-changed', flipped(SEALED, end - 1)],
    ['box-cut', 'box-cut', SEALED.subarray(0, -1)],
    ['box-extended', 'box-extended', joined(SEALED, Uint8Array.of(0))],
    ['not-encrypted', 'box-not-encrypted', joined(SEALED.subarray(0, 45), PACKET)],
  ];
  const title = 'An envelope whose MAC does not fit is refused.';
  const bad = flipped(seal(fromHex('1001220a'), KEY), 29);
  return [
    ...bodies.map(([id, by, bytes]) =>
      refused(id, 'sealed', by, title, 'not-authentic', {
        envelope: bytes,
        keys: [KEY],
      }),
    ),
    refused('id-of-other', 'sealed-second', 'key-id-of-other', title, 'not-authentic', {
      envelope: joined(Uint8Array.of(0x21), KEY.idBytes, seal(PACKET, SECOND_KEY).subarray(5)),
      keys: [KEY, SECOND_KEY, THIRD_KEY],
    }),
    refused('empty-box', 'sealed-empty', 'mac-changed', title, 'not-authentic', {
      ...{ envelope: flipped(seal(NOTHING, KEY), 44), keys: [KEY] },
    }),
    {
      ...refused('key-wrong', 'sealed', 'key-wrong', title, 'not-authentic', {
        ...{ envelope: SEALED, keys: [{ ...KEY, bytes: SECOND_KEY.bytes }] },
      }),
      notes: 'No such key is known: it stands for one whose hash begins alike.',
    },
    {
      ...refused(
        'malformed-not-authentic',
        'sealed-malformed',
        'mac-changed',
        title,
        'not-authentic',
        {
          ...{ envelope: bad, keys: [KEY] },
        },
      ),
      section: '2.6',
      title: 'What is not authentic is refused as that, and not parsed.',
    },
  ];
}

function wrongMeshes(): Draft<'envelope'>[] {
  const [emptyPlain, emptySealed] = [fromHex('11'), seal(NOTHING, KEY)];
  return [
    inMesh('plain-in-private', 'plain', 'plain-in-private', PLAIN),
    inMesh('plain-empty-in-private', 'plain-empty', 'plain-in-private', emptyPlain),
    inMesh('sealed-in-public', 'sealed', 'sealed-in-public', SEALED),
    inMesh('sealed-empty-in-public', 'sealed-empty', 'sealed-in-public', emptySealed),
  ];
}

function wrongDatagrams(): Draft<'envelope'>[] {
  const inPlain = (bytes: number) => joined(Uint8Array.of(0x11), packetOfBytes(bytes - 1));
  const inSealed = (bytes: number) => seal(packetOfBytes(bytes - 45), KEY);
  const of = (form: 'plain' | 'sealed', envelopeBytes: number, sourcePort: number) => {
    const isLarge = sourcePort > 0;
    const error = isLarge ? 'datagram-too-large' : 'no-source-port';
    const draft = refused(
      `datagram-${form}-${isLarge ? 'long' : 'portless'}`,
      `datagram-${form}`,
      isLarge ? 'datagram-too-long' : 'source-port-zero',
      isLarge
        ? 'A datagram above DATAGRAM_BYTES_MAX is refused.'
        : 'A datagram from port 0 is refused: nobody could be answered.',
      error,
      {
        envelope: (form === 'plain' ? inPlain : inSealed)(envelopeBytes),
        keys: form === 'plain' ? [] : [KEY],
        datagram: { sourcePort },
      },
    );
    const expect = { result: 'reject', layer: 'datagram', error, connection: 'none' } as const;
    return { ...draft, section: '2.8', features: [...draft.features!, 'udp' as const], expect };
  };
  return [
    of('plain', DATAGRAM_BYTES_MAX + 1, 9001),
    of('sealed', DATAGRAM_BYTES_MAX + 1, 9001),
    of('plain', DATAGRAM_BYTES_MAX, 0),
    of('sealed', DATAGRAM_BYTES_MAX, 0),
  ];
}

// Drafts

type Mutation = keyof typeof MUTATIONS;

interface Given {
  envelope: Uint8Array;
  keys?: readonly SealingKey[];
  datagram?: { sourcePort: number };
}

function givenOf({ envelope: bytes, keys = [], datagram }: Given): EnvelopeVector['given'] {
  const held = keys.map(({ id, bytes: key }) => ({ id, key: hexOf(key) }));
  return { envelope: hexOf(bytes), keys: held, ...(datagram && { datagram }) };
}

function taken(
  id: string,
  section: string,
  title: string,
  bytes: Uint8Array,
  keys: readonly SealingKey[],
  packet: Uint8Array,
  more: { datagram?: { sourcePort: number }; keyId?: string; notes?: string } = {},
): Draft<'envelope'> {
  const { datagram, keyId, notes } = more;
  const json = decodePacket(packet).ok ? (packetToJson(packet) as object) : undefined;
  return {
    ...{ id, title, section, features: [keys.length === 0 ? 'public' : 'sealed'] },
    ...(notes && { notes }),
    given: givenOf({ envelope: bytes, keys, ...(datagram && { datagram }) }),
    ...(json && { json }),
    expect: {
      ...{ result: 'accept', connection: datagram ? 'none' : 'kept', packet: hexOf(packet) },
      ...(keyId && { keyId }),
    },
  };
}

function refused(
  id: string,
  mutationOf: string,
  mutation: Mutation,
  title: string,
  error: string,
  given: Given,
): Draft<'envelope'> {
  const isSealing = ['truncated', 'unknown-key', 'not-authentic'].includes(error);
  const layer = isSealing ? 'sealing' : 'envelope';
  return {
    ...{ id, title, section: '2.5', mutationOf, mutation },
    features: [(given.keys ?? []).length === 0 ? 'public' : 'sealed'],
    given: givenOf(given),
    expect: { result: 'reject', layer, error, connection: 'kept' },
  };
}

/** Plain where all is sealed, and the reverse. */
function inMesh(
  id: string,
  mutationOf: string,
  error: 'plain-in-private' | 'sealed-in-public',
  bytes: Uint8Array,
): Draft<'envelope'> {
  const isPrivate = error === 'plain-in-private';
  const title = isPrivate
    ? 'A node with keys refuses plain envelopes.'
    : 'A node without keys refuses sealed envelopes.';
  const mutation = isPrivate ? 'receiver-private' : 'receiver-public';
  const given = { envelope: bytes, keys: isPrivate ? [KEY] : [] };
  return { ...refused(id, mutationOf, mutation, title, error, given), section: '2.4' };
}
