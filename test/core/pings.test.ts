import test from 'ava';
import * as fc from 'fast-check';
import { Core } from '../../src/core/core.js';
import { Links } from '../../src/core/links.js';
import { Outbox } from '../../src/core/outbox.js';
import type { Owner } from '../../src/core/owner.js';
import { Pings } from '../../src/core/pings.js';
import { Random } from '../../src/core/random.js';
import type { CoreState } from '../../src/core/state.js';
import { encodePacket } from '../../src/wire/codec.js';
import type { Packet } from '../../src/wire/packet.js';
import { makeOwner, makePacket, makeState, seedOf } from '../support/core-state.js';
import { DEFAULT_CORE_OPTIONS } from '../support/mesh.js';
import { packet } from '../wire/arbitraries.js';
import { checkProperty } from '../wire/property.js';

const LINK = 'udp:10.0.0.2:9000';

/** A node that pings a peer, and what it takes from it. */
class Bench {
  readonly state: CoreState = makeState();
  readonly peer: Owner = makeOwner('1111111111111111');
  readonly links = new Links(new Random(seedOf(1), 'tokens'));
  readonly outbox = new Outbox(this.state, this.links);
  readonly contacts: Owner[] = [];
  readonly pings = new Pings(this.state, this.links, this.outbox, (owner) =>
    this.contacts.push(owner),
  );
  /** Round trips of answers that were taken. */
  readonly answered: number[] = [];

  ping(link = LINK): number {
    this.pings.send(link, (_received, roundTripMs) => this.answered.push(roundTripMs));
    const { ping } = this.outbox.to(link);
    this.outbox.flush();
    return ping;
  }

  /** A packet of the peer; `uptimeMs` is its own clock. */
  receive(uptimeMs: number, answer: number, link = LINK, parts: Partial<Packet> = {}): string {
    const { owner, logId, generation } = this.peer.statement;
    const made = makePacket(this.state, {
      sender: { owner, logId, generation },
      uptimeMs,
      echo: this.links.token(LINK, this.state.nowMs),
      token: 'aaaaaaaaaaaaaaaa',
      heartbeat: { ping: 0, answer, roundTripUs: 0 },
      ...parts,
    });
    return this.pings.receive({ link, packet: made, bytes: 100, from: this.peer });
  }
}

test('an answer counts once, with its round trip', (t) => {
  const bench = new Bench();
  const number = bench.ping();
  bench.state.nowMs += 30;
  t.is(bench.receive(5000, number), 'solicited');
  t.is(bench.receive(5000, number), 'solicited');
  t.deepEqual(bench.answered, [30]);
  t.is(bench.contacts.length, 1);
  t.is(bench.peer.contact?.roundTripMs, 30);
});

test('an answer on another link, to another number, without an echo, or late, is none', (t) => {
  const bench = new Bench();
  const number = bench.ping();
  t.is(bench.receive(5000, number, 'udp:10.0.0.3:9000'), 'unsolicited');
  bench.receive(5000, number + 1);
  t.is(bench.receive(5000, number, LINK, { echo: 'bbbbbbbbbbbbbbbb' }), 'unsolicited');
  bench.state.nowMs += 10_001;
  bench.receive(15_001, number);
  t.deepEqual(bench.answered, []);
  t.is(bench.contacts.length, 0);
});

test('a packet that lags behind its sender by more than ten seconds is not believed, whatever it echoes', (t) => {
  const bench = new Bench();
  bench.receive(5000, bench.ping());
  bench.state.nowMs += 60_000;
  t.is(bench.receive(55_000, 0), 'solicited');
  t.is(bench.receive(54_999, 0), 'lagging');
  t.is(bench.receive(5000, 0, LINK, { echo: 'bbbbbbbbbbbbbbbb' }), 'stale');
  t.is(bench.receive(65_000, 0), 'solicited');
});

test('an answer that is waited for sets the line anew: a host whose clock stood still is not stale', (t) => {
  const bench = new Bench();
  bench.receive(5000, bench.ping());
  bench.state.nowMs += 3_600_000;
  t.is(bench.receive(6000, bench.ping()), 'solicited');
  t.is(bench.pings.uptimeMs(bench.peer.statement), 6000);
});

