import { TimestampSchema } from '@bufbuild/protobuf/wkt';
import test from 'ava';
import { readOptions } from '../../src/api/options.js';
import { ProtobufValue } from '../../src/api/payload.js';
import { Core } from '../../src/core/core.js';
import { coreOptionsOf } from '../../src/node/core-options.js';
import { Node } from '../../src/node/node.js';
import { parseSeed } from '../../src/transport/address.js';
import { Encoding } from '../../src/wire/packet.js';
import { TestMesh } from './test-mesh.js';

/** A node below the public class, which may send what that one would not. */
async function rawNode(mesh: TestMesh): Promise<Node<Core>> {
  const { transports, seed } = mesh.host(9);
  const settings = readOptions({ name: 'raw', profile: 'lan' });
  const ip = '10.0.0.9';
  const wallMs = mesh.clock.wallMs();
  const node = await Node.open({
    core: (port) =>
      new Core(
        coreOptionsOf(settings, { ip, port, wallMs, machineIps: [], keyring: undefined }),
        seed(),
      ),
    transports: transports(ip, true),
    port: 9000,
    clock: mesh.clock,
    onEvent: () => undefined,
    onInternalError: (error) => {
      throw error;
    },
  });
  node.addSeed(parseSeed('10.0.0.1:9000'));
  node.start();
  return node;
}

test('payloads that cannot be read are not delivered, but counted and logged once', async (t) => {
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const raw = await rawNode(mesh);
  await mesh.until(() => a!.livePeers().length === 1);
  const heard: unknown[] = [];
  a!.hear('*', (data) => heard.push(data)).know('*', (_peer, _key, value) => heard.push(value));
  a!.on('key:expired', () => heard.push('expired'));
  const broken = {
    payload: new TextEncoder().encode('{"a":'),
    encoding: Encoding.json,
    typeName: '',
  };
  raw.apply({ type: 'set', key: 'k', ...broken, ttlMs: 2000, stamp: { time: 1 } });
  raw.apply({ type: 'say', event: 'e', ...broken, durationMs: 1000, buffer: false });
  const fine = { ...broken, payload: new TextEncoder().encode('5') };
  raw.apply({ type: 'say', event: 'e', ...fine, durationMs: 1000, buffer: false });
  await mesh.run(1000);
  t.is(a!.getRemote('raw', 'k'), undefined);
  t.deepEqual(a!.entriesOf('raw'), []);
  t.deepEqual(a!.getRemoteKeys('raw'), ['k']);
  await mesh.run(2000);
  t.deepEqual(heard, [5]);
  t.is(a!.stats()?.unreadable, 3);
  t.deepEqual(mesh.logger.lines, ['warn a payload cannot be read']);
  await mesh.settled(a!.stop());
  t.is(a!.stats()?.unreadable, 3);
  await mesh.settled(a!.start().started);
  t.is(a!.stats()?.unreadable, 0);
});

test('bytes that are no message of their registered type are unreadable', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node({ schemas: [TimestampSchema] }).start();
  const raw = await rawNode(mesh);
  await mesh.until(() => node.livePeers().length === 1);
  const heard: unknown[] = [];
  node.hear('*', (data) => heard.push(data)).know('*', (_peer, _key, value) => heard.push(value));
  const typeName = TimestampSchema.typeName;
  const cut = { payload: new Uint8Array([8]), encoding: Encoding.protobuf, typeName };
  raw.apply({ type: 'set', key: 'k', ...cut, stamp: { time: 1 } });
  raw.apply({ type: 'say', event: 'e', ...cut, durationMs: 1000, buffer: false });
  await mesh.run(1000);
  t.deepEqual(heard, []);
  t.deepEqual(node.entriesOf('raw'), []);
  t.is(node.stats()?.unreadable, 2);
});

test('what cannot be read is not believed', async (t) => {
  const mesh = new TestMesh();
  const node = mesh.node();
  node.believe('*', () => t.fail()).start();
  const raw = await rawNode(mesh);
  await mesh.until(() => node.livePeers().length === 1);
  const broken = { payload: new Uint8Array([123]), encoding: Encoding.json, typeName: '' };
  raw.apply({ type: 'set', key: 'k', ...broken, stamp: { time: 1 } });
  await mesh.run(1000);
  t.is(node.stats()?.unreadable, 1);
  t.deepEqual(node.keys(), []);
});

test('what is sent as a protobuf message comes with its type name and its bytes', async (t) => {
  const mesh = new TestMesh();
  const [a, b] = await mesh.start(2);
  const heard: unknown[] = [];
  b!.know('k', (_peer, _key, value) => heard.push(value)).hear('e', (data) => heard.push(data));
  const message = new ProtobufValue('my.Type', new Uint8Array([8, 1]));
  a!.set('k', message).say('e', message);
  await mesh.run(1000);
  t.deepEqual(heard, [message, message]);
  t.true(heard[0] instanceof ProtobufValue);
});
