/** Freshness of packets, answers to pings, and pushes (PROTOCOL.md, "Freshness" and "Receiving"). */
import type { JsonObject } from '../../../src/conformance/vectors/upper-layers.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL, DAVE, Peer, said, value } from '../node/peer.js';
import { id64, PING, Script, seen, to, told } from '../node/script.js';

export const FRESHNESS_MUTATIONS = {
  'uptime-stale': 'The uptime lags by more than any peer bears.',
  'uptime-not-fresh': 'The uptime of a push lags by more than any peer takes for fresh.',
  'answer-added': 'The packet answers a ping too.',
  'answer-unknown': 'The answer has a number that no ping had.',
  'answer-twice': 'The same ping is answered twice.',
  'answer-late': 'The answer comes later than any peer waits.',
  'answer-on-other-link': 'The answer comes on another link than the ping went.',
  'sender-unknown': 'Nothing is known of the sender.',
  'sender-reborn': 'The sender speaks for a life that is not known yet.',
} as const;

type Mutation = keyof typeof FRESHNESS_MUTATIONS | 'echo-wrong' | 'echo-missing';

/** More than any peer bears: STALE_AFTER_MS is 30000 at most. */
const STALE_MS = 31_000;
/** What each peer bears: STALE_AFTER_MS is 5000 at least. */
const BORNE_MS = 4900;
/** ANSWER_WITHIN_MS is 60000 at most. */
const TOO_LATE_MS = 60_100;

const REFUSED = { result: 'reject', layer: 'trust', error: 'no-valid-echo' } as const;
const UNKNOWN = { result: 'reject', layer: 'trust', error: 'unknown-sender' } as const;
const REPLAYED = { result: 'reject', layer: 'trust', error: 'replayed' } as const;
const IGNORED = { result: 'ignore' } as const;
const STRANGER = { as: 'stranger' } as const;
const PUSH = { as: 'push' } as const;

const ANSWERED = to(BOB.link, { heartbeat: { answer: PING.ping }, token: '*' });
const PINGED = to(BOB.link, { heartbeat: { ping: '*' } });

export function freshnessDrafts(): Draft<'tokens'>[] {
  return [...freshness(), ...answers(), ...pushes()];
}

// Freshness

function freshness(): Draft<'tokens'>[] {
  const bob = { bob: seen(BOB) };
  const carol = { digests: [{ owners: [CAROL.digest()] }], deltas: [CAROL.log()] };
  const lag = (ms: number, afterMs: number) => ({ uptimeMs: BOB.uptimeMs + afterMs - ms });
  const quiet = { notSent: [to(BOB.link, {})] };
  return [
    {
      ...head('lag', '7.2.2', 'A packet that was long on its way is believed.'),
      ...new Script()
        .introduce(BOB)
        .check(
          BOB,
          { heartbeat: PING, ...carol },
          { sent: [ANSWERED], events: [told('new', CAROL), told('alive', CAROL)] },
          lag(BORNE_MS, 30),
        )
        .end({ ...bob, carol: seen(CAROL) }),
    },
    {
      ...mutant('stale', 'lag', 'uptime-stale', '7.2.2'),
      title: 'Of a stale packet nothing is believed, but its ping is answered, and it is pinged.',
      ...new Script()
        .introduce(BOB)
        .check(
          BOB,
          { heartbeat: PING, ...carol },
          { ...REPLAYED, sent: [ANSWERED, PINGED] },
          lag(STALE_MS, 30),
        )
        .end(bob),
    },
    {
      ...head('stranger-of-known', '7.2.2', 'A life that is known may be a stranger again.'),
      ...new Script()
        .introduce(BOB)
        .check(BOB, { heartbeat: PING }, { sent: [ANSWERED] }, STRANGER)
        .end(bob),
    },
    {
      ...mutant('stale-stranger', 'stranger-of-known', 'uptime-stale', '7.2.2'),
      title: 'A stale packet without a valid echo gets no answer.',
      ...new Script()
        .introduce(BOB)
        .check(
          BOB,
          { heartbeat: PING },
          { ...REPLAYED, ...quiet },
          { ...STRANGER, ...lag(STALE_MS, 30) },
        )
        .end(bob),
    },
    ...lines(),
    {
      ...head('stale-but-answers', '7.2.4', 'A packet with a valid answer is never stale.'),
      alsoSections: ['7.2.2', '7.2.3'],
      ...new Script()
        .greet(DAVE)
        .send(DAVE, { heartbeat: PING })
        .send(DAVE, { heartbeat: PING }, { uptimeMs: 0 })
        .check(
          DAVE,
          { digests: [{ owners: [DAVE.digest()] }], deltas: [DAVE.log()] },
          { events: [told('new', DAVE), told('alive', DAVE)] },
          { uptimeMs: 10, answer: true },
        )
        .end({ dave: seen(DAVE) }),
    },
    {
      ...mutant('stale-answers-late', 'stale-but-answers', 'answer-late', '7.2.4'),
      title: 'An answer after ANSWER_WITHIN_MS is none.',
      ...new Script()
        .greet(DAVE)
        .send(DAVE, { heartbeat: PING })
        .send(DAVE, { heartbeat: PING }, { uptimeMs: 0 })
        .pause(TOO_LATE_MS)
        .check(DAVE, { digests: [{ owners: [DAVE.digest()] }], deltas: [DAVE.log()] }, REPLAYED, {
          uptimeMs: TOO_LATE_MS,
          answer: true,
        })
        .end({}),
    },
  ];
}

