import { bytesFromLatin1, latin1FromBytes } from '../wire/latin1.js';
import { decodeOwnerHeader } from '../wire/owner-header.js';
import type { Hex64, Life, OwnerDigest, OwnerHeader, OwnerId } from '../wire/packet.js';
import { Status } from '../wire/packet.js';
import { sharedText } from '../wire/shared-text.js';
import type { Contact } from './contact.js';
import type { Link } from './contract.js';
import type { FiredEvents } from './fired-events.js';
import { compareLives, lifeOf, type Statement } from './life.js';
import { datagramsTo } from './link.js';
import { Log, type LogView } from './log.js';
import { type Reach, reachOf } from './peer-address.js';
import type { Task } from './schedule.js';
import type { Transfer } from './staging.js';

/**
 * What one node knows of one owner; of itself too. It is the newest statement about it at the same
 * time.
 *
 * A mesh of thousands makes thousands of these, so each is as small as it can be: the header is kept
 * as text and read again where it is needed, a log without entries is two numbers, and what only some
 * owners have stands apart (bench/owner-memory.ts measures it).
 */
export class Owner implements Statement {
  readonly owner: OwnerId;
  logId: Hex64;
  generation: number;
  incarnation: number;
  status: Status;
  downAtMs: number;
  /** Its name; '' until its header is known. */
  name = '';
  /** Whether `peerAlive` was the last that the application was told. */
  announcedAlive = false;
  /** The newest direct contact with this life; undefined before the first. */
  contact: Contact | undefined;
  /** Halves of the hash of the canonical digest; undefined after a change. */
  hashHigh: number | undefined;
  hashLow = 0;
  #headerText: string | undefined;
  /** Where its header says that it is; '' if it does not. */
  #address = '';
  #datagrams: Link | undefined;
  #headerVersion = 0;
  #log: Log | undefined;
  #version = 0;
  #floor = 0;
  #rare: Rare | undefined;

  /** An owner of whom only a statement is known. */
  constructor({ owner, logId, generation, incarnation, status, downAtMs }: Statement) {
    this.owner = owner;
    this.logId = logId;
    this.generation = generation;
    this.incarnation = incarnation;
    this.status = status;
    this.downAtMs = downAtMs;
  }

  get id(): OwnerId {
    return this.owner;
  }

  /** The newest that is known about its life. */
  get statement(): Statement {
    return this;
  }

  /** Takes another statement. A log and a header that are held are those of the life before. */
  set statement({ logId, generation, incarnation, status, downAtMs }: Statement) {
    const before = lifeOf(this);
    this.logId = logId;
    this.generation = generation;
    this.incarnation = incarnation;
    this.status = status;
    this.downAtMs = downAtMs;
    if (compareLives(this, before) === 0) return;
    const rare = this.#makeRare();
    rare.logLife ??= before;
    rare.headerLife ??= before;
  }

  /** Whether its header is known, be it that of an earlier life. */
  get hasHeader(): boolean {
    return this.#headerText !== undefined;
  }

  /** Whether its header of the life that the statement speaks of is known. */
  get hasCurrentHeader(): boolean {
    return this.hasHeader && this.#rare?.headerLife === undefined;
  }

  /** Bytes of its header; 0 while unknown. */
  get headerBytes(): number {
    return this.#headerText?.length ?? 0;
  }

