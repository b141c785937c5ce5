import { createRequire } from 'node:module';
import type { EventEmitter2 as EventEmitterClass } from 'eventemitter2';

/** An instance of EventEmitter2. */
export type EventEmitter = EventEmitterClass;

/**
 * EventEmitter2. Its package is CommonJS, and loaded by `require`: for an import Node loads a lexer
 * for CommonJS first, which takes some MB (bench/idle.ts).
 */
export const EventEmitter: typeof EventEmitterClass = createRequire(import.meta.url)(
  'eventemitter2',
).EventEmitter2;
