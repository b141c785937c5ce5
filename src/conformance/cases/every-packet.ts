import { SEALED_KIND } from '../../wire/envelope.js';
import { DATAGRAM_BYTES_MAX, KNOWN_FEATURES, PROTOCOL_VERSION } from '../../wire/limits.js';
import type { Packet } from '../../wire/packet.js';
import { check } from '../peer/case-failure.js';
import { partsText } from '../peer/parts-text.js';
import type { Arrived, PeerLink } from '../peer/peer-link.js';

const NONCE_AT = 5;
const BOX_AT = 29;

/**
 * What holds of all that a node sends, whatever a case is about.
 *
 * @throws CaseFailure
 */
export function checkEveryPacket(links: readonly PeerLink[]): void {
  const nonces = new Set<string>();
  for (const link of links) {
    const [unreadable] = link.unreadable;
    const expected = 'envelopes that the peer can open and read';
    check(unreadable === undefined, '2.4', expected, `one that is refused: ${unreadable}`);
    for (const arrived of link.arrived) {
      checkEnvelope(arrived, nonces);
      checkPacket(arrived.packet);
    }
  }
}

function checkEnvelope({ envelope, link }: Arrived, nonces: Set<string>): void {
  if (link.transport === 'udp') {
    const expected = `datagrams of at most ${DATAGRAM_BYTES_MAX} bytes`;
    check(envelope.length <= DATAGRAM_BYTES_MAX, '2.8', expected, `${envelope.length} bytes`);
  }
  if (envelope[0] !== SEALED_KIND) return;
  const nonce = Buffer.from(envelope.subarray(NONCE_AT, BOX_AT)).toString('hex');
  // A push is one envelope for all that it is sent to.
  const isPush = [...nonces].length > 0 && nonces.has(nonce);
  const content = Buffer.from(envelope.subarray(BOX_AT)).toString('base64');
  const isSame = isPush && nonces.has(`${nonce} ${content}`);
  check(!isPush || isSame, '2.3', 'a fresh nonce for each envelope', `${nonce} twice`);
  nonces.add(nonce).add(`${nonce} ${content}`);
}

function checkPacket(packet: Packet): void {
  const { protocol, requiredFeatures, token, echo } = packet;
  check(protocol === PROTOCOL_VERSION, '5.2.1', 'protocol 1', `${protocol}`);
  const unknown = requiredFeatures & ~KNOWN_FEATURES;
  check(unknown === 0, '5.2.2', 'no required feature in version 1', `${requiredFeatures}`);
  if (token !== undefined) return;
  const { fingerprints, wants, probes, suspicions, votes, heartbeat } = packet;
  const asks = [fingerprints, wants, probes, suspicions, votes].some((part) => part.length > 0);
  const isPush = echo === undefined && heartbeat === undefined && !asks;
  check(isPush, '7.1.1', 'a token in each packet but a push', () => partsText(packet));
}
