import { closest } from '../../api/closest.js';
import { isPlainObject } from '../../api/option-readers.js';
import { TelepathineError } from '../../error.js';
import type { CommandShape, FieldKind, Fields } from './commands.js';
import { COMMANDS } from './commands.js';

/** A command that may be run. */
export interface Request {
  readonly shape: CommandShape;
  readonly fields: Fields;
}

/**
 * Reads a line such as `{"command":"set","key":"k","value":1,"ttlMs":500,"id":7}`.
 *
 * @throws TelepathineError INVALID_ARGUMENT
 */
export function parseJsonRequest(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw invalid(`this is no JSON: ${(cause as Error).message}`);
  }
}

/**
 * Checks a command and its fields.
 *
 * @throws TelepathineError INVALID_ARGUMENT, which names the field and what is allowed.
 */
export function readRequest(given: unknown): Request {
  if (!isPlainObject(given)) throw invalid('a command is an object, such as {"command":"members"}');
  const { command, id: _, ...rest } = given;
  const shape = shapeOf(command);
  const kinds = shape.fields as Readonly<Record<string, FieldKind>>;
  for (const name of Object.keys(rest)) {
    if (Object.hasOwn(kinds, name)) continue;
    throw invalid(`${command} has no field ${name}${hint(name, [...Object.keys(kinds), 'id'])}`);
  }
  for (const name of shape.required) {
    if (!Object.hasOwn(rest, name)) throw invalid(`${command} needs ${name}`);
  }
  if (Object.hasOwn(rest, 'bytes') && Object.hasOwn(rest, 'value')) {
    throw invalid(`${command} takes value or bytes, not both`);
  }
  const fields = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, readField(name, kinds[name]!, value)]),
  ) as unknown as Fields;
  return { shape, fields };
}

/** @throws TelepathineError INVALID_ARGUMENT for what names no command. */
export function shapeOf(command: unknown): CommandShape {
  const names = Object.keys(COMMANDS);
  if (typeof command === 'string' && Object.hasOwn(COMMANDS, command)) return COMMANDS[command]!;
  const meant = typeof command === 'string' ? hint(command, names) : '';
  throw invalid(`there is no such command${meant || `; there are ${names.join(', ')}`}`);
}

/** The error of a command that is not of its form. */
export function invalid(message: string): TelepathineError {
  return new TelepathineError('INVALID_ARGUMENT', message);
}

function readField(name: string, kind: FieldKind, value: unknown): unknown {
  switch (kind) {
    case 'name':
      if (typeof value === 'string') return value;
      throw invalid(`${name} must be text`);
    case 'ms':
      if (typeof value === 'number' && value > 0) return value;
      throw invalid(`${name} must be a number of milliseconds above 0`);
    case 'flag':
      if (typeof value === 'boolean') return value;
      throw invalid(`${name} must be true or false`);
    case 'base64':
      if (typeof value === 'string') return readBase64(name, value);
      throw invalid(`${name} must be base64`);
    case 'json':
      return value;
  }
}

/** Buffer skips what is no base64: only what comes back the same was well formed. */
function readBase64(name: string, text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) throw invalid(`${name} must be base64, padded`);
  return new Uint8Array(bytes);
}

function hint(name: string, names: readonly string[]): string {
  const meant = closest(name, names);
  return meant === undefined ? '' : `; did you mean ${meant}?`;
}
