import { jsonText, type OwnerNames, printable } from '../../decode/names.js';
import type { ValueHider } from '../../decode/values.js';
import { type Field, type FieldValue, packetFields } from '../../wire/fields.js';

/** How the fields of packets are shown. */
export interface TreeOptions {
  readonly names: OwnerNames;
  /** Absent: values are shown. */
  readonly hider: ValueHider | undefined;
  /** Where each field stands, and its bytes, are shown too. */
  readonly hex: boolean;
}

/** The fields of a serialised packet, one a line, indented by depth. */
export function treeLines(packetBytes: Uint8Array, options: TreeOptions): string[] {
  const lines: string[] = [];
  const { fields, faultAt } = packetFields(packetBytes);
  const add = (field: Field, depth: number) => {
    const line = `${'  '.repeat(depth)}${printable(field.name)}${valueText(field, options)}`;
    const place = options.hex ? hexColumns(field, packetBytes, options) : '';
    lines.push(`  ${place}${line}`);
    if (field.value.kind !== 'message') return;
    for (const inner of field.value.fields) add(inner, depth + 1);
  };
  for (const field of fields) add(field, 0);
  if (faultAt !== undefined) lines.push(`  cannot be read on from byte ${faultAt}`);
  return lines;
}

const HEX_BYTES = 8;
/** What applications wrote: only with --show-values it is shown. */
const PAYLOAD = 'payload';
const ID_FIELDS = new Set(['owner', 'origin', 'start', 'end']);
const SHOWN_BYTES_MAX = 1024;

function valueText(field: Field, options: TreeOptions): string {
  const { name, value } = field;
  switch (value.kind) {
    case 'message':
      return '';
    case 'text':
      return `: ${jsonText(value.value)}`;
    case 'bytes':
      return `: ${bytesText(name, value, options)}`;
    default:
      return `: ${value.value}`;
  }
}

function bytesText(
  name: string,
  { value }: Extract<FieldValue, { kind: 'bytes' }>,
  { names, hider }: TreeOptions,
): string {
  if (name === PAYLOAD) {
    if (hider === undefined) return shownValue(value);
    const { bytes, hash } = hider.hide(value);
    return `${bytes} bytes, hash ${hash}`;
  }
  const hex = hexOf(value.subarray(0, SHOWN_BYTES_MAX));
  const rest = value.length > SHOWN_BYTES_MAX ? `… (${value.length} bytes)` : '';
  const owner = ID_FIELDS.has(name) ? names.nameOf(hex) : undefined;
  return owner === undefined ? `${hex}${rest}` : `${hex} (${printable(owner)})`;
}

/** As text if it is, else as hex. */
function shownValue(value: Uint8Array): string {
  try {
    return jsonText(new TextDecoder('utf-8', { fatal: true }).decode(value));
  } catch {
    return hexOf(value);
  }
}

/** The range of a field's bytes, its end exclusive, and the first of them. */
function hexColumns(
  { name, start, end, value }: Field,
  bytes: Uint8Array,
  { hider }: TreeOptions,
): string {
  const range = `${hexNumber(start)}-${hexNumber(end)}`;
  // Of a message only what leads to it: the rest stands beside its fields.
  const first = value.kind === 'message' ? value.fields[0]?.start : undefined;
  const isHidden = name === PAYLOAD && hider !== undefined && value.kind === 'bytes';
  const shownTo = isHidden ? end - value.value.length : (first ?? end);
  const shown = hexOf(bytes.subarray(start, Math.min(shownTo, start + HEX_BYTES)));
  const spaced = shown.replace(/..(?=.)/g, '$& ');
  const isWhole = shownTo - start <= HEX_BYTES && !isHidden;
  return `${range}  ${(isWhole ? spaced : `${spaced}…`).padEnd(HEX_BYTES * 3)}  `;
}

function hexNumber(value: number): string {
  return value.toString(16).padStart(4, '0');
}

function hexOf(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
