import test from 'ava';
import { SEALED_OVERHEAD_BYTES, UNTRUSTED_FRAME_BYTES_MAX } from '../../src/wire/index.js';
import { type RecordingHost, TcpBench } from './tcp-bench.js';

const LATENCY_MS = 10;
const SEGMENT_BYTES = 1460;

test('a frame comes after a handshake, and an answer on the same connection', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(1000);
  t.is(two.frames.length, 1);
  t.is(two.frames[0]?.atMs, 3 * LATENCY_MS, 'SYN, SYN-ACK, the frame');
  const back = two.frames[0]?.link as string;
  t.regex(back, /^tcp:10\.0\.0\.1:\d{5}$/, 'from a port of the kernel');
  bench.tcp.send(two, back, bytes(200));
  bench.run(1000);
  t.deepEqual(
    one.frames.map(({ link, bytes: { length } }) => ({ link, length })),
    [{ link: two.link, length: 200 }],
  );
  t.deepEqual([...one.downs, ...two.downs], []);
});

test('frames come whole, once and in order, although 30 % of the segments are lost', (t) => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const bench = new TcpBench({ loss: 0.3, latency: { minMs: 1, maxMs: 50 } }, seed);
    const [one, two] = bench.pair();
    connect(bench, one, two, 30_000);
    for (let number = 1; number <= 50; number++) {
      bench.tcp.send(one, two.link, bytes(number % 7 === 0 ? 20_000 : 300, number));
    }
    bench.run(300_000);
    t.deepEqual(
      two.frames.slice(1).map(({ bytes: [number] }) => number),
      Array.from({ length: 50 }, (_, index) => index + 1),
    );
    const times = two.frames.map(({ atMs }) => atMs);
    t.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  }
});

test('a lost segment is sent again after a timeout, or at once if enough come behind it', (t) => {
  const tookMs = (segments: number) => {
    const bench = new TcpBench();
    const [one, two] = bench.pair();
    connect(bench, one, two);
    bench.run(100);
    const startMs = bench.nowMs();
    // Only the first segment is lost.
    let sent = 0;
    const heal = bench.network.cut((from) => {
      sent += from === one.station.index ? 1 : 0;
      return sent === 1;
    });
    bench.tcp.send(one, two.link, bytes(segments * SEGMENT_BYTES - SEALED_OVERHEAD_BYTES - 4));
    bench.run(5000);
    heal();
    return (two.frames[1]?.atMs as number) - startMs;
  };
  for (const few of [1, 3]) {
    t.is(tookMs(few), 200 + LATENCY_MS, 'nothing but its clock tells the sender');
  }
  t.is(tookMs(4), 3 * LATENCY_MS, 'three duplicate acknowledgements do');
});

test('a large frame takes as many rounds as slow start needs', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  bench.run(100);
  const startMs = bench.nowMs();
  // 1000 segments: the frame before has made the window 20, so 20, 40, 80, 160, 320 and the rest.
  bench.tcp.send(one, two.link, bytes(1000 * SEGMENT_BYTES - SEALED_OVERHEAD_BYTES - 4));
  bench.run(5000);
  t.is((two.frames[1]?.atMs as number) - startMs, 5 * 2 * LATENCY_MS + LATENCY_MS);
});

test('loss makes a transfer slower, and a narrow line as slow as it is', (t) => {
  const tookMs = (settings: ConstructorParameters<typeof TcpBench>[0]) => {
    const bench = new TcpBench(settings);
    const [one, two] = bench.pair();
    connect(bench, one, two, 30_000);
    const startMs = bench.nowMs();
    bench.tcp.send(one, two.link, bytes(1_000_000));
    bench.run(600_000);
    return (two.frames[1]?.atMs as number) - startMs;
  };
  const fastMs = tookMs({});
  t.true(tookMs({ loss: 0.05 }) > 2 * fastMs);
  const narrowMs = tookMs({ bandwidthBytesPerSecond: 100_000 });
  t.true(narrowMs > 10_000 && narrowMs < 60_000, `${narrowMs} ms`);
});

test('a killed process resets what its peers send', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  two.listening = false;
  bench.tcp.hostEnded(two);
  const endedMs = bench.nowMs();
  bench.run(1000);
  t.deepEqual(one.downs, [{ atMs: endedMs + LATENCY_MS, link: two.link }]);
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(1000);
  t.is(one.downs.length, 2, 'a new connection is refused');
  t.is(one.downs[1]?.atMs, endedMs + 1000 + 2 * LATENCY_MS);
});

test('a lost reset is repeated by the next segment', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  const heal = bench.network.cut(() => true);
  bench.tcp.hostEnded(two);
  heal();
  bench.run(1000);
  t.deepEqual(one.downs, [], 'nobody has told it');
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(1000);
  t.is(one.downs.length, 1);
});

