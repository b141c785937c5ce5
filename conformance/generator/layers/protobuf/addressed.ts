/** Packets that are refused by whose they are (PROTOCOL.md, "Cluster and sender"). */
import type { ProtobufVector } from '../../../../src/conformance/vectors/lower-layers.js';
import { joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { ALICE } from '../../samples.js';
import { id, len, num } from '../../wire.js';
import { taken } from './draft.js';
import type { Mutation } from './mutations.js';
import { PACKET, PROTOCOL, SENDER, UPTIME } from './samples.js';

type Receiver = NonNullable<ProtobufVector['given']['receiver']>;

const BOB: Receiver = { name: 'bob', logId: 'fedcba9876543210', cluster: '' };
const SELF: Receiver = { name: 'alice', logId: ALICE.logId, cluster: '' };

export function addressed(): Draft<'protobuf'>[] {
  const [mine, accents, decomposed] = ['production', 'Zo\u00eb', 'Zoe\u0308'];
  const inProduction = { ...BOB, cluster: mine };
  const other = 'A packet of another cluster is refused.';
  const own = 'A packet of the receiver itself is refused.';
  const later = len(4, id(1, ALICE.owner), id(2, ALICE.logId), num(3, ALICE.generation + 1));
  return [
    known('cluster-own', '5.4.1', 'A packet of the own cluster is taken.', of(mine), inProduction),
    known('cluster-none', '5.4.1', 'Without a cluster an absent one is the own.', PACKET, BOB),
    known(
      'cluster-own-accents',
      '5.4.1',
      'Names of clusters are compared as they are.',
      of(accents),
      {
        ...{ ...BOB, cluster: accents },
      },
    ),
    known('own-name', '5.4.3', 'A packet of another life of the own name is judged on.', PACKET, {
      ...{ ...SELF, logId: '00000000000000aa' },
    }),
    refused('cluster-other', 'cluster-own', 'cluster-other', other, of('staging'), inProduction),
    refused('cluster-case', 'cluster-own', 'cluster-other', other, of('Production'), inProduction),
    refused('cluster-absent', 'cluster-own', 'cluster-other', other, PACKET, inProduction),
    refused('cluster-present', 'cluster-none', 'cluster-other', other, of(mine), BOB),
    refused('cluster-decomposed', 'cluster-own-accents', 'cluster-other', other, of(decomposed), {
      ...{ ...BOB, cluster: accents },
    }),
    refused('own-packet', 'own-name', 'receiver-is-sender', own, PACKET, SELF),
    refused(
      'own-packet-of-later-generation',
      'own-name',
      'receiver-is-sender',
      own,
      joined(PROTOCOL, later, UPTIME),
      SELF,
    ),
  ];
}

function of(cluster: string): Uint8Array {
  return joined(PROTOCOL, len(3, utf8(cluster)), SENDER, UPTIME);
}

function known(
  name: string,
  section: string,
  title: string,
  bytes: Uint8Array,
  receiver: Receiver,
): Draft<'protobuf'> {
  const draft = taken('Packet', name, section, title, bytes);
  return { ...draft, ...FEATURES, given: { ...draft.given, receiver } };
}

function refused(
  name: string,
  mutationOf: string,
  mutation: Mutation,
  title: string,
  bytes: Uint8Array,
  receiver: Receiver,
): Draft<'protobuf'> {
  const isOwn = mutation === 'receiver-is-sender';
  const { given } = known(name, '', title, bytes, receiver);
  const error = isOwn ? 'own-packet' : 'other-cluster';
  return {
    ...{ id: name, title, section: isOwn ? '5.4.3' : '5.4.1', mutationOf, mutation },
    ...{ ...FEATURES, given },
    expect: { result: 'reject', layer: 'packet', error, connection: 'kept' },
  };
}

/** In a private mesh nobody could make such packets but a member. */
const FEATURES = { features: ['public'] } satisfies Partial<Draft<'protobuf'>>;
