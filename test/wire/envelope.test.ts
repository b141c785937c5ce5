import test from 'ava';
import * as fc from 'fast-check';
import {
  cryptoReady,
  deriveKeyring,
  deriveSealingKey,
  generateKey,
  Keyring,
  PLAIN_OVERHEAD_BYTES,
  readEnvelope,
  SEALED_OVERHEAD_BYTES,
  writeEnvelope,
} from '../../src/wire/index.js';
import { checkProperty } from './property.js';

const keyring = deriveKeyring(generateKey(), 'test');
const someBytes = fc.uint8Array({ maxLength: 300 });
const message = Uint8Array.of(8, 1, 2, 3);

function reasonOf(bytes: Uint8Array, keys: Keyring | undefined): string {
  const result = readEnvelope(bytes, keys);
  return result.ok ? 'opened' : result.reason;
}

test.before(() => cryptoReady());

test('what is sealed opens to the same bytes and names its key', (t) => {
  checkProperty(
    fc.property(someBytes, (packetBytes) => {
      const envelope = writeEnvelope(packetBytes, keyring);
      t.is(envelope.length, packetBytes.length + SEALED_OVERHEAD_BYTES);
      const opened = readEnvelope(envelope, keyring);
      t.deepEqual(opened, { ok: true, packetBytes, keyId: keyring.sealing.id });
    }),
  );
});

test('what goes in the clear comes out the same', (t) => {
  checkProperty(
    fc.property(someBytes, (packetBytes) => {
      const envelope = writeEnvelope(packetBytes, undefined);
      t.is(envelope.length, packetBytes.length + PLAIN_OVERHEAD_BYTES);
      t.deepEqual(readEnvelope(envelope, undefined), { ok: true, packetBytes });
    }),
  );
});

test('the overheads are those of the protocol', (t) => {
  t.deepEqual([PLAIN_OVERHEAD_BYTES, SEALED_OVERHEAD_BYTES], [1, 45]);
  t.is(writeEnvelope(message, undefined)[0], 0x11);
  const sealed = writeEnvelope(message, keyring);
  t.is(sealed[0], 0x21);
  t.deepEqual(sealed.subarray(1, 5), keyring.sealing.idBytes);
});

test('no bytes make the reader throw', (t) => {
  const kinds = fc.constantFrom(0x11, 0x21, 0x10, 0x22, 0xff);
  checkProperty(
    fc.property(kinds, someBytes, fc.boolean(), (kind, bytes, known) => {
      const head = known ? [kind, ...keyring.sealing.idBytes] : [kind];
      readEnvelope(bytes, undefined);
      readEnvelope(Uint8Array.of(...head, ...bytes), keyring);
      readEnvelope(Uint8Array.of(...head, ...bytes), undefined);
    }),
  );
  t.pass();
});

test('a sealed packet that was changed in any bit does not open', (t) => {
  const envelope = writeEnvelope(message, keyring);
  for (let bit = 0; bit < envelope.length * 8; bit++) {
    const changed = new Uint8Array(envelope);
    changed[bit >> 3] = (changed[bit >> 3] as number) ^ (1 << (bit & 7));
    t.not(reasonOf(changed, keyring), 'opened');
  }
});

test('a sealed packet of another length does not open', (t) => {
  const envelope = writeEnvelope(message, keyring);
  for (let length = 0; length < envelope.length; length++) {
    t.not(reasonOf(envelope.subarray(0, length), keyring), 'opened');
  }
  t.is(reasonOf(Uint8Array.of(...envelope, 0), keyring), 'not-authentic');
});

test('each refusal has its reason', (t) => {
  const sealed = writeEnvelope(message, keyring);
  const other = deriveKeyring(generateKey(), 'test');
  t.is(reasonOf(new Uint8Array(0), keyring), 'empty');
  t.is(reasonOf(Uint8Array.of(0x12, 0), keyring), 'unknown-kind');
  t.is(reasonOf(Uint8Array.of(0x31), undefined), 'unknown-kind');
  t.is(reasonOf(writeEnvelope(message, undefined), keyring), 'plain-in-private');
  t.is(reasonOf(sealed, undefined), 'sealed-in-public');
  t.is(reasonOf(sealed, other), 'unknown-key');
  t.is(reasonOf(sealed.subarray(0, 44), keyring), 'truncated');
  t.is(reasonOf(sealed.fill(0, 44), keyring), 'not-authentic');
});

test('keys are changed while packets of all of them open', (t) => {
  const [old, fresh] = [deriveSealingKey(generateKey(), ''), deriveSealingKey(generateKey(), '')];
  const steps = [[old], [old, fresh], [fresh, old], [fresh]].map((keys) => new Keyring(keys));
  for (const [index, sender] of steps.entries()) {
    for (const receiver of steps.slice(Math.max(0, index - 1), index + 2)) {
      const envelope = writeEnvelope(message, sender);
      const expected = { ok: true as const, packetBytes: message, keyId: sender.sealing.id };
      t.deepEqual(readEnvelope(envelope, receiver), expected);
    }
  }
  t.is(reasonOf(writeEnvelope(message, steps[3]), steps[0]), 'unknown-key');
});

test('envelopes do not share bytes', (t) => {
  const many = Array.from({ length: 2000 }, (_, index) => Uint8Array.of(index, index >> 8));
  const envelopes = many.map((bytes) => writeEnvelope(bytes, keyring));
  const nonces = new Set(
    envelopes.map((each) => Buffer.from(each.subarray(5, 29)).toString('hex')),
  );
  t.is(nonces.size, many.length);
  for (const [index, envelope] of envelopes.entries()) {
    const opened = readEnvelope(envelope, keyring);
    t.deepEqual(opened.ok && opened.packetBytes, many[index]);
  }
});
