import { deepEqual, ok } from 'node:assert/strict';
import type { Input, Link } from '../../src/core/contract.js';
import { decodePacket } from '../../src/wire/codec.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import { Encoding, type Life, type Packet } from '../../src/wire/packet.js';
import { Mesh, type MeshNode } from '../support/mesh.js';
import { CheckedCore, STRANGER } from './checked-core.js';

/** Where hostile packets come from. The last is the friend's own address. */
export const SOURCES: readonly Link[] = [
  'udp:10.9.9.9:9000',
  STRANGER,
  'tcp:10.9.9.9:9000#10.0.0.1:9000',
  'udp:10.0.0.2:9000',
];

/** How a hostile packet is made to be believed. */
export type Treatment = 'as it is' | 'echo' | 'push' | 'answer';

/** The life under which hostile packets are sent, where they do not name another. */
export const EVIL: Life = {
  owner: ownerIdOf('evil'),
  logId: 'e000000000000001',
  generation: 5000,
};

const ROUND_MS = 15_000;
const CONVERGED_WITHIN_ROUNDS = 8;
const OWNERS_MAX = 64;

/**
 * Two nodes that are friends, n0 and n1, in virtual time, and what somebody does to n0. Whatever it
 * is, n0 keeps its own keys, and when it is over the friends see each other's again.
 */
export class CoreStage {
  readonly mesh = new Mesh(1, { latencyMinMs: 2, latencyMaxMs: 2 }, { ownersMax: OWNERS_MAX });
  /** A valid echo was sent, so that lies may have been believed. */
  #mayBelieve = false;
  /** The own keys of n0 that do not end. */
  readonly #keys = new Map<string, Uint8Array>();

  constructor() {
    this.mesh.makeCore = (options, seed) => new CheckedCore(options, seed);
    this.mesh.start('n0');
    this.mesh.start('n1', ['n0']);
    this.mesh.run(300);
    this.set('n0', 'k0', Uint8Array.of(0x31), undefined);
    this.set('n1', 'k0', Uint8Array.of(0x32), undefined);
    this.mesh.say('n1', 'e', 1, 10_000);
    this.mesh.run(50);
  }

  get victim(): MeshNode {
    return this.mesh.node('n0');
  }

  /** Gives a packet to n0. @returns false if its bytes are none. */
  packet(link: Link, bytes: Uint8Array, treatment: Treatment, change: (packet: Packet) => void) {
    const decoded = decodePacket(bytes);
    if (!decoded.ok) return false;
    const { packet } = decoded;
    change(packet);
    if (link !== STRANGER) this.#treat(packet, link, treatment);
    this.mesh.input(this.victim, { type: 'packet', link, packet, bytes: bytes.length + 45 });
    return true;
  }

  /** Replaces the lives of the friends in a packet, at any depth, by those that they have now. */
  makeCurrent(message: object): void {
    if ('owner' in message && 'generation' in message) {
      for (const { core } of [this.mesh.node('n0'), this.mesh.node('n1')]) {
        const { owner, logId, generation } = core.self(this.mesh.nowMs);
        if (message.owner === owner) Object.assign(message, { logId, generation });
      }
    }
    for (const value of Object.values(message)) {
      if (typeof value === 'object' && !(value instanceof Uint8Array)) this.makeCurrent(value);
    }
  }

  set(name: string, key: string, payload: Uint8Array, ttlMs: number | undefined): void {
    const form = { encoding: Encoding.json, typeName: '', stamp: { time: 1 } };
    const input: Input = { type: 'set', key, payload, ...form };
    if (ttlMs !== undefined) input.ttlMs = ttlMs;
    else if (name === 'n0') this.#keys.set(key, payload);
    this.mesh.input(this.mesh.node(name), input);
  }

  delete(name: string, key: string): void {
    if (name === 'n0') this.#keys.delete(key);
    this.mesh.input(this.mesh.node(name), { type: 'delete', key, stamp: { time: 2 } });
  }

  restartFriend(): void {
    this.mesh.kill('n1');
    this.mesh.start('n1', ['n0']);
  }

  /** Ends all disturbance and checks what is left. @returns what came of it. */
  end(): string {
    const { mesh, victim } = this;
    mesh.mayPass = () => true;
    const friend = mesh.node('n1');
    const stopped = [victim, friend].filter(({ core }) => core.nextDeadlineMs() === undefined);
    const refusals = Object.keys({
      ...friend.core.stats().refusals,
      ...victim.core.stats().refusals,
    });
    for (const { core } of [victim, friend]) this.#checkNumbers(core.peers(mesh.nowMs));
    ok(victim.core.stats().owners <= OWNERS_MAX);
    if (!this.#mayBelieve) {
      deepEqual(stopped, [], 'stopped by strangers');
      deepEqual(
        victim.core.peers(mesh.nowMs).map(({ name }) => name),
        ['n1'],
      );
    }
    const outcome = this.#outcome(victim, refusals);
    if (stopped.length > 0) return `stopped ${outcome}`;
    this.#checkOwnKeys();
    // By design: in a public mesh whoever can receive at an address can use up all generations.
    if (!refusals.includes('generation-exhausted')) this.#checkConvergence(friend);
    return outcome;
  }

  #treat(packet: Packet, link: Link, treatment: Treatment): void {
    const given = (this.victim.core as CheckedCore).given.get(link);
    if (treatment === 'push') {
      delete packet.token;
      delete packet.echo;
    } else if (treatment !== 'as it is' && given?.token !== undefined) {
      this.#mayBelieve = true;
      packet.token ??= 'eeeeeeeeeeeeeeee';
      packet.echo = given.token;
      if (treatment === 'answer') {
        packet.heartbeat = { ping: 0, roundTripUs: 0, ...packet.heartbeat, answer: given.ping };
      }
    }
  }

  #checkNumbers(peers: { generation: number; incarnation: number; version: number }[]): void {
    for (const { generation, incarnation, version } of peers) {
      ok([generation, incarnation, version].every(Number.isSafeInteger));
    }
  }

  #checkOwnKeys(): void {
    const { core } = this.victim;
    for (const [key, payload] of this.#keys) {
      const value = core.get(key, this.mesh.nowMs);
      deepEqual(value && Buffer.from(value.payload.bytes), Buffer.from(payload), `own key ${key}`);
    }
  }

  /**
   * What the friends say next reaches each other. A believed lie may stand for a while: a log that was
   * forged at the version that its owner has looks right until the owner writes again.
   */
  #checkConvergence(friend: MeshNode): void {
    const { mesh, victim } = this;
    const rounds = this.#mayBelieve ? CONVERGED_WITHIN_ROUNDS : 1;
    for (let round = 1; round <= rounds; round++) {
      for (const name of ['n0', 'n1']) this.set(name, 'last', Buffer.from(`${round}`), undefined);
      const isShown = (by: MeshNode, owner: string) =>
        mesh.shows(by, owner).includes(`last=${round}`);
      const isConverged = () =>
        isShown(victim, 'n1') && isShown(friend, 'n0') && mesh.live(victim).includes('n1');
      for (let waitedMs = 0; waitedMs < ROUND_MS && !isConverged(); waitedMs += 10) mesh.run(10);
      if (isConverged()) return;
    }
    throw new Error(`the friends do not see each other: ${mesh.shows(victim, 'n1')}`);
  }

  #outcome(victim: MeshNode, refusals: string[]): string {
    const events = [...new Set(victim.events.map((event) => event.type))];
    return `${events.sort()} ${refusals.sort()}`;
  }
}