test('a crashed machine leaves its connections half open until the sender gives up', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  bench.run(100);
  two.on = false;
  two.listening = false;
  bench.tcp.hostEnded(two);
  const crashedMs = bench.nowMs();
  for (let minute = 0; minute < 30 && one.downs.length === 0; minute++) {
    bench.tcp.send(one, two.link, bytes(100));
    bench.run(60_000);
  }
  // Linux gives up after 924.6 s.
  t.is(Math.round(((one.downs[0]?.atMs as number) - crashedMs) / 1000), 925);
});

test('a machine that crashed and is back resets the half-open connection', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  two.on = false;
  bench.tcp.hostEnded(two);
  bench.run(1000);
  two.on = true;
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(1000);
  t.is(one.downs.length, 1);
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(1000);
  t.is(two.frames.length, 2, 'the next connection works');
});

test('a machine that crashes sends no more of what was queued', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  bench.tcp.send(one, two.link, bytes(1_000_000));
  bench.run(3 * LATENCY_MS);
  one.on = false;
  bench.tcp.hostEnded(one);
  bench.run(60_000);
  t.is(two.frames.length, 1, 'only the first frame, which made the connection');
});

test('a connection whose packets are lost is given up after three seconds', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  const heal = bench.network.cut((from) => from === one.station.index);
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(10_000);
  t.deepEqual(one.downs, [{ atMs: 3000, link: two.link }]);
  heal();
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(1000);
  t.is(two.frames.length, 1, 'and the next one is opened anew');
});

test('a lost SYN is sent again after a second', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  const heal = bench.network.cut(() => true);
  bench.tcp.send(one, two.link, bytes(100));
  bench.run(500);
  heal();
  bench.run(2000);
  t.is(two.frames[0]?.atMs, 1000 + 3 * LATENCY_MS);
});

test('an address of nobody is reported down', (t) => {
  const bench = new TcpBench();
  const [one] = bench.pair();
  bench.tcp.send(one, 'tcp:10.9.9.9:9000', bytes(100));
  bench.run(5000);
  t.deepEqual(one.downs, [{ atMs: 3000, link: 'tcp:10.9.9.9:9000' }]);
});

test('a connection that is closed in order brings what was sent before', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  bench.tcp.trust(two, two.frames[0]?.link as string);
  bench.tcp.send(one, two.link, bytes(100_000, 7));
  bench.tcp.close(one, two.link);
  bench.run(1000);
  t.is(two.frames[1]?.bytes.length, 100_000);
  t.is(two.downs.length, 1);
  t.true((two.downs[0]?.atMs as number) >= (two.frames[1]?.atMs as number));
  t.deepEqual(one.downs, [], 'who closes is not told');
});

test('a first frame above 1200 bytes resets a connection that is not trusted', (t) => {
  const most = UNTRUSTED_FRAME_BYTES_MAX - SEALED_OVERHEAD_BYTES;
  for (const [length, trusted, passes] of [
    [most, false, true],
    [most + 1, false, false],
    [most + 1, true, true],
  ] as const) {
    const bench = new TcpBench();
    const [one, two] = bench.pair();
    connect(bench, one, two, 1000, false);
    if (trusted) bench.tcp.trust(two, two.frames[0]?.link as string);
    bench.tcp.send(one, two.link, bytes(length));
    bench.run(1000);
    t.is(two.frames.length, passes ? 2 : 1, `${length} bytes`);
    t.is(one.downs.length, passes ? 0 : 1);
    t.is(two.downs.length, passes ? 0 : 1);
  }
});

test('the side that dialled takes frames of any size', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  bench.tcp.send(two, two.frames[0]?.link as string, bytes(50_000));
  bench.run(1000);
  t.is(one.frames[0]?.bytes.length, 50_000);
});

test('a connection that nobody uses is closed after five minutes', (t) => {
  const bench = new TcpBench();
  const [one, two] = bench.pair();
  connect(bench, one, two);
  bench.run(290_000);
  t.is(one.downs.length, 0);
  bench.run(20_000);
  t.deepEqual([one.downs.length, two.downs.length], [1, 1]);
});

/** Opens a connection by a small frame, and lets frames of any size pass. */
function connect(
  bench: TcpBench,
  one: RecordingHost,
  two: RecordingHost,
  withinMs = 1000,
  trusted = true,
): void {
  bench.tcp.send(one, two.link, bytes(1));
  for (let passedMs = 0; two.frames.length === 0 && passedMs < withinMs; passedMs += 10)
    bench.run(10);
  if (trusted) bench.tcp.trust(two, two.frames[0]?.link as string);
}

function bytes(length: number, first = 0): Uint8Array {
  const made = new Uint8Array(length);
  made[0] = first;
  return made;
}
