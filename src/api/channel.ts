import type { ListenerFn } from 'eventemitter2';
import { EventEmitter } from './event-emitter.js';
import { Pattern } from './pattern.js';

/**
 * The handlers of names that come from the network, by the pattern that they were registered with.
 *
 * EventEmitter2 holds them without wildcards, and behind a prefix, so that no name or pattern means
 * anything to it; which patterns a name matches is decided here.
 */
export class Channel {
  /** Adds and removes handlers; its events are `eventOf(pattern)`. */
  readonly emitter = new EventEmitter({ maxListeners: 0 });
  readonly #patterns = new Map<string, Pattern>();

  /** The event under which handlers of this pattern are to be added to `emitter`. */
  register(pattern: string): string {
    if (Pattern.isWild(pattern) && !this.#patterns.has(pattern)) {
      this.#patterns.set(pattern, new Pattern(pattern));
    }
    return this.eventOf(pattern);
  }

  /** The event that handlers of this pattern are held under. */
  eventOf(pattern: string): string {
    return `${Pattern.isWild(pattern) ? WILD : EXACT}${pattern}`;
  }

  /** Removes a handler that was registered with this very pattern; true if there was one. */
  remove(pattern: string, handler: ListenerFn): boolean {
    const event = this.eventOf(pattern);
    const countBefore = this.emitter.listenerCount(event);
    this.emitter.off(event, handler);
    return this.emitter.listenerCount(event) < countBefore;
  }

  /** The handlers whose patterns match: those of the name itself first. */
  matching(name: string): ListenerFn[] {
    const handlers = [...this.emitter.listeners(`${EXACT}${name}`)];
    if (this.#patterns.size === 0) return handlers;
    const segments = name.split(':');
    for (const [text, pattern] of this.#patterns) {
      if (!pattern.matches(segments)) continue;
      const listeners = this.emitter.listeners(`${WILD}${text}`);
      if (listeners.length === 0) this.#patterns.delete(text);
      handlers.push(...listeners);
    }
    return handlers;
  }

  /** The patterns that have handlers. */
  patterns(): string[] {
    const events = this.emitter.eventNames().map(String);
    return events
      .filter((event) => this.emitter.listenerCount(event) > 0)
      .map((event) => event.slice(EXACT.length));
  }
}

const EXACT = '=';
const WILD = '~';
