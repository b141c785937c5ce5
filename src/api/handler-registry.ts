import type {
  EventAndListener,
  event as EventSegment,
  ListenerFn,
  Listener as ListenerObject,
  OnOptions,
  WaitForFilter,
} from 'eventemitter2';
import { checkCount, checkFunction, checkText } from './arguments.js';
import { Channel } from './channel.js';
import { EventEmitter } from './event-emitter.js';
import type { BelieveHandler, NodeEvents, SayHandler, SetHandler } from './events.js';
import { invalidArgument } from './option-readers.js';
import type { NameOrPattern } from './type-maps.js';
import { cancelBy, type WaitOptions, waitOptions } from './waiting.js';

/** An event's name or pattern: text split at ':', or the segments. */
export type EventName = string | EventSegment[];

/** Names of keys, or names of events. */
export type Family = 'set' | 'say';

/**
 * An EventEmitter2 whose keys and events may have any name. Handlers of `set:…` and `say:…` are held
 * in channels (`Pattern` says what matches what); all other events are EventEmitter2's own.
 */
export abstract class HandlerRegistry<Values, Says> extends EventEmitter {
  /**
   * The event that is being handled: the full name (`set:key`) in handlers of `on`, the bare one
   * (`key`) in those of `hear`, `know` and `believe`. Read it before the first `await`.
   */
  event: EventName = '';
  /** @internal */
  protected readonly channels: Readonly<Record<ChannelName, Channel>> = {
    set: new Channel(),
    know: new Channel(),
    believe: new Channel(),
    say: new Channel(),
    hear: new Channel(),
  };

  constructor() {
    super({ wildcard: true, delimiter: ':' });
  }

  /**
   * Adds a handler; `this` is the node in it. `set:` and `say:` take patterns as `know` and `hear`
   * do, and have to be named: `*:key` does not reach keys, `**` reaches everything.
   *
   * @throws TelepathineError INVALID_ARGUMENT if the handler is no function; so do all that take one.
   */
  override on<Name extends keyof NodeEvents>(
    event: Name,
    handler: (this: this, ...args: NodeEvents<this>[Name]) => unknown,
  ): this;
  override on<Key extends NameOrPattern<Values>>(
    event: `set:${Key}`,
    handler: SetHandler<this, Key, Values>,
  ): this;
  override on<Event extends NameOrPattern<Says>>(
    event: `say:${Event}`,
    handler: SayHandler<this, Event, Says>,
  ): this;
  override on<Name extends EventName>(event: Name & Undeclared<Name>, handler: ListenerFn): this;
  override on(event: EventName, handler: ListenerFn, options: OnSettings): this | ListenerObject;
  override on(event: EventName, handler: ListenerFn, options?: OnSettings) {
    checkHandler(handler);
    const place = this.#place(event);
    if (!place) return super.on(event, handler, options);
    return this.#added(place, place.emitter.on(place.event, handler, options));
  }

  override addListener(event: EventName, handler: ListenerFn): this {
    return this.on(event, handler);
  }

  override prependListener(event: EventName, handler: ListenerFn, options?: OnSettings) {
    checkHandler(handler);
    const place = this.#place(event);
    if (!place) return super.prependListener(event, handler, options);
    return this.#added(place, place.emitter.prependListener(place.event, handler, options));
  }

  /** As `on`, for the first time only. */
  override once<Name extends keyof NodeEvents>(
    event: Name,
    handler: (this: this, ...args: NodeEvents<this>[Name]) => unknown,
  ): this;
  override once<Key extends NameOrPattern<Values>>(
    event: `set:${Key}`,
    handler: SetHandler<this, Key, Values>,
  ): this;
  override once<Event extends NameOrPattern<Says>>(
    event: `say:${Event}`,
    handler: SayHandler<this, Event, Says>,
  ): this;
  override once<Name extends EventName>(event: Name & Undeclared<Name>, handler: ListenerFn): this;
  override once(
    event: EventName,
    handler: ListenerFn,
    options: OnceSettings,
  ): this | ListenerObject;
  override once(event: EventName, handler: ListenerFn, options?: OnceSettings) {
    return this.many(event, 1, handler, options);
  }

  override prependOnceListener(event: EventName, handler: ListenerFn, options?: OnSettings) {
    return this.prependMany(event, 1, handler, options);
  }

