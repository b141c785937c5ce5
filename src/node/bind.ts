import { TelepathineError } from '../error.js';
import type { Transport, TransportReceiver } from '../transport/transport.js';

/** Makes a transport for a port; 0 stands for a free one. */
export type TransportMaker = (port: number) => Transport;

/** Transports that are open, all at the same port. */
export interface BoundTransports {
  port: number;
  transports: Transport[];
}

/** A free port of one transport may be taken for another; so many times another one is tried. */
const ATTEMPTS_MAX = 16;

/**
 * Opens one transport of each maker, all at the same port. With port 0 the first one takes a free
 * port and the others follow; if it is taken there, all begin again with another.
 *
 * @param makers TCP first: free ports are rarer there.
 * @param port 0 to 65535.
 * @throws TelepathineError ADDRESS_UNAVAILABLE; nothing stays open.
 */
export async function bindTransports(
  makers: readonly TransportMaker[],
  port: number,
  receiverOf: (transport: Transport) => TransportReceiver,
): Promise<BoundTransports> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await openAll(makers, port, receiverOf);
    } catch (error) {
      const taken = error instanceof TelepathineError && error.code === 'ADDRESS_UNAVAILABLE';
      const mayMove = port === 0 && makers.length > 1;
      if (!taken || !mayMove || attempt === ATTEMPTS_MAX) throw error;
    }
  }
}

async function openAll(
  makers: readonly TransportMaker[],
  port: number,
  receiverOf: (transport: Transport) => TransportReceiver,
): Promise<BoundTransports> {
  const transports: Transport[] = [];
  let boundPort = port;
  try {
    for (const make of makers) {
      const transport = make(boundPort);
      transports.push(transport);
      boundPort = await transport.open(receiverOf(transport));
    }
  } catch (error) {
    await Promise.all(transports.map((transport) => transport.close()));
    throw error;
  }
  return { port: boundPort, transports };
}
