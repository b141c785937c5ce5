/** From the bytes of an input to the packets in them. */
import { ByteQueue } from './capture/byte-queue.js';
import { ipOfLink } from './capture/link.js';
import { PcapReader } from './capture/pcap.js';
import { PcapngReader } from './capture/pcapng.js';
import type { CaptureFault, CaptureReader, CaptureRecord, Instant } from './capture/record.js';
import { type FrameProblem, FrameStream } from './frame-stream.js';
import {
  ENVELOPE_BYTES_MAX,
  INPUT_HEAD_BYTES,
  type InputKind,
  inputKindOf,
  startsLikeEnvelope,
} from './input.js';
import type { End, Item, Layer, Place, ProblemItem } from './item.js';
import type { KeySet } from './key-set.js';
import { Fragments } from './net/fragments.js';
import { addressText, type IpPacket, readIpPacket, TCP, UDP } from './net/ip-packet.js';
import { readDatagram, readSegment } from './net/segments.js';
import { TcpStreams } from './net/tcp-streams.js';
import { Opener } from './opener.js';
import { TextInput } from './text-input.js';

/** Who is told what a capture holds. */
export interface DecoderSink {
  /** The bytes of an item may be overwritten or held up by more: whoever keeps them copies them. */
  item(item: Item): void;
  /** An IP packet of something else, whole; for whoever writes the capture anew. */
  other?(ip: IpPacket, time: Instant | undefined): void;
}

/** What is looked at. */
export interface DecoderOptions {
  readonly keys: KeySet;
  /** Only what comes from or goes to one of these ports; undefined: all. */
  readonly ports?: ReadonlySet<number> | undefined;
}

