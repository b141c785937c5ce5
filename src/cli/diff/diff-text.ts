import { printable } from '../../decode/names.js';
import type { ValueHider } from '../../decode/values.js';
import { Encoding, type OwnerDigest, Status } from '../../wire/packet.js';
import { COLUMNS, shortened } from '../decode/text-line.js';
import { SCHEMA_VERSION } from '../start/report.js';
import { jsonLine } from '../start/text.js';
import type { KeyDifference, OwnerPair } from './compare.js';
import type { HeldValue } from './log-copy.js';

/** An owner of which two nodes hold different things. */
export interface OwnerDifference extends OwnerPair {
  readonly name: string | undefined;
  readonly keys: readonly KeyDifference[];
}

/** How many owners there are, and how many differ. */
export interface DiffTotals {
  readonly owners: number;
  readonly different: number;
}

/** The left side of each line is what the first node holds. */
export function differenceLines(
  { owner, name, sides, keys }: OwnerDifference,
  hider: ValueHider | undefined,
): string[] {
  const label =
    name === undefined ? `#${owner.slice(0, 8)}` : shortened(printable(name), NAME_COLUMNS_MAX);
  const [one, other] = sides;
  const isOtherLife =
    one !== undefined &&
    other !== undefined &&
    (one.logId !== other.logId || one.generation !== other.generation);
  const tell = (digest: OwnerDigest | undefined) => digestText(digest, isOtherLife);
  return [
    ...inColumns(`${label}: ${tell(one)}`, tell(other)),
    ...keys.map(({ key, sides: [left, right] }) => {
      const tellValue = (value: HeldValue | undefined) => valueText(value, hider);
      return `  ${shortened(printable(key), NAME_COLUMNS_MAX)}: ${tellValue(left)} | ${tellValue(right)}`;
    }),
  ];
}

/** The last line. */
export function totalsLine({ owners, different }: DiffTotals): string {
  return different === 0
    ? `the same, of ${owners} nodes`
    : `different: ${different} of ${owners} nodes`;
}

export function differenceJson(
  { owner, name, sides, keys }: OwnerDifference,
  hider: ValueHider | undefined,
): string {
  return jsonLine({
    schema: SCHEMA_VERSION,
    type: 'owner',
    owner,
    name,
    sides: sides.map((digest) => digestJson(digest)),
    keys: keys.map((each) => ({
      key: each.key,
      sides: each.sides.map((value) => valueJson(value, hider)),
    })),
  });
}

export function totalsJson(totals: DiffTotals): string {
  const isEqual = totals.different === 0;
  return jsonLine({ schema: SCHEMA_VERSION, type: 'totals', equal: isEqual, ...totals });
}

const NAME_COLUMNS_MAX = 24;
const STATUS_WORDS: Readonly<Record<number, string>> = Object.fromEntries(
  Object.entries(Status).map(([word, number]) => [number, word]),
);

/** What is too long for a line stands on two. */
function inColumns(left: string, right: string): string[] {
  const line = `${left} | ${right}`;
  return line.length <= COLUMNS ? [line] : [left, `  | ${right}`];
}

function digestText(digest: OwnerDigest | undefined, withLife: boolean): string {
  if (digest === undefined) return '-';
  const { status, version, generation } = digest;
  const life = withLife ? `, generation ${generation}` : '';
  return `${STATUS_WORDS[status]}, version ${version}${life}`;
}

function digestJson(digest: OwnerDigest | undefined): object | null {
  if (digest === undefined) return null;
  const { logId, generation, incarnation, status, version, floor } = digest;
  return { logId, generation, incarnation, status: STATUS_WORDS[status], version, floor };
}

function valueText(value: HeldValue | undefined, hider: ValueHider | undefined): string {
  if (value === undefined) return '-';
  if (hider === undefined) return payloadText(value);
  const { bytes, hash } = hider.hide(value.payload);
  return `${bytes} B ${hash}`;
}

function valueJson(value: HeldValue | undefined, hider: ValueHider | undefined): object | null {
  if (value === undefined) return null;
  const { version, payload } = value;
  if (hider !== undefined) return { version, ...hider.hide(payload) };
  return { version, payload: Buffer.from(payload).toString('base64') };
}

function payloadText({ encoding, payload }: HeldValue): string {
  const bytes = Buffer.from(payload);
  if (encoding !== Encoding.json) return `base64:${bytes.toString('base64')}`;
  try {
    return jsonLine(JSON.parse(bytes.toString('utf8')));
  } catch {
    return `base64:${bytes.toString('base64')}`;
  }
}
