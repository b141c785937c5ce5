/** From a seed to the addresses that it stands for just now. */
import system from 'node:dns/promises';
import { debugLog } from '../debug.js';
import type { Seed } from './address.js';
import { formatAddress, formatSeed } from './address.js';

const debug = debugLog('telepathine:resolve');

/** The questions that a resolver asks of the name service; `node:dns/promises` has both. */
export interface NameService {
  /** All addresses of a host: A and AAAA records, and the machine's own hosts file. */
  lookup(name: string, options: { all: true }): Promise<{ address: string }[]>;
  resolveSrv(name: string): Promise<{ name: string; port: number }[]>;
}

/** Hosts of one SRV record that are looked up; what is beyond is left out. */
const SERVICE_HOSTS_MAX = 64;

/**
 * Resolves a seed. Names may change their addresses: ask again from time to time.
 *
 * @param names whom to ask; by default the system's name service, of which SRV records come from the
 * servers that `setServers` of `node:dns` has set.
 * @returns `ip:port` texts without doubles, in the order of the answers; none if the name is not
 *   known or nobody answered. Never rejects.
 */
export async function resolveSeed(seed: Seed, names: NameService = system): Promise<string[]> {
  if (seed.kind === 'address') return [formatAddress(seed.ip, seed.port)];
  try {
    if (seed.kind === 'name') return await resolveHost(seed.name, seed.port, names);
    const hosts = (await names.resolveSrv(seed.name)).slice(0, SERVICE_HOSTS_MAX);
    const found = await Promise.allSettled(
      hosts.map((host) => resolveHost(host.name, host.port, names)),
    );
    return unique(found.flatMap((each) => (each.status === 'fulfilled' ? each.value : [])));
  } catch (error) {
    debug('%s cannot be resolved: %s', formatSeed(seed), error);
    return [];
  }
}

async function resolveHost(name: string, port: number, names: NameService): Promise<string[]> {
  const found = await names.lookup(name, { all: true });
  return unique(found.map(({ address }) => formatAddress(address, port)));
}

function unique(addresses: string[]): string[] {
  return [...new Set(addresses)];
}
