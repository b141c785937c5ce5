// Uses what needs no socket: telepathine/wire and telepathine/testing.
import { strict as assert } from 'node:assert';
import { generateKey } from 'telepathine';
import { TestMesh } from 'telepathine/testing';
import { cryptoReady, deriveKeyring, readEnvelope, writeEnvelope } from 'telepathine/wire';

await cryptoReady();
const keyring = deriveKeyring([generateKey(), 'a passphrase'], 'cluster');
const sealed = writeEnvelope(Uint8Array.of(1, 2, 3), keyring);
assert.deepEqual([...readEnvelope(sealed, keyring).packetBytes], [1, 2, 3]);
sealed[sealed.length - 1] ^= 1;
assert.equal(readEnvelope(sealed, keyring).reason, 'not-authentic');

const mesh = new TestMesh({ lossRate: 0.1 });
const [first, second] = await mesh.start(3);
first.set('key', 'value');
await mesh.run(2000);
assert.equal(second.getRemote('n1', 'key'), 'value');
console.log('done');
