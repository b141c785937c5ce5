import { textLine, timeText } from '../../cli/decode/text-line.js';
import type { SealingKey } from '../../crypto/keyring.js';
import type { Instant } from '../../decode/capture/record.js';
import type { End, Item, Place } from '../../decode/item.js';
import { KeySet } from '../../decode/key-set.js';
import { escaped, OwnerNames } from '../../decode/names.js';
import { UDP } from '../../decode/net/ip-packet.js';
import { makeDatagram } from '../../decode/net/make-packet.js';
import { Opener } from '../../decode/opener.js';
import { PlainCapture } from '../../decode/plain-capture.js';
import { formatAddress, type IpPort } from '../../transport/address.js';
import { ipToBytes } from '../../transport/ip.js';

/** An envelope that was sent or came. */
export interface Passed {
  readonly transport: 'udp' | 'tcp';
  readonly from: IpPort;
  readonly to: IpPort;
  /** May be anything: a case sends what it likes. */
  readonly envelope: Uint8Array;
}

type Line = { readonly atMs: number } & ({ readonly passed: Passed } | { readonly note: string });

/** More would take too much memory: what is left out lies behind the first. */
const LINES_MAX = 4000;
const FIRST_LINES = 500;
const LEFT_OUT_AT_ONCE = 1000;
const COLUMNS = 200;

/** All that happened in a case, for whoever looks into a failure. */
export class Trace {
  readonly #lines: Line[] = [];
  readonly #keys: SealingKey[] = [];
  #left = 0;

  /** Keys by which the lines can be opened later. */
  knows(keys: readonly SealingKey[]): void {
    this.#keys.push(...keys);
  }

  /** An envelope went or came. */
  passed(passed: Passed): void {
    this.#add({ atMs: nowMs(), passed: { ...passed, envelope: passed.envelope.slice() } });
  }

  /** Something else happened. */
  note(note: string): void {
    this.#add({ atMs: nowMs(), note });
  }

  /** A line for each that happened, packets decoded. */
  text(): string {
    const names = new OwnerNames();
    const lines = this.#items().map((each) => {
      if (typeof each !== 'string' && each.kind === 'packet') names.learn(each.packet);
      return typeof each === 'string' ? each : textLine(each, names, { columns: COLUMNS });
    });
    if (this.#left > 0) lines.splice(FIRST_LINES, 0, `… ${this.#left} lines are left out`);
    return `${lines.join('\n')}\n`;
  }

  /** The same packets, in the clear where they could be opened, as a capture. */
  pcapng(): Uint8Array {
    const parts: Uint8Array[] = [];
    const capture = new PlainCapture((bytes) => parts.push(bytes));
    for (const item of this.#items()) {
      if (typeof item === 'string') continue;
      if (item.kind === 'packet' || item.place.transport === 'tcp') capture.item(item);
      else unopened(capture, item);
    }
    return Buffer.concat(parts);
  }

  #add(line: Line): void {
    this.#lines.push(line);
    if (this.#lines.length <= LINES_MAX) return;
    this.#lines.splice(FIRST_LINES, LEFT_OUT_AT_ONCE);
    this.#left += LEFT_OUT_AT_ONCE;
  }

  #items(): (Item | string)[] {
    const opener = new Opener(new KeySet(this.#keys));
    return this.#lines.map((line, offset) => {
      const time = instantOf(line.atMs);
      if ('note' in line) return `${timeText(time)} ${escaped(line.note)}`;
      const { transport, from, to, envelope } = line.passed;
      const place: Place = { time, transport, from: endOf(from), to: endOf(to), offset };
      return opener.read(envelope, place);
    });
  }
}

function unopened(capture: PlainCapture, { place, envelope }: Item): void {
  const { from, to, time } = place;
  if (from === undefined || to === undefined || envelope === undefined) return;
  const ends = { source: from.ip, destination: to.ip };
  const payload = makeDatagram(ends, [from.port, to.port], envelope);
  const version = from.ip.length === 4 ? 4 : 6;
  capture.other({ ...ends, version, protocol: UDP, payload, isCut: false }, time);
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

function instantOf(atMs: number): Instant {
  const seconds = Math.floor(atMs / 1000);
  return { seconds, nanoseconds: Math.floor((atMs - seconds * 1000) * 1e6) };
}

function endOf({ ip, port }: IpPort): End {
  return { ip: ipToBytes(ip) ?? new Uint8Array(4), port, text: formatAddress(ip, port) };
}
