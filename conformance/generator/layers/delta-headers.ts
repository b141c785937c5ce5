/** Headers: what is taken, and what is refused as malformed. */
import {
  type Delta,
  type HostAddress,
  type OwnerHeader,
  Status,
} from '../../../src/wire/packet.js';
import { fromHex, hexOf, joined, utf8 } from '../hex.js';
import type { Draft } from '../layer-source.js';
import { BOB, CAROL } from '../node/peer.js';
import { Script, seen, told } from '../node/script.js';

export const HEADER_MUTATIONS = {
  'header-version-zero': 'The version of the header is 0.',
  'header-version-above': 'The version of the header is above the as_of of the delta.',
  'header-cut-off': 'The end of the header is missing.',
  'name-empty': 'A name that must not be empty is.',
  'name-too-long': 'The name has 256 bytes.',
  'name-of-other': 'The name is that of another owner.',
  'addresses-nine': 'There are 9 addresses.',
  'ip-short': 'An IPv4 address has 3 bytes.',
  'ip-of-other-family': 'An IPv6 address has 4 bytes.',
  'port-zero': 'A port is 0.',
  'port-too-high': 'A port is 65536.',
  'tags-too-many': 'There are 65 tags.',
  'tags-descending': 'The names of the tags descend.',
  'tag-twice': 'A tag comes twice.',
  'tag-name-empty': 'The name of a tag is empty.',
  'tag-name-too-long': 'The name of a tag has 256 bytes.',
  'tag-value-too-long': 'The value of a tag has 1025 bytes.',
  'key-ids-too-many': 'There are 17 key ids.',
  'key-id-short': 'A key id has 3 bytes.',
} as const;

type Mutation = keyof typeof HEADER_MUTATIONS;

const MALFORMED = { result: 'reject', layer: 'delta', error: 'malformed-header' } as const;
const MISMATCH = { result: 'reject', layer: 'delta', error: 'name-mismatch' } as const;

const ADDRESS: HostAddress = {
  ...{ family: 4, ip: Uint8Array.of(10, 0, 0, 2) },
  ...{ port: 9000, transport: 'udp' },
};

export function headerDrafts(): Draft<'delta'>[] {
  return [...taken(), ...wrongSelf(), ...wrongAddresses(), ...wrongTags(), ...wrongKeyIds()];
}

function taken(): Draft<'delta'>[] {
  const eight = Array.from({ length: 8 }, (_, index) => ({ ...ADDRESS, port: 9000 + index }));
  const keyIds = Array.from({ length: 16 }, (_, index) => `000000${hexOf(Uint8Array.of(index))}`);
  const longest = { ['n'.repeat(255)]: 'v'.repeat(1024) };
  return [
    good('header', '8.7.1', 'A header makes an owner known by its name.', {}),
    good('header-addresses', '8.7.2', 'A header may have 8 addresses.', { addresses: eight }),
    good('header-tags', '8.7.2', 'A header may have 64 tags.', { tags: tags(64) }),
    good('header-key-ids', '8.7.2', 'A header may have 16 key ids.', { keyIds }),
    good('header-long-tag', '8.7.2', 'A tag may have 255 and 1024 bytes.', { tags: longest }),
    good('header-without-ip', '8.7.2', 'The first address may have no ip.', {
      addresses: [{ ...ADDRESS, ip: new Uint8Array(0) }],
    }),
    {
      ...good('header-unknown-address', '8.7.3', 'An address of an unknown kind is skipped.', {}),
      // addresses { family: 7 ip: 5 bytes port: 0 transport: 9 }
      ...of({}, {}, '1a0b', '0807', '1205aabbccddee', '2009'),
    },
  ];
}

function wrongSelf(): Draft<'delta'>[] {
  const whole = BOB.header();
  return [
    bad('header', 'header-version-zero', { version: 0 }),
    bad('header', 'header-version-above', { version: 2 }),
    raw('header', 'header-cut-off', whole.subarray(0, -1)),
    bad('header', 'name-empty', { name: '' }),
    bad('header', 'name-too-long', { name: 'n'.repeat(256) }),
    {
      ...bad('header', 'name-of-other', {}),
      ...{ section: '6.1.3', title: 'A name that does not hash to the owner id is refused.' },
      ...check({ header: CAROL.header() }, MISMATCH).end({}),
    },
  ];
}

