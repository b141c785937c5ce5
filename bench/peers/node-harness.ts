/** What the harnesses in JavaScript share: they read commands and report, as `lines.ts` has it. */
import { createInterface } from 'node:readline';
import type { Command, Report } from './lines.js';

/** One node of a peer. */
export interface HarnessNode {
  change(id: string): void;
  say(payload: string): void;
}

/** What a node tells its harness. */
export interface Heard {
  up(peerName: string): void;
  down(peerName: string): void;
  has(id: string): void;
  event(): void;
}

/** Makes a node that listens on a port of 127.0.0.1, and gives it once it does. */
export type StartNode = (
  port: number,
  seed: number,
  key: string,
  heard: Heard,
) => Promise<HarnessNode>;

/** Serves until standard input ends. */
export function runHarness(startNode: StartNode): void {
  const nodes = new Map<number, HarnessNode>();
  let received = 0;
  const start = async (port: number, seed: number, key: string) => {
    const member = (type: 'up' | 'down') => (name: string) =>
      report({ type, node: port, peer: Number(name.split(':')[1]), at: nowMs() });
    const node = await startNode(port, seed, key, {
      up: member('up'),
      down: member('down'),
      has: (id) => report({ type: 'has', node: port, id, at: nowMs() }),
      event: () => {
        received++;
      },
    });
    nodes.set(port, node);
    report({ type: 'started', node: port });
  };
  const run = async (command: Command) => {
    if (command.do === 'start') {
      await Promise.all(command.ports.map((port) => start(port, command.seed, command.key)));
    } else if (command.do === 'change') {
      report({ type: 'changed', id: command.id, at: nowMs() });
      nodes.get(command.node)?.change(command.id);
    } else if (command.do === 'flood') {
      received = 0;
      flood([...nodes.values()], command);
    } else {
      report({ type: 'count', received });
    }
  };
  createInterface({ input: process.stdin }).on('line', (line) => {
    run(JSON.parse(line)).catch((error: Error) =>
      report({ type: 'error', message: error.message }),
    );
  });
}

function flood(nodes: HarnessNode[], command: Extract<Command, { do: 'flood' }>): void {
  const total = Math.floor(command.perSecond * command.seconds);
  const startMs = performance.now();
  let said = 0;
  const timer = setInterval(() => {
    const elapsedMs = performance.now() - startMs;
    const due = Math.min(total, Math.floor((elapsedMs * command.perSecond) / 1000));
    for (; said < due; said++) {
      nodes[said % nodes.length]?.say(`${command.id}-${String(said).padStart(20, '0')}`);
    }
    if (said < total) return;
    clearInterval(timer);
    report({ type: 'flooded', said, ms: elapsedMs });
  }, 5);
}

function report(line: Report): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
