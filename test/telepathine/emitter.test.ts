import test from 'ava';
import { MeshEmitter } from '../../src/api/emitter.js';
import type { Announcement, NodeEvents } from '../../src/api/events.js';
import { TelepathineError } from '../../src/error.js';
import { recordingLogger } from './recording-logger.js';

/** An emitter whose events the test makes. */
class Emitter extends MeshEmitter<Record<string, unknown>, Record<string, unknown>> {
  readonly log = recordingLogger();
  protected readonly logger = this.log;

  set(key: string, value: unknown = 1): void {
    this.announce({ family: 'set', name: key, args: ['peer', key, value, undefined] });
  }

  said(event: string, data: unknown = 1): void {
    this.announce({ family: 'say', name: event, args: [data, 'peer'] });
  }

  plain<Name extends keyof NodeEvents>(event: Name, ...args: NodeEvents<this>[Name]): void {
    this.announce({ event, args } as unknown as Announcement);
  }
}

const HOSTILE_NAMES = [
  '*',
  '**',
  'a:b',
  '',
  ':',
  '__proto__',
  'constructor',
  'error',
  '_listeners',
];

for (const name of HOSTILE_NAMES) {
  test(`a key named '${name}' reaches the handlers that are meant for it, and no others`, (t) => {
    const emitter = new Emitter();
    const heard: string[] = [];
    emitter.on('set:secret', () => heard.push('secret'));
    emitter.on('error', () => heard.push('error'));
    emitter.on('a', () => heard.push('a'));
    emitter.know('*', function (_peer, key) {
      heard.push(`know ${String(this.event)} ${key}`);
    });
    emitter.onAny((event) => heard.push(`any ${String(event)}`));
    emitter.set(name);
    t.deepEqual(heard, [`any set:${name}`, `know ${name} ${name}`]);
  });
}

for (const name of HOSTILE_NAMES.filter((each) => !each.includes('*'))) {
  test(`a handler of the event named '${name}' hears it, once`, (t) => {
    const emitter = new Emitter();
    const heard: unknown[] = [];
    emitter.on(`say:${name}`, (data) => heard.push(['on', data]));
    emitter.hear(name, (data) => heard.push(['hear', data]));
    emitter.said('another');
    emitter.said(name, 5);
    t.deepEqual(heard, [
      ['on', 5],
      ['hear', 5],
    ]);
  });
}

test('this.event is the full name in handlers of on, and the bare one in those of know and hear', (t) => {
  const emitter = new Emitter();
  const events: unknown[] = [];
  const note = function (this: Emitter) {
    events.push(this.event);
  };
  emitter.on('set:a:*', note).know('a:*', note).on('say:**', note).hear('*', note).on('**', note);
  emitter.set('a:b');
  emitter.said('c');
  t.deepEqual(events, ['set:a:b', 'set:a:b', 'a:b', 'say:c', 'say:c', 'c']);
});

test('a wildcard for everything hears keys, events and the node, each once', (t) => {
  const emitter = new Emitter();
  const events: unknown[] = [];
  emitter.on('**', function (this: Emitter) {
    events.push(this.event);
  });
  emitter.set('a:b');
  emitter.said('*');
  emitter.plain('peer:start', 'b');
  t.deepEqual(events, ['set:a:b', 'say:*', 'peer:start']);
});

test("the node's own events keep the wildcards of EventEmitter2", (t) => {
  const emitter = new Emitter();
  const peers: unknown[] = [];
  emitter.on('peer:*', (peer) => peers.push(peer));
  emitter.plain('peer:start', 'a');
  emitter.plain('peer:stop', 'b');
  emitter.set('peer:start');
  t.deepEqual(peers, ['a', 'b']);
});

