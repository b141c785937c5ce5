import type { Socket } from 'node:dgram';
import type { IpPort } from '../../transport/address.js';
import type { Way } from './conditions.js';
import type { Fate } from './lane.js';

/** A port of the proxy, and the node that it stands for. */
export interface Route {
  readonly listen: IpPort;
  readonly target: IpPort;
}

/** An envelope that has come to the proxy. */
export interface Passing {
  readonly way: Way;
  /** Where it came from, and the target or whoever it goes to. */
  readonly from: string;
  readonly to: string;
  /** As it came. Valid until the listener returns. */
  readonly envelope: Uint8Array;
  readonly fate: Fate;
}

/** What routes ask of the proxy. */
export interface RouteHost {
  readonly routes: readonly Route[];
  /** The number of the target with this address, or the only one with this IP; 0: somebody else. */
  endOf(address: IpPort): number;
  /** The socket of the route that stands for an end. */
  udpOf(end: number): SpeakingSocket | undefined;
  /** @param name no two lanes have the same. */
  lane(way: Way, name: string, from: string, to: string, deliver: Deliver): LaneEnd;
}

/** A socket, and where it is bound. */
export interface SpeakingSocket {
  readonly socket: Socket;
  readonly address: IpPort;
}

/** Takes what arrives at the end of a lane. */
export type Deliver = (envelope: Uint8Array) => void;

/** Where a lane begins. */
export interface LaneEnd {
  take(envelope: Uint8Array): void;
  /** Bytes that have come and not been delivered. */
  readonly waitingBytes: number;
  whenEmpty(call: () => void): void;
  close(): void;
}
