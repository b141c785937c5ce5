/** The public interface: `import { Telepathine } from 'telepathine'`. */
export type { NodeEvents, SayHandler, SetHandler } from './api/events.js';
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
export { generateKey } from './crypto/derive.js';
export type { ErrorCode } from './error.js';
export { TelepathineError } from './error.js';
export type { TelepathineStats, TimerOptions } from './telepathine.js';
export { Telepathine } from './telepathine.js';
