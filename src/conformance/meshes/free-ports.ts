import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const ATTEMPTS_EACH = 20;

/** Ports of an address that are free just now, for streams and datagrams, all different. */
export async function freePorts(ip: string, count: number): Promise<number[]> {
  const closers: (() => void)[] = [];
  const ports: number[] = [];
  try {
    for (let attempt = 0; ports.length < count && attempt < count * ATTEMPTS_EACH; attempt++) {
      const port = await take(ip, closers);
      if (port !== undefined) ports.push(port);
    }
    if (ports.length < count) throw new Error(`${ip} has no ${count} ports that are free`);
    return ports;
  } finally {
    for (const close of closers) close();
  }
}

async function take(ip: string, closers: (() => void)[]): Promise<number | undefined> {
  const server = createServer().listen({ host: ip, port: 0 });
  closers.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4');
  try {
    socket.bind({ address: ip, port, exclusive: true });
    await once(socket, 'listening');
    closers.push(() => socket.close());
    return port;
  } catch {
    return undefined;
  }
}
