import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { Item } from '../../decode/item.js';
import { OwnerNames } from '../../decode/names.js';
import { ValueHider } from '../../decode/values.js';
import { CHANNELS, type PacketMessage } from '../../node/diagnostics.js';
import type { RefusalReason } from '../../wire/refusal.js';
import { columnsOf } from '../decode/text-line.js';
import { liveLine, placeNow } from '../live-line.js';
import type { PacketReport } from './packet-report.js';
import { reportPacket } from './packet-report.js';

/** Where packets are shown. */
export interface DumpOutput {
  /** Absent: in lines. */
  readonly report?: (report: PacketReport) => void;
  /** Reports show values, not just their lengths and hashes; lines never do. */
  readonly showValues?: boolean;
  readonly line: (line: string) => void;
}

/** Shows the first packets that come and go: `--dump`. */
export class PacketDump {
  readonly #names = new OwnerNames();
  readonly #hider: ValueHider | undefined;
  readonly #listener = (message: unknown) => this.take(message as PacketMessage);

  /**
   * @param left so many are shown; Infinity: all.
   * @param ownAddress of the node, `ip:port`.
   */
  constructor(
    private left: number,
    private readonly output: DumpOutput,
    private readonly ownAddress: () => string,
  ) {
    this.#hider = output.showValues ? undefined : new ValueHider();
    if (left > 0) subscribe(CHANNELS.packet, this.#listener);
  }

  close(): void {
    unsubscribe(CHANNELS.packet, this.#listener);
  }

  /** Keeps a copy, and shows it when the node is done with it. */
  take(message: PacketMessage): void {
    if (this.left === 0) return;
    this.left -= 1;
    if (this.left === 0) this.close();
    const kept = { ...message, envelope: message.envelope.slice() };
    const item = this.#itemOf(kept);
    setImmediate(() => this.#show(kept, item));
  }

  #show(message: PacketMessage, item: Item): void {
    const { report, line } = this.output;
    if (item.kind === 'packet') this.#names.learn(item.packet);
    if (report === undefined)
      return line(liveLine(item, this.#names, '', columnsOf(process.stderr)));
    const shown = reportPacket(message, this.#hider);
    try {
      report(shown);
    } catch {
      // A value that is nested too deeply to be printed must not end the node.
      const { packet: _, ...rest } = shown;
      report({ ...rest, refusal: 'not-printable' });
    }
  }

  #itemOf({ direction, transport, address, ...read }: PacketMessage): Item {
    const own = this.ownAddress();
    const [from, to] = direction === 'sent' ? [own, address] : [address, own];
    const place = placeNow(transport, from, to);
    const { envelope, keyId, packetBytes, packet } = read;
    const key = keyId === undefined ? {} : { keyId };
    if (packet !== undefined && packetBytes !== undefined) {
      return { kind: 'packet', place, envelope, ...key, packetBytes, packet };
    }
    const layer = packetBytes === undefined ? 'envelope' : 'packet';
    const reason = read.refusal as RefusalReason;
    return { kind: 'problem', place, layer, reason, bytes: envelope.length, ...key, envelope };
  }
}
