/** What makes a packet that would be believed into one that must not be. */
import { encodePacket } from '../../wire/codec.js';
import type { Packet } from '../../wire/packet.js';
import { check } from '../peer/case-failure.js';
import { MadeOwner } from '../peer/made-owner.js';
import type { PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import { type CaseSettings, type ConformanceCase, refusalCase, sectionOf } from './case.js';
import type { CaseContext } from './context.js';

/** The ping of a packet that must not be answered. */
export const BAD_PING = 77_777;

/** Whom the node believes, and by which links. */
export interface Believed {
  readonly peer: RawPeer;
  readonly links: readonly PeerLink[];
}

/** A peer that the node believes, on every carrier that it takes. */
export async function believed(t: CaseContext): Promise<Believed> {
  const peer = await t.peer();
  const links = t.has('udp') ? [peer.udp, await peer.connect()] : [await peer.connect()];
  for (const link of links) await link.meet();
  return { peer, links };
}

/** A packet that would introduce somebody, and has a ping: believed in any part, it shows. */
export function luringPacket({ peer }: Believed, link: PeerLink): Packet {
  const intruder = new MadeOwner('intruder', { ...peer.address, udp: true }).set('trap', 1);
  return link.packet({
    heartbeat: { ping: BAD_PING, answer: 0, roundTripUs: 0 },
    digests: [{ owners: [intruder.digest()] }],
    deltas: [intruder.delta()],
  });
}

/** Sends something, and sees by the answer to a ping behind it that it was passed over in silence. */
export async function sendInVain(rule: string, link: PeerLink, send: () => void): Promise<void> {
  const after = link.mark;
  send();
  const expected = 'a ping behind what is refused to be answered on the same link';
  await link.ping({}, { rule, expected });
  const came = link.arrived.slice(after);
  const isAnswered = came.some(({ packet }) => packet.heartbeat?.answer === BAD_PING);
  check(!isAnswered, rule, 'no answer to what is refused', () => link.seen(after));
  const isOne = came.length === 1 || link.transport === 'udp';
  check(isOne, '2.7', 'nothing to be sent because of what is refused', () => link.seen(after));
}

/** A packet that is refused, in an envelope that is right. */
export function refusedPacket(
  id: string,
  title: string,
  reason: string | undefined,
  spoil: (packet: Packet, scene: Believed) => Packet | Uint8Array,
  settings: CaseSettings = {},
): ConformanceCase {
  return refusalCase(
    id,
    title,
    {
      prepare: believed,
      attack: async (_t, scene) => {
        for (const link of scene.links) {
          const spoilt = spoil(luringPacket(scene, link), scene);
          const bytes = spoilt instanceof Uint8Array ? spoilt : encodePacket(spoilt);
          await sendInVain(sectionOf(id), link, () => link.sendPacketBytes(bytes));
        }
      },
      ...(reason === undefined ? {} : { reason }),
    },
    settings,
  );
}

/** An envelope that is refused; what is in it would be believed. */
export function refusedEnvelope(
  id: string,
  title: string,
  reason: string,
  spoil: (packetBytes: Uint8Array, link: PeerLink, t: CaseContext) => Uint8Array,
  settings: CaseSettings = {},
): ConformanceCase {
  return refusalCase(
    id,
    title,
    {
      prepare: believed,
      attack: async (t, scene) => {
        for (const link of scene.links) {
          const envelope = spoil(encodePacket(luringPacket(scene, link)), link, t);
          // A frame is never empty.
          if (envelope.length === 0 && link.transport === 'tcp') continue;
          await sendInVain(sectionOf(id), link, () => link.sendEnvelope(envelope));
        }
      },
      reason,
    },
    settings,
  );
}
