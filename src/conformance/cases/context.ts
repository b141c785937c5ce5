import type { Keyring } from '../../crypto/keyring.js';
import type { IpPort } from '../../transport/address.js';
import { ownerIdOf } from '../../wire/owner-id.js';
import type { Life, OwnerDigest, OwnerId } from '../../wire/packet.js';
import type { ControlledNode, TimedEvent } from '../control/controlled-node.js';
import type {
  CommandName,
  Commands,
  ControlEvent,
  ControlMember,
  Feature,
  StartFields,
} from '../control/protocol.js';
import { type Awaited, CaseFailure, COMES_WITHIN_MS, check } from '../peer/case-failure.js';
import { differences, type NodeState, readDigests, readState } from '../peer/node-state.js';
import type { PeerLink } from '../peer/peer-link.js';
import { RawPeer } from '../peer/raw-peer.js';
import type { Trace } from '../peer/trace.js';

/** The node that a case is about, and where it is. */
export interface Subject {
  readonly name: string;
  readonly address: IpPort;
  readonly keyring: Keyring | undefined;
  /** What packets of its mesh say. */
  readonly cluster: string;
  /** Absent: somebody else has started it. */
  readonly control?: ControlledNode;
  readonly start: StartFields;
}

/** What a case may use of the run that it belongs to. */
export interface CaseHost {
  readonly features: ReadonlySet<Feature>;
  readonly trace: Trace;
  /** Starts a node by hand, or the case's own one anew after its end. */
  start(fields: Partial<StartFields>): Promise<Subject>;
}

/** What a case works with: the node, peers, and checks that tell the rule. */
export class CaseContext {
  readonly #peers: RawPeer[] = [];
  #names = 0;

  constructor(
    private readonly host: CaseHost,
    private subject: Subject,
  ) {}

  get trace(): Trace {
    return this.host.trace;
  }

  /** The node's name. */
  get nodeName(): string {
    return this.subject.name;
  }

  get address(): IpPort {
    return this.subject.address;
  }

  get keyring(): Keyring | undefined {
    return this.subject.keyring;
  }

  get started(): StartFields {
    return this.subject.start;
  }

  has(feature: Feature): boolean {
    if (feature === 'udp' && this.subject.start.udp === false) return false;
    return this.host.features.has(feature);
  }

  /** Commands the node; what was asked and answered is in the trace. */
  async ask<Name extends CommandName>(
    command: Name,
    fields: Commands[Name]['takes'],
  ): Promise<Commands[Name]['gives']> {
    const { control } = this.subject;
    if (control === undefined) throw new Error('a case that drives the node is not attachable');
    this.trace.note(`the node is asked: ${shown({ command, ...fields })}`);
    const answer = await control.ask(command, fields);
    this.trace.note(`the node answers: ${shown(answer)}`);
    return answer;
  }

  /** All that the node's application was told. */
  get events(): readonly TimedEvent[] {
    return this.subject.control?.events ?? [];
  }

  /** A peer that the node does not know yet. */
  async peer(name = `peer-${++this.#names}`, parts: Partial<PeerParts> = {}): Promise<RawPeer> {
    const { address, keyring, cluster } = this.subject;
    const peer = await RawPeer.open({
      name: this.subject.control === undefined ? `conformance ${process.pid} ${name}` : name,
      node: address,
      keyring,
      cluster,
      udp: this.has('udp'),
      trace: this.trace,
      ...parts,
    });
    this.#peers.push(peer);
    return peer;
  }

  /** A peer that the node believes, with the link by which it came. */
  async member(name?: string): Promise<{ peer: RawPeer; link: PeerLink }> {
    const peer = await this.peer(name);
    return { peer, link: await peer.join() };
  }

  /** A stream of somebody fresh, who takes no part, and whom the node believes. */
  async friend(): Promise<PeerLink> {
    const peer = await this.peer(`friend-${++this.#names}`);
    const link = await peer.connect();
    return link.meet();
  }

