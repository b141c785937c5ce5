/** How what an implementation did is compared with what a vector expects. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { bytesOf, LAYERS_OF_REASONS } from '../../../src/conformance/vectors/index.js';
import type { Bytes, RefusalLayer } from '../../../src/conformance/vectors/vector.js';

/**
 * What differs between the outcome and the expectation, a line each; none if they agree. The
 * outcome has the properties of the expectation and no others.
 */
export function differences(outcome: object, expected: object, where: string): string[] {
  const names = new Set([...Object.keys(outcome), ...Object.keys(expected)]);
  const values = (from: object, name: string) => (from as Record<string, unknown>)[name];
  return [...names]
    .filter((name) => !isDeepStrictEqual(values(outcome, name), values(expected, name)))
    .map((name) => {
      const [was, be] = [outcome, expected].map((from) => shown(values(from, name)));
      return `${where}: ${name} is ${was}, and should be ${be}`;
    });
}

/** Bytes as hex digits, or if there are many as their number and hash. */
export function printed(bytes: Uint8Array | Bytes): string {
  const plain = bytes instanceof Uint8Array ? bytes : bytesOf(bytes);
  if (plain.length <= 2048) return Buffer.from(plain).toString('hex');
  return `${plain.length} bytes, ${createHash('sha256').update(plain).digest('hex')}`;
}

/** The layer that a reason of PROTOCOL.md's appendix B belongs to. */
export function layerOf(reason: string): RefusalLayer {
  const layer = LAYERS_OF_REASONS[reason];
  if (layer === undefined) throw new Error(`no layer is known for ${reason}`);
  return layer;
}

function shown(value: unknown): string {
  return value === undefined ? 'absent' : JSON.stringify(value);
}

/** The reasons of PROTOCOL.md's appendix B. */
export const REASONS = Object.keys(LAYERS_OF_REASONS).filter(
  (each) => each !== 'configuration' && each !== 'wrong-claim',
);
