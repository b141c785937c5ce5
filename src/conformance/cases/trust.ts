/** 7: who is believed, and what an address may be sent. */
import { encodePacket } from '../../wire/codec.js';
import type { Packet } from '../../wire/packet.js';
import { MadeOwner } from '../peer/made-owner.js';
import { makeWant } from '../peer/make-want.js';
import type { PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';
import { type CaseContext, pause } from './context.js';
import { believed, refusedPacket } from './harm.js';

const EMPTY = { range: {}, count: 0, sum: '0000000000000000' };

/** Without its ping: what is believed of it would still show. */
function silently({ heartbeat: _, ...packet }: Packet): Packet {
  return packet;
}

const TOKENS: readonly ConformanceCase[] = [
  conformanceCase(
    '7.1.2-differs-by-link',
    'Each link has a token of its own.',
    async (t) => {
      const links = [];
      for (const peer of [await t.peer(), await t.peer()]) {
        if (t.has('udp')) links.push(peer.udp);
        links.push(await peer.connect());
      }
      for (const link of links) await link.ping();
      const tokens = links.map((link) => link.echo);
      const different = new Set(tokens).size;
      t.check(different === links.length, '7.1.2', 'a token for each link', tokens);
    },
    { attachable: true },
  ),
  conformanceCase(
    '7.1.2-new-life-new-tokens',
    'A new life gives other tokens.',
    async (t) => {
      const peer = await t.peer();
      await peer.udp.ping();
      const before = peer.udp.echo;
      await t.restart();
      await peer.udp.ping({ echo: undefined });
      t.check(peer.udp.echo !== before, '7.1.2', 'another token', peer.udp.echo);
    },
    { features: ['udp', 'restart'] },
  ),
  conformanceCase(
    '7.1.1-echoes',
    'An answer carries the token that came, as echo, and one of the node.',
    async (t) => {
      const { links } = await believed(t);
      for (const link of links) {
        const { packet } = (await link.ping()).answer;
        t.check(packet.echo === link.token, '7.1.1', `echo ${link.token}`, packet.echo);
        t.check(packet.token !== undefined, '7.1.1', 'a token', packet);
      }
    },
    { attachable: true },
  ),
  refusedPacket(
    '7.1.3-made-up-echo',
    'An echo that is no token of the link makes no packet believed.',
    'no-valid-echo',
    (packet) => ({ ...silently(packet), echo: 'ffffffffffffffff' }),
  ),
  refusalCase('7.1.3-echo-of-another-link', 'The token of one link is no echo on another.', {
    prepare: async (t) => ({ one: await believed(t), other: await believed(t) }),
    attack: async (_t, { one, other }) => {
      const intruder = new MadeOwner('intruder', { ...one.peer.address, udp: true });
      for (const link of one.links) {
        for (const { echo } of [...one.links, ...other.links].filter((each) => each !== link)) {
          link.send({ echo, digests: [{ owners: [intruder.digest()] }] });
        }
        await link.ping();
      }
    },
    reason: 'no-valid-echo',
  }),
];

const STRANGERS: readonly ConformanceCase[] = [
  refusedPacket(
    '7.4.1-stranger',
    'Nothing of a packet without a valid echo is believed.',
    'no-valid-echo',
    (packet) => {
      const { echo: _, ...rest } = silently(packet);
      return rest;
    },
  ),
  conformanceCase(
    '7.4.2-no-ping',
    'A stranger without a ping gets no answer.',
    async (t) => {
      const peer = await t.peer();
      const link = await peer.link();
      const after = link.mark;
      link.send({ fingerprints: [EMPTY] });
      await link.ping({ echo: undefined });
      const came = link.arrived.slice(after).length;
      t.check(came === 1, '7.4.2', 'only the answer to the ping behind it', link.seen(after));
    },
    { attachable: true },
  ),
  conformanceCase(
    '7.4.2-fingerprint',
    'A stranger that opens an exchange is answered with the own fingerprint, and nothing more.',
    async (t) => {
      const peer = await t.peer();
      const { answer } = await (await peer.link()).ping({ fingerprints: [EMPTY] });
      const { fingerprints, digests, deltas } = answer.packet;
      const [mine] = fingerprints;
      t.check(
        mine !== undefined && mine.count >= 1,
        '7.4.2',
        'a fingerprint of what it shares',
        answer.packet,
      );
      t.check(digests.length + deltas.length === 0, '7.4.2', 'no digests or deltas', answer.packet);
    },
    { attachable: true },
  ),
  conformanceCase(
    '7.4.3-amplification',
    'Whoever has not echoed a token is sent at most three times the bytes that came.',
    async (t) => {
      for (let key = 0; key < 20; key++)
        await t.ask('set', { key: `k${key}`, value: 'v'.repeat(500) });
      const { peer, link } = await t.member();
      const others = Array.from({ length: 12 }, (_, index) => madeBeside(peer, `other-${index}`));
      await peer.introduce(await (await peer.connect()).meet(), ...others);
      await link.ping();
      for (const parts of strangeParts(t.nodeId)) {
        const stranger = (await t.peer()).udp;
        await stranger.ping({ ...parts, echo: undefined });
        await (await t.friend()).ping();
        const most = 3 * stranger.sentBytes;
        const seen = `${stranger.arrivedBytes} bytes for ${stranger.sentBytes}`;
        t.check(stranger.arrivedBytes <= most, '7.4.3', `at most ${most} bytes`, seen);
      }
    },
    { features: ['udp'] },
  ),
  conformanceCase(
    '7.4.3-amplification-of-wants',
    'A stranger that wants a large log gets none of it.',
    async (t) => {
      await t.ask('set', { key: 'large', value: 'v'.repeat(900) });
      const stranger = (await t.peer()).udp;
      const want = makeWant(t.nodeId);
      const { answer } = await stranger.ping({ wants: [want], echo: undefined });
      const { deltas, digests } = answer.packet;
      t.check(deltas.length + digests.length === 0, '7.4.1', 'no delta', stranger.seen(0));
    },
    { features: ['udp'] },
  ),
  conformanceCase(
    '7.4.4-no-news-to-unproven',
    'An address that somebody has made up is sent neither news nor wants.',
    async (t) => {
      const mute = await t.peer('mute');
      mute.answersPings = false;
      const { peer, link } = await t.member();
      const invented = madeBeside(mute, 'invented');
      await peer.introduce(link, invented);
      for (let key = 0; key < 20; key++) {
        await t.ask('set', { key: `k${key}`, value: 'v'.repeat(400) });
        await t.ask('say', { event: 'e', value: key, durationMs: 60_000 });
      }
      await link.ping();
      await pause(1200);
      await link.ping();
      for (const { packet } of mute.arrivals) {
        const { wants, deltas, digests } = packet;
        const told = wants.length + deltas.length + digests.length;
        t.check(told === 0, '7.4.4', 'pings and fingerprints only', mute.udp.seen(0));
      }
    },
    { features: ['udp'] },
  ),
];

function strangeParts(owner: string) {
  const want = makeWant(owner);
  const ranges = Array.from({ length: 16 }, (_, index) => index.toString(16).padEnd(16, '0'));
  return [
    {},
    { fingerprints: [EMPTY] },
    { fingerprints: [EMPTY], wants: Array.from({ length: 20 }, () => want) },
    {
      fingerprints: ranges.map((start, index) => {
        const end = ranges[index + 1];
        return { ...EMPTY, range: { ...(index > 0 ? { start } : {}), ...(end ? { end } : {}) } };
      }),
    },
  ];
}

/** An owner that says that it is reached where a peer is. */
export function madeBeside(peer: RawPeer, name: string): MadeOwner {
  return new MadeOwner(name, { ...peer.address, udp: true });
}

/** A member with keys and events, and all that it has sent by datagrams to become one. */
async function talkative(
  t: CaseContext,
): Promise<{ peer: RawPeer; link: PeerLink; sent: Uint8Array[] }> {
  const { peer, link } = await t.member('talkative');
  for (let round = 1; round <= 3; round++) {
    peer.self.set('round', round).say('beat', round);
    const { version } = peer.self;
    const parts = {
      digests: [{ owners: [peer.self.digest()] }],
      deltas: [peer.self.delta(version - 2)],
    };
    if (round < 3) await link.ping(parts);
    else link.push({ deltas: parts.deltas });
  }
  await link.ping({ digests: [{ owners: [peer.self.digest()] }] });
  await t.eventually({ rule: '9.4.1', expected: 'the third round to be shown' }, async () => {
    const seen = await t.value('talkative', 'round');
    return { holds: seen === 3, seen };
  });
  return { peer, link, sent: [...link.sent] };
}

const REPLAYS: readonly ConformanceCase[] = [
  refusalCase(
    '7.2.2-replay',
    'What was sent once, and comes again from the same address, changes nothing and fires nothing.',
    {
      prepare: talkative,
      attack: async (_t, { link, sent }) => {
        for (const envelope of sent) link.sendEnvelope(envelope);
        await link.ping();
      },
    },
    { attachable: false },
  ),
  refusalCase(
    '7.2.2-replay-from-elsewhere',
    'What somebody else has sent, and comes from another address, is not believed.',
    {
      prepare: talkative,
      attack: async (t, { sent }) => {
        const thief = await t.peer('thief');
        const link = await thief.link();
        for (const envelope of sent) link.sendEnvelope(envelope);
        await link.ping();
      },
    },
    { attachable: false },
  ),
  refusalCase(
    '7.2.2-replay-after-restart',
    'What was sent to a node before its restart is not believed after it.',
    {
      prepare: async (t) => {
        const scene = await talkative(t);
        scene.peer.answersPings = false;
        await t.restart();
        await t.listen('set', 'deleted', 'say', 'up', 'down', 'stopped');
        return scene;
      },
      attack: async (t, { link, sent }) => {
        for (const envelope of sent) link.sendEnvelope(envelope);
        await (await t.peer()).udp.ping();
        const members = await t.members();
        t.check(members.length === 1, '7.2.2', 'nobody to be known by a replay', members);
      },
    },
    { attachable: false, features: ['udp', 'restart'] },
  ),
  refusalCase(
    '7.2.2-stale',
    'A packet whose uptime lags by more than 10 seconds is not believed, though it echoes.',
    {
      prepare: async (t) => {
        const { peer, link } = await t.member();
        peer.uptimeOffsetMs += 60_000;
        // Only an answer to a ping moves the line: the node has to ask.
        const asked = link.mark;
        const awaited = { rule: '13.4', expected: 'the node to ping a member', withinMs: 10_000 };
        await link.next(({ heartbeat }) => (heartbeat?.ping ?? 0) > 0, awaited, asked);
        await link.ping();
        return { peer, link };
      },
      attack: async (_t, { peer, link }) => {
        const intruder = madeBeside(peer, 'intruder');
        peer.uptimeOffsetMs -= 20_000;
        link.send({ digests: [{ owners: [intruder.digest()] }], deltas: [intruder.delta()] });
        peer.uptimeOffsetMs += 20_000;
        await link.ping();
      },
      reason: 'replayed',
    },
    { attachable: false },
  ),
];

const PUSHES: readonly ConformanceCase[] = [
  refusalCase('7.3.2-push-of-unknown', 'A push of somebody whom nobody knows is refused.', {
    prepare: believed,
    attack: async (_t, { peer, links }) => {
      peer.self.set('k', 1).say('e', 1);
      for (const link of links) {
        link.push({ digests: [{ owners: [peer.self.digest()] }], deltas: [peer.self.delta()] });
        await link.ping();
      }
    },
    reason: 'unknown-sender',
  }),
  refusalCase(
    '7.3.4-push-introduces-nobody',
    'A push of a member makes the node ask about who is not known, and introduces nobody.',
    {
      prepare: (t) => t.member(),
      attack: async (_t, { peer, link }) => {
        const intruder = madeBeside(peer, 'intruder');
        const after = link.mark;
        link.push({ digests: [{ owners: [intruder.digest()] }], deltas: [intruder.delta()] });
        await link.next(
          ({ wants }) => wants.some(({ owner }) => owner === intruder.id),
          { rule: '7.3.4', expected: 'a Want for the owner that was pushed' },
          after,
        );
      },
    },
    { features: ['push'], attachable: false },
  ),
  conformanceCase(
    '7.3.4-push-extends',
    'A push of a member extends its log at once.',
    async (t) => {
      await t.listen('set', 'say');
      const { peer, link } = await t.member('pusher');
      peer.self.set('k', 'pushed').say('e', 'pushed too');
      link.push({ deltas: [peer.self.delta(1)] });
      await link.ping();
      await t.event((event) => event.event === 'say' && event.peer === 'pusher', {
        rule: '7.3.4',
        expected: 'the pushed event to be told',
      });
      const seen = await t.value('pusher', 'k');
      t.check(seen === 'pushed', '7.3.4', 'the pushed value', seen);
    },
    { features: ['push'] },
  ),
  refusalCase(
    '7.3.5-old-push',
    'What ends is not taken from a push whose uptime lags: the node asks for it.',
    {
      prepare: (t) => t.member(),
      attack: async (t, { peer, link }) => {
        peer.library.clear();
        peer.self.say('late', 1);
        const after = link.mark;
        peer.uptimeOffsetMs -= 4000;
        link.sendPacketBytes(
          encodePacket(
            link.packet({ token: undefined, echo: undefined, deltas: [peer.self.delta(1)] }),
          ),
        );
        peer.uptimeOffsetMs += 4000;
        await link.next(
          ({ wants }) => wants.some(({ owner }) => owner === peer.self.id),
          { rule: '7.3.5', expected: 'a Want for the log' },
          after,
        );
        t.trace.note('the want stays without an answer');
      },
    },
    { features: ['push'], attachable: false },
  ),
];

export const TRUST_CASES: readonly ConformanceCase[] = [
  ...TOKENS,
  ...STRANGERS,
  ...REPLAYS,
  ...PUSHES,
];
