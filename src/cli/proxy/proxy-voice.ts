import { KeySet } from '../../decode/key-set.js';
import { OwnerNames } from '../../decode/names.js';
import { Opener } from '../../decode/opener.js';
import { ValueHider } from '../../decode/values.js';
import { jsonLine as packetJson } from '../decode/json-line.js';
import { columnsOf } from '../decode/text-line.js';
import { messageLine } from '../exit.js';
import { liveLine, placeNow } from '../live-line.js';
import type { Output } from '../start/output.js';
import { SCHEMA_VERSION } from '../start/report.js';
import { jsonLine } from '../start/text.js';
import type { Fate } from './lane.js';
import type { ProxyCounts } from './proxy.js';
import type { ProxyRunOptions } from './proxy-options.js';
import type { Passing } from './route-host.js';

/** How a proxy says what it does: packets on standard output, the rest on standard error or as JSON. */
export class ProxyVoice {
  readonly #opener: Opener;
  readonly #names = new OwnerNames();
  readonly #hider: ValueHider | undefined;

  constructor(
    private readonly options: ProxyRunOptions,
    private readonly output: Output,
  ) {
    this.#opener = new Opener(new KeySet(options.keys));
    this.#hider = options.showValues ? undefined : new ValueHider();
  }

  started(addresses: readonly string[], targets: readonly string[]): void {
    const routes = addresses.map((listen, index) => ({ listen, target: targets[index] }));
    if (this.options.json) return this.#json({ type: 'started', seed: this.options.seed, routes });
    for (const [index, { listen, target }] of routes.entries()) {
      this.#message(`${listen} stands for ${index + 1}, ${target}`);
    }
  }

  passing({ way, from, to, envelope, fate }: Passing): void {
    if (this.options.quiet) return;
    const item = this.#opener.read(envelope, placeNow(way.transport, from, to));
    if (item.kind === 'packet') this.#names.learn(item.packet);
    if (this.options.json) {
      const shown = JSON.parse(packetJson(item, this.#names, this.#hider)) as object;
      return this.output.write(jsonLine({ ...shown, offset: undefined, fate: fateJson(fate) }));
    }
    const columns = columnsOf(process.stdout);
    this.output.write(liveLine(item, this.#names, fateText(fate), columns));
  }

  answered(command: string, counts: ProxyCounts | undefined): void {
    if (this.options.json) return this.#json({ type: 'answer', command, ok: true, counts });
    this.#message(counts === undefined ? `done: ${command}` : countsText(counts));
  }

  refused(command: string, message: string): void {
    if (this.options.json) this.#json({ type: 'answer', command, ok: false, error: message });
    else this.#message(message);
  }

  stopped(counts: ProxyCounts): void {
    if (this.options.json) this.#json({ type: 'stopped', counts });
    else this.#message(countsText(counts));
  }

  #json(content: object): void {
    this.output.write(jsonLine({ schema: SCHEMA_VERSION, ...content }));
  }

  #message(text: string): void {
    process.stderr.write(messageLine(text));
  }
}

/** What never happened is left out, but for what passed. */
function countsText(counts: ProxyCounts): string {
  return Object.entries(counts)
    .filter(([what, count]) => count > 0 || what === 'passed' || what === 'bytes')
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
}

function fateText(fate: Fate): string {
  const words = fateWords(fate);
  return words.length === 0 ? '' : ` [${words.join(', ')}]`;
}

function fateWords({ lost, twice, overtaken, flippedBit, lateMs }: Fate): string[] {
  if (lost !== undefined) return [lost];
  return [
    ...(flippedBit === undefined ? [] : [`bit ${flippedBit}`]),
    ...(twice ? ['twice'] : []),
    ...(overtaken ? ['overtaken'] : []),
    ...(lateMs >= 1 ? [`+${Math.round(lateMs)} ms`] : []),
  ];
}

/** What did not happen is left out. */
function fateJson({ lost, twice, overtaken, flippedBit, lateMs }: Fate): object {
  if (lost !== undefined) return { lost };
  return {
    flippedBit,
    twice: twice || undefined,
    overtaken: overtaken || undefined,
    lateMs: lateMs > 0 ? Math.round(lateMs * 1000) / 1000 : undefined,
  };
}
