/** The TypeScript node behind the control protocol (conformance/CONTROL.md). */
import type { Readable, Writable } from 'node:stream';
import { contentOf } from '../cli/start/content.js';
import { messageOf } from '../error.js';
import { Telepathine } from '../telepathine.js';
import { LineReader } from './control/line-reader.js';
import {
  CONTROL_VERSION,
  type CommandName,
  type Commands,
  type ControlContent,
  type ControlEntry,
  type ControlEvent,
  type ControlMember,
  type EventType,
  FEATURES,
  type Hello,
  type Request,
  type StartFields,
} from './control/protocol.js';

/** How the adapter speaks of its node, and with whom. */
export interface AdapterOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** Of the package. */
  readonly version: string;
  /** What `hello` says in place of `telepathine`. */
  readonly implementation?: string;
  /** Makes the node. Default: of the public class. */
  readonly makeNode?: (options: ConstructorParameters<typeof Telepathine>[0]) => Telepathine;
}

/** Runs a node as the lines of the input tell; resolves when the input has ended. */
export async function runAdapter(options: AdapterOptions): Promise<void> {
  const adapter = new Adapter(options);
  const lines = new LineReader(LINE_CHARACTERS_MAX, (line) => adapter.take(line));
  for await (const chunk of options.input) if (!lines.push(chunk as Buffer)) break;
  await adapter.end();
}

/** A value of 1 MiB in base64, and then some. */
const LINE_CHARACTERS_MAX = 4 * 1024 * 1024;

type Handlers = {
  readonly [Name in CommandName]: (
    fields: Commands[Name]['takes'],
  ) => Commands[Name]['gives'] | Promise<Commands[Name]['gives']>;
};

class Adapter {
  #node: Telepathine | undefined;
  #types: readonly EventType[] = [];
  /** Requests are carried out one after the other. */
  #queue: Promise<void> = Promise.resolve();
  readonly #handlers: Handlers = {
    hello: () => this.#hello(),
    start: (fields) => this.#start(fields),
    set: ({ key, ttlMs, ...content }) => {
      const expiresAt = ttlMs === undefined ? undefined : Date.now() + ttlMs;
      this.#running.set(key, givenValue(content) as object, expiresAt);
      return {};
    },
    get: ({ key, peer }) => ({ entries: this.#entries(key, peer) }),
    delete: ({ key }) => ({ found: this.#running.delete(key) }),
    say: ({ event, durationMs, ...content }) => {
      this.#running.say(event, givenValue(content), durationMs);
      return {};
    },
    members: () => ({ members: this.#members() }),
    events: ({ types }) => {
      this.#types = types;
      return {};
    },
    rotate: ({ keys }) => {
      this.#running.rotateKeys(keys);
      return {};
    },
    refusals: () => ({ refusals: this.#running.stats()?.refusals ?? {} }),
    stop: async () => {
      await this.#running.stop();
      this.#node = undefined;
      return {};
    },
  };

  constructor(private readonly options: AdapterOptions) {}

  take(line: string): void {
    if (line.trim() !== '') this.#queue = this.#queue.then(() => this.#carryOut(line));
  }

  async end(): Promise<void> {
    await this.#queue;
    await this.#node?.stop();
  }

  async #carryOut(line: string): Promise<void> {
    let id: unknown = null;
    try {
      const { id: given, command, ...fields } = JSON.parse(line) as Request;
      id = given;
      const handler = Object.hasOwn(this.#handlers, command) ? this.#handlers[command] : undefined;
      if (handler === undefined) throw new Error(`${command} is no command`);
      const answer = await (handler as (fields: object) => object)(fields);
      this.#write({ id, ok: true, ...answer });
    } catch (error) {
      this.#write({ id, ok: false, error: messageOf(error) });
    }
  }

  #write(line: object): void {
    this.options.output.write(`${JSON.stringify(line)}\n`);
  }

  get #running(): Telepathine {
    if (this.#node === undefined) throw new Error('the node is not started');
    return this.#node;
  }

  #hello(): Hello {
    const { implementation = 'telepathine', version } = this.options;
    return { control: CONTROL_VERSION, implementation, version, level: 'full', features: FEATURES };
  }

  async #start(fields: StartFields): Promise<{ port: number }> {
    if (this.#node !== undefined) throw new Error('the node is started already');
    const { makeNode = (given) => new Telepathine(given) } = this.options;
    const node = makeNode(nodeOptions(fields));
    this.#node = node;
    this.#tellOf(node);
    try {
      await node.start().started;
    } catch (error) {
      this.#node = undefined;
      throw error;
    }
    return { port: node.port };
  }

  #tellOf(node: Telepathine): void {
    const tell = (event: ControlEvent) => {
      if (this.#types.includes(event.event)) this.#write(event);
    };
    node.on('set', (peer, key, value) =>
      tell({ event: 'set', peer, key, ...contentOf(value) } as ControlEvent),
    );
    node.on('key:deleted', (peer, key) => tell({ event: 'deleted', peer, key }));
    node.on('key:expired', (peer, key) => tell({ event: 'expired', peer, key }));
    node.on('peer:start', (peer) => tell({ event: 'up', peer }));
    node.on('peer:stop', (peer) => tell({ event: 'down', peer }));
    node.hear('*', function (data, peer) {
      const name = String(this.event);
      tell({ event: 'say', peer: String(peer), name, ...contentOf(data) } as ControlEvent);
    });
    node.on('error', ({ code, message }) => {
      if (code === 'NAME_TAKEN') tell({ event: 'stopped', reason: code });
      else process.stderr.write(`${code}: ${message}\n`);
    });
  }

  #entries(key: string | undefined, peer: string | undefined): ControlEntry[] {
    const node = this.#running;
    const isOwn = peer === undefined || peer === node.peer_name;
    const entries = isOwn ? node.entries() : node.entriesOf(peer);
    return entries
      .filter(([name]) => key === undefined || name === key)
      .map(([name, value]) => ({ key: name, ...contentOf(value) }) as ControlEntry);
  }

  #members(): ControlMember[] {
    const node = this.#running;
    const others = node.allPeers().flatMap((name) => {
      const peer = node.peer(name);
      return peer === undefined ? [] : [{ name, status: peer.status }];
    });
    return [{ name: node.peer_name, status: 'self' }, ...others];
  }
}

/** Options that do not go with the intervals are those of a node on this machine. */
function nodeOptions(fields: StartFields): ConstructorParameters<typeof Telepathine>[0] {
  const { keys, gossipIntervalMs, heartbeatIntervalMs, advertise, ...same } = fields;
  return {
    ...same,
    ...(keys.length > 0 ? { network: keys } : {}),
    ...(advertise === undefined ? {} : { advertise }),
    gossipIntervalMS: gossipIntervalMs,
    heartbeatIntervalMS: heartbeatIntervalMs,
  };
}

function givenValue(content: ControlContent): unknown {
  if (!('bytes' in content)) return content.value;
  return new Uint8Array(Buffer.from(content.bytes, 'base64'));
}
