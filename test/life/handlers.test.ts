import test from 'ava';
import type { Logger } from '../../src/api/logger.js';
import { defaultLogger, LOG_LEVELS } from '../../src/api/logger.js';
import { ProtobufValue, TelepathineError } from '../../src/index.js';
import { TestMesh } from '../telepathine/test-mesh.js';

const EVENTS = [
  ...['start', 'stop', 'set', 'key:expired', 'key:deleted', 'error', 'set:*', 'say:**', '**'],
  ...['peer:new', 'peer:start', 'peer:stop', 'peer:leave', 'peer:forget', 'peer:suspect'],
];

/** An error that cannot be looked at. */
const unspeakable = new Proxy(new Error('unspeakable'), {
  get: () => {
    throw new Error('do not look at me');
  },
});

/** What makes a promise of an object; the objects here are meant to be taken for some. */
const THEN = 'then';
const THROWN = [new Error('at once'), undefined, null, Symbol('s'), unspeakable];

function fail(thrown: unknown): () => unknown {
  return () => {
    throw thrown;
  };
}

/** The ways in which a function of the application may fail; each call takes the next one. */
function failing(): () => unknown {
  const ways: (() => unknown)[] = [
    ...THROWN.map(fail),
    () => Promise.reject(new Error('later')),
    () => ({ [THEN]: fail(new Error('in then')) }),
    () => Object.defineProperty({}, THEN, { get: fail(new Error('at then')) }),
    () => ({ [THEN]: (_: unknown, reject: (reason: unknown) => void) => reject(null) }),
  ];
  let calls = 0;
  return () => ways[calls++ % ways.length]!();
}

function failingLogger(): Logger {
  const write = failing();
  return Object.fromEntries(LOG_LEVELS.map((level) => [level, write])) as unknown as Logger;
}

test.serial('whatever handlers, timers and the logger throw, node and mesh go on', async (t) => {
  const escaped: unknown[] = [];
  const note = (reason: unknown) => escaped.push(reason);
  process.on('unhandledRejection', note).on('uncaughtException', note);
  t.teardown(() => process.off('unhandledRejection', note).off('uncaughtException', note));
  const mesh = new TestMesh();
  const [a] = await mesh.start(1);
  const node = mesh.node({ logger: failingLogger(), leftGraceMs: 1000 });
  let calls = 0;
  const next = failing();
  const handler = () => {
    calls += 1;
    return next();
  };
  for (const event of EVENTS) node.on(event as 'own', handler);
  node.onAny(handler).know('*', handler).hear('*', handler).believe('*', handler);
  node.hearOnce('said', handler).every(50, handler).after(50, handler).start(handler);
  await mesh.until(() => a!.livePeers().length === 1 && node.livePeers().length === 1);
  const c = mesh.node().start();
  await mesh.until(() => node.livePeers().length === 2);
  c.set('ends', 1, mesh.clock.wallMs() + 1000).set('goes', 2);
  c.delete('goes');
  c.say('said', 1);
  node.set('own', 3, mesh.clock.wallMs() + 2000).say('heard', 4);
  const heard: unknown[] = [];
  a!.hear('heard', (data) => heard.push(data));
  await mesh.run(3000);
  await mesh.settled(c.stop());
  await mesh.run(10_000);
  a!.set('last', 5).say('last', 6);
  await mesh.until(() => node.getRemote('n1', 'last') === 5);
  t.deepEqual(heard, [4]);
  t.is(node.get('ends'), undefined);
  await mesh.settled(node.stop());
  await mesh.settled(node.start().started);
  await mesh.until(() => node.getRemote('n1', 'last') === 5);
  t.true(calls > 500, String(calls));
  t.deepEqual(escaped, []);
  t.is(node.stats()?.refusals['internal-error'], undefined);
  t.deepEqual(mesh.logger.lines, []);
});

test('a value that throws when it is looked at is refused, and changes nothing', (t) => {
  const node = new TestMesh().node().set('k', 'before');
  const detached = new Uint8Array(4);
  structuredClone(detached, { transfer: [detached.buffer] });
  const revocable = Proxy.revocable({}, {});
  revocable.revoke();
  const throwing = THROWN.flatMap((thrown) => {
    const get = fail(thrown) as () => never;
    const property = { get, enumerable: true };
    return [
      Object.defineProperty({}, 'a', property),
      Object.defineProperty([1], 0, property),
      Object.defineProperty(new ProtobufValue('T', new Uint8Array(1)), 'bytes', property),
      { nested: [{ toJSON: get }] },
      new Proxy({}, { ownKeys: get }),
      new Proxy({}, { getPrototypeOf: get }),
    ];
  });
  const refused = { instanceOf: TelepathineError, code: 'NOT_SERIALIZABLE' };
  for (const [index, value] of [...throwing, revocable.proxy, detached].entries()) {
    t.throws(() => node.set('k', value), refused, `value ${index}`);
    t.throws(() => node.say('e', value), refused, `value ${index}`);
  }
  t.deepEqual(node.entries(), [['k', 'before']]);
});

test('a value that sets its own key while it is read is set after that', (t) => {
  const node = new TestMesh().node();
  const value = {
    get a() {
      node.set('k', 'inner');
      return 1;
    },
  };
  node.set('k', value);
  t.deepEqual(node.get('k'), { a: 1 });
});

test('the logger that is there by default writes what cannot be shown too', (t) => {
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text: string | Uint8Array) => written.push(String(text)) > 0;
  try {
    const cause: unknown = unspeakable;
    defaultLogger().error({ err: new TelepathineError('HANDLER_FAILED', 'x', { cause }) }, 'CODE');
  } finally {
    process.stderr.write = write;
  }
  t.deepEqual(written, ['telepathine: CODE: x: something that cannot be shown was thrown\n']);
});
