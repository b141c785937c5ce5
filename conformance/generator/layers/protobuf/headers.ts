/** Headers of owners (PROTOCOL.md, "Header"). */
import { ownerHeaderToJson } from '../../../../src/wire/json.js';
import * as limits from '../../../../src/wire/limits.js';
import { ownerIdOf } from '../../../../src/wire/owner-id.js';
import { fromHex, joined, utf8 } from '../../hex.js';
import type { Draft } from '../../layer-source.js';
import { len, num } from '../../wire.js';
import { refusedPart, taken } from './draft.js';
import type { Mutation } from './mutations.js';

export function headers(): Draft<'protobuf'>[] {
  return [...good(), ...skipped(), ...wrong().map(refused)];
}

const VERSION = num(1, 1);
const NAME = len(2, utf8('alice'));
const RANGE = joined(num(5, 1), num(6, 1));
const KEY_ID = len(8, fromHex('a0635d21'));
const UDP = 1;
const TCP = 2;
const LOOPBACK = '7f000001';

/** A header of the fields 3 and 4: addresses and tags. */
function header(...lists: readonly Uint8Array[]): Uint8Array {
  return joined(VERSION, NAME, ...lists, RANGE, KEY_ID);
}

function address(family: number, ip: string, port: number, transport: number): Uint8Array {
  const parts = [num(1, family), ip === '' ? new Uint8Array(0) : len(2, fromHex(ip))];
  return len(3, ...parts, port === 0 ? new Uint8Array(0) : num(3, port), num(4, transport));
}

function tag(name: string, value: string): Uint8Array {
  return len(4, len(1, utf8(name)), value === '' ? new Uint8Array(0) : len(2, utf8(value)));
}

const USUAL = [address(1, LOOPBACK, 9000, UDP), address(1, LOOPBACK, 9000, TCP), tag('role', 'db')];

function good(): Draft<'protobuf'>[] {
  const of = (name: string, section: string, title: string, bytes: Uint8Array, owner = 'alice') =>
    taken('OwnerHeader', `header-${name}`, section, title, bytes, {
      ...{ sameBytes: true, ownerId: ownerIdOf(owner), alsoSections: ['6.1.2'] },
    });
  const named = (name: string) => joined(VERSION, len(2, utf8(name)), RANGE);
  const [longest, accents] = ['n'.repeat(limits.NAME_BYTES_MAX), 'Zo\u00eb'];
  const ports = Array.from({ length: limits.ADDRESSES_MAX }, (_, index) =>
    address(1, LOOPBACK, 9000 + index, UDP),
  );
  const tags = Array.from({ length: limits.TAGS_MAX }, (_, index) =>
    tag(`t${String(index).padStart(2, '0')}`, ''),
  );
  const keyIds = Array.from({ length: limits.KEY_IDS_MAX }, (_, index) =>
    len(8, Uint8Array.of(0, 0, 0, index)),
  );
  const largest = tag(
    'n'.repeat(limits.TAG_NAME_BYTES_MAX),
    'v'.repeat(limits.TAG_VALUE_BYTES_MAX),
  );
  const v6 = address(2, `${'0'.repeat(31)}1`, 9000, UDP);
  return [
    of('usual', '8.7.1', 'A header tells name, addresses, tags and keys.', header(...USUAL)),
    of('name-longest', '6.1.1', 'A name may have 255 bytes.', named(longest), longest),
    of('name-accents', '6.1.1', 'The UTF-8 of a name is taken as given.', named(accents), accents),
    of('addresses-most', '8.7.2', 'A header may have 8 addresses.', header(...ports)),
    of('tags-most', '8.7.2', 'A header may have 64 tags.', header(...tags)),
    of('tag-largest', '8.7.2', 'A tag may have 255 and 1024 bytes.', header(largest)),
    of(
      'tags-by-bytes',
      '8.7.2',
      'Tags are in the order of their bytes, and not of UTF-16.',
      header(tag('a', '1'), tag('\uff5e', '2'), tag('\u{1f600}', '3')),
    ),
    of(
      'keys-most',
      '8.7.2',
      'A header may have 16 key ids.',
      joined(VERSION, NAME, RANGE, ...keyIds),
    ),
    of('ip-absent', '8.7.1', 'An address may have no ip.', header(address(1, '', 9000, UDP))),
    {
      ...of(
        'ipv6',
        '8.7.1',
        'An address may be of IPv6.',
        header(v6, address(1, LOOPBACK, 9000, UDP)),
      ),
      features: ['ipv6'],
    },
    of(
      'tcp-only',
      '8.7.1',
      'A header may list streams only.',
      header(address(1, LOOPBACK, 9000, TCP)),
    ),
    of(
      'of-later-node',
      '8.7.1',
      'A node may speak later versions too, and have features that are not known.',
      joined(VERSION, NAME, num(5, 1), num(6, 3), num(7, 2 ** 32 - 1)),
    ),
  ];
}

