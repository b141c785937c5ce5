import { connect } from 'node:net';
import type { IpPort } from '../../transport/address.js';
import { FRAME_PREFIX_BYTES } from '../../wire/framing.js';

/**
 * What who listens at an address does with a connection on which an empty frame comes: every node must
 * end it (PROTOCOL.md, 3.1.3), whatever its key is; others have no reason to.
 *
 * @returns `unreachable` if there is no connection any more.
 */
export function hangsUp(to: IpPort, timeoutMs: number): Promise<boolean | 'unreachable'> {
  return new Promise((resolve) => {
    const socket = connect({ host: to.ip, port: to.port, noDelay: true });
    let isOpen = false;
    const giveUp = setTimeout(() => {
      resolve(isOpen ? false : 'unreachable');
      socket.destroy();
    }, timeoutMs);
    socket.on('connect', () => {
      isOpen = true;
      socket.write(new Uint8Array(FRAME_PREFIX_BYTES));
    });
    // Somebody who resets a connection at once has taken it.
    socket.on('error', ({ code }: NodeJS.ErrnoException) => {
      isOpen ||= code === 'ECONNRESET';
    });
    socket.on('close', () => {
      clearTimeout(giveUp);
      resolve(isOpen || 'unreachable');
    });
    socket.resume();
  });
}
