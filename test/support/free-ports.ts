import { Telepathine } from '../../src/index.js';

/** Ports of this machine that are free just now, for TCP and UDP. */
export async function freePorts(count: number): Promise<number[]> {
  const nodes = Array.from({ length: count }, () => new Telepathine());
  await Promise.all(nodes.map((node) => node.start().started));
  const ports = nodes.map(({ port }) => port);
  await Promise.all(nodes.map((node) => node.stop()));
  return ports;
}
