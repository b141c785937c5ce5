import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const ATTEMPTS_EACH = 20;
/** Below what systems give to connections and to who asks for any port: nobody takes these by chance. */
const LOWEST_PORT = 10_000;
const HIGHEST_PORT = 30_000;

/** What was given once is not given again: whoever got it may not have bound it yet. */
const given = new Set<number>();

/** Ports of an address that are free just now, for streams and datagrams, all different. */
export async function freePorts(ip: string, count: number): Promise<number[]> {
  const closers: (() => void)[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count && attempt < count * ATTEMPTS_EACH; attempt++) {
      const port = randomInt(LOWEST_PORT, HIGHEST_PORT);
      if (given.has(port) || !(await isFree(ip, port, closers))) continue;
      given.add(port);
      ports.push(port);
    }
    if (ports.length < count) throw new Error(`${ip} has no ${count} ports that are free`);
    return ports;
  } finally {
    for (const close of closers) close();
  }
}

async function isFree(ip: string, port: number, closers: (() => void)[]): Promise<boolean> {
  const server = createServer();
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  closers.push(
    () => server.close(),
    () => socket.close(),
  );
  try {
    server.listen({ host: ip, port, exclusive: true });
    await once(server, 'listening');
    socket.bind({ address: ip, port, exclusive: true });
    await once(socket, 'listening');
    return true;
  } catch {
    return false;
  }
}