  /** What the node shares with a fresh friend. */
  async state(): Promise<NodeState> {
    const friend = await this.friend();
    const state = await readState(friend);
    friend.close();
    return state;
  }

  /** The id of the node. */
  get nodeId(): OwnerId {
    return ownerIdOf(this.subject.name);
  }

  /** What the node says of itself to a fresh friend. */
  async ownDigest(): Promise<OwnerDigest> {
    const digest = await this.digestOf(this.nodeId);
    if (digest !== undefined) return digest;
    throw new CaseFailure('10.2.1', 'the node to share itself', 'it does not');
  }

  /** What the node says of an owner to a fresh friend; undefined if it does not share it. */
  async digestOf(owner: OwnerId): Promise<OwnerDigest | undefined> {
    const friend = await this.friend();
    const digests = await readDigests(friend);
    friend.close();
    return digests.get(owner);
  }

  /** The node's own life, as it says. */
  async ownLife(): Promise<Life> {
    const friend = await this.friend();
    friend.close();
    return (friend.arrived.at(-1) as { packet: { sender: Life } }).packet.sender;
  }

  async members(): Promise<readonly ControlMember[]> {
    return (await this.ask('members', {})).members;
  }

  /** What the node says that a member is; undefined if it knows none of that name. */
  async statusOf(name: string): Promise<ControlMember['status'] | undefined> {
    return (await this.members()).find((member) => member.name === name)?.status;
  }

  /** A value of a member as the node shows it; undefined if it shows none. */
  async value(peer: string, key: string): Promise<unknown> {
    const { entries } = await this.ask('get', { peer, key });
    const [entry] = entries;
    return entry !== undefined && 'value' in entry ? entry.value : undefined;
  }

  /** All values of a member as the node shows them. */
  async values(peer: string): Promise<Record<string, unknown>> {
    const { entries } = await this.ask('get', { peer });
    return Object.fromEntries(
      entries.map((entry) => [entry.key, 'value' in entry ? entry.value : entry.bytes]),
    );
  }

  /** Tells the events of some types from now on. */
  async listen(...types: Commands['events']['takes']['types']): Promise<void> {
    await this.ask('events', { types });
  }

  /** Waits for an event. @throws CaseFailure */
  async event(fits: (event: ControlEvent) => boolean, awaited: Awaited, after = 0): Promise<void> {
    const { control } = this.subject;
    const { rule, expected, withinMs = COMES_WITHIN_MS } = awaited;
    const isThere = await control?.eventsUntil(() => this.events.slice(after).some(fits), withinMs);
    check(isThere === true, rule, expected, () => eventsText(this.events.slice(after)));
  }

  /** Looks again and again until something holds. @throws CaseFailure */
  async eventually(
    { rule, expected, withinMs = COMES_WITHIN_MS }: Awaited,
    look: () => Promise<{ holds: boolean; seen: unknown }>,
  ): Promise<void> {
    const endMs = performance.now() + withinMs;
    for (;;) {
      const { holds, seen } = await look();
      if (holds) return;
      if (performance.now() > endMs) throw new CaseFailure(rule, expected, shown(seen));
      await pause(LOOK_EVERY_MS);
    }
  }

  /** Fails unless something holds. */
  check(holds: boolean, rule: string, expected: string, seen: unknown): void {
    check(holds, rule, expected, () => (typeof seen === 'string' ? seen : shown(seen)));
  }

