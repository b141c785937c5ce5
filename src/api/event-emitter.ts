import type { EventEmitter2 as EventEmitterClass } from 'eventemitter2';
import eventemitter2 from 'eventemitter2';

/** An instance of EventEmitter2. */
export type EventEmitter = EventEmitterClass;

/**
 * EventEmitter2. Its package is CommonJS, where Node finds no names to import, and its types say
 * different things of the default import to Node and to bundlers: this is the class for all of them.
 */
export const EventEmitter: typeof EventEmitterClass = eventemitter2.EventEmitter2;
