import type { CoreEvent, Position } from '../core/contract.js';
import type { Machine } from './machine.js';
import type { Observer, World } from './world.js';

/** A statement that called a node dead or gone. */
type Down = Pick<Position, 'generation' | 'logId' | 'incarnation'>;

/**
 * Checks that no old statement revives a node: whom a node has called dead or gone, it calls alive
 * only in a newer life or at a higher incarnation, unless it kept its doubt to itself. And no older
 * life follows a newer one.
 */
export class StatementOrder implements Observer {
  /** By observer: the last statement by which each other went. */
  readonly #downs: Map<string, Down>[];
  /** By observer and owner: the highest generation that was seen alive. */
  readonly #generations: Float64Array;
  readonly #indexes: ReadonlyMap<string, number>;

  constructor(
    world: World,
    private readonly violated: (text: string) => void,
  ) {
    this.#downs = world.machines.map(() => new Map());
    this.#generations = new Float64Array(world.machines.length ** 2);
    this.#indexes = new Map(world.machines.map(({ name, station }) => [name, station.index]));
  }

  started({ station: { index } }: Machine): void {
    const count = this.#indexes.size;
    this.#downs[index] = new Map();
    this.#generations.fill(0, index * count, (index + 1) * count);
  }

  emitted(machine: Machine, event: CoreEvent): void {
    if (event.type !== 'peerAlive' && event.type !== 'peerDown') return;
    const { name } = event;
    const position = machine.core?.position(name);
    if (position === undefined) return;
    // One call may tell of a death and of the life after it: the position is of the latter.
    if (position.status === 'alive') this.#alive(machine, name, position);
    else if (!position.doubted) this.#downs[machine.station.index]?.set(name, downOf(position));
  }

  #alive({ name: observer, station }: Machine, name: string, position: Position): void {
    const { generation, logId, incarnation } = position;
    const down = this.#downs[station.index]?.get(name);
    const life = `generation ${generation}, incarnation ${incarnation}, ${logId}`;
    if (down !== undefined && !isNewer(position, down)) {
      this.violated(`${observer} revives ${name} by an old statement (${life})`);
    }
    const cell = station.index * this.#indexes.size + (this.#indexes.get(name) as number);
    if (generation < (this.#generations[cell] as number)) {
      this.violated(`${observer} shows an older life of ${name} after a newer one (${life})`);
    }
    this.#generations[cell] = generation;
  }
}

function downOf({ generation, logId, incarnation }: Position): Down {
  return { generation, logId, incarnation };
}

/** PROTOCOL.md, "Statements": by generation, log id, then incarnation; a death beats its equal. */
function isNewer(alive: Down, down: Down): boolean {
  if (alive.generation !== down.generation) return alive.generation > down.generation;
  if (alive.logId !== down.logId) return alive.logId > down.logId;
  return alive.incarnation > down.incarnation;
}
