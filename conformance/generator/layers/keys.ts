/** From the option `network` to keys (PROTOCOL.md, "Keys"). */
import { scryptSync } from 'node:crypto';
import type { DerivedKey, KeysVector } from '../../../src/conformance/vectors/lower-layers.js';
import { deriveSealingKey, KEY_PREFIX } from '../../../src/crypto/derive.js';
import { CLUSTER_BYTES_MAX, KEY_IDS_MAX } from '../../../src/wire/limits.js';
import { hexOf, uint32 } from '../hex.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';

const MUTATIONS = {
  'key-cut': 'The last character of the typed key is missing.',
  'key-extended': 'There is one character behind the typed key.',
  'key-unused-bits': 'The unused bits of the last character of the typed key are not 0.',
  'key-padded': 'A "=" fills the typed key up to 44 characters.',
  'key-other-alphabet': 'The typed key is in base64 in place of base64url.',
  'key-hex': 'The typed key is in hex digits.',
  'key-other-version': 'The typed key names version 2.',
  'key-log': 'The typed key begins as a line of a key log.',
  'key-without-colon': 'A dash stands in place of the colon of the typed key.',
  'key-bare-prefix': 'Nothing follows the prefix of the typed key.',
  'key-with-space': 'White space stands beside the typed key.',
  'passphrase-empty': 'The passphrase is empty.',
  'list-empty': 'The list has no key.',
  'list-too-long': 'The list has one key more than it may.',
  'ids-alike': 'Two different keys have the same id.',
  'cluster-too-long': 'The name of the cluster has one byte more than it may.',
} as const;

export const keys: LayerSource<'keys'> = {
  layer: 'keys',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'keys'>({
      ...{ layer: 'keys', grade: 'MUST', level: 'basic', features: ['sealed'] },
    });
    for (const draft of [...typedKeys(), ...passphrases(), ...clusters(), ...rings()]) {
      list.add(draft);
    }
    for (const draft of [...wrongKeys(), ...wrongLists()]) list.add(draft);
    return list.vectors;
  },
  // Nothing comes from the network.
  received: () => [],
};

const COUNTING = typed(Uint8Array.from({ length: 32 }, (_, index) => index));
/** In base64 of either alphabet nothing but the characters that they do not share. */
const DASH_BYTES = Uint8Array.from({ length: 32 }, (_, index) => [0xfb, 0xff, 0xbf][index % 3]!);
const DASHES = typed(DASH_BYTES);
const CLUSTER = 'production';
const PASSPHRASE = 'correct horse battery staple';

function typedKeys(): Draft<'keys'>[] {
  return [
    positive('typed', '4.1.2', 'The 32 bytes of a typed key are its secret.', [COUNTING], CLUSTER, {
      alsoSections: ['4.2.1', '4.2.2', '4.2.3'],
    }),
    positive('typed-url-alphabet', '4.1.2', 'A typed key is in base64url.', [DASHES]),
    positive(
      'capital-prefix',
      '4.1.2',
      'Text that begins with the prefix in capitals is a passphrase.',
      [COUNTING.replace('telepathine', 'Telepathine')],
    ),
    positive('nearly-prefix', '4.1.2', 'Text that begins as a prefix and ends is a passphrase.', [
      'telepathine-key',
    ]),
    positive('space-before-prefix', '4.1.2', 'Text with a space ahead of a key is a passphrase.', [
      ` ${COUNTING}`,
    ]),
  ];
}

function passphrases(): Draft<'keys'>[] {
  return [
    positive('passphrase', '4.2.1', 'A passphrase goes through scrypt.', [PASSPHRASE], CLUSTER, {
      alsoSections: ['4.2.2', '4.2.3'],
    }),
    positive('passphrase-one-letter', '4.2.1', 'A passphrase may be a single character.', ['x']),
    positive('passphrase-composed', '4.2.1', 'The UTF-8 of a passphrase is taken as given.', [
      'Zo\u00eb',
    ]),
    positive('passphrase-decomposed', '4.2.1', 'A passphrase is not normalised.', ['Zoe\u0308']),
    positive('passphrase-spaces', '4.2.1', 'White space around a passphrase belongs to it.', [
      ` ${PASSPHRASE}\n`,
    ]),
  ];
}

