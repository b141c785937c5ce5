import type { Clock } from '../clock/clock.js';
import type { CoreEvent, SayInput } from '../core/contract.js';
import type { Command } from '../node/node.js';
import type { OwnerId, Stamp } from '../wire/packet.js';
import { checkBoolean, checkMs, checkName, checkText, readExpiry } from './arguments.js';
import type { OwnState, OwnValue } from './own-state.js';
import { setCommand } from './own-state.js';
import { decodePayload, encodePayload } from './payload.js';
import type { Schemas } from './schemas.js';

/** Takes commands while the node runs. */
export interface CommandTaker {
  /** The id of the node's name. */
  readonly id: OwnerId;
  /** @throws TelepathineError as the core does; nothing was changed then. */
  apply(command: Command): void;
}

/** Another node's change of a key. */
export type RemoteChange = Extract<CoreEvent, { type: 'set' | 'deleted' }>;

/**
 * What the node sets, deletes and says: checked, kept in the own state, and given to the core if one
 * runs.
 */
export class OwnCommands {
  /** @param running what takes commands now; undefined while the node does not run. */
  constructor(
    private readonly own: OwnState,
    private readonly schemas: Schemas,
    private readonly clock: Clock,
    private readonly running: () => CommandTaker | undefined,
  ) {}

  /** @throws TelepathineError as `Telepathine.set`; nothing was changed then. */
  set(key: string, value: unknown, expiresAt: number | undefined): void {
    checkName(key, 'key');
    const expiresAtMs = readExpiry(expiresAt, this.clock);
    const payload = encodePayload(value, this.schemas);
    this.#put(key, { payload, expiresAtMs, stamp: this.own.nextStamp() });
  }

  /** The value of an own key, as a copy. @throws TelepathineError INVALID_ARGUMENT. */
  get(key: string): unknown {
    checkText(key, 'key');
    const value = this.own.get(key, this.clock.nowMs());
    return value && decodePayload(value.payload, this.schemas)?.value;
  }

  /** @returns false if there was no such key. @throws TelepathineError INVALID_ARGUMENT. */
  delete(key: string): boolean {
    checkText(key, 'key');
    if (!this.own.get(key, this.clock.nowMs())) return false;
    this.#remove(key, this.own.nextStamp());
    return true;
  }

  /** The own keys, in the order in which they were set. */
  keys(): string[] {
    return this.own.entries(this.clock.nowMs()).map(([key]) => key);
  }

  /** The own keys and values, in the order in which they were set. */
  entries(): [key: string, value: unknown][] {
    const entries = this.own.entries(this.clock.nowMs());
    return entries.map(([key, { payload }]) => [key, decodePayload(payload, this.schemas)?.value]);
  }

  /** @throws TelepathineError as `Telepathine.say`; nothing was changed then. */
  say(event: string, data: unknown, eventDurationMS: number, buffer: boolean): void {
    checkName(event, 'event');
    checkMs(eventDurationMS, 'eventDurationMS', 1);
    checkBoolean(buffer, 'buffer');
    const { bytes, ...form } = encodePayload(data === undefined ? null : data, this.schemas);
    const durationMs = Math.ceil(eventDurationMS);
    const input: SayInput = { type: 'say', event, payload: bytes, ...form, durationMs, buffer };
    const taker = this.running();
    if (taker) {
      taker.apply(input);
    } else {
      this.own.checkRoomForEvent(input);
      this.own.wait(input);
    }
  }

  /**
   * Makes another node's change of a key an own one, if its stamp is above that of the own value or
   * deletion. The stamp is kept: whoever believes the adopted value back finds it no newer than its
   * own, and so nodes that believe each other come to rest. What cannot be read is not adopted.
   *
   * @returns whether anything was adopted.
   * @throws TelepathineError LIMIT_REACHED; nothing was changed then.
   */
  adopt(change: RemoteChange): boolean {
    const nowMs = this.clock.nowMs();
    const taker = this.running();
    const { time, origin } = stampOf(change);
    const stamp = { time, origin: origin ?? change.owner };
    if (!taker || !this.own.isNewer(change.key, stamp, taker.id, nowMs)) return false;
    if (change.type === 'deleted') {
      const existed = this.own.get(change.key, nowMs) !== undefined;
      this.#remove(change.key, stamp);
      return existed;
    }
    const { payload, expiresAtMs } = change.value;
    if (expiresAtMs !== undefined && expiresAtMs <= nowMs) return false;
    if (!decodePayload(payload, this.schemas)) return false;
    this.#put(change.key, { payload, expiresAtMs, stamp });
    return true;
  }

  #put(key: string, value: OwnValue): void {
    const taker = this.running();
    if (!taker) this.own.checkRoomForValue(key, value.payload);
    // The own state comes first: what the core answers may call handlers that set the key again.
    const takeBack = this.own.set(key, value);
    try {
      taker?.apply(setCommand(key, value, this.clock.nowMs()));
    } catch (error) {
      takeBack();
      throw error;
    }
  }

  #remove(key: string, stamp: Stamp): void {
    this.own.delete(key, stamp, this.clock.nowMs());
    this.running()?.apply({ type: 'delete', key, stamp });
  }
}

/** The stamp of a change. */
export function stampOf(change: RemoteChange): Stamp {
  return change.type === 'set' ? change.value.stamp : change.stamp;
}