/** What sets the line of a life. */
function lines(): Draft<'tokens'>[] {
  const bob = { bob: seen(BOB) };
  const sent = [ANSWERED];
  const ahead = (atMs: number) => ({ uptimeMs: BOB.uptimeMs + atMs + 2 * STALE_MS });
  return [
    {
      ...head('uptime-ahead', '7.2.3', 'A packet that answers nothing does not set the line.'),
      ...new Script()
        .introduce(BOB)
        .pause(400)
        .check(BOB, { heartbeat: PING }, { sent }, ahead(430))
        .check(BOB, { heartbeat: PING }, { sent })
        .end(bob),
    },
    {
      ...mutant('uptime-ahead-answers', 'uptime-ahead', 'answer-added', '7.2.3'),
      title: 'A packet with a valid answer sets the line.',
      ...new Script()
        .introduce(BOB)
        .pause(400)
        .check(
          BOB,
          { heartbeat: PING },
          { sent, events: [told('contact', BOB)] },
          { ...ahead(430), answer: true },
        )
        .check(BOB, { heartbeat: PING }, { ...REPLAYED, sent })
        .end(bob),
    },
  ];
}

// Answers

function answers(): Draft<'tokens'>[] {
  const bob = { bob: seen(BOB) };
  const contact = { events: [told('contact', BOB)] };
  const other = `${BOB.link.slice(0, -1)}1`;
  /** An exchange has been opened by then. */
  const pinged = () => new Script().introduce(BOB).greet(BOB, { link: other }).pause(400);
  return [
    {
      ...head('answer', '13.5.5', 'An answer to a ping is a sign of life.'),
      alsoSections: ['7.2.4'],
      ...pinged().check(BOB, {}, contact, { answer: true }).end(bob),
    },
    {
      ...mutant('answer-unknown', 'answer', 'answer-unknown', '7.2.4'),
      title: 'An answer to no ping is none.',
      ...pinged()
        .check(BOB, { heartbeat: { ping: 0, answer: 4_000_000_000, roundTripUs: 0 } }, IGNORED)
        .end(bob),
    },
    {
      ...mutant('answer-twice', 'answer', 'answer-twice', '7.2.4'),
      title: 'Each ping takes one answer.',
      ...pinged()
        .check(BOB, {}, contact, { answer: true })
        .check(BOB, {}, IGNORED, { answer: true })
        .end(bob),
    },
    {
      ...mutant('answer-elsewhere', 'answer', 'answer-on-other-link', '7.2.4'),
      title: 'An answer counts on the link of the ping only.',
      ...pinged().check(BOB, {}, IGNORED, { link: other, answer: BOB.link }).end(bob),
    },
    {
      ...mutant('answer-without-echo', 'answer', 'echo-wrong', '7.2.4'),
      title: 'An answer without a valid echo is none.',
      ...pinged()
        .check(BOB, { echo: '0102030405060708' }, REFUSED, { ...STRANGER, answer: true })
        .end(bob),
    },
  ];
}

// Pushes

