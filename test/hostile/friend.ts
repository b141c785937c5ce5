import type { ExecutionContext } from 'ava';
import { Telepathine, type TelepathineOptions } from '../../src/index.js';
import type { TransportMaker } from '../../src/node/bind.js';
import { HOST, systemHost } from '../../src/node/host.js';
import type { Transport, TransportReceiver } from '../../src/transport/transport.js';
import { pause } from '../transport/recorder.js';
import type { Victim } from './victim.js';

/** What somebody on the path has seen. */
export interface Recorded {
  kind: Transport['kind'];
  to: 'the victim' | 'the friend';
  envelope: Uint8Array;
}

/** How long a value may take to arrive while a node is attacked, on a busy machine. */
const ARRIVES_WITHIN_MS = 10_000;

/** A node that means no harm, whose packets are recorded. */
export class Friend {
  readonly recorded: Recorded[] = [];
  readonly node: Telepathine;
  readonly #transports = new Map<Transport['kind'], Transport>();
  #values = 0;

  /** Joins the victim's mesh; runs until the test ends. */
  static async start(
    t: ExecutionContext,
    victim: Victim,
    options: TelepathineOptions = {},
  ): Promise<Friend> {
    const friend = new Friend(victim, options);
    t.teardown(() => friend.node.stop());
    await friend.node.start().started;
    await friend.node.ready({ timeoutMs: ARRIVES_WITHIN_MS });
    return friend;
  }

  private constructor(
    readonly victim: Victim,
    options: TelepathineOptions,
  ) {
    const host = systemHost();
    this.node = new Telepathine({
      profile: 'local',
      seeds: [`127.0.0.1:${victim.port}`],
      ...options,
      [HOST]: {
        ...host,
        transports: (ip, udp) => host.transports(ip, udp).map((make) => this.#tapped(make)),
      },
    });
  }

  /** Sends an envelope once more, from the friend's own address. */
  send(kind: Transport['kind'], envelope: Uint8Array): void {
    this.#transports.get(kind)?.send(`127.0.0.1:${this.victim.port}`, envelope);
  }

  /**
   * Each side sets a value, and the other sees it.
   *
   * @returns how long that took, in milliseconds.
   */
  async exchange(): Promise<number> {
    const value = ++this.#values;
    const beganMs = performance.now();
    const answer = `for ${this.node.peer_name}`;
    this.node.set('from the friend', value);
    await this.victim.ask('set', answer, value);
    for (;;) {
      const there = await this.victim.ask('getRemote', this.node.peer_name, 'from the friend');
      const here = this.node.getRemote(this.victim.name, answer);
      const tookMs = performance.now() - beganMs;
      if (there === value && here === value) return tookMs;
      if (tookMs > ARRIVES_WITHIN_MS) {
        throw new Error(`value ${value} has not come: there is ${there}, here is ${here}`);
      }
      await pause(2);
    }
  }

  /** Says and sets this and that, by datagrams and streams, so that there is something to record. */
  async chat(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      this.node.set(`key ${i}`, 'x'.repeat(i * 40), Date.now() + 3_600_000).say('event', i);
      this.node.set('large', 'y'.repeat(3000 + i)).delete(`key ${i - 5}`);
      await this.victim.ask('say', 'event', i);
      await this.victim.ask('set', `key ${i}`, 'z'.repeat(i * 40));
      await this.exchange();
    }
  }

  #tapped(make: TransportMaker): TransportMaker {
    return (port) => {
      const transport = make(port);
      const { kind } = transport;
      this.#transports.set(kind, transport);
      const record = (to: Recorded['to'], envelope: Uint8Array) =>
        void this.recorded.push({ kind, to, envelope: envelope.slice() });
      return {
        kind,
        open: (receiver) =>
          transport.open(recording(receiver, (each) => record('the friend', each))),
        send: (address, envelope) => {
          record('the victim', envelope);
          transport.send(address, envelope);
        },
        closeLink: (address) => transport.closeLink(address),
        trustLink: (address) => transport.trustLink(address),
        close: () => transport.close(),
      };
    };
  }
}

function recording(
  receiver: TransportReceiver,
  record: (envelope: Uint8Array) => void,
): TransportReceiver {
  return {
    envelope: (address, envelope) => {
      record(envelope);
      receiver.envelope(address, envelope);
    },
    linkDown: (address) => receiver.linkDown(address),
    refused: (address, reason) => receiver.refused(address, reason),
  };
}
