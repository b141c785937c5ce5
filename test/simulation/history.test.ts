import test from 'ava';
import type { CoreEvent, Effect } from '../../src/core/contract.js';
import { simulate } from '../../src/simulation/index.js';
import { readScenario } from '../../src/simulation/scenario-reader.js';
import { Encoding } from '../../src/wire/packet.js';
import { breakCore, breakEffects, Rig } from './rig.js';

type Emit = Extract<Effect, { type: 'emit' }>;

test('a mesh without a fault breaks nothing', (t) => {
  const rig = new Rig();
  for (const key of ['a', 'b', 'a']) rig.set(0, key);
  rig.say(0);
  rig.say(1);
  rig.delete(0, 'b');
  rig.run(2000);
  for (const kind of ['crash', 'leave', 'restart', 'pause']) {
    rig.fault({ kind, nodes: { count: 1 }, forMs: 8000 });
    rig.run(10_000);
  }
  rig.director.end();
  rig.run(10_000);
  rig.history.checkSettled();
  t.deepEqual(rig.violations(), []);
  t.is(rig.history.newsMs.percentiles()?.max, rig.history.newsMs.percentiles()?.p99);
});

test('an event that fires twice is found', (t) => {
  const rig = new Rig();
  breakEffects(rig.machine(1), (effects) => [...effects, ...effects.filter(isHeard)]);
  rig.say(0);
  rig.run(1000);
  t.deepEqual(rig.violations(), ['n1 heard 1 of n0 after 1']);
});

test('an event that fires after a later one of the same owner is found', (t) => {
  const rig = new Rig();
  const held: Effect[] = [];
  breakEffects(rig.machine(1), (effects) => {
    if (held.length === 0) held.push(...effects.filter(isHeard));
    else return [...effects, ...(effects.some(isHeard) ? held : [])];
    return effects.filter((effect) => !isHeard(effect));
  });
  rig.say(0);
  rig.run(1000);
  rig.say(0);
  rig.run(1000);
  t.deepEqual(rig.violations(), ['n1 heard 1 of n0 after 2']);
});

test('an event that nobody said is found, and one that somebody else said', (t) => {
  const rig = new Rig();
  rig.say(2);
  rig.run(1000);
  for (const number of [1, 5]) {
    rig.world.emitted(rig.machine(1), heard('n0', number));
  }
  t.deepEqual(rig.violations(), [
    'n1 heard 1 of n0, which did not say it',
    'n1 heard 5 of n0, which did not say it',
  ]);
});

test('an event that somebody has not heard at the end is found', (t) => {
  const rig = new Rig();
  breakEffects(rig.machine(1), (effects) => effects.filter((effect) => !isHeard(effect)));
  rig.say(0);
  rig.say(2, 1000);
  rig.run(2000);
  rig.history.checkSettled();
  t.deepEqual(rig.violations(), ['n1 has not heard event 1 of n0'], 'the other one is over');
  t.is(rig.history.lostEvents, 1);
});

test('an event counts as heard by the life that heard it only', (t) => {
  const rig = new Rig();
  rig.say(0);
  rig.run(1000);
  rig.fault({ kind: 'restart', nodes: { names: ['n1'] } });
  breakEffects(rig.machine(1), (effects) => effects.filter((effect) => !isHeard(effect)));
  rig.run(10_000);
  rig.history.checkSettled();
  t.deepEqual(rig.violations(), ['n1 has not heard event 1 of n0']);
});

test('a value that is not its owner’s is found', (t) => {
  const rig = new Rig();
  const bytes = new TextEncoder().encode('"0"');
  breakCore(rig.machine(1), {
    remoteGet: (core, ...args) => {
      const value = core.remoteGet(...args);
      return value && { ...value, payload: { ...value.payload, bytes } };
    },
  });
  rig.set(0, 'a', 3);
  rig.run(1000);
  t.deepEqual(rig.violations(), ['n1 shows a="0" of n0 at 2, which was a="1"']);
});

