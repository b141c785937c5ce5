import { ProtobufValue } from '../../api/payload.js';

/** A value or event's data in JSON: as it is, or, if it is not JSON, its bytes. */
export type Content =
  | { readonly value: unknown }
  | {
      /** Base64. */
      readonly bytes: string;
      /** The full name of a protobuf message. */
      readonly typeName?: string;
    };

/** What a node gives, as JSON can show it. */
export function contentOf(value: unknown): Content {
  if (value instanceof ProtobufValue) {
    return { bytes: base64Of(value.bytes), typeName: value.typeName };
  }
  return value instanceof Uint8Array ? { bytes: base64Of(value) } : { value };
}

function base64Of(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
