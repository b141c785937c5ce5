/** Protobuf bytes as no encoder writes them. */

/** The wire types of protobuf. */
export const WireType = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 };

/** A varint of any number up to 2^64 - 1. */
export function varint(value: number | bigint): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt(value);
  while (rest >= 128n) {
    bytes.push(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  return Uint8Array.from([...bytes, Number(rest)]);
}

/** The tag of a field. */
export function tag(field: number, wireType: number): Uint8Array {
  return varint(BigInt(field) * 8n + BigInt(wireType));
}

/** A field with a varint. */
export function varintField(field: number, value: number | bigint): Uint8Array {
  return joined(tag(field, WireType.varint), varint(value));
}

/** A field with bytes behind their length. */
export function bytesField(field: number, content: Uint8Array): Uint8Array {
  return joined(tag(field, WireType.bytes), varint(content.length), content);
}

/** Bytes of hex text. */
export function hex(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text, 'hex'));
}

export function joined(...parts: Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** A field that version 1 does not have. */
export const UNKNOWN_FIELD = 1000;

/**
 * A message with an unknown field behind it that makes it so long.
 *
 * @param bytes of the whole; as many as the message has, or fewer: nothing is added.
 */
export function padded(message: Uint8Array, bytes: number): Uint8Array {
  if (bytes <= message.length) return message;
  // Where a longer length would leave no content that needs it, a longer tag helps.
  for (const head of [UNKNOWN_FIELD, UNKNOWN_FIELD * 4].map((field) =>
    tag(field, WireType.bytes),
  )) {
    for (let lengthBytes = 1; lengthBytes <= 4; lengthBytes++) {
      const content = bytes - message.length - head.length - lengthBytes;
      if (content < 0 || varint(content).length !== lengthBytes) continue;
      return joined(message, head, varint(content), new Uint8Array(content));
    }
  }
  throw new Error(`${message.length} bytes cannot be made ${bytes}`);
}
