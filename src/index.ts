/** The public interface: `import { Telepathine } from 'telepathine'`. */
export type { BelieveHandler, NodeEvents, SayHandler, SetHandler } from './api/events.js';
export type { Dropping, FeedOptions } from './api/feed.js';
export type { EventName } from './api/handler-registry.js';
export type { Logger } from './api/logger.js';
export type { Heard, KeyChange } from './api/mesh-view.js';
export type { TelepathineOptions } from './api/options.js';
export { ProtobufValue } from './api/payload.js';
export type { Peer } from './api/peer.js';
export type { Profile, ProfileSettings } from './api/profiles.js';
export { PROFILES } from './api/profiles.js';
export type { ReadyOptions } from './api/ready.js';
export type { StartOptions } from './api/runs.js';
export type { TimerOptions } from './api/timers.js';
export type { EntryOf, KeyOf, NameOrPattern } from './api/type-maps.js';
export type { WaitOptions } from './api/waiting.js';
export type { CoreStats } from './core/contract.js';
export type { Network } from './crypto/derive.js';
export { generateKey } from './crypto/derive.js';
export type { ErrorCode } from './error.js';
export { TelepathineError } from './error.js';
export type {
  ConnectionMessage,
  NodeMessage,
  PacketMessage,
  PeerMessage,
  RefusalMessage,
} from './node/diagnostics.js';
export type { Flow, NodeStats } from './node/stats.js';
export type { TelepathineStats } from './telepathine.js';
export { Telepathine } from './telepathine.js';
