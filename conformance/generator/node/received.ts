import type { AnyNodeVector } from '../../../src/conformance/vectors/upper-layers.js';
import { PLAIN_KIND } from '../../../src/wire/envelope.js';
import { fromHex, joined } from '../hex.js';
import type { Received } from '../layer-source.js';

/** The packets that are looked at, in plain envelopes; they lack what only the node can tell. */
export function receivedOf({ given }: AnyNodeVector): Received[] {
  return given.steps.flatMap((step) => {
    if (step.do !== 'packet') return [];
    const bytes = joined(Uint8Array.of(PLAIN_KIND), fromHex(step.hex));
    return [
      { bytes, transport: step.link.startsWith('udp:') ? ('udp' as const) : ('tcp' as const) },
    ];
  });
}
