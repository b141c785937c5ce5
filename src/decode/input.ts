/** Finds out what an input is: a capture, text, a single envelope, or a stream of frames. */
import { PLAIN_KIND, SEALED_KIND } from '../wire/envelope.js';
import { FRAME_BYTES_MAX } from '../wire/limits.js';
import { isPcap } from './capture/pcap.js';
import { isPcapng } from './capture/pcapng.js';
import { isFrameHead, isPacketStart } from './frame-stream.js';

/** What an input may be. */
export type InputKind = 'pcap' | 'pcapng' | 'hex' | 'base64' | 'envelope' | 'frames' | 'unknown';

/** Bytes after which it is clear what an input is; a shorter one is told by what there is. */
export const INPUT_HEAD_BYTES = 64;

/** What begins like this. */
export function inputKindOf(head: Uint8Array): InputKind {
  if (isPcap(head)) return 'pcap';
  if (isPcapng(head)) return 'pcapng';
  if (startsLikeEnvelope(head)) return 'envelope';
  if (head.length > 5 && isFrameHead(head, 0)) return 'frames';
  return textKindOf(String.fromCharCode(...head.subarray(0, INPUT_HEAD_BYTES)));
}

/** Whether bytes begin as an envelope does. */
export function startsLikeEnvelope(bytes: Uint8Array): boolean {
  if (bytes[0] === SEALED_KIND) return true;
  return bytes[0] === PLAIN_KIND && isPacketStart(bytes[1] ?? 0);
}

/** One that stands alone may be as long as a frame. */
export const ENVELOPE_BYTES_MAX = FRAME_BYTES_MAX;

function textKindOf(text: string): InputKind {
  if (text.trim() === '') return 'unknown';
  if (/^(?:0x)?[\s:0-9a-f]*$/i.test(text)) return 'hex';
  return /^[\s\w+/=-]*$/.test(text) ? 'base64' : 'unknown';
}
