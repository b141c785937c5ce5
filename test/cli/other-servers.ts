import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { PacketSchema } from '../../gen/telepathine/v1/packet_pb.js';
import type { Keyring } from '../../src/crypto/keyring.js';
import { readEnvelope, writeEnvelope } from '../../src/wire/envelope.js';
import { FrameReader, frame } from '../../src/wire/framing.js';

/** Something that listens on a port of 127.0.0.1. */
export interface Server {
  readonly address: string;
  close(): void;
}

/** What it does with each connection, and what it answers a datagram, if it listens for them. */
export interface Behaviour {
  connected?(socket: Socket): void;
  answer?(datagram: Uint8Array): Uint8Array | string | undefined;
}

/** Opens a server that is no node of this program. */
export async function openServer({ connected, answer }: Behaviour): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.resume();
    connected?.(socket);
  });
  const datagrams = createSocket('udp4');
  datagrams.on('message', (datagram, { port, address }) => {
    const said = answer?.(datagram);
    if (said !== undefined) datagrams.send(said, port, address);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  if (answer !== undefined) {
    datagrams.bind(port, '127.0.0.1');
    await once(datagrams, 'listening');
  }
  const close = () => {
    server.close();
    datagrams.close();
  };
  return { address: `127.0.0.1:${port}`, close };
}

/** A node that answers pings, over both transports, in another version of the protocol only. */
export function nodeOfProtocol(protocol: number, keyring: Keyring | undefined): Behaviour {
  const answer = (envelope: Uint8Array): Uint8Array | undefined => {
    const opened = readEnvelope(envelope, keyring);
    if (!opened.ok) return undefined;
    const asked = fromBinary(PacketSchema, opened.packetBytes);
    if (asked.protocol !== protocol || asked.heartbeat === undefined) return undefined;
    const packet = create(PacketSchema, {
      protocol,
      sender: { owner: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8), logId: new Uint8Array(8).fill(1) },
      ...(asked.token === undefined ? {} : { echo: asked.token }),
      token: new Uint8Array(8).fill(7),
      heartbeat: { answer: asked.heartbeat.ping },
    });
    return writeEnvelope(toBinary(PacketSchema, packet), keyring);
  };
  return {
    answer,
    connected(socket) {
      const frames = new FrameReader();
      socket.on('data', (chunk) => {
        const refused = frames.push(chunk, (envelope) => {
          const said = answer(envelope);
          if (said !== undefined) socket.write(frame(said));
        });
        if (refused) socket.destroy();
      });
    },
  };
}
