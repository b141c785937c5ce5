import type {
  Delta,
  Digest,
  Fingerprint,
  Life,
  OwnerDigest,
  Packet,
  Suspicion,
  Vote,
  Want,
  WireEntry,
} from '../wire/packet.js';
import {
  deltaBaseBytes,
  digestBaseBytes,
  entryBytes,
  fingerprintBytes,
  lifeBytes,
  ownerDigestBytes,
  packetBaseBytes,
  suspicionBytes,
  voteBytes,
  wantBytes,
} from '../wire/size.js';

/** What is to be sent on one link, before it is cut into packets. */
export interface Parts {
  fingerprints: Fingerprint[];
  /** Lists of ranges. */
  digests: Digest[];
  /** Owners for a partial list. */
  statements: OwnerDigest[];
  wants: Want[];
  deltas: OutgoingDelta[];
  probes: Life[];
  suspicions: Suspicion[];
  votes: Vote[];
}

/** A delta of any size, to be cut. */
export interface OutgoingDelta extends Delta {
  entries: OutgoingEntry[];
}

/** An entry whose version is known without reading its body. */
export interface OutgoingEntry extends WireEntry {
  version: number;
}

export function emptyParts(): Parts {
  return {
    fingerprints: [],
    digests: [],
    statements: [],
    wants: [],
    deltas: [],
    probes: [],
    suspicions: [],
    votes: [],
  };
}

/**
 * Cuts parts into packets of at most `bytesMax` encoded bytes. Deltas are cut between entries; one
 * whose next entry fits no packet ends before it, with an `as_of` that says there is more.
 *
 * @param first the first packet, with its heartbeat; its lists are filled.
 * @param next makes each further packet.
 * @param entryBytesMax a packet may grow to this for the sake of a single entry.
 */
export function pack(
  parts: Parts,
  first: Packet,
  next: () => Packet,
  bytesMax: number,
  entryBytesMax = bytesMax,
): Packet[] {
  const packer = new Packer(first, next, bytesMax, entryBytesMax);
  for (const vote of parts.votes) packer.room(voteBytes(vote)).votes.push(vote);
  for (const probe of parts.probes) packer.room(lifeBytes(probe)).probes.push(probe);
  for (const suspicion of parts.suspicions) {
    packer.room(suspicionBytes(suspicion)).suspicions.push(suspicion);
  }
  for (const fingerprint of parts.fingerprints) {
    packer.room(fingerprintBytes(fingerprint)).fingerprints.push(fingerprint);
  }
  packStatements(packer, parts.statements);
  for (const digest of parts.digests) packRange(packer, digest);
  for (const want of parts.wants) packer.room(wantBytes(want)).wants.push(want);
  for (const delta of parts.deltas) packDelta(packer, delta);
  return packer.packets;
}

class Packer {
  readonly packets: Packet[];
  #current: Packet;
  #left: number;

  constructor(
    first: Packet,
    private readonly next: () => Packet,
    private readonly bytesMax: number,
    private readonly entryBytesMax: number,
  ) {
    this.packets = [first];
    this.#current = first;
    this.#left = bytesMax - packetBaseBytes(first);
  }

