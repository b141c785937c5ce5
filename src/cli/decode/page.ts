import type { Instant } from '../../decode/capture/record.js';
import { describeParts } from '../../decode/describe.js';
import { Exchanges } from '../../decode/exchanges.js';
import { secondsBetween } from '../../decode/filter.js';
import type { Item } from '../../decode/item.js';
import type { OwnerNames } from '../../decode/names.js';
import { packetType } from '../../wire/packet-type.js';
import { isoTime } from './json-line.js';
import { PAGE_SCRIPT } from './page-script.js';
import { PAGE_STYLE } from './page-style.js';
import { type TreeOptions, treeLines } from './tree.js';

/** A page holds so many packets; what comes after them is counted. */
const ROWS_MAX = 20_000;
/** Of the fields of a packet, in characters. */
const DETAIL_LENGTH_MAX = 4000;

/** One self-contained page with a timeline of who says what to whom. */
export class Page {
  readonly #rows: Row[] = [];
  readonly #ownersAt = new Map<string, string>();
  readonly #exchanges = new Exchanges(({ asked, answered }) => {
    const question = this.#rows[asked];
    if (answered === undefined) {
      if (question !== undefined) question.isUnanswered = true;
      return;
    }
    const answer = this.#rows[answered];
    if (question !== undefined) question.answer ??= answered;
    if (answer !== undefined) answer.question ??= asked;
  });
  #from: Instant | undefined;
  #left = 0;

  constructor(
    private readonly names: OwnerNames,
    private readonly tree: TreeOptions,
  ) {}

  add(item: Item): void {
    if (this.#rows.length >= ROWS_MAX) {
      this.#left += 1;
      return;
    }
    const { time, from, to, transport } = item.place;
    this.#from ??= time;
    const seconds = time && this.#from && secondsBetween(this.#from, time);
    const place = { seconds, from: from?.text ?? '-', to: to?.text ?? '-', transport };
    if (item.kind === 'problem') {
      const { layer, reason, bytes = 0, place: at } = item;
      const detail = `${layer}: ${reason}\nbyte ${at.offset} of the input`;
      this.#rows.push({ ...place, bytes, type: 'problem', text: `${layer}: ${reason}`, detail });
      return;
    }
    const { packet, envelope, keyId, packetBytes } = item;
    const { owner } = packet.sender;
    if (from !== undefined) this.#ownersAt.set(from.text, owner);
    const fields = treeLines(packetBytes, this.tree).join('\n');
    const isLong = fields.length > DETAIL_LENGTH_MAX;
    const head = keyId === undefined ? 'plain' : `sealed by key ${keyId}`;
    this.#rows.push({
      ...place,
      owner,
      bytes: envelope.length,
      type: packetType(packet),
      text: describeParts(packet, this.names).join(', ').slice(0, 120),
      detail: `${head}\n${isLong ? `${fields.slice(0, DETAIL_LENGTH_MAX)}…` : fields}`,
    });
    this.#exchanges.take(item, this.#rows.length - 1);
  }

  /** The whole page; called once, at the end. */
  text(): string {
    this.#exchanges.end();
    const lanes = new Map<string, number>();
    const laneOf = (label: string) => {
      const lane = lanes.get(label) ?? lanes.size;
      lanes.set(label, lane);
      return lane;
    };
    const rows = this.#rows.map(({ owner, from, to, ...row }) => [
      row.seconds ?? null,
      laneOf(owner === undefined ? this.#laneAt(from) : this.names.label(owner)),
      laneOf(this.#laneAt(to)),
      row.bytes,
      row.transport ?? '',
      row.type,
      row.text,
      row.detail,
      row.answer ?? row.question ?? -1,
      `${from} > ${to}`,
      row.isUnanswered === true && row.answer === undefined ? 1 : 0,
    ]);
    const start = this.#from && isoTime(this.#from);
    return pageText({ rows, lanes: [...lanes.keys()], start, left: this.#left });
  }

  #laneAt(address: string): string {
    const owner = this.#ownersAt.get(address);
    return owner === undefined ? address : this.names.label(owner);
  }
}

interface Row {
  seconds: number | undefined;
  from: string;
  to: string;
  transport: string | undefined;
  owner?: string;
  bytes: number;
  type: string;
  text: string;
  detail: string;
  /** The row that answers this one, or that this one answers. */
  answer?: number;
  question?: number;
  /** Nothing that it asks was answered. */
  isUnanswered?: true;
}

/** Nothing that came from a network can end the element that holds it. */
function pageText(data: object): string {
  const json = JSON.stringify(data).replaceAll('<', '\\u003c');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Telepathine: who says what to whom</title>
<style>${PAGE_STYLE}</style>
<header>
<h1>Who says what to whom</h1>
<p id="summary"></p>
<form id="filters">
<label>Text <input type="search" name="text" placeholder="a key, a node, an address"></label>
<label>Carries <select name="type"><option value="">anything</option></select></label>
<label>Node <select name="lane"><option value="">any</option></select></label>
<label>Over <select name="transport"><option value="">any</option><option>udp</option>
<option>tcp</option></select></label>
<label>From second <input type="number" name="since" min="0" step="any"></label>
</form>
<ul id="legend"><li class="live">liveness</li><li class="sync">digests and requests</li>
<li class="data">values and events</li><li class="problem">could not be read</li>
<li class="unanswered">asked, and not answered</li></ul>
</header>
<main>
<div id="scroll" tabindex="0"><svg id="lanes"></svg><div id="space"><svg id="rows"></svg></div></div>
<aside><h2>Packet</h2><p id="pair"></p><pre id="detail">Choose a packet.</pre></aside>
</main>
<script type="application/json" id="data">${json}</script>
<script>${PAGE_SCRIPT}</script>
`;
}
