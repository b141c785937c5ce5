/** Serialised packets, bodies and headers. */
import { bytesOf } from '../../../../src/conformance/vectors/bytes.js';
import type { ProtobufVector } from '../../../../src/conformance/vectors/lower-layers.js';
import { PLAIN_KIND } from '../../../../src/wire/envelope.js';
import { joined } from '../../hex.js';
import { type LayerSource, VectorList } from '../../layer-source.js';
import { addressed } from './addressed.js';
import { bodies } from './bodies.js';
import { edges } from './edges.js';
import { headers } from './headers.js';
import { malformed } from './malformed.js';
import { MUTATIONS } from './mutations.js';
import { packets } from './packets.js';
import { refusedPackets } from './refused.js';

export const protobuf: LayerSource<'protobuf'> = {
  layer: 'protobuf',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'protobuf'>({
      ...{ layer: 'protobuf', grade: 'MUST', level: 'basic', features: [] },
    });
    for (const draft of [...packets(), ...edges(), ...bodies(), ...headers()]) list.add(draft);
    for (const draft of [...malformed(), ...refusedPackets(), ...addressed()]) list.add(draft);
    return list.vectors;
  },
  // A packet comes in an envelope; what stands inside one is on no network by itself.
  received: ({ given }: ProtobufVector) => {
    const bytes = bytesOf(given.bytes);
    if (given.message !== 'Packet') return [{ bytes }];
    const payload = joined(Uint8Array.of(PLAIN_KIND), bytes);
    return [{ bytes, carried: { transport: 'udp', payload } }];
  },
};
