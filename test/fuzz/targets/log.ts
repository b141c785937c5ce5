import { deepStrictEqual, ok } from 'node:assert/strict';
import { decodeEntryBody, encodeEntryBody } from '../../../src/wire/entry-body.js';
import * as limits from '../../../src/wire/limits.js';
import { entryBytesMax } from '../../../src/wire/own-limits.js';
import { decodeOwnerHeader, encodeOwnerHeader } from '../../../src/wire/owner-header.js';
import type { OwnerHeader } from '../../../src/wire/packet.js';
import { BYTE_MUTATIONS } from '../mutations.js';
import { PROTOBUF_MUTATIONS, withoutFields } from '../protobuf.js';
import { listWords, type Target } from '../target.js';

const MUTATIONS = [...BYTE_MUTATIONS, ...PROTOBUF_MUTATIONS];

/** Bodies of entries: what is taken comes back the same, and is no longer than an owner counts it. */
export const entryBodyTarget: Target = {
  name: 'entry-body',
  inputBytesMax: 2048,
  cpuMsMax: 500,
  batch: 1000,
  mutations: MUTATIONS,
  smaller: withoutFields,
  run(input) {
    const body = decodeEntryBody(input);
    if (body === undefined) return 'refused';
    input.fill(0xa5);
    const { version, name, content } = body;
    const bytes = encodeEntryBody(body);
    deepStrictEqual(decodeEntryBody(bytes), body);
    const typeName = content.kind === 'tombstone' ? '' : content.typeName;
    ok(bytes.length <= entryBytesMax(name, typeName, 0), 'longer than its bound');
    ok(Buffer.byteLength(name) <= limits.KEY_BYTES_MAX, 'the name');
    ok(Buffer.byteLength(typeName) <= limits.TYPE_NAME_BYTES_MAX, 'the type name');
    ok(isPositive(version), 'the version');
    ok(isPositive(content.kind === 'say' ? content.sequence : content.stamp.time), 'the number');
    const origin = content.kind !== 'say' && content.stamp.origin !== undefined;
    const encoding = content.kind === 'tombstone' ? '' : content.encoding;
    return `${content.kind} ${encoding} ${origin ? 'origin' : ''} ${name === '' ? '' : 'named'}`;
  },
};

/** Headers of owners: what is taken is within the limits and comes back the same. */
export const ownerHeaderTarget: Target = {
  name: 'owner-header',
  inputBytesMax: 4096,
  cpuMsMax: 500,
  batch: 1000,
  mutations: MUTATIONS,
  smaller: withoutFields,
  run(input) {
    const header = decodeOwnerHeader(input);
    if (header === undefined) return 'refused';
    input.fill(0xa5);
    deepStrictEqual(decodeOwnerHeader(encodeOwnerHeader(header)), header);
    checkHeader(header);
    const { addresses, tags, keyIds } = header;
    return listWords({ addresses, tags: Object.keys(tags), keyIds });
  },
};

function checkHeader({ version, name, addresses, tags, keyIds }: OwnerHeader): void {
  ok(isPositive(version), 'the version');
  ok(name !== '' && Buffer.byteLength(name) <= limits.NAME_BYTES_MAX, 'the name');
  ok(addresses.length <= limits.ADDRESSES_MAX, 'the addresses');
  for (const { family, ip, port } of addresses) {
    ok(ip.length === 0 || ip.length === (family === 4 ? 4 : 16), 'an ip');
    ok(port >= 1 && port <= 65_535, 'a port');
  }
  ok(Object.keys(tags).length <= limits.TAGS_MAX, 'the tags');
  for (const [tag, value] of Object.entries(tags)) {
    ok(tag !== '' && Buffer.byteLength(tag) <= limits.TAG_NAME_BYTES_MAX, "a tag's name");
    ok(Buffer.byteLength(value) <= limits.TAG_VALUE_BYTES_MAX, "a tag's value");
  }
  ok(keyIds.length <= limits.KEY_IDS_MAX && keyIds.every((id) => /^[0-9a-f]{8}$/.test(id)));
}

function isPositive(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0;
}
