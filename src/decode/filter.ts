/** Which packets are shown. */
import { ownerIdOf } from '../wire/owner-id.js';
import type { OwnerId, Packet } from '../wire/packet.js';
import { PACKET_PARTS, packetType } from '../wire/packet-type.js';
import type { Instant } from './capture/record.js';
import { bodiesOf } from './describe.js';
import { matchesGlob } from './glob.js';
import type { Item, PacketItem } from './item.js';

/** All that are given must hold; of each list one is enough. */
export interface FilterOptions {
  /** Names or ids, or the beginnings of ids, of owners: of the sender or of whom a part is about. */
  readonly owners?: readonly string[];
  readonly types?: readonly FilterType[];
  /** `*` stands for any text, `?` for a character: keys and events that a delta tells of. */
  readonly keyGlobs?: readonly string[];
  /** What came earlier is not shown; seconds count from the first record that has a time. */
  readonly since?: Instant | { readonly afterSeconds: number } | undefined;
}

/** What a packet may carry; `empty` for nothing, `problem` for what could not be read. */
export const FILTER_TYPES = [
  ...PACKET_PARTS,
  ...(['ping', 'answer', 'header', 'value', 'tombstone', 'say', 'empty', 'problem'] as const),
] as const;
/** A value of `FILTER_TYPES`. */
export type FilterType = (typeof FILTER_TYPES)[number];

/** Decides item by item. */
export class Filter {
  #firstTime: Instant | undefined;
  /** By what was given: the id of the owner with that name. */
  readonly #owners: ReadonlyMap<string, OwnerId>;
  /** Of those the ones that are no name so far, and too short for the beginning of an id. */
  readonly #unclear: Set<string>;

  constructor(private readonly options: FilterOptions) {
    const { owners = [] } = options;
    this.#owners = new Map(owners.map((given) => [given, ownerIdOf(given)]));
    this.#unclear = new Set(owners.filter(isShortId));
  }

  /** Owners that were asked for by less of an id than is taken, and whose name no node has. */
  get unclearOwners(): readonly string[] {
    return [...this.#unclear];
  }

  /** What could not be read has no owner and no key. */
  passes(item: Item): boolean {
    const { owners, types, keyGlobs, since } = this.options;
    const isAbout = owners === undefined || (item.kind === 'packet' && this.#isAbout(item));
    this.#firstTime ??= item.place.time;
    if (!isAbout) return false;
    if (since !== undefined && !this.#isSince(item.place.time, since)) return false;
    if (item.kind === 'problem') {
      return (types === undefined || types.includes('problem')) && keyGlobs === undefined;
    }
    if (types !== undefined && !types.some((type) => hasType(item.packet, type))) return false;
    return keyGlobs === undefined || hasKey(item.packet, keyGlobs);
  }

  #isSince(time: Instant | undefined, since: NonNullable<FilterOptions['since']>): boolean {
    if (time === undefined) return false;
    if (!('afterSeconds' in since)) return secondsBetween(since, time) >= 0;
    return secondsBetween(this.#firstTime as Instant, time) >= since.afterSeconds;
  }

  #isAbout({ packet }: PacketItem): boolean {
    const ids = ownersOf(packet);
    const found = [...this.#owners].filter(([given, owner]) =>
      ids.some((id) => id === owner || isStartOfId(given, id)),
    );
    for (const [given] of found) this.#unclear.delete(given);
    return found.length > 0;
  }
}

/** All owners of whom a packet tells, the sender first. */
export function ownersOf({ sender, ...packet }: Packet): string[] {
  const { digests, wants, deltas, probes, suspicions, votes } = packet;
  const lists = [...digests.map(({ owners }) => owners), wants, deltas, probes, suspicions, votes];
  return [sender.owner, ...lists.flatMap((list) => list.map(({ owner }) => owner))];
}

/** From one point of time to another. */
export function secondsBetween(from: Instant, to: Instant): number {
  return to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds) / 1e9;
}

const ID_START_DIGITS_MIN = 4;

/** Whether a text looks like the beginning of an id, of which too many may begin so. */
function isShortId(text: string): boolean {
  return /^#?[0-9a-f]*$/i.test(text) && text.replace('#', '').length < ID_START_DIGITS_MIN;
}

function isStartOfId(given: string, id: string): boolean {
  const digits = given.replace(/^#/, '').toLowerCase();
  return digits.length >= ID_START_DIGITS_MIN && id.startsWith(digits);
}

function hasType(packet: Packet, type: FilterType): boolean {
  switch (type) {
    case 'ping':
    case 'answer':
      return (packet.heartbeat?.[type] ?? 0) > 0;
    case 'header':
      return packet.deltas.some(({ header }) => header.length > 0);
    case 'value':
    case 'tombstone':
    case 'say':
      return packet.deltas.some((delta) =>
        bodiesOf(delta).some(({ content }) => content.kind === type),
      );
    case 'problem':
      return false;
    default:
      return packetType(packet).split('+').includes(type);
  }
}

function hasKey({ deltas }: Packet, globs: readonly string[]): boolean {
  return deltas.some((delta) =>
    bodiesOf(delta).some(({ name }) => globs.some((glob) => matchesGlob(name, glob))),
  );
}
