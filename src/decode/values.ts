/** How values are shown without being shown. */
import { createHmac, randomBytes } from 'node:crypto';

/** A value's length and a hash by which equal ones are told. */
export interface HiddenValue {
  readonly bytes: number;
  /** 8 hex digits. */
  readonly hash: string;
}

/**
 * Hides values: of each its length is shown and a hash under a key that only this run knows, so that
 * nobody can find a value by trying.
 */
export class ValueHider {
  constructor(private readonly key: Uint8Array = randomBytes(32)) {}

  hide(value: Uint8Array): HiddenValue {
    const hash = createHmac('sha256', this.key).update(value).digest('hex').slice(0, 8);
    return { bytes: value.length, hash };
  }
}
