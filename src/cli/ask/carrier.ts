import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { IpPort } from '../../transport/address.js';
import { ipToBytes } from '../../transport/ip.js';
import { FrameReader, frame } from '../../wire/framing.js';
import { FRAME_BYTES_MAX } from '../../wire/limits.js';

/** Why nothing goes there: nobody listens, there is no way, or the other end has closed. */
export type CarrierFailure = 'nobody-listens' | 'unreachable' | 'closed';

/** A way to one address. */
export interface Carrier {
  readonly kind: 'udp' | 'tcp';
  /** Bytes that have come and are no whole frame yet. */
  readonly halfReadBytes: number;
  send(envelope: Uint8Array): void;
  close(): void;
}

/** Who is told what comes. */
export interface CarrierReceiver {
  /** A connection is there; at once for datagrams. */
  open(): void;
  envelope(envelope: Uint8Array): void;
  /** What comes is no stream of frames. */
  noFrames(): void;
  /** Nothing more comes. */
  failed(failure: CarrierFailure): void;
}

/** Opens a way from a free port. What goes wrong is told to the receiver. */
export function openCarrier(kind: Carrier['kind'], to: IpPort, receiver: CarrierReceiver): Carrier {
  return kind === 'udp' ? openUdp(to, receiver) : openTcp(to, receiver);
}

/** A connected socket is told that nobody listens, if the machine there says so. */
function openUdp({ ip, port }: IpPort, receiver: CarrierReceiver): Carrier {
  const socket = createSocket(ipToBytes(ip)?.length === 16 ? 'udp6' : 'udp4');
  const waiting: Uint8Array[] = [];
  let state: 'opening' | 'open' | 'closed' = 'opening';
  socket.on('message', (datagram) => receiver.envelope(datagram));
  socket.on('error', (error) => {
    if (state !== 'closed') receiver.failed(failureOf(error));
  });
  socket.connect(port, ip, () => {
    if (state === 'closed') return;
    state = 'open';
    receiver.open();
    for (const each of waiting.splice(0)) socket.send(each);
  });
  return {
    kind: 'udp',
    halfReadBytes: 0,
    send: (envelope) => {
      if (state === 'open') socket.send(envelope);
      else if (state === 'opening') waiting.push(envelope);
    },
    close: () => {
      if (state === 'closed') return;
      state = 'closed';
      socket.close();
    },
  };
}

function openTcp({ ip, port }: IpPort, receiver: CarrierReceiver): Carrier {
  const frames = new FrameReader();
  frames.frameBytesMax = FRAME_BYTES_MAX;
  const socket = connect({ host: ip, port, noDelay: true });
  let failure: CarrierFailure = 'closed';
  socket.on('connect', () => receiver.open());
  socket.on('error', (error) => {
    failure = failureOf(error);
  });
  socket.on('close', () => receiver.failed(failure));
  socket.on('data', (chunk) => {
    if (!frames.push(chunk, (envelope) => receiver.envelope(envelope))) return;
    receiver.noFrames();
    socket.destroy();
  });
  return {
    kind: 'tcp',
    get halfReadBytes() {
      return frames.bufferedBytes;
    },
    send: (envelope) => socket.write(frame(envelope)),
    close: () => socket.destroy(),
  };
}

function failureOf(error: Error): CarrierFailure {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNREFUSED') return 'nobody-listens';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'closed' : 'unreachable';
}
