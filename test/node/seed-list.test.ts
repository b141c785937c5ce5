import test from 'ava';
import { VirtualClock } from '../../src/clock/virtual-clock.js';
import { SeedList } from '../../src/node/seed-list.js';
import type { Seed } from '../../src/transport/address.js';
import { parseSeed } from '../../src/transport/address.js';

/** A list whose names are answered by the test. */
function listOf(...seeds: string[]) {
  const clock = new VirtualClock();
  const told: string[][] = [];
  const answers: Record<string, string[]> = {};
  const asked: string[] = [];
  let silent = false;
  const list = new SeedList({
    clock,
    resolve: async (seed: Seed) => {
      const name = seed.kind === 'address' ? seed.ip : seed.name;
      asked.push(name);
      if (silent) await new Promise(() => undefined);
      return answers[name] ?? [];
    },
    onAddresses: (addresses) => told.push(addresses),
  });
  for (const seed of seeds) list.add(parseSeed(seed));
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const silence = () => {
    silent = true;
  };
  return { clock, told, answers, asked, list, settle, silence };
}

test('addresses are told at once and asked for never', (t) => {
  const { clock, told, asked, list } = listOf('10.0.0.1:1', ':2', '10.0.0.1:1');
  list.start();
  list.start();
  clock.advance(300_000);
  t.deepEqual(told, [['10.0.0.1:1', '127.0.0.1:2']]);
  t.deepEqual(asked, []);
});

test('no seeds are told too', (t) => {
  const { told, list } = listOf();
  list.start();
  t.deepEqual(told, [[]]);
});

test('names are waited for, and asked for again and again', async (t) => {
  const { clock, told, answers, asked, list, settle } = listOf('10.0.0.1:1', 'node:2');
  answers['node'] = ['10.0.0.2:2'];
  list.start();
  t.deepEqual(told, []);
  await settle();
  t.deepEqual(told, [['10.0.0.1:1', '10.0.0.2:2']]);
  clock.advance(30_000);
  await settle();
  t.is(told.length, 1);
  answers['node'] = ['10.0.0.3:2', '10.0.0.1:1'];
  clock.advance(30_000);
  await settle();
  t.deepEqual(told.at(-1), ['10.0.0.1:1', '10.0.0.3:2']);
  answers['node'] = [];
  clock.advance(30_000);
  await settle();
  t.is(told.length, 2);
  t.is(asked.length, 4);
  list.stop();
  clock.advance(300_000);
  t.is(asked.length, 4);
});

test('a name that is not known yet is asked for after 1, 2, 4 s, and then every 30', async (t) => {
  const { clock, told, answers, asked, list, settle } = listOf('known:1', 'unknown:2');
  answers['known'] = ['10.0.0.1:1'];
  list.start();
  await settle();
  t.deepEqual(told, [['10.0.0.1:1']]);
  const askedBy = async (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      clock.advance(1000);
      await settle();
    }
    return asked.splice(0).filter((name) => name === 'unknown').length;
  };
  t.is(await askedBy(0), 1);
  t.is(await askedBy(1), 1);
  t.is(await askedBy(1), 0);
  t.is(await askedBy(1), 1);
  t.is(await askedBy(3), 0);
  t.is(await askedBy(84), 4);
  answers['unknown'] = ['10.0.0.2:2'];
  t.is(await askedBy(30), 1);
  t.deepEqual(told.at(-1), ['10.0.0.1:1', '10.0.0.2:2']);
  t.is(await askedBy(60), 2);
});

test('a name service that does not answer holds nobody up for longer than 2 s', (t) => {
  const { clock, told, list, silence } = listOf('10.0.0.1:1', 'node:2');
  silence();
  list.start();
  clock.advance(1999);
  t.deepEqual(told, []);
  clock.advance(1);
  t.deepEqual(told, [['10.0.0.1:1']]);
});

test('seeds can be added while it runs', async (t) => {
  const { clock, told, answers, asked, list, settle } = listOf();
  list.start();
  list.add(parseSeed(':1'));
  list.add(parseSeed(':1'));
  t.deepEqual(told, [[], ['127.0.0.1:1']]);
  answers['node'] = ['10.0.0.2:2'];
  list.add(parseSeed('node:2'));
  await settle();
  t.deepEqual(told.at(-1), ['127.0.0.1:1', '10.0.0.2:2']);
  clock.advance(90_000);
  t.is(asked.length, 4);
});