/** Those that a receiver passes over; what it takes is the header without them. */
function skipped(): Draft<'protobuf'>[] {
  const usual = ownerHeaderToJson(header(...USUAL)) as object;
  const of = (name: string, title: string, ...addresses: Uint8Array[]) =>
    taken('OwnerHeader', `header-${name}`, '8.7.3', title, header(...addresses, ...USUAL), {
      ...{ meaning: usual, ownerId: ownerIdOf('alice') },
    });
  return [
    of('family-unknown', 'An address of unknown family is skipped.', address(3, 'aabbcc', 1, UDP)),
    of('transport-unknown', 'An address of unknown transport is skipped.', address(1, '', 1, 3)),
    of(
      'family-absent',
      'An address without family is skipped, whatever it holds.',
      len(3, num(3, 0)),
    ),
    of(
      'ports-skipped',
      'An address of unknown transport may have any port.',
      address(2, LOOPBACK, 70_000, 9),
    ),
    taken(
      'OwnerHeader',
      'header-unknown-fields',
      '8.3.1',
      'Unknown fields of a header are ignored.',
      joined(num(99, 1), header(...USUAL), len(100, utf8('x'))),
      { meaning: usual, ownerId: ownerIdOf('alice'), alsoSections: ['5.2.3'] },
    ),
  ];
}

type Row = [name: string, mutationOf: string, mutation: Mutation, bytes: Uint8Array];

function refused([name, of, by, bytes]: Row): Draft<'protobuf'> {
  const title = 'A header that is none has its delta refused.';
  return refusedPart('OwnerHeader', `header-${name}`, `header-${of}`, by, title, bytes);
}

function wrong(): Row[] {
  const named = (...fields: Uint8Array[]) => joined(VERSION, ...fields, RANGE);
  const usual = header(...USUAL);
  const ports = Array.from({ length: limits.ADDRESSES_MAX + 1 }, () =>
    address(1, LOOPBACK, 1, UDP),
  );
  const tags = Array.from({ length: limits.TAGS_MAX + 1 }, (_, index) =>
    tag(`t${String(index).padStart(2, '0')}`, ''),
  );
  const keyIds = Array.from({ length: limits.KEY_IDS_MAX + 1 }, (_, index) =>
    len(8, Uint8Array.of(0, 0, 0, index)),
  );
  return [
    ['cut', 'usual', 'cut-off', usual.subarray(0, -1)],
    ['zero-behind', 'usual', 'zero-byte-behind', joined(usual, fromHex('00'))],
    ['version-absent', 'usual', 'number-absent', joined(NAME, RANGE)],
    ['version-2-53', 'usual', 'integer-above', joined(num(1, 2n ** 53n), NAME, RANGE)],
    ['name-absent', 'usual', 'name-empty', named()],
    ['name-empty', 'usual', 'name-empty', named(len(2))],
    ['name-long', 'name-longest', 'too-long', named(len(2, utf8('n'.repeat(256))))],
    ['name-long-bytes', 'name-accents', 'too-long', named(len(2, utf8('\u00eb'.repeat(128))))],
    ['name-not-text', 'name-accents', 'text-not-utf8', named(len(2, fromHex('5a6feb')))],
    ['addresses-9', 'addresses-most', 'too-many', header(...ports)],
    ['tags-65', 'tags-most', 'too-many', header(...tags)],
    ['keys-17', 'keys-most', 'too-many', joined(VERSION, NAME, RANGE, ...keyIds)],
    [
      'key-id-of-3-bytes',
      'usual',
      'id-length',
      joined(VERSION, NAME, RANGE, len(8, fromHex('a0635d'))),
    ],
    ['tags-reversed', 'tags-by-bytes', 'order-reversed', header(tag('b', ''), tag('a', ''))],
    [
      'tags-by-utf16',
      'tags-by-bytes',
      'order-reversed',
      header(tag('\u{1f600}', '3'), tag('\uff5e', '2')),
    ],
    ['tag-doubled', 'tags-by-bytes', 'order-doubled', header(tag('a', '1'), tag('a', '1'))],
    ['tag-name-empty', 'tags-by-bytes', 'name-empty', header(tag('', '1'))],
    ['tag-name-long', 'tag-largest', 'too-long', header(tag('n'.repeat(256), ''))],
    ['tag-value-long', 'tag-largest', 'too-long', header(tag('a', 'v'.repeat(1025)))],
    ['ip-of-5-bytes', 'usual', 'id-length', header(address(1, `${LOOPBACK}00`, 9000, UDP))],
    ['ip-of-4-bytes', 'ipv6', 'id-length', header(address(2, LOOPBACK, 9000, UDP))],
    ['port-zero', 'usual', 'port-out-of-range', header(address(1, LOOPBACK, 0, UDP))],
    ['port-65536', 'usual', 'port-out-of-range', header(address(1, LOOPBACK, 65_536, TCP))],
  ];
}
