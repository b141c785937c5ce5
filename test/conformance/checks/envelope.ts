/** Vectors of envelopes against this implementation. */
import type { Socket } from 'node:dgram';
import { bytesOf, type EnvelopeVector } from '../../../src/conformance/vectors/index.js';
import { Handles } from '../../../src/transport/handles.js';
import { UdpTransport } from '../../../src/transport/udp.js';
import { cryptoReady, Keyring, readEnvelope } from '../../../src/wire/index.js';
import { differences, layerOf, printed } from './outcome.js';

/** What is tested, so that a test can put something broken in its place. */
export type Open = typeof readEnvelope;

export async function checkEnvelope(
  { given, expect }: EnvelopeVector,
  open: Open = readEnvelope,
): Promise<string[]> {
  await cryptoReady();
  const { packet, ...expected } = expect;
  const connection = given.datagram === undefined ? 'kept' : 'none';
  const outcome = (await carried(given)) ?? opened(given, open);
  return differences(
    { ...outcome, connection },
    packet === undefined ? expected : { ...expected, packet: printed(packet) },
    'this implementation',
  );
}

function opened({ envelope, keys }: EnvelopeVector['given'], open: Open): object {
  const ring = keys.map(({ id, key }) => {
    return { id, idBytes: bytesOf(id), bytes: bytesOf(key) };
  });
  const result = open(bytesOf(envelope), ring.length === 0 ? undefined : new Keyring(ring));
  if (!result.ok) return refusal(result.reason);
  const { packetBytes, keyId } = result;
  return { result: 'accept', packet: printed(packetBytes), ...(keyId !== undefined && { keyId }) };
}

/** What the transport says of a datagram; undefined if it hands it on as it is. */
async function carried({ envelope, datagram }: EnvelopeVector['given']) {
  if (datagram === undefined) return undefined;
  const sockets: Socket[] = [];
  const handles = new Handles();
  handles.add = (socket) => sockets.push(socket as Socket);
  const transport = new UdpTransport({ ip: '127.0.0.1', port: 0, handles });
  let outcome: object | undefined = { result: 'ignore' };
  const bytes = bytesOf(envelope);
  await transport.open({
    envelope: (_from, delivered) => {
      if (Buffer.from(bytes).equals(delivered)) outcome = undefined;
    },
    refused: (_from, reason) => {
      outcome = refusal(reason);
    },
    linkDown: () => undefined,
  });
  // No system sends from port 0, but a forger does.
  const from = { address: '127.0.0.1', family: 'IPv4', port: datagram.sourcePort };
  sockets[0]?.emit('message', Buffer.from(bytes), { ...from, size: bytes.length });
  await transport.close();
  return outcome;
}

function refusal(error: string): object {
  return { result: 'reject', layer: layerOf(error), error };
}