function wrongAddresses(): Draft<'delta'>[] {
  const [short, narrow] = [Uint8Array.of(10, 0, 0), Uint8Array.of(10, 0, 0, 2)];
  const nine = new Array<HostAddress>(9).fill(ADDRESS);
  return [
    bad('header-addresses', 'addresses-nine', { addresses: nine }),
    bad('header', 'ip-short', { addresses: [{ ...ADDRESS, ip: short }] }),
    bad('header', 'ip-of-other-family', { addresses: [{ ...ADDRESS, family: 6, ip: narrow }] }),
    bad('header', 'port-zero', { addresses: [{ ...ADDRESS, port: 0 }] }),
    bad('header', 'port-too-high', { addresses: [{ ...ADDRESS, port: 65_536 }] }),
  ];
}

function wrongTags(): Draft<'delta'>[] {
  const tag = (name: string, value = '') => {
    const field = (number: string, text: string) => number + lengthOf(text) + hexOf(utf8(text));
    const whole = field('0a', name) + field('12', value);
    return fromHex(`22${lengthOf(fromHex(whole))}${whole}`);
  };
  const withTags = (...each: Uint8Array[]) => joined(BOB.header(), ...each);
  return [
    bad('header-tags', 'tags-too-many', { tags: tags(65) }),
    raw('header-tags', 'tags-descending', withTags(tag('b'), tag('a'))),
    raw('header-tags', 'tag-twice', withTags(tag('a', '1'), tag('a', '2'))),
    raw('header-tags', 'tag-name-empty', withTags(tag('', '1'))),
    bad('header-long-tag', 'tag-name-too-long', { tags: { ['n'.repeat(256)]: '' } }),
    bad('header-long-tag', 'tag-value-too-long', { tags: { n: 'v'.repeat(1025) } }),
  ];
}

function wrongKeyIds(): Draft<'delta'>[] {
  const keyIds = new Array<string>(17).fill('00000001');
  return [
    bad('header-key-ids', 'key-ids-too-many', { keyIds }),
    // key_ids: 3 bytes
    raw('header-key-ids', 'key-id-short', joined(BOB.header(), fromHex('4203010203'))),
  ];
}

// Drafts

/** A node that has been told of bob's life, and lacks the header. */
function check(parts: Partial<Delta>, outcome: Parameters<Script['check']>[2]): Script {
  const owners = [BOB.digest({ status: Status.alive })];
  return new Script()
    .greet(BOB)
    .send(BOB, { digests: [{ owners }] })
    .check(BOB, { deltas: [BOB.delta(parts)] }, outcome);
}

function of(header: Partial<OwnerHeader>, parts: Partial<Delta> = {}, ...more: string[]) {
  const bytes = joined(BOB.header(header), fromHex(more.join('')));
  const events = [told('new', BOB), told('alive', BOB)];
  return check({ header: bytes, ...parts }, { events }).end({ bob: seen(BOB) });
}

function good(id: string, section: string, title: string, header: Partial<OwnerHeader>) {
  return { id, section, title, ...of(header) };
}

function bad(mutationOf: string, mutation: Mutation, header: Partial<OwnerHeader>) {
  return raw(mutationOf, mutation, BOB.header(header));
}

function raw(mutationOf: string, mutation: Mutation, header: Uint8Array): Draft<'delta'> {
  return {
    ...{ id: `bad-${mutation}`, mutationOf, mutation, section: '8.7.2' },
    title: `A delta is refused if: ${HEADER_MUTATIONS[mutation]}`,
    ...check({ header }, MALFORMED).end({}),
  };
}

function tags(count: number): Record<string, string> {
  const name = (index: number) => `tag-${index}`.padEnd(8, '.');
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [name(index), '']));
}

/** A length below 128, as a varint. */
function lengthOf(of: string | Uint8Array): string {
  return hexOf(Uint8Array.of(of.length));
}
