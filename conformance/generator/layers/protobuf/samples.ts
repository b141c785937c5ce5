/** Parts of messages in protobuf's binary form, of which the vectors are made. */
import { joined } from '../../hex.js';
import { ALICE, BOB } from '../../samples.js';
import { id, len, num } from '../../wire.js';

export const NO_ID = '0000000000000000';
export const PROTOCOL = num(2, 1);
export const UPTIME = num(5, 1500);

/** The fields owner, log_id and generation, which many messages begin with. */
export const ALICE_FIELDS = joined(
  id(1, ALICE.owner),
  id(2, ALICE.logId),
  num(3, ALICE.generation),
);
export const BOB_FIELDS = joined(id(1, BOB.owner), id(2, BOB.logId), num(3, BOB.generation));
export const SENDER = len(4, ALICE_FIELDS);

/** The least packet that says something. */
export const PACKET = packet();

/** A packet of alice with more fields, whose numbers are above 5. */
export function packet(...more: readonly Uint8Array[]): Uint8Array {
  return joined(PROTOCOL, SENDER, UPTIME, ...more);
}

/** The digest of an owner in a packet: fields behind the life, which is alice's. */
export function ownerDigest(...fields: readonly Uint8Array[]): Uint8Array {
  return len(2, ALICE_FIELDS, ...fields);
}

/** A digest of a packet. */
export function digest(...parts: readonly Uint8Array[]): Uint8Array {
  return len(10, ...parts);
}

/** A fingerprint of a packet, with its range. */
export function fingerprint(
  start: string,
  end: string,
  ...more: readonly Uint8Array[]
): Uint8Array {
  return len(9, range(start, end), num(2, 1), id(3, '1122334455667788'), ...more);
}

/** A range as the field 1; '' is absent. */
export function range(start: string, end: string): Uint8Array {
  const ends = [...(start === '' ? [] : [id(1, start)]), ...(end === '' ? [] : [id(2, end)])];
  return len(1, ...ends);
}

/** A delta of alice in a packet: fields behind the life. */
export function delta(...fields: readonly Uint8Array[]): Uint8Array {
  return len(12, ALICE_FIELDS, ...fields);
}

/** `from`, `to`, `as_of` and `floor`; 0 is absent. */
export function bounds(from: number, to: number, asOf: number, floor = 0): Uint8Array {
  const values = [from, to, asOf, floor];
  return joined(...values.map((value, index) => (value === 0 ? NOTHING : num(4 + index, value))));
}

const NOTHING = new Uint8Array(0);

/** A range's ends, in their order. */
export const QUARTERS = ['4000000000000000', '8000000000000000', 'c000000000000000'] as const;