function pushes(): Draft<'tokens'>[] {
  return [...pushedLogs(), ...pushedClaims()].map((draft) =>
    draft.mutation === undefined
      ? { ...draft, level: 'full' as const, features: ['udp' as const, 'push' as const] }
      : draft,
  );
}

function pushedLogs(): Draft<'tokens'>[] {
  const bob = { bob: seen(BOB) };
  const more = BOB.delta({ from: 1, to: 2, asOf: 2, entries: [value(2, 'colour', '"red"')] });
  const event = BOB.delta({ from: 1, to: 2, asOf: 2, entries: [said(2, 'lunch', 1)] });
  const again = new Peer('bob', 2, 1);
  const asked = (parts: JsonObject) => ({ sent: [to(BOB.link, { wants: [parts] })] });
  const owner = id64(BOB.life.owner);
  return [
    {
      ...head('push', '7.3.4', 'A push extends a log that is known.'),
      ...new Script()
        .introduce(BOB)
        .check(BOB, { deltas: [more] }, { events: [told('set', BOB, 'colour', '"red"')] }, PUSH)
        .end({ bob: seen(BOB, 2, { colour: '"red"' }) }),
    },
    {
      ...mutant('push-stale', 'push', 'uptime-stale', '7.2.2'),
      title: 'A stale push is refused.',
      ...new Script()
        .introduce(BOB)
        .check(BOB, { deltas: [more] }, REPLAYED, { ...PUSH, uptimeMs: BOB.uptimeMs - STALE_MS })
        .end(bob),
    },
    {
      ...mutant('push-of-stranger', 'push', 'sender-unknown', '7.3.2'),
      title: 'A push of a sender that is not known extends nothing.',
      ...new Script()
        .introduce(BOB)
        .check(CAROL, { deltas: [more] }, UNKNOWN, PUSH)
        .end(bob),
    },
    {
      ...mutant('push-of-new-life', 'push', 'sender-reborn', '7.3.2'),
      title: 'A push of a new life of a known owner makes the receiver ask where it knows it.',
      ...new Script()
        .introduce(BOB)
        .check(
          again,
          { digests: [{ owners: [again.digest()] }], deltas: [again.delta()] },
          { ...UNKNOWN, ...asked({ owner, logId: null, version: null }) },
          PUSH,
        )
        .end(bob),
    },
    {
      ...head('push-event', '7.3.5', 'A fresh push may bring what ends.'),
      ...new Script()
        .introduce(BOB)
        .check(BOB, { deltas: [event] }, { events: [told('heard', BOB, 'lunch', 'null')] }, PUSH)
        .end({ bob: seen(BOB, 2) }),
    },
    {
      ...mutant('push-event-late', 'push-event', 'uptime-not-fresh', '7.3.5'),
      title: 'What ends is not taken from a push that may be old: its log is asked for.',
      ...new Script()
        .introduce(BOB)
        .check(
          BOB,
          { deltas: [event] },
          { ...IGNORED, ...asked({ owner, version: '1' }) },
          { ...PUSH, uptimeMs: BOB.uptimeMs + 30 - 5100 },
        )
        .end(bob),
    },
  ];
}

function pushedClaims(): Draft<'tokens'>[] {
  const bob = { bob: seen(BOB) };
  const elsewhere = 'udp:10.9.9.9:53';
  const claim = { digests: [{ owners: [CAROL.digest({ version: 7 })] }] };
  const want = { wants: [{ owner: id64(CAROL.life.owner), logId: null }] };
  return [
    {
      ...head('push-claim', '7.3.4', 'A push that tells of an owner makes the receiver ask.'),
      ...new Script()
        .introduce(BOB)
        .check(BOB, claim, { sent: [to(BOB.link, want)] }, PUSH)
        .end(bob),
    },
    {
      ...head('push-claim-elsewhere', '11.5.2', 'It asks at the address that it knows.'),
      alsoSections: ['7.3.4'],
      ...new Script()
        .introduce(BOB)
        .check(
          BOB,
          claim,
          { sent: [to(BOB.link, want)], notSent: [to(elsewhere, {})] },
          { ...PUSH, link: elsewhere },
        )
        .end(bob),
    },
  ];
}

function head(id: string, section: string, title: string) {
  return { id, section, title };
}

function mutant(id: string, mutationOf: string, mutation: Mutation, section: string) {
  return { id, mutationOf, mutation, section };
}
