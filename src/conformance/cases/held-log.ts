/** A member whose log the node shows, and how more of it is given. */
import type { Delta, Packet } from '../../wire/packet.js';
import type { PeerLink } from '../peer/peer-link.js';
import type { RawPeer } from '../peer/raw-peer.js';
import type { CaseContext } from './context.js';

/** A member whose log has `a` and `b`, at version 3, all of it shown. */
export async function withLog(t: CaseContext): Promise<{ peer: RawPeer; link: PeerLink }> {
  const { peer, link } = await t.member();
  peer.self.set('a', 1).set('b', 1);
  await link.ping({ deltas: [peer.self.delta(1)] });
  const seen = await t.values(peer.self.name);
  t.check(seen['a'] === 1 && seen['b'] === 1, '9.4.1', 'a delta that is whole to be shown', seen);
  // What the case leaves out it wants to be left out.
  peer.library.clear();
  return { peer, link };
}

/** Sends deltas in a packet that is believed, and waits until it was taken. */
export async function give(link: PeerLink, ...deltas: Delta[]): Promise<void> {
  await link.ping({ deltas });
}

/** Fails unless the node shows just these keys of a peer. */
export async function shows(
  t: CaseContext,
  peer: RawPeer,
  rule: string,
  wanted: Record<string, unknown>,
): Promise<void> {
  const seen = await t.values(peer.self.name);
  const keys = Object.keys(wanted);
  const isSame =
    keys.length === Object.keys(seen).length && keys.every((key) => seen[key] === wanted[key]);
  t.check(isSame, rule, `the keys ${JSON.stringify(wanted)}`, seen);
}

/** Whether a packet asks for a log. */
export const wantsFrom = (owner: string) => (packet: Packet) =>
  packet.wants.some((want) => want.owner === owner);