  override many(event: EventName, times: number, handler: ListenerFn, options?: OnSettings) {
    checkHandler(handler);
    checkTimes(times);
    const place = this.#place(event);
    if (!place) return super.many(event, times, handler, options);
    return this.#added(place, place.emitter.many(place.event, times, handler, options));
  }

  override prependMany(event: EventName, times: number, handler: ListenerFn, options?: OnSettings) {
    checkHandler(handler);
    checkTimes(times);
    const place = this.#place(event);
    if (!place) return super.prependMany(event, times, handler, options);
    return this.#added(place, place.emitter.prependMany(place.event, times, handler, options));
  }

  override onAny(handler: EventAndListener): this {
    checkHandler(handler);
    return super.onAny(handler);
  }

  override prependAny(handler: EventAndListener): this {
    checkHandler(handler);
    return super.prependAny(handler);
  }

  /**
   * Waits for the next such event: a promise of its arguments.
   *
   * @param options EventEmitter2's, a filter or a time-out in ms; or with a `signal`, whose abort
   * rejects the promise with its reason.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  override waitFor(
    event: EventName,
    options?: number | WaitForFilter | WaitOptions,
  ): ReturnType<EventEmitter['waitFor']> {
    const { signal, ...rest } = waitOptions(options);
    const place = this.#place(event);
    const emitter = place?.emitter ?? this;
    const waitFor = EventEmitter.prototype.waitFor;
    const waiting = waitFor.call(emitter, place?.event ?? event, rest as never);
    if (signal) cancelBy(signal, waiting);
    return waiting;
  }

  /**
   * Removes a handler from the event or pattern that it was added with. `set:key` takes those of
   * `know('key', …)` and `believe('key', …)` too, `say:event` those of `hear` and `hearOnce`.
   */
  override off(event: EventName, handler: ListenerFn): this {
    checkHandler(handler);
    checkEventName(event);
    const named = namedEvent(event);
    if (!named) return super.off(event, handler);
    CHANNELS[named.family].find((name) => this.channels[name].remove(named.name, handler));
    return this;
  }

  override removeListener(event: EventName, handler: ListenerFn): this {
    return this.off(event, handler);
  }

  /** Removes all handlers of an event or of exactly this pattern; without one, all there are. */
  override removeAllListeners(event?: EventName): this {
    if (event !== undefined) checkEventName(event);
    const named = namedEvent(event);
    if (event === undefined || !named) super.removeAllListeners(event);
    for (const [name, channel] of Object.entries(this.channels)) {
      if (event === undefined) channel.emitter.removeAllListeners();
      else if (named && CHANNELS[named.family].includes(name as ChannelName)) {
        channel.emitter.removeAllListeners(channel.eventOf(named.name));
      }
    }
    return this;
  }

  /** The handlers that an event of this name reaches. */
  override listeners(event: EventName): ListenerFn[] {
    checkEventName(event);
    const named = namedEvent(event);
    if (!named) return super.listeners(event);
    return [
      ...super.listeners(opaqueSegments(named)),
      ...CHANNELS[named.family].flatMap((name) => this.channels[name].matching(named.name)),
    ];
  }

  /** @internal The handlers outside the channels, by EventEmitter2's own rules. */
  protected plainListeners(event: EventName): ListenerFn[] {
    return super.listeners(event);
  }

  override listenerCount(event: EventName): number {
    return this.listeners(event).length;
  }

  override hasListeners(event: string): boolean {
    return this.listeners(event).length > 0;
  }

  override eventNames(asArray?: boolean): EventName[] {
    const families = Object.keys(CHANNELS) as Family[];
    const named = families.flatMap((family) =>
      CHANNELS[family]
        .flatMap((name) => this.channels[name].patterns())
        .map((pattern) => `${family}:${pattern}`),
    );
    const others = super.eventNames(asArray) as EventName[];
    return [...others, ...new Set(named)];
  }

  /**
   * Receives the events that other nodes say.
   *
   * @param event may be a pattern: `*` hears all, `a:*` what begins with `a:`; docs/API.md has the
   * rules.
   * @param handler `this` is the node in it, and `this.event` the event's name.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  hear<Event extends NameOrPattern<Says>>(
    event: Event,
    handler: SayHandler<this, Event, Says>,
  ): this {
    return this.#listen('hear', event, handler);
  }

  /** As `hear`, for the first event only, whichever it is that matches a pattern. */
  hearOnce<Event extends NameOrPattern<Says>>(
    event: Event,
    handler: SayHandler<this, Event, Says>,
  ): this {
    checkText(event, 'the pattern');
    checkHandler(handler);
    const channel = this.channels.hear;
    channel.emitter.once(channel.register(event), handler as ListenerFn);
    return this;
  }

