/**
 * What an entry of a log costs in memory beside its bytes: `node --expose-gc
 * dist/bench/entry-memory.js`. The constant of `src/core/held-bytes.ts` is from here.
 */
import { Log, makeEntry } from '../src/core/log.js';
import { decodeEntryBody, Encoding, encodeEntryBody } from '../src/wire/index.js';

const ENTRIES = 50_000;

/** Held until the end: what one gives back would be taken off the next. */
const logs: Log[] = [];

for (const payloadBytes of [1, 100, 1000]) {
  const before = usedBytes();
  const log = filledLog(payloadBytes);
  logs.push(log);
  const overhead = (usedBytes() - before - log.bytes) / log.entryCount;
  process.stdout.write(
    `payload of ${payloadBytes} B: ${Math.round(overhead)} B beside its bytes\n`,
  );
}

function filledLog(payloadBytes: number): Log {
  const log = new Log();
  for (let version = 1; version <= ENTRIES; version++) {
    const bytes = encodeEntryBody({
      version,
      name: `sensor/${String(version).padStart(13, '0')}`,
      content: { kind: 'value', encoding: Encoding.json, typeName: '', stamp: { time: version } },
    });
    const body = decodeEntryBody(bytes);
    if (body === undefined) throw new Error('an entry cannot be read');
    const payload = new Uint8Array(payloadBytes);
    log.append(makeEntry(body, bytes, payload, Number.POSITIVE_INFINITY, 0));
  }
  return log;
}

function usedBytes(): number {
  if (globalThis.gc === undefined) throw new Error('run it with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
