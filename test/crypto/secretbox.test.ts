import test from 'ava';
import sodium from 'libsodium-wrappers';
import { writeNonce } from '../../src/crypto/nonce.js';
import { cryptoReady, openBox, sealBox } from '../../src/crypto/secretbox.js';
import { TelepathineError } from '../../src/error.js';

const fromHex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'));

// While the modules are still being evaluated: a test begins too late to be sure of coming first.
const early = [
  errorOf(() => sealBox(new Uint8Array(1), new Uint8Array(24), new Uint8Array(32))),
  errorOf(() => openBox(new Uint8Array(17), new Uint8Array(24), new Uint8Array(32))),
];

test('before libsodium is loaded a clear error says what to await', (t) => {
  for (const error of early) {
    t.true(error instanceof TelepathineError);
    t.regex(String(error), /await cryptoReady/);
    t.is((error as TelepathineError).code, 'WRONG_STATE');
  }
});

test('the vector of the NaCl paper holds', async (t) => {
  await cryptoReady();
  const key = fromHex('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389');
  const nonce = fromHex('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37');
  const message = fromHex(
    'be075fc53c81f2d5cf141316ebeb0c7b5228c52a4c62cbd44b66849b64244ffce5ecbaaf33bd751a1ac728d45e6c6129' +
      '6cdc3c01233561f41db66cce314adb310e3be8250c46f06dceea3a7fa1348057e2f6556ad6b1318a024a838f21af1fde' +
      '048977eb48f59ffd4924ca1c60902e52f0a089bc76897040e082f937763848645e0705',
  );
  const box = fromHex(
    'f3ffc7703f9400e52a7dfb4b3d3305d98e993b9f48681273c29650ba32fc76ce48332ea7164d96a4476fb8c531a1186a' +
      'c0dfc17c98dce87b4da7f011ec48c97271d2c20f9b928fe2270d6fb863d51738b48eeee314a7cc8ab932164548e526ae' +
      '90224368517acfeabd6bb3732bc0e9da99832b61ca01b6de56244a9e88d5f9b37973f622a43d14a6599b1f654cb45a74' +
      'e355a5',
  );
  t.deepEqual(sealBox(message, nonce, key).slice(), box);
  t.deepEqual(openBox(box, nonce, key), message);
  t.is(openBox(box, nonce, new Uint8Array(32)), undefined);
  t.is(openBox(new Uint8Array(3), nonce, key), undefined);
});

test('a message of any length is sealed as libsodium seals it', async (t) => {
  await cryptoReady();
  const key = new Uint8Array(32).map((_, index) => index * 7);
  const nonce = new Uint8Array(24).map((_, index) => index * 5);
  for (const length of [0, 1, 1154, 1155, 1199, 1200, 1201, 70_000]) {
    const message = new Uint8Array(length).map((_, index) => index * 3);
    const box = sealBox(message, nonce, key).slice();
    t.deepEqual(box, sodium.crypto_secretbox_easy(message, nonce, key), `${length} bytes`);
    t.deepEqual(openBox(box, nonce, key), message, `${length} bytes`);
  }
});

test('nonces do not repeat across refills of the pool, and stay in their place', (t) => {
  const target = new Uint8Array(30).fill(7);
  const seen = new Set<string>();
  for (let count = 0; count < 5000; count++) {
    writeNonce(target, 3);
    seen.add(Buffer.from(target.subarray(3, 27)).toString('hex'));
  }
  t.is(seen.size, 5000);
  t.deepEqual([...target.subarray(0, 3), ...target.subarray(27)], [7, 7, 7, 7, 7, 7]);
});

function errorOf(run: () => unknown): unknown {
  try {
    return run();
  } catch (error) {
    return error;
  }
}