  /** Its header of the life that the statement speaks of, as it came; undefined while unknown. */
  get currentHeader(): { version: number; bytes: Uint8Array } | undefined {
    if (this.#headerText === undefined || !this.hasCurrentHeader) return undefined;
    return { version: this.#headerVersion, bytes: bytesFromLatin1(this.#headerText) };
  }

  /** The life that the header speaks of, and its version in that life's log. */
  get headerLife(): Life & { version: number } {
    return { ...(this.#rare?.headerLife ?? lifeOf(this)), version: this.#headerVersion };
  }

  /** The header, read again; undefined while unknown. */
  get header(): OwnerHeader | undefined {
    if (this.#headerText === undefined) return undefined;
    return decodeOwnerHeader(bytesFromLatin1(this.#headerText));
  }

  /** Takes a header of the present life. */
  setHeader(bytes: Uint8Array, header: OwnerHeader): void {
    const { address, streamOnly, unnamedPort } = reachOf(header, undefined);
    const isWhereItWas = unnamedPort > 0 && address === this.#address;
    this.#headerText = sharedText(latin1FromBytes(bytes));
    this.#headerVersion = header.version;
    this.name = sharedText(header.name);
    // Many are called by their address: one text will do.
    this.#address = address === header.name ? this.name : sharedText(address);
    this.#datagrams = undefined;
    this.#set('manner', streamOnly || unnamedPort > 0 ? { streamOnly, unnamedPort } : undefined);
    if (this.#rare === undefined) return;
    this.#rare.headerLife = undefined;
    if (!isWhereItWas) this.#rare.seen = undefined;
  }

  /** What is shown, for reading. Its life may be an earlier generation of the same log id. */
  get log(): LogView {
    return this.#log ?? emptyLog(this.#version, this.#floor);
  }

  /** The life that the log is of. */
  get logLife(): Life {
    return this.#rare?.logLife ?? lifeOf(this);
  }

  /** Whether the log is of the life that the statement speaks of. */
  get isLogCurrent(): boolean {
    return this.#rare?.logLife === undefined;
  }

  /** The log, for writing: what is changed is shown. */
  writableLog(): Log {
    this.#log ??= emptyLog(this.#version, this.#floor);
    return this.#log;
  }

  /** Shows another log, of the present life. */
  setLog(log: Log): void {
    this.#log = log;
    if (this.#rare !== undefined) this.#rare.logLife = undefined;
  }

  /** Cancels what is scheduled for the log's entries; it is about to be dropped. */
  dropEntries(): void {
    this.#log?.release();
  }

  /** Version and floor of the log. */
  get version(): number {
    return this.#log?.version ?? this.#version;
  }

  get floor(): number {
    return this.#log?.floor ?? this.#floor;
  }

  /** When the last of its events ends, in the core's time. */
  get lastEventEndMs(): number {
    return this.#log?.lastEventEndMs ?? Number.NEGATIVE_INFINITY;
  }

  /** Gives memory back that is not needed just now. */
  compact(): void {
    if (this.#log?.entryCount === 0) {
      this.#version = this.#log.version;
      this.#floor = this.#log.floor;
      this.#log = undefined;
    }
    if (this.#rare !== undefined && isUsual(this.#rare)) this.#rare = undefined;
  }

  /** Which of its events have fired, in all its lives; undefined: none. */
  get fired(): FiredEvents | undefined {
    return this.#rare?.fired;
  }

  set fired(fired: FiredEvents | undefined) {
    this.#set('fired', fired);
  }

  get transfer(): Transfer | undefined {
    return this.#rare?.transfer;
  }

  set transfer(transfer: Transfer | undefined) {
    this.#set('transfer', transfer);
  }

  /** Its log went over a limit: it is not asked for any more. */
  get refused(): boolean {
    return this.#rare?.refused ?? false;
  }

  set refused(refused: boolean) {
    this.#set('refused', refused);
  }

  /** Where its packets come from, or where its header says that it is. */
  get reach(): Reach {
    const { streamOnly, unnamedPort } = this.#rare?.manner ?? USUAL_MANNER;
    return { address: this.#rare?.seen ?? this.#address, streamOnly, unnamedPort };
  }

  /** The link for datagrams to it; to be used only if it has an address. */
  get datagrams(): Link {
    this.#datagrams ??= datagramsTo(this.reach.address);
    return this.#datagrams;
  }

  /** Where its packets come from, if its header names no ip and one has come; in this life. */
  get seen(): string | undefined {
    return this.#rare?.seen;
  }

  set seen(address: string | undefined) {
    this.#set('seen', address);
    this.#datagrams = undefined;
    this.#set('elsewhere', undefined);
  }

  /** Where later packets of it came from; undefined: nowhere else. */
  get elsewhere(): string | undefined {
    return this.#rare?.elsewhere;
  }

  set elsewhere(address: string | undefined) {
    this.#set('elsewhere', address);
  }

  /** This node, as a watcher, misses an answer. */
  get suspected(): boolean {
    return this.#rare?.suspected ?? false;
  }

  set suspected(suspected: boolean) {
    this.#set('suspected', suspected);
  }

  /** What this node alone holds of it, against the statement. */
  get doubt(): Doubt | undefined {
    return this.#rare?.doubt;
  }

  set doubt(doubt: Doubt | undefined) {
    this.#set('doubt', doubt);
  }

  get collection(): Task | undefined {
    return this.#rare?.collection;
  }

  set collection(collection: Task | undefined) {
    this.#set('collection', collection);
  }

  /** It is not collected before: its log is on its way. */
  get keptUntilMs(): number {
    return this.#rare?.keptUntilMs ?? Number.NEGATIVE_INFINITY;
  }

  set keptUntilMs(keptUntilMs: number | undefined) {
    this.#set('keptUntilMs', keptUntilMs);
  }

  #set<Name extends keyof Rare>(name: Name, value: Rare[Name]): void {
    // What is as usual is not worth making the record for.
    if (this.#rare !== undefined || (value !== undefined && value !== false)) {
      this.#makeRare()[name] = value;
    }
  }

  #makeRare(): Rare {
    this.#rare ??= {
      logLife: undefined,
      headerLife: undefined,
      manner: undefined,
      seen: undefined,
      elsewhere: undefined,
      transfer: undefined,
      fired: undefined,
      collection: undefined,
      keptUntilMs: undefined,
      doubt: undefined,
      refused: false,
      suspected: false,
    };
    return this.#rare;
  }
}

/** What only some owners have. Undefined: as usual. */
interface Rare {
  /** The lives of log and header, if they are not the statement's. */
  logLife: Life | undefined;
  headerLife: Life | undefined;
  /** How it is reached, if not in the usual way. */
  manner: Manner | undefined;
  seen: string | undefined;
  elsewhere: string | undefined;
  transfer: Transfer | undefined;
  fired: FiredEvents | undefined;
  collection: Task | undefined;
  keptUntilMs: number | undefined;
  doubt: Doubt | undefined;
  refused: boolean;
  suspected: boolean;
}

/** It does not answer this node, which may be deaf; or which hears again, and has yet to find out. */
export type Doubt = 'dead' | 'unproven';
type Manner = Omit<Reach, 'address'>;

const USUAL_MANNER: Manner = { streamOnly: false, unnamedPort: 0 };

/** Whether nothing of it needs to be kept. */
function isUsual(rare: Rare): boolean {
  return Object.values(rare).every((value) => value === undefined || value === false);
}

function emptyLog(version: number, floor: number): Log {
  return Object.assign(new Log(), { version, floor });
}

/** The version that is shown of the life that the statement speaks of. */
export function shownVersion(owner: Owner): number {
  return owner.isLogCurrent ? owner.version : 0;
}

/** Its floor, likewise. */
export function shownFloor(owner: Owner): number {
  return owner.isLogCurrent ? owner.floor : 0;
}

/** The log, if it is of the life that the statement speaks of. */
export function currentLog(owner: Owner): LogView | undefined {
  return owner.isLogCurrent ? owner.log : undefined;
}

/** Whether it takes part, as this node sees it. */
export function isAlive(owner: Owner): boolean {
  return owner.status === Status.alive && owner.doubt !== 'dead';
}

/** The digest that this node sends of an owner. */
export function digestOf(owner: Owner, nowMs: number): OwnerDigest {
  const { statement } = owner;
  return {
    owner: owner.id,
    logId: statement.logId,
    generation: statement.generation,
    incarnation: statement.incarnation,
    status: statement.status,
    version: shownVersion(owner),
    floor: shownFloor(owner),
    ageMs: statement.status === Status.alive ? 0 : Math.floor(nowMs - statement.downAtMs),
    refused: owner.refused,
  };
}
