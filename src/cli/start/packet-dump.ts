import { deriveKeyring } from '../../crypto/derive.js';
import type { Keyring } from '../../crypto/keyring.js';
import type { PacketReport } from './packet-report.js';
import { reportPacket } from './packet-report.js';
import type { DumpedEnvelope } from './packet-tap.js';
import type { StartOptions } from './start-options.js';
import type { Voice } from './voice.js';

/** Shows the first packets that come and go: `--dump`. */
export class PacketDump {
  #left: number;
  #keyring: Keyring | undefined;

  constructor(
    private readonly options: StartOptions,
    private readonly voice: Voice,
  ) {
    this.#left = options.dump;
  }

  /** Keeps a copy, and shows it when the node is done with it. */
  take(tapped: DumpedEnvelope): void {
    if (this.#left === 0) return;
    this.#left -= 1;
    const kept = { ...tapped, envelope: tapped.envelope.slice() };
    setImmediate(() => this.#show(reportPacket(kept, this.#readKeyring())));
  }

  /** A value that is nested too deeply to be printed must not end the node. */
  #show(report: PacketReport): void {
    try {
      this.voice(report);
    } catch {
      const { packet: _, ...rest } = report;
      this.voice({ ...rest, refusal: 'not-printable' });
    }
  }

  #readKeyring(): Keyring | undefined {
    const { network, cluster = '' } = this.options.node;
    if (network === undefined) return undefined;
    this.#keyring ??= deriveKeyring(network, cluster);
    return this.#keyring;
  }
}
