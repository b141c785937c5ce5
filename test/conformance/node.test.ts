/** A running node against the vectors, over TCP: what it counts, and what becomes of the stream. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { bytesOf, loadVectors, type Vector } from '../../src/conformance/vectors/index.js';
import { deriveKeyring } from '../../src/crypto/derive.js';
import { Telepathine, type TelepathineOptions } from '../../src/index.js';
import {
  cryptoReady,
  decodePacket,
  encodePacket,
  FrameReader,
  frame,
  type Keyring,
  readEnvelope,
  UNTRUSTED_FRAME_BYTES_MAX,
  writeEnvelope,
} from '../../src/wire/index.js';

/** Of the key that most vectors of envelopes are sealed with; TEST ONLY. */
const NETWORK = 'correct horse battery staple';
const CLUSTER = 'production';
const KEY_ID = 'a0635d21';

/** On a busy machine too. */
const NEXT_WITHIN_MS = 8000;

test.before(() => cryptoReady());

test('a public node refuses each wrong packet for its reason, and keeps the stream', async (t) => {
  const packets = loadVectors('protobuf').filter(
    ({ mutation, given }) => mutation && given.message === 'Packet' && !given.receiver,
  );
  const envelopes = loadVectors('envelope').filter(
    ({ mutation, given }) => mutation && given.keys.length === 0 && !given.datagram,
  );
  const node = await startNode(t, {});
  const refused = [
    ...packets.map((vector) => [vector, plain(bytesOf(vector.given.bytes))] as const),
    ...envelopes.map((vector) => [vector, bytesOf(vector.given.envelope)] as const),
  ].filter(([, bytes]) => bytes.length > 0 && bytes.length <= UNTRUSTED_FRAME_BYTES_MAX);
  t.true(refused.length > 100);
  for (const [vector, bytes] of refused) await seeRefusal(t, node, vector, frame(bytes));
});

test('a private node refuses each wrong envelope for its reason, and keeps the stream', async (t) => {
  const vectors = loadVectors('envelope').filter(({ mutation, given }) => {
    // The receiver of that one holds a key that nobody can have.
    if (mutation === undefined || mutation === 'key-wrong' || given.datagram) return false;
    return given.keys.map(({ id }) => id).join() === KEY_ID;
  });
  t.true(vectors.length > 20);
  const node = await startNode(t, { network: NETWORK, cluster: CLUSTER });
  const keyring = deriveKeyring(NETWORK, CLUSTER);
  for (const vector of vectors) {
    await seeRefusal(t, node, vector, frame(bytesOf(vector.given.envelope)), keyring);
  }
});

test('a node closes a stream with a wrong frame, counts why, and answers on the next', async (t) => {
  const vectors = loadVectors('framing').filter(
    ({ expect, given }) => expect.result === 'reject' && given.trustedAfterFrames === undefined,
  );
  t.true(vectors.length > 10);
  const node = await startNode(t, {});
  for (const vector of vectors) {
    const before = { ...node.stats()!.refusals };
    const line = await Line.to(node);
    line.send(bytesOf(vector.given.stream));
    let heard = await line.next();
    // A good frame ahead of the wrong one is answered.
    while (typeof heard === 'number') heard = await line.next();
    t.is(heard, 'closed', vector.id);
    const { [vector.expect.error!]: count = 0 } = node.stats()!.refusals;
    t.is(count, (before[vector.expect.error!] ?? 0) + 1, vector.id);
    const friend = await Line.to(node);
    friend.send(frame(plain(pingPacket(1))));
    t.is(await friend.next(), 1, vector.id);
    friend.end();
  }
});

/** What is refused is counted once, by its reason, and a ping on the same stream is answered. */
async function seeRefusal(
  t: ExecutionContext,
  node: Telepathine,
  { id, expect }: Vector,
  bytes: Uint8Array,
  keyring?: Keyring,
): Promise<void> {
  const before = { ...node.stats()!.refusals };
  const line = await Line.to(node, keyring);
  line.send(bytes);
  line.send(frame(writeEnvelope(pingPacket(7), keyring)));
  t.is(await line.next(), 7, id);
  line.end();
  const counted = Object.entries(node.stats()!.refusals).flatMap(([reason, count]) =>
    Array.from({ length: count - (before[reason] ?? 0) }, () => reason),
  );
  t.deepEqual(counted, [expect.error!], id);
  t.is(expect.connection, 'kept', id);
}

async function startNode(t: ExecutionContext, options: TelepathineOptions): Promise<Telepathine> {
  const node = await Telepathine.start({ ...options, port: 0 });
  t.teardown(() => node.stop());
  return node;
}

function plain(packet: Uint8Array): Uint8Array {
  return writeEnvelope(packet, undefined);
}

/** Of a stranger, whose ping every node answers. */
function pingPacket(ping: number): Uint8Array {
  return encodePacket({
    ...{ requiredFeatures: 0, protocol: 1, cluster: '', uptimeMs: 1 },
    sender: { owner: '00000000000000ff', logId: '00000000000000fe', generation: 1 },
    ...{ token: '00000000000000fd', heartbeat: { ping, answer: 0, roundTripUs: 0 } },
    ...{ fingerprints: [], digests: [], wants: [], deltas: [] },
    ...{ probes: [], suspicions: [], votes: [] },
  });
}

/** One end of a stream with a node. */
class Line {
  readonly #heard: (number | 'closed')[] = [];
  #wake: () => void = () => undefined;

  private constructor(
    readonly socket: Socket,
    keyring: Keyring | undefined,
  ) {
    const reader = new FrameReader();
    socket.on('data', (chunk) =>
      reader.push(chunk, (envelope) => {
        const opened = readEnvelope(envelope, keyring);
        const decoded = opened.ok ? decodePacket(opened.packetBytes) : undefined;
        if (decoded?.ok) this.#hear(decoded.packet.heartbeat?.answer ?? 0);
      }),
    );
    socket.on('error', () => undefined);
    socket.on('close', () => this.#hear('closed'));
  }

  static async to(node: Telepathine, keyring?: Keyring): Promise<Line> {
    const [host, port] = node.peer_name.split(':');
    const line = new Line(connect(Number(port), host), keyring);
    await once(line.socket, 'connect');
    return line;
  }

  send(bytes: Uint8Array): void {
    this.socket.write(bytes);
  }

  end(): void {
    this.socket.destroy();
  }

  /** The number of the next answer, or the end of the stream. */
  async next(): Promise<number | 'closed' | 'nothing'> {
    const timer = AbortSignal.timeout(NEXT_WITHIN_MS);
    timer.onabort = () => this.#wake();
    while (this.#heard.length === 0 && !timer.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#heard.shift() ?? 'nothing';
  }

  #hear(what: number | 'closed'): void {
    this.#heard.push(what);
    this.#wake();
  }
}
