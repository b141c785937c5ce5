import type { Clock } from '../clock/clock.js';
import { TelepathineError } from '../error.js';
import { Deferred } from '../node/deferred.js';
import { checkCount, checkMs, checkOptions, checkSignal } from './arguments.js';
import type { Announcement } from './events.js';

/** As many as `ownersMax` may be. */
const PEERS_MAX = 1_000_000;

/** What `ready` waits for. */
export interface ReadyOptions {
  /** So many live nodes beside this one, 0 to 1,000,000. Default: 1. */
  peers?: number;
  /** After this time the promise is rejected. Default: it waits for ever. */
  timeoutMs?: number;
  /** Its abort rejects the promise with its reason. */
  signal?: AbortSignal;
}

/** The node, as far as readiness goes. */
export interface Readiable {
  /** Tells of what is announced, until what it returns is called. */
  observe(observer: (announcement: Announcement) => void): () => void;
  /** Whether the node takes part. */
  isRunning(): boolean;
  /** Rejects if the start fails that goes on, or the next one. */
  started(): Promise<void>;
  livePeers(): string[];
}

/**
 * Waits until a node takes part and sees enough live nodes.
 *
 * @throws TelepathineError INVALID_ARGUMENT, STOPPED if the node stops meanwhile, TIMED_OUT; the
 * reason why the node could not start; the reason of the signal.
 */
export async function ready(node: Readiable, clock: Clock, options: ReadyOptions): Promise<void> {
  checkOptions(options);
  const { peers = 1, timeoutMs, signal } = options;
  checkCount(peers, 'peers', 0, PEERS_MAX);
  if (timeoutMs !== undefined) checkMs(timeoutMs, 'timeoutMs', 0);
  checkSignal(signal);
  signal?.throwIfAborted();
  const done = new Deferred<void>();
  const look = () => {
    if (node.isRunning() && node.livePeers().length >= peers) done.resolve();
  };
  const failed = (reason: unknown) => done.reject(reason);
  const stopped = () => done.reject(new TelepathineError('STOPPED', 'the node was stopped'));
  const aborted = () => done.reject(signal?.reason);
  const late = () =>
    done.reject(
      new TelepathineError(
        'TIMED_OUT',
        `after ${timeoutMs} ms there are ${node.livePeers().length} live peers, not ${peers}`,
        { retryable: true },
      ),
    );
  const timer =
    timeoutMs === undefined ? undefined : clock.schedule(clock.nowMs() + timeoutMs, late);
  signal?.addEventListener('abort', aborted);
  const unobserve = node.observe((announcement) => {
    if (!('event' in announcement)) return;
    if (announcement.event === 'start' || announcement.event === 'peer:start') look();
    else if (announcement.event === 'stop') stopped();
  });
  if (!node.isRunning()) node.started().catch(failed);
  try {
    look();
    await done.promise;
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', aborted);
    unobserve();
  }
}
