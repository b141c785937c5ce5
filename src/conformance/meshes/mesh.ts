import { FAIR, type Where } from '../../cli/proxy/conditions.js';
import { NodeProxy } from '../../cli/proxy/proxy.js';
import { generateKey } from '../../crypto/derive.js';
import { type IpPort, parseAddress } from '../../transport/address.js';
import type { Subject } from '../cases/context.js';
import type { ControlledNode } from '../control/controlled-node.js';
import type { CommandName, Commands, ControlEvent, StartFields } from '../control/protocol.js';
import { type Awaited, CaseFailure } from '../peer/case-failure.js';
import type { Trace } from '../peer/trace.js';
import type { Launcher } from '../run/launcher.js';
import { freePorts } from './free-ports.js';

const IP = '127.0.0.1';
const LOOK_EVERY_MS = 100;
/** A busy machine, many nodes, and packets that are lost. */
const COMES_WITHIN_MS = 60_000;

/** A node of a mesh. */
export interface MeshNode {
  readonly name: string;
  /** From 1, as the proxy counts. */
  readonly number: number;
  /** Of its implementation. */
  readonly launcher: Launcher;
  readonly start: Partial<StartFields>;
  subject: Subject | undefined;
}

/** Several nodes that reach each other through a proxy only. */
export class Mesh {
  #proxy: NodeProxy | undefined;
  #nodes: MeshNode[] = [];
  readonly key = generateKey();

  /**
   * @param launchers of the implementations, which take turns.
   * @param parts what is different about the start of all nodes.
   */
  constructor(
    private readonly launchers: readonly Launcher[],
    readonly size: number,
    readonly trace: Trace,
    private readonly parts: Partial<StartFields> = {},
  ) {}

  get nodes(): readonly MeshNode[] {
    return this.#nodes;
  }

