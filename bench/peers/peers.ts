/** The peers that are compared, how each is built and run, and how it is set. */
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { HarnessCommand } from './harness-process.js';

const run = promisify(execFile);

export interface Peer {
  /** As `--peers` takes it. */
  name: string;
  /** As the table names it. */
  title: string;
  /** How it is set, in short, for the table. */
  setting: string;
  /** Whether there are events to say. */
  hasEvents: boolean;
  /** From where on its meshes collapse, if they do; it is slow too: its work is done all at once. */
  nodesMax?: number;
  /** The toolchain, which must be on the path, and what it runs, in the harness' folder. */
  build?: { tool: string; args: string[]; folder: string };
  harness: HarnessCommand;
}

const HERE = resolve('bench/peers');
const HASHICORP = `${HERE}/hashicorp`;
const CHITCHAT = `${HERE}/chitchat`;
const ORIGINAL = `${HERE}/original`;

export const PEERS: readonly Peer[] = [
  {
    name: 'telepathine',
    title: 'Telepathine',
    setting: 'profile lan: 1 s; sealed',
    hasEvents: true,
    harness: compiled('telepathine'),
  },
  {
    name: 'memberlist',
    title: 'memberlist 0.7.0',
    setting: 'DefaultLANConfig: probe 1 s, gossip 200 ms; sealed',
    hasEvents: true,
    build: { tool: 'go', args: ['build', '-o', 'bin/', './memberlist'], folder: HASHICORP },
    harness: { command: `${HASHICORP}/bin/memberlist`, args: [] },
  },
  {
    name: 'serf',
    title: 'serf 0.11.0',
    setting: 'profile lan: probe 1 s, gossip 200 ms; sealed',
    hasEvents: true,
    build: { tool: 'go', args: ['build', '-o', 'bin/', './serf'], folder: HASHICORP },
    harness: { command: `${HASHICORP}/bin/serf`, args: [] },
  },
  {
    name: 'chitchat',
    title: 'chitchat 0.13.0',
    setting: 'gossip 1 s; cannot be sealed',
    hasEvents: false,
    build: { tool: 'cargo', args: ['build', '--release', '--quiet'], folder: CHITCHAT },
    harness: { command: `${CHITCHAT}/target/release/chitchat-harness`, args: [] },
  },
  {
    name: 'original',
    title: 'its original 0.3.3',
    setting: 'gossip and heartbeat 1 s; not sealed: it has no MAC',
    hasEvents: true,
    nodesMax: 40,
    build: { tool: 'npm', args: ['install', '--no-audit', '--no-fund'], folder: ORIGINAL },
    harness: compiled('original'),
  },
];

/** Builds a peer's harness; gives why it cannot be, if it cannot. */
export async function build(peer: Peer): Promise<string | undefined> {
  if (peer.build === undefined) return undefined;
  const { tool, args, folder } = peer.build;
  try {
    await run(tool, args, { cwd: folder });
    return undefined;
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT') return `${tool} is not installed`;
    return `${tool} ${args[0]} failed: ${stderr?.trim().split('\n').at(-1)}`;
  }
}

function compiled(folder: string): HarnessCommand {
  const path = fileURLToPath(new URL(`./${folder}/harness.js`, import.meta.url));
  return { command: process.execPath, args: ['--no-deprecation', path] };
}