  /** The packet that takes `bytes` more; a new one if the current has no room. */
  room(bytes: number): Packet {
    if (bytes > this.#left && bytes <= this.bytesMax - packetBaseBytes(this.next())) this.turn();
    this.#left -= bytes;
    return this.#current;
  }

  /** Adds to the current packet. */
  take(bytes: number): void {
    this.#left -= bytes;
  }

  /** Adds a delta that was found to fit. */
  add(delta: OutgoingDelta, bytes: number): void {
    this.take(bytes);
    this.#current.deltas.push(delta);
  }

  fits(bytes: number): boolean {
    return bytes <= this.#left;
  }

  /** Whether a first entry fits: a packet that is still empty may grow for it. */
  fitsFirst(bytes: number): boolean {
    const grown = this.#left + this.entryBytesMax - this.bytesMax;
    return this.fits(bytes) || (this.#isEmpty && bytes <= grown);
  }

  /** Goes on in a new packet, unless the current one is still empty. */
  turn(): void {
    if (this.#isEmpty) return;
    this.#current = this.next();
    this.packets.push(this.#current);
    this.#left = this.bytesMax - packetBaseBytes(this.#current);
  }

  get #isEmpty(): boolean {
    return this.#left === this.bytesMax - packetBaseBytes(this.#current);
  }
}

function packStatements(packer: Packer, statements: readonly OwnerDigest[]): void {
  let open: Digest | undefined;
  const ascending = statements.toSorted((a, b) => (a.owner < b.owner ? -1 : 1));
  for (const statement of ascending) {
    const bytes = ownerDigestBytes(statement);
    if (open === undefined || !packer.fits(bytes)) {
      open = { owners: [] };
      packer.room(digestBaseBytes(undefined) + bytes).digests.push(open);
    } else {
      packer.room(bytes);
    }
    open.owners.push(statement);
  }
}

/** A list of all owners of a range; one that fits no packet is cut into lists of parts of it. */
function packRange(packer: Packer, whole: Digest): void {
  const base = digestBaseBytes(WIDEST_RANGE);
  let { range = {}, owners: rest } = whole;
  for (;;) {
    const [first] = rest;
    const part: Digest = { range, owners: [] };
    packer.room(base + (first === undefined ? 0 : ownerDigestBytes(first))).digests.push(part);
    if (first !== undefined) part.owners.push(first);
    for (const owner of rest.slice(1)) {
      const bytes = ownerDigestBytes(owner);
      if (!packer.fits(bytes)) break;
      packer.take(bytes);
      part.owners.push(owner);
    }
    rest = rest.slice(part.owners.length);
    const [next] = rest;
    if (next === undefined) return;
    part.range = { ...range, end: next.owner };
    range = { ...range, start: next.owner };
  }
}

function packDelta(packer: Packer, whole: OutgoingDelta): void {
  let rest = whole;
  for (;;) {
    const part = nextPart(packer, rest);
    if (part === undefined) {
      if (rest === whole) announce(packer, whole);
      return;
    }
    if (part.to === whole.to) return;
    const entries = rest.entries.slice(part.entries.length);
    rest = { ...rest, from: part.to, header: NOTHING, entries };
  }
}

/** The part that fits the packet or a new one: at least an entry, or the header; else undefined. */
function nextPart(packer: Packer, rest: OutgoingDelta): OutgoingDelta | undefined {
  const part: OutgoingDelta = { ...rest, to: rest.from, entries: [] };
  // With the highest `to` that it may get.
  const base = deltaBaseBytes(rest);
  const [firstEntry] = rest.entries;
  const needed = base + (firstEntry === undefined ? 0 : entryBytes(firstEntry));
  if (!packer.fits(needed)) packer.turn();
  if (packer.fitsFirst(needed)) {
    packer.add(part, base);
    const complete = fill(packer, part, rest.entries);
    if (complete) part.to = rest.to;
    return part;
  }
  if (rest.header.length === 0 || !packer.fits(base)) return undefined;
  packer.add(part, base);
  return part;
}

/** An empty part says by its `as_of` that there is more than the link can carry. */
function announce(packer: Packer, whole: OutgoingDelta): void {
  const empty: OutgoingDelta = { ...whole, to: whole.from, header: NOTHING, entries: [] };
  packer.add(empty, deltaBaseBytes(empty));
}

/** Adds the first entry, which fits, and others while they do; returns whether all did. */
function fill(packer: Packer, part: OutgoingDelta, entries: readonly OutgoingEntry[]): boolean {
  for (const entry of entries) {
    const bytes = entryBytes(entry);
    if (part.entries.length > 0 && !packer.fits(bytes)) return false;
    packer.take(bytes);
    part.entries.push(entry);
    part.to = entry.version;
  }
  return true;
}

/** A part of a cut list may have both ends. */
const WIDEST_RANGE = { start: '8000000000000000', end: 'ffffffffffffffff' };
const NOTHING = new Uint8Array(0);
