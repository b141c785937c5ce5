/** docs/ERRORS.md has an entry for every code, and what it claims is what happens. */
import { readdirSync, readFileSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { type ErrorCode, Telepathine, TelepathineError } from '../src/index.js';
import { EVENT_BYTES_PER_OWNER_MAX, VALUE_BYTES_MAX } from '../src/wire/limits.js';
import { codeBlocks, codeSpans, promisedOutput, runExample, tables } from './documents.js';
import { TestMesh } from './telepathine/test-mesh.js';

const PATH = 'docs/ERRORS.md';
const document = readFileSync(PATH, 'utf8');

/** What the document claims of a code. */
interface Claim {
  readonly state: string;
  readonly retryable: boolean;
}

const claims = new Map<string, Claim>();
for (const [, code, text] of document.matchAll(/^## ([A-Z_]+)\n(.*?)(?=^## )/gms)) {
  const [, state] = /^- State: (unchanged|stopped|goes on)\.$/m.exec(text!) ?? [];
  const [, retry] = /^- Retry: (yes|no)\b/m.exec(text!) ?? [];
  if (!state || !retry || !/^- To do: /m.test(text!)) throw new Error(`${code} is not complete`);
  claims.set(code!, { state, retryable: retry === 'yes' });
}

/** A node that is about to fail, and how. */
interface Scene {
  readonly node: Telepathine;
  /** Makes it fail by means of the public class alone; gives what it throws, or tells of. */
  readonly provoke: () => Promise<unknown>;
  /** Another node that sees it, if there is one. */
  readonly witness?: Telepathine;
  /** Takes away what kept it from running. */
  readonly mend?: () => Promise<unknown>;
  /** Waits for a promise. */
  readonly settled: <T>(promise: Promise<T>) => Promise<T>;
  /** Waits until something holds. */
  readonly until?: (holds: () => boolean) => Promise<void>;
}

/** What can be seen of a node; the version counts all that it has set, deleted and said. */
function stateOf({ node, witness }: Scene): string {
  const seen = witness?.peer(node.peer_name);
  return JSON.stringify({
    own: node.entries(),
    running: [node.peer_name, node.address, node.port, node.livePeers()],
    seen: [witness?.entriesOf(node.peer_name), seen?.alive, seen?.version],
  });
}

/** What it throws or rejects with. */
async function failureOf(call: () => unknown): Promise<unknown> {
  try {
    await call();
  } catch (error) {
    return error;
  }
  return undefined;
}

/** Two nodes that know each other, and a call of the first that fails. */
async function calling(call: (node: Telepathine) => unknown): Promise<Scene> {
  const mesh = new TestMesh();
  const [node, witness] = await mesh.start(2);
  node!.set('k', 1);
  await mesh.until(() => witness!.getRemote('n1', 'k') === 1);
  const provoke = async () => {
    const error = await mesh.settled(failureOf(() => call(node!)));
    // Whatever it had changed would be seen by then.
    await mesh.run(5000);
    return error;
  };
  return {
    ...{ node: node!, witness: witness!, provoke },
    settled: (promise) => mesh.settled(promise),
    until: (holds) => mesh.until(holds),
  };
}

/** For each code a scene in which it comes. */
const SCENES: Record<ErrorCode, () => Promise<Scene>> = {
  INVALID_ARGUMENT: () => calling((node) => node.set('k', 2, Date.UTC(1970))),

  NOT_SERIALIZABLE: () => calling((node) => node.say('e', { call: () => 1 })),

  TOO_LARGE: () => calling((node) => node.set('k', 'x'.repeat(2 ** 20))),

  WRONG_STATE: () => calling((node) => node.rotateKeys('passphrase')),

  TIMED_OUT: () => calling((node) => node.ready({ peers: 2, timeoutMs: 100 })),

  async LIMIT_REACHED() {
    const heard: unknown[] = [];
    const data = new Uint8Array(VALUE_BYTES_MAX);
    const scene = await calling((node) => node.say('one more', data));
    scene.witness!.hear('*', (_data, from) => heard.push(from));
    // With what names and numbers them, the last one does not fit.
    const count = EVENT_BYTES_PER_OWNER_MAX / VALUE_BYTES_MAX - 1;
    for (let index = 0; index < count; index++) scene.node.say('e', data, 3_600_000);
    await scene.until!(() => heard.length === count);
    return scene;
  },

  async ADDRESS_UNAVAILABLE() {
    const other = await Telepathine.start();
    const node = new Telepathine(other.port).set('k', 1);
    return {
      node,
      provoke: () => failureOf(() => node.start().started),
      mend: () => other.stop(),
      settled: (promise) => promise,
    };
  },

  async NAME_TAKEN() {
    const mesh = new TestMesh();
    const [, incumbent] = await mesh.start(2);
    // Which of them had it first has to be beyond doubt.
    await mesh.run(1000);
    const node = mesh.node({ name: 'n2' }).set('k', 1);
    return {
      node,
      provoke: () => mesh.settled(failureOf(() => node.start().started)),
      mend: () => mesh.settled(incumbent!.stop()),
      settled: (promise) => mesh.settled(promise),
    };
  },

  async STOPPED() {
    const mesh = new TestMesh();
    const node = mesh.node().set('k', 1).start();
    const { started } = node;
    const provoke = () => {
      void node.stop();
      return mesh.settled(failureOf(() => started));
    };
    return { node, provoke, mend: async () => undefined, settled: (each) => mesh.settled(each) };
  },

  async HANDLER_FAILED() {
    const mesh = new TestMesh();
    const [node, other] = await mesh.start(2);
    node!.know('k', () => {
      throw new Error('my fault');
    });
    const nextHandler = new Promise((resolve) => node!.know('k', resolve));
    const provoke = async () => {
      const told = node!.waitFor('error');
      other!.set('k', 1);
      await mesh.settled(nextHandler);
      const [error] = await mesh.settled(told);
      return error;
    };
    return { node: node!, witness: other!, provoke, settled: (promise) => mesh.settled(promise) };
  },
};

/** What each claim about the state means. */
const CHECKS: Record<string, (t: ExecutionContext, scene: Scene, before: string) => unknown> = {
  unchanged: (t, scene, before) => t.is(stateOf(scene), before),

  async stopped(t, { node, mend, settled }) {
    t.deepEqual([node.address, node.port, node.allPeers()], ['', 0, []]);
    t.deepEqual(node.entries(), [['k', 1]]);
    await mend!();
    const told = node.waitFor('start');
    await settled(node.start().started);
    t.deepEqual(await told, [node]);
    t.deepEqual(node.entries(), [['k', 1]]);
    await settled(node.stop());
  },

  'goes on'(t, { node, witness }) {
    t.is(node.getRemote(witness!.peer_name, 'k'), 1);
    t.deepEqual(node.livePeers(), [witness!.peer_name]);
  },
};

/** Codes of calls that were given what is not allowed: their messages say what is. */
const OF_GIVEN = ['INVALID_ARGUMENT', 'NOT_SERIALIZABLE', 'TOO_LARGE', 'LIMIT_REACHED'];

for (const [code, makeScene] of Object.entries(SCENES)) {
  test(`${code} comes as docs/ERRORS.md tells, and leaves the state that it claims`, async (t) => {
    const claim = claims.get(code)!;
    const scene = await makeScene();
    const before = stateOf(scene);
    const error = await scene.provoke();
    t.true(error instanceof TelepathineError, String(error));
    const { message, retryable } = error as TelepathineError;
    t.like(error as TelepathineError, { name: 'TelepathineError', code });
    t.is(retryable, claim.retryable);
    if (OF_GIVEN.includes(code)) t.regex(message, /allowed/);
    await CHECKS[claim.state]!(t, scene, before);
  });
}

test('docs/ERRORS.md has the codes that there are, and each is provoked here', (t) => {
  const source = readFileSync('src/error.ts', 'utf8');
  const codes = [...source.matchAll(/^ {2}\| '([A-Z_]+)'/gm)].map(([, code]) => code!);
  t.true(codes.length >= 10);
  t.deepEqual([...claims.keys()], codes);
  t.deepEqual(Object.keys(SCENES).sort(), [...codes].sort());
});

test('docs/ERRORS.md has every reason that stats() counts refusals by, and no other', (t) => {
  const protocol = tables('docs/PROTOCOL.md').find(({ columns }) => columns[0] === 'reason');
  const expected = new Set(protocol!.rows.map(([reason]) => codeSpans(reason!)[0]!));
  const counted = /(?:refused\([^()]*, |\.fail\(|countRefusal\()'([a-z-]+)'/g;
  for (const folder of ['src/transport', 'src/node']) {
    for (const file of readdirSync(folder)) {
      const source = readFileSync(`${folder}/${file}`, 'utf8');
      for (const [, reason] of source.matchAll(counted)) expected.add(reason!);
    }
  }
  const ours = tables(PATH).find(({ columns }) => columns[0] === 'reason');
  const shown = ours!.rows.flatMap(([reasons]) => codeSpans(reasons!));
  t.true(expected.has('internal-error') && expected.has('send-failed'));
  t.deepEqual(shown.sort(), [...expected].sort());
});

test('the example of docs/ERRORS.md prints what it says', async (t) => {
  const examples = codeBlocks(PATH, ['js']);
  t.is(examples.length, 1);
  const { stdout, stderr } = await runExample(examples[0]!);
  t.is(stderr, '');
  t.is(stdout, promisedOutput(examples[0]!));
});
