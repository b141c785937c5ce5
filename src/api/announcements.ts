import type { Clock } from '../clock/clock.js';
import type { CoreEvent, RemoteValue } from '../core/contract.js';
import type { Announcement, NodeEvents } from './events.js';
import type { MeshReader } from './mesh-reader.js';

/** Unix milliseconds of a time of the clock. */
export function unixMs(atMs: number | undefined, clock: Clock): number | undefined {
  return atMs === undefined ? undefined : Math.round(clock.wallMs() + atMs - clock.nowMs());
}

/**
 * What the application is told of what the core says. Payloads that cannot be read are left out.
 *
 * @param heartbeats whether heartbeats count as values.
 */
export function announcementsOf(
  event: CoreEvent,
  mesh: MeshReader,
  clock: Clock,
  heartbeats: boolean,
): Announcement[] {
  switch (event.type) {
    case 'peerNew': {
      const peer = mesh.peer(event.name);
      return peer ? [{ event: 'peer:new', args: [peer] }] : [];
    }
    case 'peerAlive':
      return [{ event: 'peer:start', args: [event.name] }];
    case 'peerDown':
      return downOf(event.name, event.left);
    case 'peerSuspect':
      return [{ event: 'peer:suspect', args: [event.name] }];
    case 'peerForgotten':
      return [{ event: 'peer:forget', args: [event.name] }];
    case 'heartbeat':
      // Before its header has come a node has no name yet.
      if (!heartbeats || !mesh.peer(event.name)) return [];
      return setOf([event.name, HEARTBEAT_KEY, clock.wallMs(), undefined]);
    case 'set':
      return withValue(event, mesh, clock, setOf);
    case 'expired':
      return withValue(event, mesh, clock, (args) => [{ event: 'key:expired', args }]);
    case 'deleted':
      return event.existed ? [{ event: 'key:deleted', args: [event.name, event.key] }] : [];
    case 'heard': {
      const opened = mesh.open(event.payload, event.name, event.event);
      return opened ? [{ family: 'say', name: event.event, args: [opened.value, event.name] }] : [];
    }
    default:
      return [];
  }
}

const HEARTBEAT_KEY = 'heartbeat';

function downOf(name: string, left: boolean): Announcement[] {
  const stop: Announcement = { event: 'peer:stop', args: [name] };
  return left ? [{ event: 'peer:leave', args: [name] }, stop] : [stop];
}

function withValue(
  event: { name: string; key: string; value: RemoteValue },
  mesh: MeshReader,
  clock: Clock,
  announce: (args: NodeEvents['set']) => Announcement[],
): Announcement[] {
  const { name, key, value } = event;
  const opened = mesh.open(value.payload, name, key);
  return opened ? announce([name, key, opened.value, unixMs(value.expiresAtMs, clock)]) : [];
}

function setOf(args: NodeEvents['set']): Announcement[] {
  return [
    { event: 'set', args },
    { family: 'set', name: args[1], args },
  ];
}