  /**
   * Does what must leave no trace at the node: a fresh friend is answered afterwards, and what the node
   * shows is what it was.
   *
   * @param reason of appendix B: a node that tells its counts must have counted it.
   */
  async unharmed(rule: string, attack: () => Promise<void>, reason?: string): Promise<void> {
    const { control } = this.subject;
    if (control !== undefined) await this.listen('set', 'deleted', 'say', 'up', 'down', 'stopped');
    const before = await this.state();
    const beforeRefused = await this.#refused(reason);
    const told = this.events.length;
    await attack();
    const after = await this.#stateAfter(rule);
    const changed = control === undefined ? this.#ofOwn(before, after) : differences(before, after);
    check(changed.length === 0, rule, 'nothing that the node shows to change', changed.join('; '));
    if (control !== undefined) {
      await this.members();
      const news = this.events.slice(told);
      check(news.length === 0, rule, 'nothing to be told to the application', () =>
        eventsText(news),
      );
    }
    const refused = await this.#refused(reason);
    if (refused === undefined || beforeRefused === undefined) return;
    const expected = `a refusal to be counted as ${reason}`;
    check(refused > beforeRefused, rule, expected, `${refused - beforeRefused} were`);
  }

  /** Ends the node without a word, and starts it anew at its port. */
  async restart(): Promise<void> {
    const { port } = this.subject.address;
    this.subject.control?.kill();
    await this.subject.control?.exited;
    this.trace.note('the node is killed, and started anew');
    this.subject = await this.host.start({ ...this.subject.start, port });
  }

  /** A port that is free just now. */
  async freePort(): Promise<number> {
    const peer = await this.peer();
    peer.close();
    return peer.address.port;
  }

  /** What packets in the node's mesh are sealed by, and say. */
  meshOf(): Pick<PeerParts, 'keyring' | 'cluster'> {
    const { keyring, cluster } = this.subject;
    return { keyring, cluster };
  }

  /** Another node of the same implementation. */
  async another(fields: Partial<StartFields>): Promise<Subject> {
    return this.host.start(fields);
  }

  /** Ends what the case has opened. */
  close(): void {
    for (const peer of this.#peers) peer.close();
  }

  /** All links that the case's peers have had, for what holds of every packet. */
  get links(): readonly PeerLink[] {
    return this.#peers.flatMap((peer) => peer.links);
  }

  async #stateAfter(rule: string): Promise<NodeState> {
    try {
      if (this.has('udp')) await (await this.peer(`friend-${++this.#names}`)).udp.ping();
      return await this.state();
    } catch (error) {
      if (!(error instanceof CaseFailure)) throw error;
      throw new CaseFailure(rule, 'a fresh friend to be answered afterwards', error.message);
    }
  }

  async #refused(reason: string | undefined): Promise<number | undefined> {
    if (reason === undefined || this.subject.control === undefined || !this.has('refusals')) {
      return undefined;
    }
    const { refusals } = await this.ask('refusals', {});
    return refusals[reason] ?? 0;
  }

  /** A mesh that others use changes by itself: what counts is the node, and whom the case made up. */
  #ofOwn(before: NodeState, after: NodeState): string[] {
    const ids = new Set(this.#peers.map((peer) => peer.self.id));
    return differences(
      ...([before, after].map((state) => only(state, ids)) as [NodeState, NodeState]),
    );
  }
}

/** What a peer may do otherwise than the node. */
export interface PeerParts {
  readonly keyring: Keyring | undefined;
  readonly cluster: string;
  /** Another node than that of the case. */
  readonly node: IpPort;
}

/** Waits. Never to see that something does not come: that is no proof. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

const LOOK_EVERY_MS = 40;
const SHOWN_CHARACTERS_MAX = 400;

function only({ digests, logs }: NodeState, ids: ReadonlySet<OwnerId>): NodeState {
  const pick = <Value>(map: ReadonlyMap<OwnerId, Value>) =>
    new Map([...map].filter(([id]) => ids.has(id)));
  return { digests: pick(digests), logs: pick(logs) };
}

/** A value as JSON, not too long. */
export function shown(value: unknown): string {
  const text = typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`;
}

function eventsText(events: readonly TimedEvent[]): string {
  if (events.length === 0) return 'nothing was told';
  return shown(events.map(({ atMs: _, ...event }) => event));
}
