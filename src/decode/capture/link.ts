/** From packets of a link layer to those of IP: https://www.tcpdump.org/linktypes.html. */

/** An IP packet inside a link layer's, or why there is none. */
export type LinkContent = Uint8Array | 'not-ip' | 'unknown-link-type' | 'truncated';

/**
 * Takes the IP packet out: of Ethernet (with VLAN tags), raw IP, null and loopback, and Linux cooked
 * captures of both versions.
 */
export function ipOfLink(linkType: number, bytes: Uint8Array): LinkContent {
  switch (linkType) {
    case 0:
    case 108:
      // The address family before it has the byte order of some machine: the IP version tells too.
      return ipAt(bytes, 4);
    case 1:
      return ethernetContent(bytes);
    case 12:
    case 14:
    case 101:
    case 228:
    case 229:
      return ipAt(bytes, 0);
    case 113:
      return etherContent(bytes, 14, 16);
    case 276:
      return etherContent(bytes, 0, 20);
    default:
      return 'unknown-link-type';
  }
}

/** LINKTYPE_RAW: a packet is an IP packet. */
export const RAW_IP_LINK_TYPE = 101;

const VLAN_TYPES = new Set([0x8100, 0x88a8, 0x9100]);
const VLAN_TAGS_MAX = 4;
const IPV4 = 0x0800;
const IPV6 = 0x86dd;

function ethernetContent(bytes: Uint8Array): LinkContent {
  return etherContent(bytes, 12, 14);
}

/** @param typeAt where the EtherType stands, and `contentAt` what it is the type of. */
function etherContent(bytes: Uint8Array, typeAt: number, contentAt: number): LinkContent {
  let content = contentAt;
  let type = uint16At(bytes, typeAt);
  for (let tags = 0; VLAN_TYPES.has(type) && tags < VLAN_TAGS_MAX; tags++) {
    type = uint16At(bytes, content + 2);
    content += 4;
  }
  if (type < 0) return 'truncated';
  return type === IPV4 || type === IPV6 ? ipAt(bytes, content) : 'not-ip';
}

function ipAt(bytes: Uint8Array, offset: number): LinkContent {
  const first = bytes[offset];
  if (first === undefined) return 'truncated';
  return first >>> 4 === 4 || first >>> 4 === 6 ? bytes.subarray(offset) : 'not-ip';
}

/** -1 beyond the end. */
function uint16At(bytes: Uint8Array, offset: number): number {
  if (offset + 2 > bytes.length) return -1;
  return ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
}
