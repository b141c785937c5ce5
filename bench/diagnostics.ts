/**
 * What the channels of `node:diagnostics_channel` cost: sealed pings that a driver takes in, with a
 * core that does nothing, while nobody listens and while somebody does.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { VirtualClock } from '../src/clock/virtual-clock.js';
import { CHANNELS, Diagnostics } from '../src/node/diagnostics.js';
import { type Machine, Node } from '../src/node/node.js';
import type { Transport, TransportReceiver } from '../src/transport/transport.js';
import {
  cryptoReady,
  deriveKeyring,
  encodePacket,
  generateKey,
  writeEnvelope,
} from '../src/wire/index.js';
import { samplePackets } from './packet.js';

/** What was measured. */
export interface DiagnosticsFigures {
  /** Packets a second that come in while nobody listens. */
  silentPerSecond: number;
  /** The same while a function that does nothing subscribes to packets. */
  listeningPerSecond: number;
  /** Nanoseconds of a packet, at most, that go into finding out that nobody listens. */
  guardsNs: number;
}

const ROUNDS = 15;
const WARM_UP_ROUNDS = 3;
const LOOKS = 100;
const ROUND_MS = 40;
const ADDRESS = '127.0.0.1:9000';
/** An incoming packet asks whether anybody wants it, and whether anybody wants its refusals. */
const GUARDS = 2;

/** Takes some 3 s. */
export async function benchDiagnostics(): Promise<DiagnosticsFigures> {
  await cryptoReady();
  const keyring = deriveKeyring(generateKey(), 'bench');
  const envelope = writeEnvelope(encodePacket(samplePackets()['ping']!), keyring);
  const { node, receive } = await openNode(keyring);
  const take = () => receive(ADDRESS, envelope);
  const silent: number[] = [];
  const listening: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    silent.push(ratePerSecond(take));
    subscribe(CHANNELS.packet, nothing);
    listening.push(ratePerSecond(take));
    unsubscribe(CHANNELS.packet, nothing);
  }
  const guardsNs = guardNs() * GUARDS;
  await node.close();
  return {
    silentPerSecond: median(silent.slice(WARM_UP_ROUNDS)),
    listeningPerSecond: median(listening.slice(WARM_UP_ROUNDS)),
    guardsNs,
  };
}

async function openNode(keyring: ReturnType<typeof deriveKeyring>) {
  let receiver: TransportReceiver | undefined;
  const transport: Transport = {
    kind: 'udp',
    open: async (given) => {
      receiver = given;
      return 9001;
    },
    send: nothing,
    closeLink: nothing,
    trustLink: nothing,
    close: async () => undefined,
  };
  const core: Machine = {
    handle: () => [],
    nextDeadlineMs: () => undefined,
    stats: () => ({ refusals: {}, owners: 1, live: 1, suspicions: 0, verdicts: 0, bursts: 0 }),
  };
  const node = await Node.open({
    core: () => core,
    keyring,
    transports: [() => transport],
    port: 0,
    clock: new VirtualClock(),
    onEvent: nothing,
    onInternalError: nothing,
  });
  node.start();
  const receive = (address: string, envelope: Uint8Array) => receiver?.envelope(address, envelope);
  return { node, receive };
}

/** In a loop, which counts too; of the fastest round, in which nothing else had the core. */
function guardNs(): number {
  const diagnostics = new Diagnostics('bench');
  let wanted = 0;
  const look = () => {
    for (let index = 0; index < LOOKS; index++) if (diagnostics.hasPacketListeners) wanted += 1;
  };
  const rates = Array.from({ length: ROUNDS }, () => ratePerSecond(look));
  if (wanted > 0) throw new Error('somebody listens');
  return 1e9 / Math.max(...rates) / LOOKS;
}

function ratePerSecond(run: () => unknown): number {
  const startMs = performance.now();
  let count = 0;
  let elapsedMs = 0;
  while (elapsedMs < ROUND_MS) {
    for (let index = 0; index < 1000; index++) run();
    count += 1000;
    elapsedMs = performance.now() - startMs;
  }
  return (count / elapsedMs) * 1000;
}

function median(values: number[]): number {
  return values.sort((left, right) => left - right)[values.length >> 1] as number;
}

function nothing(): void {
  // Whoever is given it wants nothing done.
}
