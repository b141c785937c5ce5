import { jsonLine, word } from './text.js';

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
