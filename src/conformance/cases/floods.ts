/** 16, and 3.4.4: too much of everything. */
import { createHash } from 'node:crypto';
import type { PeerLink } from '../peer/peer-link.js';
import { type ConformanceCase, refusalCase } from './case.js';
import { pause } from './context.js';
import { madeBeside } from './trust.js';

const DATAGRAMS = 8000;
/** A socket that is sent to without a breath loses what it cannot hold. */
const BREATH_EVERY = 50;

/** The same bytes in every run, which look like none. */
function noise(seed: number, bytes: number): Uint8Array {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes; at += 32)
    parts.push(createHash('sha256').update(`${seed} ${at}`).digest());
  return new Uint8Array(Buffer.concat(parts).subarray(0, bytes));
}

async function flood(count: number, send: (index: number) => void): Promise<void> {
  for (let index = 0; index < count; index++) {
    send(index);
    if (index % BREATH_EVERY === 0) await pause(1);
  }
}

export const FLOOD_CASES: readonly ConformanceCase[] = [
  refusalCase(
    '16.3-noise',
    'Thousands of datagrams of noise change nothing.',
    {
      prepare: (t) => t.member(),
      attack: async (_t, { link }) => {
        await flood(DATAGRAMS, (index) => {
          const bytes = noise(index, 20 + ((index * 7) % 1100));
          if (index % 2 === 0) bytes[0] = index % 4 === 0 ? 0x21 : 0x11;
          link.sendEnvelope(bytes);
        });
        await link.ping();
      },
    },
    { features: ['udp'], attachable: false },
  ),
  refusalCase(
    '16.3-strangers',
    'Thousands of strangers are answered or not, and nothing is kept of them.',
    {
      prepare: async (t) => ({ stranger: await t.peer(), member: await t.member() }),
      attack: async (_t, { stranger, member }) => {
        const { udp: link, self } = stranger;
        await flood(DATAGRAMS / 4, (index) => {
          self.logId = index.toString(16).padStart(16, 'e');
          link.send({
            echo: undefined,
            heartbeat: { ping: index + 1, answer: 0, roundTripUs: 0 },
            digests: [{ owners: [self.digest()] }],
          });
        });
        await member.link.ping();
      },
    },
    { features: ['udp'], attachable: false },
  ),
  refusalCase(
    '16.3-owners-without-headers',
    'Thousands of owners that a member invents, and of whom nothing comes, are not shared.',
    {
      prepare: (t) => t.member(),
      attack: async (_t, { peer }) => {
        const link = await (await peer.connect()).meet();
        for (let round = 0; round < 30; round++) {
          const owners = Array.from({ length: 100 }, (_, index) =>
            madeBeside(peer, `invented ${round} ${index}`).digest(),
          );
          owners.sort((a, b) => (a.owner < b.owner ? -1 : 1));
          await link.ping({ digests: [{ owners }] });
        }
      },
    },
    { attachable: false },
  ),
  refusalCase(
    '3.1.4-half-read-frames',
    'Many streams that announce a frame and never send it keep nobody from being answered.',
    {
      prepare: async (t) => {
        const peer = await t.peer();
        const links: PeerLink[] = [];
        for (let stream = 0; stream < 100; stream++) links.push(await peer.connect());
        return links;
      },
      attack: async (_t, links) => {
        for (const link of links) link.sendRaw(Uint8Array.of(0, 0, 4, 0, 0x21, 1, 2, 3));
        await pause(200);
      },
    },
  ),
  refusalCase(
    '3.4.4-connections',
    'A thousand connections that say nothing keep nobody from being answered.',
    {
      prepare: (t) => t.peer(),
      attack: async (_t, peer) => {
        for (let round = 0; round < 20; round++) {
          const opened = Array.from({ length: 50 }, () => peer.connect().catch(() => undefined));
          await Promise.all(opened);
        }
        // A node that bounds them may want them to be a second old before it lets them go.
        await pause(1100);
      },
    },
    { grade: 'SHOULD', attachable: false },
  ),
  refusalCase('3.2.4-slow-frame', 'A frame that comes a byte a second holds up nobody else.', {
    prepare: async (t) => (await t.peer()).connect(),
    attack: async (_t, link) => {
      link.sendRaw(Uint8Array.of(0, 0, 2, 0));
      for (let byte = 0; byte < 3; byte++) {
        link.sendRaw(Uint8Array.of(0x21));
        await pause(300);
      }
    },
  }),
  refusalCase(
    '1.2.2-empty-messages',
    'A packet of very many empty parts, within the limits, is borne.',
    {
      prepare: (t) => t.friend(),
      attack: async (_t, link) => {
        const range = (index: number) => ({
          start: (index + 1).toString(16).padStart(16, '0'),
          end: (index + 2).toString(16).padStart(16, '0'),
        });
        const fingerprints = Array.from({ length: 10_000 }, (_, index) => ({
          range: range(index),
          count: 0,
          sum: '0000000000000000',
        }));
        await link.ping({ fingerprints });
      },
    },
    { attachable: false },
  ),
];