test('a key that is shown too late, after a later one, is found', (t) => {
  const rig = new Rig();
  breakCore(rig.machine(1), {
    remoteKeys: (core, ...args) => core.remoteKeys(...args).filter((key) => key !== 'a'),
  });
  rig.set(0, 'a', 3);
  rig.set(0, 'b', 3);
  rig.run(1000);
  const [first] = rig.violations();
  t.regex(first as string, /^n1 shows .* of n0 at \d, which was a="1"/);
});

test('a key that was deleted and is still shown is found', (t) => {
  const rig = new Rig();
  rig.set(0, 'a', 3);
  rig.run(1000);
  breakCore(rig.machine(1), {
    remoteKeys: (core, name, nowMs) => (name === 'n0' ? ['a'] : core.remoteKeys(name, nowMs)),
  });
  rig.delete(0, 'a');
  rig.run(1000);
  t.deepEqual(rig.violations(), ['n1 shows a= of n0 at 3, which was ']);
});

test('a version that goes back is found', (t) => {
  const rig = new Rig();
  rig.set(0, 'a', 3);
  rig.run(1000);
  breakCore(rig.machine(1), {
    position: (core, name) => {
      const position = core.position(name);
      return name === 'n0' && position !== undefined ? { ...position, version: 1 } : position;
    },
  });
  rig.set(0, 'a', 3);
  rig.run(1000);
  t.true(rig.violations().includes('n1 shows version 1 of n0 after 2'));
});

test('a key that is shown at the end though it is gone counts as revived', (t) => {
  const rig = new Rig();
  for (const key of ['a', 'b']) rig.set(0, key, 3);
  rig.run(1000);
  rig.delete(0, 'a');
  rig.run(1000);
  rig.history.checkSettled();
  t.is(rig.history.revivedKeys, 0);
  breakCore(rig.machine(1), {
    remoteKeys: (core, name, nowMs) => (name === 'n0' ? ['a', 'b'] : core.remoteKeys(name, nowMs)),
  });
  rig.history.checkSettled();
  t.is(rig.history.revivedKeys, 1);
});

test('the time from setting a key to showing it is measured at those who ran then', (t) => {
  const rig = new Rig({ network: { latency: 40 } });
  rig.set(0, 'a');
  rig.run(1000);
  const { max } = rig.history.setMs.percentiles() as { max: number };
  t.true(max >= 40 && max < 200, `${max} ms`);
  rig.fault({ kind: 'restart', nodes: { names: ['n1'] } });
  rig.run(5000);
  t.is(rig.machine(1).core?.remoteKeys('n0', rig.machine(1).localMs()).length, 1);
  t.is(rig.history.setMs.percentiles()?.max, max, 'the new life had it from its start');
});

test('nodes that do not end equal are found', (t) => {
  const rig = new Rig();
  rig.set(0, 'a', 3);
  rig.run(1000);
  breakCore(rig.machine(1), { remoteKeys: () => [] });
  rig.history.checkSettled();
  t.deepEqual(rig.violations(), ['n1 shows  of n0, which holds a="1"']);
});

test('a node that is not seen at the end is found, and so is one that is seen in an old life', (t) => {
  for (const change of [{ status: 'dead' }, { logId: '0000000000000001' }] as const) {
    const rig = new Rig();
    breakCore(rig.machine(1), {
      position: (core, name) => {
        const position = core.position(name);
        return name === 'n0' && position !== undefined ? { ...position, ...change } : position;
      },
    });
    rig.history.checkSettled();
    t.deepEqual(rig.violations(), ['n1 does not see that n0 is alive']);
  }
});

test('a mesh that does not become equal in the time that it has is found', (t) => {
  const faults = [{ kind: 'crash', nodes: { count: 2 }, atMs: 0 }];
  const network = { latency: 40 };
  const scenario = readScenario({ nodes: 4, durationMs: 10_000, settleMs: 50, faults, network });
  const texts = simulate(scenario).violations.map(({ text }) => text);
  t.true(texts.includes('the nodes did not come to hold the same within 50 ms'));
});

