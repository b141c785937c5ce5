/**
 * What an application pays for a node in which nothing happens: one process with one node, whose 49
 * peers run in another, sealed, with the default options.
 */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { generateKey, Telepathine } from '../src/index.js';

const PEERS = 49;
const MEASURED_MS = 60_000;
const PROGRAM = fileURLToPath(new URL('idle-node.js', import.meta.url));

const LIBRARIES = `
  import '@bufbuild/protobuf';
  import { createRequire } from 'node:module';
  const sodium = createRequire(process.cwd() + '/')('libsodium-wrappers');
  await sodium.ready;
  sodium.crypto_secretbox_easy(new Uint8Array(100), new Uint8Array(24), new Uint8Array(32));
  console.log(process.memoryUsage.rss());
`;

/** What the process with the one node uses. */
export interface IdleFigures {
  peers: number;
  /** Of one core, over a minute. */
  corePart: number;
  /** Resident, at the end of that minute; a bare Node beside it. */
  residentBytes: number;
  bareNodeBytes: number;
  /** A Node that has loaded the libraries of the codec and of sealing, and has sealed once. */
  librariesBytes: number;
  /** Of it, what no other process shares; null where the system does not tell. */
  privateBytes: number | null;
  /** Of it, objects of the program on V8's heap. */
  heapUsedBytes: number;
}

/** Measures; takes some 80 s. */
export async function benchIdle(): Promise<IdleFigures> {
  const network = generateKey();
  const first = await Telepathine.start({ network });
  const seeds = [first.peer_name];
  const others = Array.from({ length: PEERS - 1 }, () => new Telepathine({ network, seeds }));
  const peers = [first, ...others];
  await Promise.all(others.map((peer) => peer.start().started));
  await Promise.all(peers.map((peer) => peer.ready({ peers: PEERS - 1 })));
  const bareNodeBytes = await run<number>(['--eval', 'console.log(process.memoryUsage.rss())']);
  const librariesBytes = await run<number>(['--input-type=module', '--eval', LIBRARIES]);
  const orders = { options: { network, seeds }, peers: PEERS, measuredMs: MEASURED_MS };
  const used = await run<Omit<IdleFigures, 'peers' | 'bareNodeBytes' | 'librariesBytes'>>([
    PROGRAM,
    JSON.stringify(orders),
  ]);
  await Promise.all(peers.map((peer) => peer.stop()));
  return { peers: PEERS, bareNodeBytes, librariesBytes, ...used };
}

/** What a program of Node's prints, which is JSON. */
async function run<Printed>(given: string[]): Promise<Printed> {
  const { stdout } = await promisify(execFile)(process.execPath, given);
  return JSON.parse(stdout) as Printed;
}
