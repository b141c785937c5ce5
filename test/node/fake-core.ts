import type { CoreEvent, CoreStats, Effect, Input, Link } from '../../src/core/contract.js';
import type { Machine } from '../../src/node/node.js';
import type { Packet } from '../../src/wire/packet.js';

/** A core that does what the test says. */
export class FakeCore implements Machine {
  readonly inputs: { input: Input; nowMs: number }[] = [];
  deadlineMs: number | undefined;
  respond: (input: Input) => Effect[] = () => [];
  #handling = false;

  handle(input: Input, nowMs: number): Effect[] {
    if (this.#handling) throw new Error('entered twice');
    this.#handling = true;
    this.inputs.push({ input, nowMs });
    try {
      return this.respond(input);
    } finally {
      this.#handling = false;
    }
  }

  nextDeadlineMs(): number | undefined {
    return this.deadlineMs;
  }

  stats(): CoreStats {
    const refusals = { malformed: 1, stale: 2 };
    return { refusals, owners: 3, live: 2, suspicions: 0, verdicts: 0, bursts: 0 };
  }

  get types(): string[] {
    return this.inputs.map(({ input }) => input.type);
  }
}

export function packetWith(parts: Partial<Packet> = {}): Packet {
  return {
    requiredFeatures: 0,
    protocol: 1,
    cluster: '',
    sender: { owner: '0000000000000001', logId: '0000000000000002', generation: 1 },
    uptimeMs: 5,
    fingerprints: [],
    digests: [],
    wants: [],
    deltas: [],
    probes: [],
    suspicions: [],
    votes: [],
    ...parts,
  };
}

export function sending(packet: Packet, ...links: Link[]): Effect {
  return { type: 'send', links, packet };
}

export function emitting(name: string): Effect {
  const event: CoreEvent = { type: 'peerNew', name, owner: '0000000000000009' };
  return { type: 'emit', event };
}