/** Decodes an input as it comes, in memory that does not depend on its length. */
export class Decoder {
  readonly opener: Opener;
  #kind: InputKind | undefined;
  #reader: CaptureReader | TextInput | FrameStream | undefined;
  /** What has come until the kind is known, or of a single envelope. */
  readonly #head = new ByteQueue();
  readonly #fragments = new Fragments((lost) => {
    const { packet, reason, bytes } = lost;
    this.#tell({ layer: 'ip', reason, bytes, place: this.#placeOf(packet) });
  });
  readonly #streams = new TcpStreams((from, to) => this.#openStream(from, to));
  #now: Place = { offset: 0 };
  #ends: { from: End; to: End } | undefined;
  #fault: CaptureFault | undefined;

  constructor(
    private readonly options: DecoderOptions,
    private readonly sink: DecoderSink,
  ) {
    this.opener = new Opener(options.keys);
  }

  /** What the input is; undefined while that is not clear. */
  get kind(): InputKind | undefined {
    return this.#kind;
  }

  /** Why the input cannot be read to its end, if so. */
  get fault(): CaptureFault | undefined {
    return this.#fault;
  }

  /** @param chunk is not to be changed afterwards. */
  push(chunk: Uint8Array): void {
    if (this.#kind !== undefined && this.#kind !== 'envelope') return this.#feed(chunk);
    this.#head.push(chunk);
    if (this.#head.length > ENVELOPE_BYTES_MAX) this.#kind = 'unknown';
    else if (this.#kind === undefined && this.#head.length >= INPUT_HEAD_BYTES) this.#begin();
  }

  /** The input has ended. */
  end(): void {
    if (this.#kind === undefined) this.#begin();
    const reader = this.#reader;
    if (this.#kind === 'envelope') {
      const envelope = this.#head.peek(this.#head.length) as Uint8Array;
      this.#emit(this.opener.read(envelope, { offset: 0 }));
    } else if (reader instanceof PcapReader || reader instanceof PcapngReader) {
      this.#stop(reader.end());
    } else reader?.end();
    this.#fragments.end();
    this.#streams.end();
  }

  #begin(): void {
    const head = this.#head.peek(this.#head.length) as Uint8Array;
    this.#kind = inputKindOf(head);
    if (this.#kind === 'envelope') return;
    this.#reader = this.#makeReader(this.#kind);
    this.#head.skip(head.length);
    this.#feed(head);
  }

  #makeReader(kind: InputKind): CaptureReader | TextInput | FrameStream | undefined {
    const records = {
      record: (record: CaptureRecord) => this.#takeRecord(record),
      fault: ({ reason, offset }: CaptureFault) =>
        this.#tell({ layer: 'capture', reason, place: { offset } }),
    };
    switch (kind) {
      case 'pcap':
        return new PcapReader(records);
      case 'pcapng':
        return new PcapngReader(records);
      case 'hex':
      case 'base64':
        return new TextInput(kind, {
          bytes: (bytes, offset) => this.#takeText(bytes, offset),
          problem: (reason, offset) => this.#tell({ layer: 'text', reason, place: { offset } }),
        });
      case 'frames':
        return this.#frames((at) => ({ offset: at }));
      default:
        return undefined;
    }
  }

  #feed(chunk: Uint8Array): void {
    const reader = this.#reader;
    if (reader instanceof FrameStream) reader.data(chunk);
    else if (reader instanceof TextInput) reader.push(chunk);
    else if (reader !== undefined && this.#fault === undefined) this.#stop(reader.push(chunk));
  }

  #stop(fault: CaptureFault | undefined): void {
    if (fault === undefined || this.#fault !== undefined) return;
    this.#fault = fault;
    const { reason, offset } = fault;
    this.#tell({ layer: 'capture', reason, place: { offset } });
  }

  #takeText(bytes: Uint8Array, offset: number): void {
    this.#now = { offset };
    if (startsLikeEnvelope(bytes) || inputKindOf(bytes) !== 'frames') {
      this.#emit(this.opener.read(bytes, this.#now));
      return;
    }
    const frames = this.#frames(() => this.#now);
    frames.data(bytes);
    frames.end();
  }

  #takeRecord(record: CaptureRecord): void {
    const { time, linkType, bytes, offset } = record;
    const place = { time, offset };
    this.#now = place;
    const content = ipOfLink(linkType, bytes);
    if (content === 'not-ip') return;
    if (typeof content === 'string') return this.#tell({ layer: 'link', reason: content, place });
    const packet = readIpPacket(content);
    if (packet === undefined) {
      const reason = record.originalBytes > bytes.length ? 'cut-by-capture' : 'malformed';
      return this.#tell({ layer: 'ip', reason, place });
    }
    const whole = this.#fragments.take(packet, time?.seconds ?? 0);
    if (whole !== undefined) this.#takePacket(whole);
  }

  #takePacket(ip: IpPacket): void {
    if (ip.protocol === UDP) this.#takeDatagram(ip);
    else if (ip.protocol === TCP) this.#takeSegment(ip);
    else this.sink.other?.(ip, this.#now.time);
  }

  #takeDatagram(ip: IpPacket): void {
    const datagram = readDatagram(ip.payload);
    if (datagram === undefined) {
      const reason = ip.isCut ? 'cut-by-capture' : 'malformed';
      return this.#tell({ layer: 'udp', reason, place: this.#placeOf(ip) });
    }
    const { sourcePort, destinationPort, payload } = datagram;
    if (!this.#isLookedAt(sourcePort, destinationPort)) return;
    const ends = endsOf(ip, sourcePort, destinationPort);
    const place: Place = { ...this.#now, ...ends, transport: 'udp' };
    if (ip.isCut || datagram.isCut) {
      return this.#tell({ layer: 'udp', reason: 'cut-by-capture', bytes: payload.length, place });
    }
    const item = this.opener.read(payload, place);
    this.sink.item(item);
    if (item.kind === 'problem') this.sink.other?.(ip, this.#now.time);
  }

  #takeSegment(ip: IpPacket): void {
    const segment = readSegment(ip.payload);
    if (segment === undefined) {
      const reason = ip.isCut ? 'cut-by-capture' : 'malformed';
      return this.#tell({ layer: 'tcp', reason, place: this.#placeOf(ip) });
    }
    const { sourcePort, destinationPort } = segment;
    if (!this.#isLookedAt(sourcePort, destinationPort)) return;
    this.#ends = endsOf(ip, sourcePort, destinationPort);
    this.#streams.take(this.#ends.from.text, this.#ends.to.text, segment);
  }

  #isLookedAt(sourcePort: number, destinationPort: number): boolean {
    const { ports } = this.options;
    return ports === undefined || ports.has(sourcePort) || ports.has(destinationPort);
  }

  /** A stream outlives the packet that opens it: it keeps copies of the ends. */
  #openStream(from: string, to: string): FrameStream {
    const ends = this.#ends as { from: End; to: End };
    const kept = {
      from: { ...ends.from, text: from, ip: ends.from.ip.slice() },
      to: { ...ends.to, text: to, ip: ends.to.ip.slice() },
      transport: 'tcp',
    } as const;
    return this.#frames(() => ({ ...this.#now, ...kept }));
  }

  #frames(place: (at: number) => Place): FrameStream {
    return new FrameStream({
      envelope: (envelope, at) => this.#emit(this.opener.read(envelope, place(at))),
      problem: (reason: FrameProblem, at, bytes) =>
        this.#tell({ layer: 'frame', reason, at, bytes, place: place(at) }),
      isEnvelope: (envelope) => this.opener.isEnvelope(envelope),
    });
  }

  #placeOf({ source, destination }: IpPacket): Place {
    const from = { ip: source, port: 0, text: addressText(source, 0).slice(0, -2) };
    const to = { ip: destination, port: 0, text: addressText(destination, 0).slice(0, -2) };
    return { ...this.#now, from, to };
  }

  #emit(item: Item): void {
    this.sink.item(item);
  }

  #tell(problem: Omit<ProblemItem, 'kind'> & { layer: Layer }): void {
    this.sink.item({ kind: 'problem', ...problem });
  }
}

function endsOf(ip: IpPacket, sourcePort: number, destinationPort: number): { from: End; to: End } {
  const { source, destination } = ip;
  return {
    from: { ip: source, port: sourcePort, text: addressText(source, sourcePort) },
    to: { ip: destination, port: destinationPort, text: addressText(destination, destinationPort) },
  };
}