test('a node that is revived by an old statement is found', (t) => {
  const rig = new Rig();
  const observer = rig.machine(1);
  rig.world.crash(rig.machine(0));
  rig.run(10_000);
  t.is(observer.core?.peer('n0', observer.localMs())?.status, 'dead');
  breakCore(observer, { position: reviving });
  const { owner } = reviving(observer.core as never, 'n0') as { owner: string };
  rig.world.emitted(observer, { type: 'peerAlive', name: 'n0', owner });
  t.regex(rig.violations()[0] as string, /^n1 revives n0 by an old statement \(generation \d+, /);
});

test('an older life that is shown after a newer one is found', (t) => {
  const rig = new Rig();
  const observer = rig.machine(1);
  breakCore(observer, {
    position: (core, name) => {
      const position = core.position(name);
      return position && { ...position, generation: position.generation - 1 };
    },
  });
  rig.world.emitted(observer, { type: 'peerAlive', name: 'n0', owner: '0' });
  t.regex(rig.violations()[0] as string, /^n1 shows an older life of n0 after a newer one/);
});

test('a node that comes back with a higher incarnation, or in a new life, is no fault', (t) => {
  const rig = new Rig({ nodes: 4 });
  const heal = rig.world.network.cut((from, to) => (from === 0) !== (to === 0));
  rig.run(70_000);
  t.is(rig.machine(1).core?.peer('n0', rig.machine(1).localMs())?.status, 'dead');
  heal();
  rig.run(15_000);
  t.is(rig.machine(1).core?.peer('n0', rig.machine(1).localMs())?.status, 'alive');
  rig.fault({ kind: 'kill', nodes: { names: ['n2'] }, forMs: 10_000 });
  rig.run(15_000);
  t.is(rig.machine(1).core?.peer('n2', rig.machine(1).localMs())?.status, 'alive');
  t.deepEqual(rig.violations(), []);
});

test('a core that throws is found, and a command that it refuses is not', (t) => {
  const rig = new Rig();
  for (let count = 0; count < 3; count++) rig.set(0, 'a', 2 ** 20 + 1);
  t.deepEqual(rig.violations(), []);
  t.is(rig.director.refused, 3);
  breakCore(rig.machine(1), {
    handle: () => {
      throw new TypeError('it is broken');
    },
  });
  rig.run(3000);
  t.regex(rig.violations()[0] as string, /^n1 failed: TypeError: it is broken/);
});

test('a datagram that is too large is found', (t) => {
  const rig = new Rig();
  const link = `udp:${rig.machine(0).address}`;
  let sent = false;
  breakEffects(rig.machine(1), (effects) => {
    const send = effects.find((effect) => effect.type === 'send');
    if (sent || send === undefined) return effects;
    sent = true;
    const votes = Array.from({ length: 60 }, () => ({
      ...{ owner: '0000000000000001', logId: '0000000000000001', generation: 1 },
      ...{ incarnation: 0, opinion: 1 as const },
    }));
    return [{ type: 'send', links: [link], packet: { ...send.packet, votes } }];
  });
  rig.run(5000);
  t.regex(
    rig.violations()[0] as string,
    /^n1 failed: Error: a datagram of \d{4} bytes is too large/,
  );
});

test('a node that gives up a name of its own is found', (t) => {
  const rig = new Rig();
  rig.world.emitted(rig.machine(1), { type: 'nameTaken', address: 'x' });
  t.deepEqual(rig.violations(), ["n1 gave up its name, which is nobody else's"]);
});

test('no more than a hundred violations are kept', (t) => {
  const rig = new Rig();
  for (let number = 0; number < 150; number++) {
    rig.world.emitted(rig.machine(1), heard('n0', 1000 + number));
  }
  t.is(rig.violations().length, 100);
});

const reviving = ((core, name) => {
  const position = core.position(name);
  return position && { ...position, status: 'alive' as const };
}) satisfies Parameters<typeof breakCore>[1]['position'];

function isHeard(effect: Effect): effect is Emit {
  return effect.type === 'emit' && effect.event.type === 'heard';
}

function heard(name: string, number: number): CoreEvent {
  const bytes = new TextEncoder().encode(JSON.stringify(String(number)));
  const payload = { bytes, encoding: Encoding.json, typeName: '' };
  return { type: 'heard', name, owner: '0', event: 'e', payload };
}
