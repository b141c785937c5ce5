import { contentText, jsonLine } from '../start/text.js';
import type { DemoMesh } from './demo-mesh.js';
import type { NodeProcess } from './node-process.js';
import { Onlookers } from './onlookers.js';
import { showPacket } from './packet-scene.js';
import type { Stage } from './stage.js';
import { duration } from './stage.js';

const START_TIMEOUT_MS = 10_000;
const DEATH_TIMEOUT_MS = 12_000;
const TTL_MS = 1000;
const KNOCKING_MS = 1000;

const NAMES = ['alpha', 'beta', 'gamma', 'delta', 'epsilon'] as const;
type Name = (typeof NAMES)[number];
type Cast = Record<Name, NodeProcess>;

/**
 * Plays all scenes, one after the other.
 *
 * @throws Error that names what did not happen in time.
 */
export async function playScenes(mesh: DemoMesh, stage: Stage, startedAtMs: number): Promise<void> {
  const play = new Play(mesh, stage);
  stage.note('Five processes make a private mesh on this machine. Nobody is in charge.');
  stage.note('A fresh key, in a file that only this user may read, seals every packet:');
  stage.note(mesh.keyFile);
  const cast = await play.meet(startedAtMs);
  await play.valueTravels(cast);
  await play.eventTravels(cast);
  await play.keysGo(cast);
  await play.nodeDies(cast);
  await play.nodeReturns(cast);
  await play.nodeLeaves(cast);
  await play.strangerKnocks(cast);
  await play.sumUp();
}

class Play {
  constructor(
    private readonly mesh: DemoMesh,
    private readonly stage: Stage,
  ) {}

