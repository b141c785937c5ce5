/**
 * Nodes that a real node is told of, dead ones, which nobody has to run: a peer written by hand dials it by
 * TCP, proves itself by tokens as every peer does, and hands over their statements, headers and logs.
 */
import { connect, type Socket } from 'node:net';
import {
  cryptoReady,
  decodePacket,
  deriveKeyring,
  Encoding,
  encodeEntryBody,
  encodeOwnerHeader,
  encodePacket,
  FRAME_BYTES_MAX,
  FrameReader,
  frame,
  type Life,
  ownerIdOf,
  type Packet,
  PROTOCOL_VERSION,
  readEnvelope,
  Status,
  writeEnvelope,
} from '../src/wire/index.js';

/** What is told. */
export interface Crowd {
  readonly owners: number;
  readonly keysEach: number;
  readonly valueBytes: number;
}

const CLUSTER = '';
const TOKEN = 'eeeeeeeeeeeeeeee';
const TELLER = lifeOf('the-teller');
/** In one packet: what a stream carries at once. */
const PACKET_VALUE_BYTES = 128 * 1024;

/** Tells the node at 127.0.0.1 of a crowd; resolves once the node has read it all. */
export async function tellOf(crowd: Crowd, port: number, network: string): Promise<void> {
  await cryptoReady();
  const teller = new Teller(connect(port, '127.0.0.1'), network);
  try {
    // The first answer has the node's token, the second shows that it was echoed.
    await teller.ask({});
    await teller.ask({});
    const ownersEach = Math.max(
      1,
      Math.floor(PACKET_VALUE_BYTES / (crowd.keysEach * crowd.valueBytes)),
    );
    for (let first = 0; first < crowd.owners; first += ownersEach) {
      const indexes = Array.from(
        { length: Math.min(ownersEach, crowd.owners - first) },
        (_, index) => first + index,
      );
      await teller.ask(partsOf(indexes, crowd));
    }
  } finally {
    teller.close();
  }
}

/** One end of a connection that asks, and waits for the answer. */
class Teller {
  readonly #keyring;
  readonly #reader = new FrameReader();
  readonly #startedMs = performance.now();
  #echo: string | undefined;
  #ping = 0;
  #answered: () => void = () => undefined;

  constructor(
    readonly socket: Socket,
    network: string,
  ) {
    this.#keyring = deriveKeyring(network, CLUSTER);
    this.#reader.frameBytesMax = FRAME_BYTES_MAX;
    socket.on('data', (chunk) => this.#reader.push(chunk, (bytes) => this.#read(bytes)));
  }

  ask(parts: Partial<Packet>): Promise<void> {
    this.#ping += 1;
    const packet: Packet = {
      requiredFeatures: 0,
      protocol: PROTOCOL_VERSION,
      cluster: '',
      sender: TELLER,
      uptimeMs: Math.floor(performance.now() - this.#startedMs),
      token: TOKEN,
      heartbeat: { ping: this.#ping, answer: 0, roundTripUs: 0 },
      fingerprints: [],
      digests: [],
      wants: [],
      deltas: [],
      probes: [],
      suspicions: [],
      votes: [],
      ...parts,
    };
    if (this.#echo !== undefined) packet.echo = this.#echo;
    this.socket.write(frame(writeEnvelope(encodePacket(packet), this.#keyring)));
    return new Promise((done, failed) => {
      this.#answered = done;
      this.socket.once('close', () => failed(new Error('the node has closed the connection')));
      this.socket.once('error', failed);
    });
  }

  close(): void {
    this.socket.removeAllListeners('close').destroy();
  }

  #read(envelope: Uint8Array): void {
    const opened = readEnvelope(envelope, this.#keyring);
    const decoded = opened.ok ? decodePacket(opened.packetBytes) : opened;
    if (!decoded.ok) throw new Error(`the node has sent what cannot be read: ${decoded.reason}`);
    const { token, heartbeat } = decoded.packet;
    if (token !== undefined) this.#echo = token;
    if (heartbeat?.answer === this.#ping) {
      this.socket.removeAllListeners('close').removeAllListeners('error');
      this.#answered();
    }
  }
}

function partsOf(indexes: number[], { keysEach, valueBytes }: Crowd): Partial<Packet> {
  const told = indexes.map((index) => {
    // Loopback addresses where nobody answers.
    const ip = [127, 1 + (index >> 16), (index >> 8) & 255, index & 255];
    return { ip, name: `${ip.join('.')}:9` };
  });
  const versions = { version: 1 + keysEach, floor: 0 };
  // Dead: their state is kept and passed on, and nobody waits for their answers.
  const dead = { incarnation: 0, status: Status.dead, ageMs: 1000, refused: false };
  const owners = told.map(({ name }) => ({ ...lifeOf(name), ...dead, ...versions }));
  owners.sort((a, b) => (a.owner < b.owner ? -1 : 1));
  const log = { from: 0, to: 1 + keysEach, asOf: 1 + keysEach, floor: 0, requiredFeatures: 0 };
  const entries = Array.from({ length: keysEach }, (_, key) => entryOf(2 + key, valueBytes));
  const deltas = told.map(({ ip, name }) => {
    const header = encodeOwnerHeader({
      version: 1,
      name,
      addresses: [{ family: 4, ip: Uint8Array.from(ip), port: 9, transport: 'udp' }],
      tags: {},
      protocolMin: PROTOCOL_VERSION,
      protocolMax: PROTOCOL_VERSION,
      features: 0,
      keyIds: [],
    });
    return { ...lifeOf(name), ...log, header, entries };
  });
  return { digests: [{ owners }], deltas };
}

function entryOf(version: number, valueBytes: number): Packet['deltas'][number]['entries'][number] {
  const body = encodeEntryBody({
    version,
    name: `key-${version}`,
    content: { kind: 'value', encoding: Encoding.bytes, typeName: '', stamp: { time: version } },
  });
  return { body, payload: new Uint8Array(valueBytes).fill(version) };
}

function lifeOf(name: string): Life {
  const owner = ownerIdOf(name);
  return { owner, logId: owner, generation: 1_763_900_000_000 };
}
