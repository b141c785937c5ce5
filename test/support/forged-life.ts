import { encodeOwnerHeader } from '../../src/wire/owner-header.js';
import { ownerIdOf } from '../../src/wire/owner-id.js';
import {
  type Delta,
  type Life,
  type OwnerDigest,
  type Packet,
  Status,
} from '../../src/wire/packet.js';

/** A life that a test speaks for, and what it may say of itself. */
export class ForgedLife {
  readonly life: Life;

  /** @param address `ip:port`, at which the header says that it is reached. */
  constructor(
    readonly name: string,
    readonly address: string,
  ) {
    this.life = { owner: ownerIdOf(name), logId: 'e000000000000001', generation: 5000 };
  }

  /** A packet of this life, by default without token, echo and parts. */
  blank(parts: Partial<Packet> = {}): Packet {
    return {
      requiredFeatures: 0,
      protocol: 1,
      cluster: '',
      sender: this.life,
      uptimeMs: 1000,
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

  /** A statement, by default about this life: alive at version 1. */
  digest(parts: Partial<OwnerDigest> = {}): OwnerDigest {
    return {
      ...this.life,
      incarnation: 0,
      status: Status.alive,
      version: 1,
      floor: 0,
      ageMs: 0,
      refused: false,
      ...parts,
    };
  }

  /** A delta, by default of this life's own log and empty. */
  delta(parts: Partial<Delta> = {}): Delta {
    return {
      ...this.life,
      from: 0,
      to: 1,
      asOf: 1,
      floor: 0,
      header: new Uint8Array(0),
      entries: [],
      requiredFeatures: 0,
      ...parts,
    };
  }

  /** The delta that tells this life's name and address. */
  header(): Delta {
    const [ip, port] = this.address.split(':') as [string, string];
    const bytes = Uint8Array.from(ip.split('.').map(Number));
    const header = encodeOwnerHeader({
      version: 1,
      name: this.name,
      addresses: [{ family: 4, ip: bytes, port: Number(port), transport: 'udp' }],
      tags: {},
      protocolMin: 1,
      protocolMax: 1,
      features: 0,
      keyIds: [],
    });
    return this.delta({ header });
  }
}
