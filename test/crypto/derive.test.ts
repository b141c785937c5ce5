import { createHash, createHmac, scryptSync } from 'node:crypto';
import test from 'ava';
import { deriveKeyring, deriveSealingKey, generateKey, KEY_PREFIX } from '../../src/wire/index.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const rawKey = Uint8Array.from({ length: 32 }, (_, index) => index);
const typedKey = KEY_PREFIX + Buffer.from(rawKey).toString('base64url');

function expected(secret: Uint8Array, cluster: string) {
  const label = Buffer.concat([
    Buffer.from('telepathine/v1/seal'),
    Buffer.of(0),
    Buffer.from(cluster, 'utf8'),
  ]);
  const key = createHmac('sha256', secret).update(label).digest();
  const idLabel = Buffer.concat([Buffer.from('telepathine/v1/key-id'), Buffer.of(0), key]);
  return { key: hex(key), id: hex(createHash('sha256').update(idLabel).digest()).slice(0, 8) };
}

test('a typed key gives the sealing key of the written formula', (t) => {
  for (const cluster of ['', 'prod', 'é']) {
    const key = deriveSealingKey(typedKey, cluster);
    t.deepEqual({ key: hex(key.bytes), id: key.id }, expected(rawKey, cluster));
    t.is(hex(key.idBytes), key.id);
  }
});

test('a passphrase gives the sealing key of the written formula', (t) => {
  const salt = Buffer.from('telepathine/v1/passphrase\0prod');
  const options = { N: 32_768, r: 8, p: 1, maxmem: 2 ** 26 };
  const secret = scryptSync('correct horse', salt, 32, options);
  const key = deriveSealingKey('correct horse', 'prod');
  t.deepEqual({ key: hex(key.bytes), id: key.id }, expected(secret, 'prod'));
});

test('the fixed vectors hold', (t) => {
  const vectors = [
    [typedKey, '', TYPED_EMPTY],
    [typedKey, 'prod', TYPED_PROD],
    ['correct horse', '', PASSPHRASE_EMPTY],
    ['correct horse', 'prod', PASSPHRASE_PROD],
  ] as const;
  for (const [network, cluster, vector] of vectors) {
    const key = deriveSealingKey(network, cluster);
    t.is(`${key.id} ${hex(key.bytes)}`, vector);
  }
});

const TYPED_EMPTY = '772166f4 7f49dd6f01a633bcc6ecddb961bec1e5fca691e3532efac4972ecaabdde8286a';
const TYPED_PROD = '7df155f6 1556e0e62803ea99513188c0723e3e1ce5544e8aa2bea14b244f974ee25e1484';
const PASSPHRASE_EMPTY =
  'e090919f 1858a241ad0779b1f18dbaac9d0eb280f0214ad91e924fa68114b6adb80f8629';
const PASSPHRASE_PROD = '5a354106 efff0340cfc7302483a80f3a3b4c5223db51d7a4a6a862f310a9fd66234f8bda';

test('a cluster has keys of its own', (t) => {
  t.not(deriveSealingKey(typedKey, 'a').id, deriveSealingKey(typedKey, 'b').id);
  t.not(deriveSealingKey('x', 'a').id, deriveSealingKey('x', 'b').id);
  t.not(deriveSealingKey('bc', 'a').id, deriveSealingKey('c', 'ab').id);
});

test('a passphrase is derived once, however many nodes have it', (t) => {
  deriveSealingKey('fifty nodes', '');
  const started = performance.now();
  for (let node = 0; node < 50; node++) deriveKeyring(['fifty nodes', typedKey], '');
  // Fifty derivations take some four seconds.
  t.true(performance.now() - started < 1000);
});

test('generated keys differ, are well formed and are taken', (t) => {
  const [one, other] = [generateKey(), generateKey()];
  t.not(one, other);
  t.regex(one, /^telepathine-key-v1:[A-Za-z0-9_-]{43}$/);
  t.deepEqual(deriveKeyring([one, other], '').keyIds.length, 2);
});

test('a malformed key is refused and not printed', (t) => {
  const good = generateKey();
  const secret = good.slice(KEY_PREFIX.length);
  const malformed = [
    KEY_PREFIX,
    good.slice(0, -1),
    `${good}A`,
    `${good}\n`,
    ` ${good}`.slice(1).replace(/.$/, '='),
    `${KEY_PREFIX}${secret.slice(0, 42)}*`,
    // The last character holds four bits and two zeros.
    `${KEY_PREFIX}${'A'.repeat(42)}B`,
    `telepathine-key-v2:${secret}`,
  ];
  for (const network of malformed) {
    const error = t.throws(() => deriveKeyring(network, ''), { code: 'INVALID_ARGUMENT' });
    t.true(error?.message.includes('network'));
    t.false(error?.message.includes(secret.slice(0, 8)));
  }
});

test('no key, an empty passphrase and too many keys are refused', (t) => {
  const keys = Array.from({ length: 17 }, generateKey);
  for (const network of ['', [], [''], ['x', ''], keys, [undefined] as unknown as string[]]) {
    t.throws(() => deriveKeyring(network, ''), { code: 'INVALID_ARGUMENT', message: /network/ });
  }
  t.is(deriveKeyring(keys.slice(1), '').keyIds.length, 16);
});
