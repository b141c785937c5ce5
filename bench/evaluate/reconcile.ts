/**
 * Two cores that know the same 2,000 owners of ten keys each, but for a few, of which one holds a key
 * more: `node dist/bench/evaluate/reconcile.js 10` tells what it takes until they are equal. Between
 * them lies nothing but a latency. The owners are dead, so that the two talk to each other alone.
 */
import { pathToFileURL } from 'node:url';
import { encodeEntryBody } from '../../src/wire/entry-body.js';
import { SEALED_OVERHEAD_BYTES } from '../../src/wire/envelope.js';
import { type Delta, Encoding, Status } from '../../src/wire/packet.js';
import { ForgedLife } from '../../test/support/forged-life.js';
import { HandPeer } from '../../test/support/hand-peer.js';
import { Mesh } from '../../test/support/mesh.js';

const OWNERS = 2000;
const KEYS = 10;
const VALUE_BYTES = 100;
const TOLD_AT_ONCE = 50;
const LATENCY_MS = 10;
const FRAME_LENGTH_BYTES = 4;
/** By then exchanges are as seldom as they get. */
const SETTLING_MS = 60_000;
const GIVE_UP_MS = 120_000;
/** Nobody is pinged for its life within it: what is measured is the exchange alone. */
const HOUR_MS = 3_600_000;

/** What it took. */
export interface Reconciliation {
  owners: number;
  differing: number;
  equal: boolean;
  /** Sealed, both ways, from the first packet to the last one that was needed. */
  bytes: number;
  packets: number;
  /** From the first packet until both held the same, in two latencies each. */
  roundTrips: number;
}

/** Measures one difference; takes seconds. */
export function reconcile(differing: number, owners = OWNERS): Reconciliation {
  const weather = { latencyMinMs: LATENCY_MS, latencyMaxMs: LATENCY_MS };
  const mesh = new Mesh(1, weather, { heartbeatIntervalMs: HOUR_MS });
  const [a, b] = mesh.grow(2);
  if (a === undefined || b === undefined) throw new Error('there are no two nodes');
  mesh.recording = true;
  const told = Array.from({ length: owners }, (_, index) => lifeOf(index));
  told.sort((one, other) => (one.life.owner < other.life.owner ? -1 : 1));
  for (const { name } of [a, b]) tell(mesh, name, told, 0, KEYS + 1);
  const sumOf = ({ core }: typeof a) => JSON.stringify(core.fingerprint());
  const isEqual = () => sumOf(a) === sumOf(b);
  if (!isEqual() || a.core.fingerprint().count !== owners + 2) throw new Error('not told alike');
  mesh.run(SETTLING_MS);
  const ends = [a.address, b.address];
  mesh.mayPass = (from, to) => !ends.includes(from) || !ends.includes(to);
  const changed = told.filter((_, index) => index % (owners / differing) < 1);
  tell(mesh, a.name, changed, KEYS + 1, KEYS + 2);
  mesh.run(SETTLING_MS);
  if (isEqual()) throw new Error('they do not differ');
  mesh.mayPass = () => true;
  mesh.sent.length = 0;
  mesh.until(() => between(mesh, ends).length > 0, GIVE_UP_MS);
  const fromMs = mesh.nowMs;
  mesh.until(isEqual, GIVE_UP_MS);
  const flights = between(mesh, ends);
  const bytes = flights.reduce((total, { kind, bytes }) => {
    const overhead = SEALED_OVERHEAD_BYTES + (kind === 'tcp' ? FRAME_LENGTH_BYTES : 0);
    return total + bytes.length + overhead;
  }, 0);
  const roundTrips = Math.round((mesh.nowMs - fromMs) / LATENCY_MS) / 2;
  return { owners, differing, equal: true, bytes, packets: flights.length, roundTrips };
}

function between(mesh: Mesh, ends: readonly string[]) {
  return mesh.sent.filter(({ from, to }) => ends.includes(from) && ends.includes(to));
}

function lifeOf(index: number): ForgedLife {
  return new ForgedLife(`owner${index}`, `10.1.${index >> 8}.${index & 255}:9000`);
}

/** A stranger whose address is proven tells a node of owners: their log above a version. */
function tell(mesh: Mesh, node: string, owners: ForgedLife[], from: number, to: number): void {
  // Each time another: one whose clock stands still is not believed.
  const teller = new HandPeer(mesh, `teller${from}`, `10.9.9.${1 + from}:9000`);
  teller.send(node, { heartbeat: { ping: 1, answer: 0, roundTripUs: 0 } });
  for (let first = 0; first < owners.length; first += TOLD_AT_ONCE) {
    const part = owners.slice(first, first + TOLD_AT_ONCE);
    const digest = {
      owners: part.map((life) => life.digest({ status: Status.dead, version: to })),
    };
    teller.send(node, { digests: [digest], deltas: part.map((life) => deltaOf(life, from, to)) });
  }
}

/** The header is version 1, and each key one more. */
function deltaOf(life: ForgedLife, from: number, to: number): Delta {
  const versions = Array.from({ length: to - Math.max(1, from) }, (_, index) => {
    return Math.max(1, from) + 1 + index;
  });
  const entries = versions.map((version) => {
    const form = { encoding: Encoding.json, typeName: '' };
    const content = { kind: 'value', ...form, stamp: { time: version } } as const;
    const body = encodeEntryBody({ version, name: `key${version}`, content });
    return { body, payload: new TextEncoder().encode(`"${'.'.repeat(VALUE_BYTES - 2)}"`) };
  });
  const base = from === 0 ? life.header() : life.delta();
  return { ...base, from, to, asOf: to, entries };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  process.stdout.write(`${JSON.stringify(reconcile(Number(process.argv[2])))}\n`);
}
