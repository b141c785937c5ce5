import test from 'ava';
import { deriveSealingKey, generateKey, Keyring } from '../../src/wire/index.js';

const [first, second] = [deriveSealingKey(generateKey(), ''), deriveSealingKey(generateKey(), '')];

test('the first key seals and every key is found by its id', (t) => {
  const keyring = new Keyring([first, second]);
  t.is(keyring.sealing, first);
  t.deepEqual(keyring.keyIds, [first.id, second.id]);
  t.is(keyring.find(Uint8Array.of(0, ...second.idBytes), 1), second);
  t.is(keyring.find(first.idBytes, 0), first);
  t.is(new Keyring([first]).find(second.idBytes, 0), undefined);
});

test('a key given twice counts once', (t) => {
  t.deepEqual(new Keyring([first, second, first]).keyIds, [first.id, second.id]);
});

test('different keys with one id are refused', (t) => {
  const forged = { ...second, id: first.id, idBytes: first.idBytes };
  t.throws(() => new Keyring([first, forged]), { code: 'INVALID_ARGUMENT', message: /same id/ });
});

test('a keyring without keys, or with a key of another length, is refused', (t) => {
  t.throws(() => new Keyring([]), { code: 'INVALID_ARGUMENT' });
  const short = { ...first, bytes: first.bytes.subarray(1) };
  t.throws(() => new Keyring([short]), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new Keyring([{ ...first, id: '00' }]), { code: 'INVALID_ARGUMENT' });
});
