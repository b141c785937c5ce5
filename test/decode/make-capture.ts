/** Captures in forms that no tool here writes, made of the records of one that was taken. */

export interface Record {
  seconds: number;
  microseconds: number;
  bytes: Uint8Array;
}

/** The records of a capture of tcpdump on this machine: little-endian, microseconds. */
export function recordsOf(pcap: Uint8Array): Record[] {
  const view = new DataView(pcap.buffer, pcap.byteOffset, pcap.length);
  const records: Record[] = [];
  for (let at = 24; at < pcap.length; ) {
    const length = view.getUint32(at + 8, true);
    records.push({
      seconds: view.getUint32(at, true),
      microseconds: view.getUint32(at + 4, true),
      bytes: pcap.slice(at + 16, at + 16 + length),
    });
    at += 16 + length;
  }
  return records;
}

/** Another link layer in place of Ethernet's. */
export function relinked({ bytes, ...rest }: Record, header: readonly number[]): Record {
  return { ...rest, bytes: Uint8Array.from([...header, ...bytes.subarray(14)]) };
}

export interface Form {
  littleEndian: boolean;
  linkType?: number;
}

export function pcapOf(
  records: readonly Record[],
  { littleEndian, linkType = 1, nanoseconds = false }: Form & { nanoseconds?: boolean },
): Uint8Array {
  const u32 = numbers(littleEndian);
  const magic = nanoseconds ? 0xa1b23c4d : 0xa1b2c3d4;
  const version = littleEndian ? 0x00040002 : 0x00020004;
  return joined([
    u32(magic, version, 0, 0, 262_144, linkType),
    ...records.flatMap(({ seconds, microseconds, bytes }) => [
      u32(seconds, nanoseconds ? microseconds * 1000 : microseconds, bytes.length, bytes.length),
      bytes,
    ]),
  ]);
}

export type Block = 'enhanced' | 'simple' | 'obsolete';

/** @param resolution exponent of `if_tsresol`; with the upper bit of 2, else of 10. */
export function pcapngOf(
  records: readonly Record[],
  {
    littleEndian,
    linkType = 1,
    block = 'enhanced',
    resolution = 6,
  }: Form & {
    block?: Block;
    resolution?: number;
  },
): Uint8Array {
  const u32 = numbers(littleEndian);
  const u16 = (value: number, other: number) =>
    littleEndian ? u32((other << 16) | value) : u32(((value << 16) | other) >>> 0);
  const blockOf = (type: number, ...body: Uint8Array[]) => {
    const content = padded(joined(body));
    const length = content.length + 12;
    return joined([u32(type, length), content, u32(length)]);
  };
  const units = resolution & 0x80 ? 2n ** BigInt(resolution & 0x7f) : 10n ** BigInt(resolution);
  const packets = records.map(({ seconds, microseconds, bytes }) => {
    const time = (BigInt(seconds) * 1_000_000n + BigInt(microseconds)) * units;
    const at = time / 1_000_000n;
    const halves = u32(Number(at >> 32n), Number(at & 0xffffffffn));
    const { length } = bytes;
    if (block === 'simple') return blockOf(3, u32(length), bytes);
    if (block === 'obsolete') return blockOf(2, u16(0, 0), halves, u32(length, length), bytes);
    return blockOf(6, u32(0), halves, u32(length, length), bytes);
  });
  const options = [u16(9, 1), Uint8Array.of(resolution, 0, 0, 0), u32(0)];
  return joined([
    blockOf(0x0a0d0d0a, u32(0x1a2b3c4d), u16(1, 0), u32(0xffffffff, 0xffffffff)),
    blockOf(0x0bad, u32(1, 2, 3)),
    blockOf(1, u16(linkType, 0), u32(0), ...options),
    ...packets,
  ]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

function numbers(littleEndian: boolean) {
  return (...values: number[]): Uint8Array => {
    const view = new DataView(new ArrayBuffer(values.length * 4));
    for (const [index, value] of values.entries()) view.setUint32(index * 4, value, littleEndian);
    return new Uint8Array(view.buffer);
  };
}

function padded(bytes: Uint8Array): Uint8Array {
  return joined([bytes, new Uint8Array(-bytes.length & 3)]);
}
