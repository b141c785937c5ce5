import { formatAddress } from '../../transport/address.js';
import type { Content } from './content.js';

/**
 * JSON on one line in which nothing is left that a terminal or a splitter of lines would obey:
 * control and format characters, which names and values from the network may hold, are escaped.
 */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replace(/[\p{C}\u2028\u2029]/gu, (found) =>
    [...Array(found.length).keys()].map((index) => escapeUnit(found, index)).join(''),
  );
}

/** A name as a word: as it is if it is plain, else as a JSON text. `commandOf` reads both. */
export function word(name: string): string {
  return /^[^\s"\p{C}]+$/u.test(name) ? name : jsonLine(name);
}

/** A value as JSON, or how many bytes it is. */
export function contentText(content: Content): string {
  if ('value' in content) return jsonLine(content.value);
  const type = content.typeName === undefined ? '' : `${word(content.typeName)} `;
  return `${type}base64:${content.bytes}`;
}

/** Where a node is reached, `ip:port` or `[ipv6]:port`; '' while it is not known. */
export function addressText({ address, port }: { address: string; port: number }): string {
  return address === '' ? '' : formatAddress(address, port);
}

function escapeUnit(text: string, index: number): string {
  return `\\u${text.charCodeAt(index).toString(16).padStart(4, '0')}`;
}