test('hearOnce, once and many hear so often and no more', (t) => {
  const emitter = new Emitter();
  const heard: string[] = [];
  emitter.hearOnce('*', () => heard.push('hearOnce'));
  emitter.once('say:x', () => heard.push('once'));
  emitter.many('say:x', 2, () => heard.push('many'));
  for (let time = 0; time < 3; time++) emitter.said('x');
  t.deepEqual(heard.sort(), ['hearOnce', 'many', 'many', 'once']);
});

test('off takes a handler from the pattern that it was added with, and from no other', (t) => {
  const emitter = new Emitter();
  let calls = 0;
  const count = () => calls++;
  emitter.know('*', count).know('a', count).on('set:a', count);
  emitter.off('set:*', count);
  emitter.set('a');
  t.is(calls, 2);
  emitter.off('set:a', count).removeListener('set:a', count);
  emitter.set('a');
  t.is(calls, 2);
});

test('off reaches handlers of hear, hearOnce, know and believe', (t) => {
  const emitter = new Emitter();
  const fail = () => t.fail();
  emitter.hear('x', fail).off('say:x', fail);
  emitter.hearOnce('x', fail).off('say:x', fail);
  emitter.know('k', fail).off('set:k', fail);
  emitter.believe('k', fail).off('set:k', fail);
  emitter.said('x');
  emitter.set('k');
  t.is(emitter.listenerCount('say:x'), 0);
  t.deepEqual(emitter.eventNames(), []);
});

test('removeAllListeners removes those of one pattern, or all', (t) => {
  const emitter = new Emitter();
  const nothing = () => undefined;
  emitter.know('a', nothing).know('*', nothing).hear('b', nothing).on('start', nothing);
  emitter.removeAllListeners('set:a');
  t.deepEqual(emitter.eventNames(), ['start', 'set:*', 'say:b']);
  emitter.removeAllListeners();
  t.deepEqual(emitter.eventNames(), []);
  emitter.know('a', nothing);
  t.deepEqual(emitter.eventNames(), ['set:a']);
});

test('listeners tells which handlers a name reaches', (t) => {
  const emitter = new Emitter();
  const nothing = () => undefined;
  emitter.on('set:a:*', nothing).know('a:b', nothing).prependListener('set:a:b', nothing);
  t.is(emitter.listenerCount('set:a:b'), 3);
  t.is(emitter.listenerCount('set:a'), 0);
  t.true(emitter.hasListeners('set:a:c'));
  t.is(emitter.listeners(['set', 'a', 'c']).length, 1);
});

test('a handler that throws stops neither the others nor the caller', (t) => {
  const emitter = new Emitter();
  const cause = new Error('broken');
  const errors: TelepathineError[] = [];
  let called = 0;
  emitter.on('error', (error) => errors.push(error));
  emitter.hear('x', () => {
    throw cause;
  });
  emitter.hear('x', () => called++);
  emitter.onAny(() => {
    throw cause;
  });
  emitter.said('x');
  t.is(called, 1);
  t.deepEqual(
    errors.map(({ code, cause }) => ({ code, cause })),
    [
      { code: 'HANDLER_FAILED', cause },
      { code: 'HANDLER_FAILED', cause },
    ],
  );
  t.deepEqual(emitter.log.lines, []);
});

test('a handler whose promise is rejected is reported as one that throws', async (t) => {
  const emitter = new Emitter();
  emitter.know('x', async () => {
    throw new Error('broken');
  });
  emitter.set('x');
  await new Promise(setImmediate);
  t.deepEqual(emitter.log.lines, ['error HANDLER_FAILED']);
});

test('without a handler of errors, they go to the logger and nothing is thrown', (t) => {
  const emitter = new Emitter();
  emitter.on('start', () => {
    throw new Error('broken');
  });
  emitter.plain('start', emitter);
  t.deepEqual(emitter.log.lines, ['error HANDLER_FAILED']);
});

