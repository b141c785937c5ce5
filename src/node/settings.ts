import type { HostPort } from '../transport/address.js';
import type { AddressMap } from '../transport/address-map.js';
import type { TcpLimits } from '../transport/tcp-limits.js';

/** What an application may change of the limits of TCP. */
export type TcpSettings = Readonly<
  Pick<TcpLimits, 'connectionsMax' | 'halfReadBytesMax' | 'frameTimeoutMs' | 'idleTimeoutMs'>
>;

/** What a node is told for all its runs: checked, the defaults filled in. Times are milliseconds. */
export interface NodeSettings {
  readonly port: number;
  /** What is bound. */
  readonly bindHost: string;
  /** What the others are told; its port is absent if it is the one that is bound. */
  readonly advertise: HostPort | undefined;
  readonly addressMap: AddressMap;
  /** What leads to this node too; the port is absent if it is the one that is bound. */
  readonly addressAlias: readonly HostPort[];
  readonly udp: boolean;
  readonly tcp: TcpSettings;
  /** Absent: see `nameOf`. */
  readonly name: string | undefined;
  readonly cluster: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly gossipIntervalMS: number;
  readonly heartbeatIntervalMS: number;
  readonly phiThreshold: number;
  readonly phiDeviationMinMs: number;
  readonly phiToleranceMs: number;
  readonly burstProbes: number;
  readonly burstMs: number;
  readonly deadGraceMs: number;
  readonly leftGraceMs: number;
  readonly tombstoneGraceMs: number;
  readonly joinTimeoutMs: number;
  readonly ownersMax: number;
  readonly heldBytesMax: number;
}