  /**
   * Receives the values that other nodes set.
   *
   * @param key may be a pattern, as of `hear`.
   * @param handler `this` is the node in it, and `this.event` the key.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  know<Key extends NameOrPattern<Values>>(key: Key, handler: SetHandler<this, Key, Values>): this {
    return this.#listen('know', key, handler);
  }

  /**
   * Adopts what other nodes set: the newest value of all nodes is set here too, with the time at which
   * it expires. Which is newer is settled by a stamp that values carry along, so that nodes which
   * believe each other come to rest. A deletion is adopted too, its value is undefined.
   *
   * @param key may be a pattern, as of `hear`.
   * @param handler is called after something was adopted.
   * @throws TelepathineError INVALID_ARGUMENT
   */
  believe<Key extends NameOrPattern<Values>>(
    key: Key,
    handler?: BelieveHandler<this, Key, Values>,
  ): this {
    return this.#listen('believe', key, handler ?? nothing);
  }

  #listen(name: ChannelName, pattern: string, handler: Handler): this {
    checkText(pattern, 'the pattern');
    checkHandler(handler);
    const channel = this.channels[name];
    channel.emitter.on(channel.register(pattern), handler as ListenerFn);
    return this;
  }

  /** Where handlers of `set:` and `say:` go; undefined for other events. */
  #place(event: EventName): Place | undefined {
    checkEventName(event);
    const named = namedEvent(event);
    if (!named) return undefined;
    const channel = this.channels[named.family];
    return { emitter: channel.emitter, event: channel.register(named.name) };
  }

  /** What adding returns: this node in place of the channel's emitter, or the listener object. */
  #added(place: Place, result: EventEmitter | ListenerObject) {
    return result === place.emitter ? this : (result as ListenerObject);
  }
}

/** Not for the events whose handlers have declared types: theirs are not to be got round. */
type Undeclared<Name> = Name extends keyof NodeEvents | `set:${string}` | `say:${string}`
  ? never
  : unknown;
type OnSettings = boolean | OnOptions;
type OnceSettings = true | OnOptions;
type ChannelName = Family | 'know' | 'believe' | 'hear';
/** Any function, whatever it takes. */
type Handler = (this: never, ...args: never[]) => unknown;

/** A key or event, as an event's name names it. */
export interface NamedEvent {
  family: Family;
  name: string;
}

interface Place {
  emitter: EventEmitter;
  event: string;
}

/** The channels of a family: the first is for full names, the second for bare ones. */
export const CHANNELS: Record<Family, readonly [ChannelName, ChannelName, ...ChannelName[]]> = {
  set: ['set', 'know', 'believe'],
  say: ['say', 'hear'],
};

/** A key or event, if that is what an event's name names: `set:a:b`, or `['set', 'a', 'b']`. */
export function namedEvent(event: EventName | undefined): NamedEvent | undefined {
  const text = Array.isArray(event) ? event.map(String).join(':') : event;
  if (typeof text !== 'string') return undefined;
  if (text.startsWith('set:')) return { family: 'set', name: text.slice(4) };
  if (text.startsWith('say:')) return { family: 'say', name: text.slice(4) };
  return undefined;
}

/** Segments that only wildcards can match, whatever the name is. */
export function opaqueSegments({ family, name }: NamedEvent): string[] {
  return [family, ...name.split(':').map((segment) => `=${segment}`)];
}

/** Refuses what is no event's name: with wildcards EventEmitter2 takes no symbol. @throws TelepathineError INVALID_ARGUMENT. */
export function checkEventName(event: unknown): void {
  if (typeof event === 'string' || Array.isArray(event)) return;
  throw invalidArgument('the event', event, 'text, or an array of segments');
}

function checkTimes(times: unknown): void {
  checkCount(times, 'how many times', 1, Number.MAX_SAFE_INTEGER);
}

function checkHandler(handler: unknown): void {
  checkFunction(handler, 'the handler');
}

function nothing(): void {
  // The handler of a `believe` without one.
}