function clusters(): Draft<'keys'>[] {
  const longest = 'c'.repeat(CLUSTER_BYTES_MAX);
  const of = (id: string, title: string, network: string, cluster: string) =>
    positive(id, '4.1.3', title, [network], cluster);
  return [
    of('cluster-empty', 'The name of a cluster may be empty: passphrases.', PASSPHRASE, ''),
    of('cluster-empty-typed', 'The name of a cluster may be empty: typed keys.', COUNTING, ''),
    of('cluster-accents', 'The UTF-8 of a cluster is taken as given.', COUNTING, 'Zo\u00eb'),
    of('cluster-longest', 'A cluster of CLUSTER_BYTES_MAX bytes is taken.', COUNTING, longest),
  ];
}

function rings(): Draft<'keys'>[] {
  const other = numbered(1);
  const full = Array.from({ length: KEY_IDS_MAX }, (_, index) => numbered(index + 1));
  return [
    positive('ring', '4.3.1', 'The first key of the ring seals.', [COUNTING, other], '', ROTATE),
    positive('ring-turned', '4.3.1', 'The order of the ring tells which key seals.', [
      other,
      COUNTING,
    ]),
    positive('ring-doubled', '4.3.1', 'A key that is given twice counts once.', [
      COUNTING,
      other,
      COUNTING,
    ]),
    positive('ring-mixed', '4.3.1', 'Passphrases and typed keys may share a ring.', [
      PASSPHRASE,
      COUNTING,
    ]),
    positive('ring-full', '4.1.1', 'A ring may have KEY_IDS_MAX keys.', full),
  ];
}

const ROTATE = { features: ['sealed', 'rotate'] } satisfies Partial<Draft<'keys'>>;

function wrongKeys(): Draft<'keys'>[] {
  const changed: [id: string, by: Mutation, network: string][] = [
    ['short', 'key-cut', COUNTING.slice(0, -1)],
    ['long', 'key-extended', `${COUNTING}A`],
    ['unused-bit', 'key-unused-bits', `${COUNTING.slice(0, -1)}9`],
    ['unused-bits', 'key-unused-bits', `${COUNTING.slice(0, -1)}_`],
    ['padded', 'key-padded', `${COUNTING}=`],
    ['hex', 'key-hex', KEY_PREFIX + '0123456789abcdef'.repeat(4)],
    ['version', 'key-other-version', COUNTING.replace('-v1:', '-v2:')],
    ['log-line', 'key-log', COUNTING.replace('-key-v1:', '-key-log-v1:')],
    ['no-colon', 'key-without-colon', COUNTING.replace(':', '-')],
    ['prefix-only', 'key-bare-prefix', KEY_PREFIX],
    ['family-only', 'key-bare-prefix', 'telepathine-key-'],
    ['new-line', 'key-with-space', `${COUNTING}\n`],
    ['space', 'key-with-space', COUNTING.replace(':', ': ')],
  ];
  return [
    ...changed.map(([id, by, network]) =>
      negative(id, 'typed', by, '4.1.2', 'A malformed typed key is refused.', [network]),
    ),
    negative(
      'plain-alphabet',
      'typed-url-alphabet',
      'key-other-alphabet',
      '4.1.2',
      'A typed key in another alphabet is refused.',
      [KEY_PREFIX + Buffer.from(DASH_BYTES).toString('base64').slice(0, 43)],
    ),
  ];
}

