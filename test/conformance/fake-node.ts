/** Nodes under test that misbehave, or break a rule: `node fake-node.js MODE`. */
import { runAdapter } from '../../src/conformance/adapter.js';
import { Telepathine } from '../../src/index.js';

const MODES: Record<string, () => void | Promise<void>> = {
  /** Never answers anything. */
  hang: () => {
    console.error('I sleep');
    setInterval(() => undefined, 1000);
  },
  crash: () => {
    console.error('Error: it went wrong');
    process.exit(7);
  },
  garbage: () => {
    console.error('I talk');
    console.log('Server is listening on port 9000');
    setInterval(() => undefined, 1000);
  },
  flood: () => {
    console.error('I shout');
    const lines = '{"event":"up","peer":"nobody"}\n'.repeat(5000);
    setInterval(() => process.stdout.write(lines), 1);
  },
  endless: () => {
    console.error('I do not stop');
    setInterval(() => process.stdout.write('x'.repeat(100_000)), 1);
  },
  unasked: () => {
    console.log('{"id":77,"ok":true}');
    setInterval(() => undefined, 1000);
  },
  /** Says that it can do everything, and answers with something else than was asked. */
  wrong: () => {
    process.stdin.on('data', () => console.log('{"id":1,"ok":true,"control":1,"level":"super"}'));
  },
  /** Says that it is full, and declares nothing by which it could be tested. */
  empty: () => sayHello('full', []),
  /** Answers hello, and hangs at the start. */
  late: () => sayHello('basic', ['udp', 'tcp', 'sealed']),
  /** Crashes when it is asked for values. */
  fragile: () =>
    runAdapter({
      ...streams(),
      makeNode: (options) => {
        const node = new Telepathine(options);
        node.entriesOf = () => {
          console.error('Error: values are hot');
          process.exit(1);
        };
        return node;
      },
    }),
  /** Shows values with a tail that nobody has set. */
  liar: () =>
    runAdapter({
      ...streams(),
      makeNode: (options) => {
        const node = new Telepathine(options);
        const { entriesOf } = node;
        node.entriesOf = (peer) =>
          entriesOf.call(node, peer).map(([key, value]) => [key, `${value} or so`]);
        return node;
      },
    }),
};

function sayHello(level: string, features: string[]): void {
  process.stdin.once('data', () => {
    const hello = { implementation: 'fake', version: '1', level, features };
    console.log(JSON.stringify({ id: 1, ok: true, control: 1, ...hello }));
  });
}

function streams() {
  return { input: process.stdin, output: process.stdout, version: '0.0.0' };
}

await MODES[process.argv[2] ?? '']?.();