test('the line of one life says nothing of another', (t) => {
  const bench = new Bench();
  bench.receive(1_000_000, bench.ping());
  bench.peer.statement.logId = 'cccccccccccccccc';
  t.is(bench.pings.uptimeMs(bench.peer.statement), undefined);
  t.is(bench.receive(10, 0), 'solicited');
});

test('pings in one call are one ping, and each that waits is told', (t) => {
  const bench = new Bench();
  bench.pings.send(LINK);
  const number = bench.ping();
  bench.pings.send(LINK, () => bench.answered.push(-1));
  bench.pings.send(LINK, () => bench.answered.push(-2));
  const { ping } = bench.outbox.to(LINK);
  bench.outbox.flush();
  bench.receive(5000, ping);
  t.deepEqual(bench.answered, [-1, -2]);
  bench.receive(5000, number);
  t.deepEqual(bench.answered, [-1, -2, 0]);
});

test('a stranger gets at most three times the bytes that it sent', (t) => {
  const property = fc.property(packet, fc.constantFrom('udp', 'tcp'), (asked, kind) => {
    const core = startedCore();
    const bytes = encodePacket(asked).length + 45;
    const link = `${kind}:10.1.1.1:1`;
    core.handle({ type: 'packet', link, packet: asked, bytes }, 1000);
    let sent = 0;
    for (let nowMs = 1000; nowMs <= 6000; nowMs += 50) {
      for (const effect of core.handle({ type: 'wake' }, nowMs)) {
        if (effect.type === 'send') sent += encodePacket(effect.packet).length + 45;
      }
    }
    t.true(sent <= 3 * bytes, `${sent} for ${bytes}`);
  });
  checkProperty(property, 300);
});

test('a stranger that pings is answered with a token and an echo, and is not believed', (t) => {
  const core = startedCore();
  const asked = makePacket(makeState(), {
    sender: { owner: '1111111111111111', logId: '2222222222222222', generation: 1 },
    token: 'aaaaaaaaaaaaaaaa',
    heartbeat: { ping: 7, answer: 0, roundTripUs: 0 },
  });
  const effects = core.handle({ type: 'packet', link: LINK, packet: asked, bytes: 120 }, 1000);
  t.is(effects.length, 1);
  const [effect] = effects;
  if (effect?.type !== 'send') throw new Error('nothing was sent');
  t.deepEqual(effect.links, [LINK]);
  t.is(effect.packet.echo, 'aaaaaaaaaaaaaaaa');
  t.regex(effect.packet.token ?? '', /^[0-9a-f]{16}$/);
  t.is(effect.packet.heartbeat?.answer, 7);
  t.deepEqual(effect.packet.digests, []);
  t.is(core.stats().owners, 1);
});

function startedCore(): Core {
  const options = { ...DEFAULT_CORE_OPTIONS, name: 'self', generation: 1, addresses: [] };
  const core = new Core(options, seedOf(1));
  core.handle({ type: 'start' }, 0);
  core.handle({ type: 'wake' }, 999);
  return core;
}

test('the lines of 16,384 lives are kept; beyond them the one that was silent longest goes', (t) => {
  const bench = new Bench();
  const answerAs = (number: number) => {
    bench.peer.statement.logId = number.toString(16).padStart(16, '0');
    bench.receive(5000, bench.ping());
  };
  for (let number = 1; number <= 16_384; number++) answerAs(number);
  answerAs(1);
  answerAs(16_385);
  const isKnown = (number: number) => {
    const logId = number.toString(16).padStart(16, '0');
    return bench.pings.uptimeMs({ ...bench.peer.statement, logId }) !== undefined;
  };
  t.deepEqual([1, 2, 3, 16_385].map(isKnown), [true, false, true, true]);
});

test('16,384 pings may be outstanding; beyond them the oldest is not waited for', (t) => {
  const bench = new Bench();
  const numbers = Array.from({ length: 16_385 }, () => bench.ping());
  bench.receive(5000, numbers[0]!);
  t.deepEqual(bench.answered, []);
  bench.receive(5000, numbers[1]!);
  t.deepEqual(bench.answered, [0]);
});
