/**
 * The fields of a serialised packet with the bytes at which they stand, for tools that show packets.
 * Unlike the codec it reads on as far as it can, and keeps what it does not know.
 */
import type { DescField, DescMessage } from '@bufbuild/protobuf';
import { ScalarType } from '@bufbuild/protobuf';
import { EntryBodySchema, OwnerHeaderSchema } from '../../gen/telepathine/v1/log_pb.js';
import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';

/** A field as it stands in the bytes. */
export interface Field {
  /** As in the schema; `#17` for a number that the schema does not have. */
  readonly name: string;
  /** From the field's tag on, in bytes of the packet. */
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
  /** Of what the schema calls `bytes`, and of what it does not know, the bytes as they are. */
  readonly value: FieldValue;
}

/** What a field holds. `enum` is the name of a value without the enum's own: `ALIVE`. */
export type FieldValue =
  | { readonly kind: 'number'; readonly value: bigint }
  | { readonly kind: 'boolean'; readonly value: boolean }
  | { readonly kind: 'enum'; readonly value: string }
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'message'; readonly fields: readonly Field[] };

/** What could be read, and where reading ended too early. */
export interface Fields {
  readonly fields: readonly Field[];
  /** Offset in the packet of the field that cannot be read; absent if all can. */
  readonly faultAt?: number;
}

/** Reads the fields of a serialised packet; those of headers and entries' bodies too. */
export function packetFields(bytes: Uint8Array): Fields {
  const reader = new FieldReader(bytes);
  const fields = reader.readMessage(PacketSchema, 0, bytes.length);
  return reader.faultAt < 0 ? { fields } : { fields, faultAt: reader.faultAt };
}

/** What these fields of type `bytes` hold is a message, too. */
const INNER: Readonly<Record<string, DescMessage>> = {
  'telepathine.v1.Delta.header': OwnerHeaderSchema,
  'telepathine.v1.Entry.body': EntryBodySchema,
};

/** A packet may have more, of which nobody wants to see all. */
const FIELDS_MAX = 200_000;

class FieldReader {
  faultAt = -1;
  #position = 0;
  #fieldsLeft = FIELDS_MAX;

  constructor(private readonly bytes: Uint8Array) {}

  readMessage(schema: DescMessage, start: number, end: number): Field[] {
    const fields: Field[] = [];
    this.#position = start;
    while (this.#position < end && this.faultAt < 0) {
      const field = this.#readField(schema, this.#position, end);
      if (field !== undefined) fields.push(field);
    }
    return fields;
  }

  #readField(schema: DescMessage, start: number, end: number): Field | undefined {
    const tag = Number(this.#readVarint(start, end));
    const number = Math.floor(tag / 8);
    if (this.faultAt >= 0 || number === 0 || --this.#fieldsLeft < 0) return this.#fault(start);
    const desc = schema.fields.find((each) => each.number === number);
    const value = this.#readValue(desc, tag % 8, start, end);
    if (value === undefined) return undefined;
    return { name: desc?.name ?? `#${number}`, start, end: this.#position, value };
  }

  #readValue(
    desc: DescField | undefined,
    wireType: number,
    start: number,
    end: number,
  ): FieldValue | undefined {
    switch (wireType) {
      case 0: {
        const value = this.#readVarint(start, end);
        return this.faultAt < 0 ? varintValue(desc, value) : undefined;
      }
      case 1:
        return this.#readBytes(undefined, 8, start, end);
      case 5:
        return this.#readBytes(undefined, 4, start, end);
      case 2: {
        const length = Number(this.#readVarint(start, end));
        return this.faultAt < 0 ? this.#readBytes(desc, length, start, end) : undefined;
      }
      default:
        return this.#fault(start);
    }
  }

  #readBytes(
    desc: DescField | undefined,
    length: number,
    start: number,
    end: number,
  ): FieldValue | undefined {
    const from = this.#position;
    if (length > end - from) return this.#fault(start);
    this.#position = from + length;
    const value = this.bytes.subarray(from, from + length);
    const inner = desc?.message ?? INNER[`${desc?.parent.typeName}.${desc?.name}`];
    if (inner !== undefined) return this.#readInner(desc?.message, inner, from, from + length);
    const text = desc?.scalar === ScalarType.STRING ? textOf(value) : undefined;
    return text === undefined ? { kind: 'bytes', value } : { kind: 'text', value: text };
  }

  /** What is opaque to the packet may hold anything: it is then shown as bytes. */
  #readInner(
    declared: DescMessage | undefined,
    inner: DescMessage,
    from: number,
    to: number,
  ): FieldValue {
    const fields = this.readMessage(inner, from, to);
    if (declared === undefined && this.faultAt >= 0) {
      this.faultAt = -1;
      this.#position = to;
      return { kind: 'bytes', value: this.bytes.subarray(from, to) };
    }
    return { kind: 'message', fields };
  }

  #readVarint(start: number, end: number): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n && this.#position < end; shift += 7n) {
      const byte = this.bytes[this.#position++] as number;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    this.#fault(start);
    return 0n;
  }

  #fault(at: number): undefined {
    if (this.faultAt < 0) this.faultAt = at;
    return undefined;
  }
}

function varintValue(desc: DescField | undefined, value: bigint): FieldValue {
  if (desc?.enum !== undefined) {
    const { name, values } = desc.enum;
    const found = values.find((each) => each.number === Number(value));
    const prefix = `${name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase()}_`;
    return { kind: 'enum', value: found?.name.replace(prefix, '') ?? `${value}` };
  }
  if (desc?.scalar === ScalarType.BOOL) return { kind: 'boolean', value: value !== 0n };
  const isShort = desc?.scalar === ScalarType.UINT32;
  return { kind: 'number', value: isShort ? BigInt.asUintN(32, value) : value };
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
