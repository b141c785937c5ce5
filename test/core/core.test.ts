import test from 'ava';
import { Mesh } from '../support/mesh.js';

test('two nodes that know the same of all have one fingerprint, and see each at one position', (t) => {
  const mesh = new Mesh(4);
  const [a, b] = mesh.grow(2).map(({ core }) => core);
  mesh.run(2000);
  const before = a!.fingerprint();
  t.is(before.count, 2);
  t.deepEqual(before, b!.fingerprint());
  t.deepEqual(b!.position('n0'), a!.position());
  mesh.set('n0', 'key', 1);
  t.not(a!.fingerprint().sum, before.sum);
  t.is(a!.position()!.version, b!.position('n0')!.version + 1);
  mesh.run(2000);
  t.deepEqual(a!.fingerprint(), b!.fingerprint());
  t.deepEqual(b!.position('n0'), a!.position());
  t.is(a!.position('nobody'), undefined);
});
