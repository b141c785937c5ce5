/** Packets at the edges of what fields may hold (PROTOCOL.md, "Ranges"). */
import { packetToJson } from '../../../../src/wire/json.js';
import { CLUSTER_BYTES_MAX, VALUE_BYTES_MAX } from '../../../../src/wire/limits.js';
import { fromHex, joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { ALICE, BOB } from '../../samples.js';
import { id, len, num } from '../../wire.js';
import { taken } from './draft.js';
import { entryOf, withPayload } from './packets.js';
import * as parts from './samples.js';
import { PROTOCOL, packet, SENDER, UPTIME } from './samples.js';

export function edges(): Draft<'protobuf'>[] {
  return [...ids(), ...values()];
}

function ids(): Draft<'protobuf'>[] {
  const zeros = fromHex(parts.NO_ID);
  const sum = packetToJson(packet(len(9, num(2, 1)))) as object;
  const want = len(11, id(1, BOB.owner), len(2), num(3, 0));
  const length = '5.3.2';
  return [
    taken(
      'Packet',
      'token-zero',
      length,
      'A token of zero bytes is a token.',
      packet(len(6, zeros)),
    ),
    taken(
      'Packet',
      'sum-zero',
      length,
      'An absent sum is 0.',
      packet(len(9, num(2, 1), len(3, zeros))),
      {
        ...{ meaning: sum, notes: 'A peer may write a sum of 0, or leave it out.' },
      },
    ),
    taken(
      'Packet',
      'log-id-zero',
      length,
      'A log id may be all zero.',
      joined(PROTOCOL, len(4, id(1, ALICE.owner), len(2, zeros), num(3, 1)), UPTIME),
    ),
    taken('Packet', 'want-of-any-life', length, 'A Want may have no log id.', packet(want)),
    taken(
      'Packet',
      'range-ends-absent',
      length,
      'Both ends of a range may be absent.',
      packet(len(9, len(1), num(2, 1), id(3, '1122334455667788'))),
      { meaning: packetToJson(packet(len(9, num(2, 1), id(3, '1122334455667788')))) as object },
    ),
  ];
}

function values(): Draft<'protobuf'>[] {
  const [one, two, three] = parts.QUARTERS;
  const statuses = [1, 2, 3].map((status) => {
    const life = [id(1, `000000000000000${status}`), id(2, ALICE.logId), num(3, 1)];
    return len(2, ...life, num(5, status));
  });
  const votes = [1, 2, 3, 4].map((opinion) => len(15, parts.BOB_FIELDS, num(5, opinion)));
  const longest = len(3, utf8('c'.repeat(CLUSTER_BYTES_MAX)));
  return [
    taken(
      'Packet',
      'statuses',
      '5.3.3',
      'Alive, dead and left are taken.',
      packet(parts.digest(...statuses)),
    ),
    taken('Packet', 'opinions', '5.3.3', 'All four opinions are taken.', packet(...votes)),
    taken(
      'Packet',
      'cluster-longest',
      '5.3.4',
      'A cluster may have 255 bytes.',
      joined(PROTOCOL, longest, SENDER, UPTIME),
    ),
    taken(
      'Packet',
      'cluster-text',
      '5.3.4',
      'Any UTF-8 is a cluster name.',
      joined(PROTOCOL, len(3, utf8('\ufeffa\0\u00eb\uffff\u{1f600}')), SENDER, UPTIME),
    ),
    taken(
      'Packet',
      'payload-longest',
      '5.3.4',
      'A payload may have 1 MiB.',
      withPayload(VALUE_BYTES_MAX),
      { meaning: null, limit: { name: 'VALUE_BYTES_MAX', above: 0 } },
    ),
    taken(
      'Packet',
      'ranges-adjacent',
      '5.3.5',
      'A range may begin where another ends.',
      packet(
        parts.fingerprint('', one),
        parts.fingerprint(one, two),
        parts.fingerprint(three, ''),
        parts.digest(len(2, ALICE_DIGEST), len(2, BOB_DIGEST)),
        parts.digest(parts.range(two, three)),
        parts.digest(parts.range(three, '')),
      ),
    ),
    taken(
      'Packet',
      'range-before-partial',
      '5.3.5',
      'The partial list may come anywhere.',
      packet(parts.digest(parts.range(one, two)), parts.digest(len(2, ALICE_DIGEST))),
    ),
    taken(
      'Packet',
      'delta-of-nothing',
      '5.3.5',
      'A delta may end where it begins.',
      packet(parts.delta(parts.bounds(7, 7, 9, 9))),
    ),
    taken(
      'Packet',
      'body-as-it-is',
      '8.3.1',
      'The bytes of a body are kept as they are.',
      packet(parts.delta(parts.bounds(7, 9, 9), entryOf(ODD_BODY))),
      { notes: 'The body has its fields in another order, and one that is unknown.' },
    ),
  ];
}

const ALICE_DIGEST = joined(parts.ALICE_FIELDS, num(5, 1));
const BOB_DIGEST = joined(parts.BOB_FIELDS, num(5, 1));
const ODD_BODY = joined(
  num(99, 7),
  len(10, len(3, num(1, 5)), num(1, 1)),
  len(2, utf8('c')),
  num(1, 8),
);