function wrongLists(): Draft<'keys'>[] {
  const tooMany = Array.from({ length: KEY_IDS_MAX + 1 }, (_, index) => numbered(index + 1));
  const refuses = 'An empty passphrase is refused.';
  return [
    negative('no-passphrase', 'passphrase', 'passphrase-empty', '4.1.2', refuses, ['']),
    negative('no-passphrase-in-ring', 'ring-mixed', 'passphrase-empty', '4.1.2', refuses, [
      '',
      COUNTING,
    ]),
    negative(
      'malformed-in-ring',
      'ring',
      'key-cut',
      '4.1.2',
      'A ring with a malformed key is refused.',
      [COUNTING, numbered(1).slice(0, -1)],
    ),
    negative('no-keys', 'ring', 'list-empty', '4.1.1', 'A ring without keys is refused.', []),
    negative(
      'too-many-keys',
      'ring-full',
      'list-too-long',
      '4.1.1',
      'A ring with more than KEY_IDS_MAX keys is refused.',
      tooMany,
    ),
    {
      ...negative(
        'same-id',
        'ring',
        'ids-alike',
        '4.3.1',
        'Two different keys with one id are refused.',
        SAME_ID.map(numbered),
      ),
      notes: 'Found by trying: the least pair of secrets that are numbers, in an unnamed cluster.',
    },
    {
      ...negative(
        'cluster-too-long',
        'cluster-longest',
        'cluster-too-long',
        '4.1.3',
        'A cluster above CLUSTER_BYTES_MAX is refused.',
        [COUNTING],
      ),
      given: { network: [COUNTING], cluster: 'c'.repeat(CLUSTER_BYTES_MAX + 1) },
    },
    {
      ...negative(
        'cluster-accents-too-long',
        'cluster-accents',
        'cluster-too-long',
        '4.1.3',
        'The bytes of the name of a cluster are counted, and not its letters.',
        [COUNTING],
      ),
      given: { network: [COUNTING], cluster: '\u00eb'.repeat((CLUSTER_BYTES_MAX + 1) / 2) },
    },
  ];
}

/** Two numbers whose typed keys have one id in the cluster without a name. */
const SAME_ID = [62_099, 73_660];

type Mutation = keyof typeof MUTATIONS;

function positive(
  id: string,
  section: string,
  title: string,
  network: string[],
  cluster = '',
  more: Partial<Draft<'keys'>> = {},
): Draft<'keys'> {
  const derived = new Map(network.map((secret) => [secret, derive(secret, cluster)]));
  return {
    ...{ id, title, section, ...more },
    given: { network, cluster },
    expect: { result: 'accept', connection: 'none', keys: [...derived.values()] },
  };
}

function negative(
  id: string,
  mutationOf: string,
  mutation: Mutation,
  section: string,
  title: string,
  network: string[],
): Draft<'keys'> {
  const expect: KeysVector['expect'] = {
    ...{ result: 'reject', layer: 'configuration', error: 'configuration', connection: 'none' },
  };
  const cluster = ['typed', 'passphrase'].includes(mutationOf) ? CLUSTER : '';
  return { id, title, section, mutationOf, mutation, given: { network, cluster }, expect };
}

function derive(network: string, cluster: string): DerivedKey {
  const { bytes, id } = deriveSealingKey(network, cluster);
  return { secret: hexOf(secretOf(network, cluster)), key: hexOf(bytes), id };
}

/** The code that derives keys keeps secrets to itself. */
function secretOf(network: string, cluster: string): Uint8Array {
  if (network.startsWith(KEY_PREFIX)) {
    return Buffer.from(network.slice(KEY_PREFIX.length), 'base64url');
  }
  const maxmem = 2 ** 26;
  const salt = `telepathine/v1/passphrase\0${cluster}`;
  return scryptSync(network, salt, 32, { N: 2 ** 15, r: 8, p: 1, maxmem });
}

function typed(secret: Uint8Array): string {
  return KEY_PREFIX + Buffer.from(secret).toString('base64url');
}

/** A typed key whose secret is a number. */
function numbered(value: number): string {
  const secret = new Uint8Array(32);
  secret.set(uint32(value), 28);
  return typed(secret);
}
