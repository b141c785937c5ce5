/** What went wrong, in a word that does not change between releases. */
export type ErrorCode =
  /** An option, an address or an argument is not of the form or range that it needs. */
  | 'INVALID_ARGUMENT'
  /** A value cannot be sent: a function, a cycle, `undefined`. Nothing was changed. */
  | 'NOT_SERIALIZABLE'
  /** A value, a key or a name is longer than the protocol allows. Nothing was changed. */
  | 'TOO_LARGE'
  /** The node owns as many keys, bytes or live events as the protocol allows. Nothing was changed. */
  | 'LIMIT_REACHED'
  /** The port or address cannot be bound. Nothing stays open. */
  | 'ADDRESS_UNAVAILABLE'
  /** Another living node has this node's name, and had it first. This node has stopped. */
  | 'NAME_TAKEN'
  /** The node was stopped before the operation ended. */
  | 'STOPPED'
  /** The time that was given for it is over. */
  | 'TIMED_OUT'
  /** It cannot be done in this state: a public mesh has no keys, the cipher is not loaded yet. */
  | 'WRONG_STATE'
  /** A handler of the application threw; `cause` is what it threw. The node goes on. */
  | 'HANDLER_FAILED';

/** The one error class of this package. docs/ERRORS.md tells what to do about each code. */
export class TelepathineError extends Error {
  override readonly name = 'TelepathineError';
  /** What went wrong. */
  readonly code: ErrorCode;
  /** Whether the same call may succeed later without a change to its arguments. */
  readonly retryable: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    options: { cause?: unknown; retryable?: boolean } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.code = code;
    this.retryable = options.retryable ?? false;
  }
}

/** What a thrown value says, for a message of one's own. */
export function messageOf(cause: unknown): string {
  try {
    return String(cause instanceof Error ? cause.message : cause);
  } catch {
    return 'something that cannot be shown was thrown';
  }
}
