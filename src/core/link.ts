import type { Link } from './contract.js';

const PREFIX_LENGTH = 'udp:'.length;

/** Whether a link is a stream: then packets are not lost on it, and may be large. */
export function isStream(link: Link): boolean {
  return link.startsWith('tcp:');
}

/** The `ip:port` of a link's other end. */
export function addressIn(link: Link): string {
  return link.slice(PREFIX_LENGTH);
}

export function streamTo(address: string): Link {
  return `tcp:${address}`;
}

export function datagramsTo(address: string): Link {
  // Joined it is one flat text; added up, or in a template, a pair of texts of twice its size.
  return ['udp:', address].join('');
}