test('a handler of errors that throws ends in the logger', async (t) => {
  const emitter = new Emitter();
  emitter.on('error', () => {
    throw new Error('first');
  });
  emitter.on('error', async () => {
    throw new Error('second');
  });
  emitter.plain('error', new TelepathineError('NAME_TAKEN', 'x'));
  emitter.hear('x', () => {
    throw new Error('third');
  });
  emitter.said('x');
  await new Promise(setImmediate);
  t.true(emitter.log.lines.length >= 4);
  t.true(emitter.log.lines.every((line) => line.startsWith('error ')));
});

test('a handler that removes itself and others is no trouble', (t) => {
  const emitter = new Emitter();
  let calls = 0;
  const first = () => {
    calls++;
    emitter.removeAllListeners('say:x');
  };
  emitter.hear('x', first).hear('x', first);
  emitter.said('x');
  emitter.said('x');
  t.is(calls, 2);
});

test('what is no function or no text is refused at the call', (t) => {
  const emitter = new Emitter();
  const invalid = { instanceOf: TelepathineError, code: 'INVALID_ARGUMENT' };
  t.throws(() => emitter.hear('x', undefined as never), invalid);
  t.throws(() => emitter.know(5 as never, () => undefined), invalid);
});

test('waitFor waits for a key or event by its pattern', async (t) => {
  const emitter = new Emitter();
  const waiting = emitter.waitFor('say:a:*');
  emitter.said('b');
  emitter.said('a:b', 7);
  t.deepEqual(await waiting, [7, 'peer']);
  t.is(emitter.listenerCount('say:a:b'), 0);
});

test('an event that the application itself emits reaches the handlers of its name', (t) => {
  const emitter = new Emitter();
  const heard: unknown[] = [];
  emitter.on('set:a:*', (peer) => heard.push(peer));
  emitter.on('own', (value) => heard.push(value));
  emitter.emit('set:a:b', 'me');
  emitter.emit('own', 2);
  t.deepEqual(heard, ['me', 2]);
});

test('emitAsync reaches the handlers of keys and events too, and gives what they return', async (t) => {
  const emitter = new Emitter();
  emitter.on('own', async () => 'own');
  emitter.on('set:a:*', async (peer) => `on ${String(peer)}`);
  emitter.know('a:b', function (peer) {
    return `know ${peer} ${String(this.event)}`;
  });
  emitter.onAny((event) => `any ${String(event)}`);
  t.deepEqual(await emitter.emitAsync('own'), ['any own', 'own']);
  const results = await emitter.emitAsync('set:a:b', 'peer', 'a:b', 1, undefined);
  t.deepEqual(results, ['any set:a:b', 'on peer', 'know peer a:b']);
  emitter.hear('e', () => {
    throw new Error('broken');
  });
  await t.throwsAsync(emitter.emitAsync('say:e', 1, 'peer'), { message: 'broken' });
});

test('whatever takes a handler refuses what is no function, by one error', (t) => {
  const emitter = new Emitter();
  const not = 5 as never;
  const invalid = {
    instanceOf: TelepathineError,
    code: 'INVALID_ARGUMENT',
    message: 'the handler: 5 was given; allowed is a function',
  };
  for (const event of ['peer:start', 'set:k', 'own']) {
    t.throws(() => emitter.on(event as 'own', not), invalid);
    t.throws(() => emitter.once(event as 'own', not), invalid);
    t.throws(() => emitter.many(event, 2, not), invalid);
    t.throws(() => emitter.prependListener(event, not), invalid);
    t.throws(() => emitter.prependOnceListener(event, not), invalid);
    t.throws(() => emitter.off(event, not), invalid);
  }
  t.throws(() => emitter.onAny(not), invalid);
  t.throws(() => emitter.prependAny(not), invalid);
  t.throws(() => emitter.hear('e', not), invalid);
  t.throws(() => emitter.hearOnce('e', not), invalid);
  t.throws(() => emitter.know('k', not), invalid);
  t.throws(() => emitter.believe('k', not), invalid);
  t.deepEqual(emitter.eventNames(), []);
});