  async meet(startedAtMs: number): Promise<Cast> {
    const { mesh, stage } = this;
    stage.heading('They find each other');
    const alpha = mesh.spawn('alpha', { dump: true });
    const address = await this.#introduce(alpha, 'knows nobody', startedAtMs);
    const later = NAMES.slice(1).map((name) =>
      mesh.spawn(name, { join: address, dump: name === 'beta' }),
    );
    await Promise.all(later.map((node) => this.#introduce(node, 'knows alpha', startedAtMs)));
    await Promise.all(mesh.all.map((node) => this.#showSeesAll(node, startedAtMs)));
    return Object.fromEntries(mesh.all.map((node) => [node.name, node])) as Cast;
  }

  async valueTravels({ alpha, beta }: Cast): Promise<void> {
    this.stage.heading('A value travels');
    await this.#set(alpha, 'temperature', { celsius: 21 });
    this.stage.heading('The packet that carried it');
    await showPacket(this.stage, alpha, beta, 'temperature');
  }

  async eventTravels({ gamma }: Cast): Promise<void> {
    this.stage.heading('An event travels');
    this.stage.says('gamma', 'says lunch');
    const others = this.#othersThan(gamma);
    await Promise.all([
      gamma.ask({ command: 'say', event: 'lunch', value: { soup: 'leek' } }),
      others.all(
        'say',
        ({ peer, event }) => peer === 'gamma' && event === 'lunch',
        (report) => `hears gamma's ${report.event}: ${contentText(report)}`,
      ),
    ]);
  }

  async keysGo({ alpha, beta }: Cast): Promise<void> {
    const { stage } = this;
    stage.heading('A key is deleted, another expires');
    stage.says('alpha', 'deletes temperature');
    const deletion = this.#othersThan(alpha);
    await alpha.ask({ command: 'delete', key: 'temperature' });
    await deletion.all(
      'key:deleted',
      ({ peer, key }) => peer === 'alpha' && key === 'temperature',
      ({ key }) => `forgets alpha's ${key}`,
    );
    stage.says('beta', `sets door to "open" for ${duration(TTL_MS)}`);
    const expiry = this.#othersThan(beta);
    await beta.ask({ command: 'set', key: 'door', value: 'open', ttlMs: TTL_MS });
    await expiry.all(
      'key:expired',
      ({ peer, key }) => peer === 'beta' && key === 'door',
      ({ key }) => `forgets beta's ${key}, which has expired`,
    );
  }

  async nodeDies({ delta }: Cast): Promise<void> {
    const { mesh, stage } = this;
    stage.heading('A process is killed');
    await this.#set(delta, 'mood', 'calm');
    stage.says('delta', `is killed: SIGKILL to process ${delta.pid}`);
    mesh.remove(delta);
    const survivors = new Onlookers(stage, mesh.all);
    delta.kill('SIGKILL');
    const isDelta = ({ peer }: { peer: string }) => peer === 'delta';
    await Promise.all([
      survivors.first('peer:suspect', isDelta, () => 'suspects delta, and asks around'),
      survivors.all('peer:stop', isDelta, () => 'finds delta dead', DEATH_TIMEOUT_MS),
    ]);
  }

  async nodeReturns({ gamma }: Cast): Promise<void> {
    const { mesh, stage } = this;
    stage.heading('It returns under its name, with new state');
    const others = new Onlookers(stage, mesh.all);
    const { address } = await gamma.next('started');
    const delta = mesh.spawn('delta', { join: address });
    await this.#introduce(delta, 'knows gamma', others.sinceMs);
    await others.all(
      'peer:start',
      ({ peer }) => peer === 'delta',
      () => 'sees delta again',
    );
    await this.#set(delta, 'lives', 2);
    for (const node of mesh.others(delta)) await this.#showNewState(node);
  }

  async nodeLeaves({ epsilon }: Cast): Promise<void> {
    const { mesh, stage } = this;
    stage.heading('A node says goodbye');
    stage.says('epsilon', `is told to end: SIGTERM to process ${epsilon.pid}`);
    mesh.remove(epsilon);
    const others = new Onlookers(stage, mesh.all);
    epsilon.kill('SIGTERM');
    await others.all(
      'peer:leave',
      ({ peer }) => peer === 'epsilon',
      () => 'hears its goodbye',
    );
    const { code } = await epsilon.exited;
    if (code !== 0) throw new Error(`epsilon ended with exit code ${code}`);
    stage.says('epsilon', 'has ended, exit code 0', duration(performance.now() - others.sinceMs));
  }

  async strangerKnocks({ alpha }: Cast): Promise<void> {
    const { mesh, stage } = this;
    stage.heading('A stranger has another key');
    const before = await refusedKeys(alpha);
    const { address } = await alpha.next('started');
    const stranger = mesh.spawnStranger('stranger', address);
    await this.#introduce(stranger, 'knows alpha', performance.now());
    await new Promise((resolve) => setTimeout(resolve, KNOCKING_MS));
    const { members } = await stranger.ask({ command: 'members' });
    const seen = (members as unknown[]).length - 1;
    const refused = (await refusedKeys(alpha)) - before;
    if (seen > 0 || refused === 0) throw new Error('the stranger was let in');
    stage.says('stranger', `sees nobody after ${duration(KNOCKING_MS)}`);
    stage.says('alpha', `has refused ${refused} packets unread: unknown-key`);
    stranger.kill('SIGTERM');
    await stranger.exited;
  }

  async sumUp(): Promise<void> {
    this.stage.heading('What it took');
    for (const node of this.mesh.all) {
      const { stats } = (await node.ask({ command: 'stats' })) as unknown as Traffic;
      const { udp, tcp } = stats.sent;
      const bytes = udp.bytes + tcp.bytes;
      const packets = `${udp.packets} datagrams and ${tcp.packets} TCP frames`;
      this.stage.says(node.name, `sent ${packets}, ${bytes} bytes in all`);
    }
  }

  async #set(owner: NodeProcess, key: string, value: unknown): Promise<void> {
    this.stage.says(owner.name, `sets ${key} to ${jsonLine(value)}`);
    const others = this.#othersThan(owner);
    await Promise.all([
      owner.ask({ command: 'set', key, value }),
      others.all(
        'set',
        (report) => report.peer === owner.name && report.key === key,
        (report) => `learns ${owner.name}'s ${key}: ${contentText(report)}`,
      ),
    ]);
  }

  #othersThan(node: NodeProcess): Onlookers {
    return new Onlookers(this.stage, this.mesh.others(node));
  }

  /** Shows that a process runs, and returns its address. */
  async #introduce(node: NodeProcess, knows: string, sinceMs: number): Promise<string> {
    const report = await node.next('started', undefined, { timeoutMs: START_TIMEOUT_MS });
    const text = `is process ${node.pid} at ${report.address}, ${knows}`;
    this.stage.says(node.name, text, duration(report.atMs - sinceMs));
    return report.address;
  }

  async #showSeesAll(node: NodeProcess, sinceMs: number): Promise<void> {
    const names = this.mesh.others(node).map(({ name }) => name);
    const reports = await Promise.all(
      names.map((name) => node.next('peer:start', ({ peer }) => peer === name)),
    );
    const lastMs = Math.max(...reports.map(({ atMs }) => atMs));
    this.stage.says(node.name, `sees ${names.join(', ')}`, duration(lastMs - sinceMs));
  }

  /** Nothing of delta's life before may be left. */
  async #showNewState(node: NodeProcess): Promise<void> {
    const { keys } = await node.ask({ command: 'keys', peer: 'delta' });
    const names = (keys as string[]).join(', ');
    if (names !== 'lives') throw new Error(`${node.name} has other keys of delta: ${names}`);
    this.stage.says(node.name, `has of delta now: ${names}`);
  }
}

/** How many packets a node did not open, because they came under a key that it does not have. */
async function refusedKeys(node: NodeProcess): Promise<number> {
  const { stats } = (await node.ask({ command: 'stats' })) as unknown as Traffic;
  return stats.refusals['unknown-key'] ?? 0;
}

interface Traffic {
  readonly stats: {
    readonly refusals: Readonly<Record<string, number>>;
    readonly sent: Readonly<Record<'udp' | 'tcp', { packets: number; bytes: number }>>;
  };
}
