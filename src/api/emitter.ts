import type { ListenerFn } from 'eventemitter2';
import { TelepathineError } from '../error.js';
import { isThenable } from '../node/deferred.js';
import type { Announcement } from './events.js';
import type { EventName, Family } from './handler-registry.js';
import {
  CHANNELS,
  checkEventName,
  HandlerRegistry,
  namedEvent,
  opaqueSegments,
} from './handler-registry.js';
import type { Logger } from './logger.js';

/**
 * Calls handlers one by one. One that throws, or whose promise is rejected, stops neither the node nor
 * the others: `error` handlers get HANDLER_FAILED, or the logger if there are none.
 */
export abstract class MeshEmitter<Values, Says> extends HandlerRegistry<Values, Says> {
  /** @internal Gets what no handler takes. */
  protected abstract readonly logger: Logger;
  /** Promises and loops that wait: what adds or removes handlers does not concern them. */
  readonly #observers = new Set<(announcement: Announcement) => void>();

  /** For events of the application's own; the others see nothing of it. */
  override emit(event: EventName, ...values: unknown[]): boolean {
    checkEventName(event);
    const named = namedEvent(event);
    if (!named) return super.emit(event, ...values);
    this.#fireNamed(named.family, named.name, values);
    return this.listenerCount(event) > 0;
  }

  /** As `emit`, and resolves with what the handlers return; rejects with the first that fails. */
  override async emitAsync(event: EventName, ...values: unknown[]): Promise<unknown[]> {
    checkEventName(event);
    const named = namedEvent(event);
    if (!named) return super.emitAsync(event, ...values);
    const full = `${named.family}:${named.name}`;
    const [, bare] = CHANNELS[named.family];
    const calls = [
      ...this.listenersAny().map((handler) => ({ handler, event: full, args: [full, ...values] })),
      ...[
        ...this.plainListeners(opaqueSegments(named)),
        ...this.channels[named.family].matching(named.name),
      ].map((handler) => ({ handler, event: full, args: values })),
      ...this.channels[bare]
        .matching(named.name)
        .map((handler) => ({ handler, event: named.name, args: values })),
    ];
    return Promise.all(
      calls.map((call) => {
        this.event = call.event;
        return call.handler.apply(this, call.args) as unknown;
      }),
    );
  }

  /**
   * Tells a function of this package, before the handlers, of whatever is announced.
   *
   * @internal
   * @returns ends it.
   */
  protected observe(observer: (announcement: Announcement) => void): () => void {
    this.#observers.add(observer);
    return () => this.#observers.delete(observer);
  }

  /** @internal Tells the application of what happened, `onAny` handlers included. */
  protected announce(announcement: Announcement): void {
    for (const observer of [...this.#observers]) observer(announcement);
    if ('family' in announcement) {
      this.#fireNamed(announcement.family, announcement.name, announcement.args);
    } else {
      const { event, args } = announcement;
      this.#callAny(event, args);
      this.#call(this.plainListeners(event), event, args);
    }
  }

  /** @internal Whether somebody believes this key. */
  protected isBelieved(key: string): boolean {
    return this.channels.believe.matching(key).length > 0;
  }

  /** @internal Calls the handlers of `believe`. */
  protected fireBelieved(key: string, args: unknown[]): void {
    this.#call(this.channels.believe.matching(key), key, args);
  }

  /** @internal Calls one function of the application; what it throws becomes an `error` event. */
  protected callGuarded(handler: ListenerFn, what: string, args: unknown[]): void {
    const failed = (cause: unknown) =>
      this.report(new TelepathineError('HANDLER_FAILED', `${what} failed`, { cause }));
    try {
      const result: unknown = handler.apply(this, args);
      if (isThenable(result)) result.then(undefined, failed);
    } catch (cause) {
      failed(cause);
    }
  }

  /** @internal Gives an error to the `error` handlers, or to the logger if there are none. */
  protected report(error: TelepathineError): void {
    const handlers = this.plainListeners('error');
    if (handlers.length === 0) this.logger.error({ err: error }, error.code);
    for (const handler of handlers) this.#callErrorHandler(handler, error);
  }

  /** Calls the handlers of a key or event whose name came from the network. */
  #fireNamed(family: Family, name: string, args: unknown[]): void {
    const event = `${family}:${name}`;
    const [full, bare] = CHANNELS[family];
    this.#callAny(event, args);
    this.#call(this.plainListeners(opaqueSegments({ family, name })), event, args);
    this.#call(this.channels[full].matching(name), event, args);
    this.#call(this.channels[bare].matching(name), name, args);
  }

  #callErrorHandler(handler: ListenerFn, error: TelepathineError): void {
    const failed = (cause: unknown) =>
      this.logger.error({ err: cause }, 'a handler of error events failed');
    this.event = 'error';
    try {
      const result: unknown = handler.call(this, error);
      if (isThenable(result)) result.then(undefined, failed);
    } catch (cause) {
      failed(cause);
    }
  }

  #callAny(event: string, args: unknown[]): void {
    for (const handler of [...this.listenersAny()]) {
      this.event = event;
      this.callGuarded(handler, `a handler of all events, at '${event}',`, [event, ...args]);
    }
  }

  #call(handlers: ListenerFn[], event: string, args: unknown[]): void {
    for (const handler of handlers) {
      this.event = event;
      this.callGuarded(handler, `a handler of '${event}'`, args);
    }
  }
}