  get proxy(): NodeProxy {
    if (this.#proxy === undefined) throw new Error('the mesh is not open');
    return this.#proxy;
  }

  /** Opens the proxy and starts all nodes; all find each other. */
  async open(): Promise<void> {
    const ports = await freePorts(IP, this.size);
    const routes = ports.map((port) => ({
      listen: { ip: IP, port: 0 },
      target: { ip: IP, port },
    }));
    const proxy = await NodeProxy.open({
      routes,
      seed: 1,
      onPassing: ({ way: { transport }, from, to, envelope, fate }) => {
        this.trace.passed({ transport, from: place(from), to: place(to), envelope });
        if (fate.lost !== undefined) this.trace.note(`… ${fate.lost}`);
      },
    });
    this.#proxy = proxy;
    const sealed = this.launchers.every(({ features }) => features.has('sealed'));
    this.#nodes = ports.map((port, index) => ({
      name: `n${index + 1}`,
      number: index + 1,
      launcher: this.launchers[index % this.launchers.length] as Launcher,
      start: {
        name: `n${index + 1}`,
        port,
        keys: sealed ? [this.key] : [],
        advertise: proxy.addresses[index] as string,
        seeds: proxy.addresses.filter((_, other) => other !== index).slice(0, 2),
        ...this.parts,
      },
      subject: undefined,
    }));
    await Promise.all(this.#nodes.map((node) => this.start(node)));
    await this.allSee();
  }

  /** Starts a node, for the first time or again after its end; it tells all events. */
  async start(node: MeshNode, parts: Partial<StartFields> = {}): Promise<void> {
    node.subject = await node.launcher.start({ ...node.start, ...parts });
    await this.ask(node, 'events', { types: ['set', 'deleted', 'say', 'up', 'down', 'stopped'] });
  }

  /** Ends a node without a word. */
  async kill(node: MeshNode): Promise<void> {
    const { control } = this.#running(node);
    control.kill();
    await control.exited;
    this.trace.note(`${node.name} is killed`);
    node.subject = undefined;
  }

  ask<Name extends CommandName>(
    node: MeshNode,
    command: Name,
    fields: Commands[Name]['takes'],
  ): Promise<Commands[Name]['gives']> {
    return this.#running(node).control.ask(command, fields);
  }

  /** What a node has told, from a mark on. */
  events(node: MeshNode, after = 0): readonly ControlEvent[] {
    return node.subject?.control?.events.slice(after) ?? [];
  }

  /** The running nodes. */
  get running(): readonly MeshNode[] {
    return this.#nodes.filter(({ subject }) => subject !== undefined);
  }

  /** What is done to what passes between some nodes and others, both ways. */
  between(some: readonly MeshNode[], others: readonly MeshNode[]): Where {
    const numbers = (nodes: readonly MeshNode[]) => new Set(nodes.map(({ number }) => number));
    const [one, other] = [numbers(some), numbers(others)];
    // Who opens a connection is known by its ip only, which all have in common: none passes.
    return ({ from, to, transport }) =>
      transport === 'tcp' || (one.has(from) && other.has(to)) || (other.has(from) && one.has(to));
  }

  /** Nothing more happens to what passes. */
  heal(): void {
    this.proxy.change(() => true, FAIR);
    // A connection that was cut may be dead without knowing it.
    this.proxy.break(() => true);
  }

  /** Waits until something holds at every running node. @throws CaseFailure */
  async everywhere(
    { rule, expected, withinMs = COMES_WITHIN_MS }: Awaited,
    look: (node: MeshNode) => Promise<{ holds: boolean; seen: unknown }>,
    at = this.running,
  ): Promise<void> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const looked = await Promise.all(at.map(async (node) => ({ node, ...(await look(node)) })));
      const not = looked.filter(({ holds }) => !holds);
      if (not.length === 0) return;
      if (performance.now() > endMs) {
        const seen = not.map((each) => `${each.node.name}: ${JSON.stringify(each.seen)}`);
        throw new CaseFailure(rule, `${expected} at every node`, seen.join('; ').slice(0, 600));
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
    }
  }

  /** Waits until every running node has all the others for alive. */
  async allSee(
    { rule, expected, ...rest }: Awaited = { rule: '13.1.3', expected: 'all others to be alive' },
    among = this.running,
  ): Promise<void> {
    const wanted = among.map(({ name }) => name);
    const look = async (node: MeshNode) => {
      const { members } = await this.ask(node, 'members', {});
      const alive = members.filter(({ status }) => status === 'alive').map(({ name }) => name);
      return {
        holds: wanted.every((name) => name === node.name || alive.includes(name)),
        seen: alive,
      };
    };
    await this.everywhere({ rule, expected, ...rest }, look, among);
  }

  /** Waits until every one of some nodes shows just these values of an owner. */
  async allShow(
    owner: MeshNode,
    values: Readonly<Record<string, unknown>>,
    { among = this.running, rule = '9.4.1', withinMs = COMES_WITHIN_MS } = {},
  ): Promise<void> {
    const wanted = JSON.stringify(sorted(values));
    const expected = `${owner.name} to have ${wanted.slice(0, 200)}`;
    const look = async (node: MeshNode) => {
      const { entries } = await this.ask(node, 'get', { peer: owner.name });
      const seen = sorted(
        Object.fromEntries(
          entries.map((each) => [each.key, 'value' in each ? each.value : each.bytes]),
        ),
      );
      return { holds: JSON.stringify(seen) === wanted, seen };
    };
    await this.everywhere({ rule, expected, withinMs }, look, among);
  }

  close(): void {
    this.#proxy?.close();
  }

  #running(node: MeshNode): { control: ControlledNode } {
    const control = node.subject?.control;
    if (control === undefined) throw new Error(`${node.name} does not run`);
    return { control };
  }
}

function place(address: string): IpPort {
  return parseAddress(address) ?? { ip: IP, port: 0 };
}

function sorted(values: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)));
}
