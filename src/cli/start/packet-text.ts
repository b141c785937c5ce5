import type { PacketReport } from './packet-report.js';
import { jsonLine, word } from './text.js';

/** A packet as people read it: a headline, its bytes, and the tree of its fields. */
export function packetText(report: PacketReport): string[] {
  return [
    packetHeadline(report),
    ...hexLines(report.envelopeHex).map((line) => `  ${line}`),
    ...(report.packet ? fieldTree(report.packet).map((line) => `  ${line}`) : []),
  ];
}

/** Where a packet came from or went to, how long it is, and how it travelled. */
export function packetHeadline(report: PacketReport): string {
  const { direction, transport, address, bytes, sealed, keyId, parts, refusal } = report;
  const form = sealed ? `sealed${keyId === undefined ? '' : ` by key ${keyId}`}` : 'plain';
  const content = refusal === undefined ? parts : `refused: ${refusal}`;
  return `packet ${direction} ${transport}:${address} ${bytes} bytes, ${form}, ${content}`;
}

const HEX_LINE_DIGITS = 64;

/** Hex digits as lines of 32 bytes. */
export function hexLines(hex: string): string[] {
  return hex.match(new RegExp(`.{1,${HEX_LINE_DIGITS}}`, 'g')) ?? [];
}

/** The fields of an object, one a line, indented by depth; what is empty is left out. */
export function fieldTree(value: object): string[] {
  return Object.entries(value).flatMap(([name, field]) => fieldLines(name, field));
}

function fieldLines(name: string, field: unknown): string[] {
  if (field === undefined || isEmpty(field)) return [];
  if (!isBranch(field)) return [`${word(name)}: ${jsonLine(field)}`];
  if (Array.isArray(field)) return [`${name}:`, ...field.flatMap(itemLines)];
  return [`${word(name)}:`, ...indent(fieldTree(field))];
}

function itemLines(item: unknown): string[] {
  if (!isBranch(item)) return [`  - ${jsonLine(item)}`];
  return fieldTree(item).map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`);
}

function indent(lines: string[]): string[] {
  return lines.map((line) => `  ${line}`);
}

function isBranch(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function isEmpty(value: unknown): boolean {
  return value === '' || (isBranch(value) && Object.keys(value).length === 0);
}
