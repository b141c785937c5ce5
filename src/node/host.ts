import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import type { Clock } from '../clock/clock.js';
import { SystemClock } from '../clock/system-clock.js';
import { KEY_LOG_VARIABLE } from '../crypto/key-log.js';
import type { Seed } from '../transport/address.js';
import { Handles } from '../transport/handles.js';
import { resolveSeed } from '../transport/resolve.js';
import { TcpTransport } from '../transport/tcp.js';
import { UdpTransport } from '../transport/udp.js';
import type { TransportMaker } from './bind.js';
import { machineIps } from './machine-ips.js';
import type { TcpSettings } from './settings.js';

/**
 * The world that a node runs in. Tests and the simulator give their own, with virtual time and a
 * network in memory: `new Telepathine({ name: 'a', [HOST]: host })`.
 */
export interface Host {
  readonly clock: Clock;
  /** Makers of the transports at an IP address: TCP first, then UDP if it is wanted. */
  transports(ip: string, udp: boolean, tcp?: TcpSettings): TransportMaker[];
  /** The seed of a core: its dice and its tokens. Unpredictable in the real world. */
  seed(): Uint8Array;
  /** The IP address of a host name that is to be bound. Rejects if there is none. */
  lookup(name: string): Promise<string>;
  /** The addresses (`ip:port`) of a seed just now. */
  resolve(seed: Seed): Promise<string[]>;
  /** The timers and sockets of the above; absent where there are none that keep a process alive. */
  readonly handles?: Handles;
  /** The machine's own IP addresses just now, the likeliest first. Absent: nobody knows. */
  ips?(): string[];
  /** Where the keys of private meshes are written for tools that read captures. Absent: nowhere. */
  readonly keyLogFile?: string | undefined;
}

/** The option under which a host is given. It is no part of the public interface. */
export const HOST = Symbol('telepathine.host');

/** This machine. */
export function systemHost(): Host {
  const handles = new Handles();
  return {
    handles,
    clock: new SystemClock({ timers: handles }),
    transports: (ip, udp, tcp) => [
      (port) => new TcpTransport({ ip, port, handles, ...tcp }),
      ...(udp ? [(port: number) => new UdpTransport({ ip, port, handles })] : []),
    ],
    seed: () => new Uint8Array(randomBytes(32)),
    lookup: async (name) => (await lookup(name)).address,
    resolve: (seed) => resolveSeed(seed),
    ips: machineIps,
    keyLogFile: process.env[KEY_LOG_VARIABLE] || undefined,
  };
}
