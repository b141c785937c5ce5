import test from 'ava';
import { Telepathine as T, type Telepathine } from '../../src/index.js';
import { freePorts } from '../support/free-ports.js';

const FAST = { profile: 'local' } as const;

test("the original's example of shared memory works as it is written", async (t) => {
  const [port, gPort, lastPort] = await freePorts(3);
  const seen: string[] = [];
  const seed = new T(port, [], FAST);
  seed.start();
  const g = new T(gPort, [`${port}`], FAST).start();
  g.on('set', function (this: Telepathine, peer, k, v) {
    seen.push(`${this.peer_name} on ${peer} ${k}=${v}`);
  });
  g.know('somekey', function (this: Telepathine, peer, k, v) {
    seen.push(`${this.peer_name} know ${peer} ${k}=${v}`);
  });
  g.know('*', function (this: Telepathine, peer, _k, v) {
    seen.push(`${this.peer_name} know * ${peer} ${String(this.event)}=${v}`);
  });
  const last = new T(lastPort, [`${port}`], FAST)
    .after(100, function (this: Telepathine) {
      this.set('somekey', 'somevalue');
      this.set('somekey2', 'somevalue', Date.now() + 10_000);
    })
    .start();
  await g.waitFor('set:somekey2');
  const [me, other] = [`127.0.0.1:${gPort}`, `127.0.0.1:${lastPort}`];
  t.deepEqual(seen, [
    `${me} on ${other} somekey=somevalue`,
    `${me} know ${other} somekey=somevalue`,
    `${me} know * ${other} somekey=somevalue`,
    `${me} on ${other} somekey2=somevalue`,
    `${me} know * ${other} somekey2=somevalue`,
  ]);
  await Promise.all([seed, g, last].map((node) => node.stop()));
});

test("the original's example of events works as it is written", async (t) => {
  const [port, otherPort] = await freePorts(2);
  const seen: unknown[] = [];
  const a = new T(port, [], FAST).start();
  const b = new T(otherPort, [`:${port}`], FAST).start();
  const heard = new Promise((resolve) => {
    a.on('start', () => {
      a.hearOnce('eventname', (data, fromPeer) => {
        seen.push(['a received eventname=', data, 'from', fromPeer]);
      });
      a.hear('*', function (this: Telepathine, data, fromPeer) {
        seen.push(['a received ', this.event, '=', data, 'from', fromPeer]);
        a.say('reply', 'replydata');
      });
    });
    b.on('start', () => {
      b.hearOnce('reply', (data, fromPeer) => {
        seen.push(['b received reply=', data, ' from ', fromPeer]);
        resolve(undefined);
      });
      b.say('eventname', 'eventdata');
    });
  });
  await heard;
  const [nameOfA, nameOfB] = [a.peer_name, b.peer_name];
  t.deepEqual(seen, [
    ['a received eventname=', 'eventdata', 'from', nameOfB],
    ['a received ', 'eventname', '=', 'eventdata', 'from', nameOfB],
    ['b received reply=', 'replydata', ' from ', nameOfA],
  ]);
  await Promise.all([a.stop(), b.stop()]);
});
