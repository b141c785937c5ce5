import type { Random } from '../core/random.js';
import type { Command, Director } from './director.js';
import { EXPIRING_PREFIX } from './history.js';
import type { Fault, Scenario } from './scenario.js';
import type { World } from './world.js';

const NEVER = Number.POSITIVE_INFINITY;
const KEYS = 5;
const VALUE_BYTES_MAX = 3000;
const FAULT_MS_MAX = 20_000;
/** What ends has done so before the end of the settling, at which all is compared. */
const LIFE_MS_MAX = 4000;

/** Draws faults by the scenario's seed, and plans commands of the nodes' applications. */
export function drawFaults(scenario: Scenario, world: World, director: Director): Fault[] {
  const { random, durationMs } = scenario;
  if (random === undefined) return [];
  const dice = world.random;
  for (let count = 0; count < random.commands; count++) {
    const machine = world.machines[dice.below(world.machines.length)];
    const command = drawCommand(dice);
    const atMs = world.nowMs() + dice.real() * durationMs;
    if (machine !== undefined) world.at(atMs, () => director.command(machine, command));
  }
  return Array.from({ length: random.faults }, () => drawFault(dice, durationMs));
}

function drawCommand(dice: Random): Command {
  const key = `key${dice.below(KEYS)}`;
  const bytes = dice.below(4) === 0 ? dice.below(VALUE_BYTES_MAX) : 20;
  switch (dice.below(6)) {
    case 0:
      return { kind: 'delete', key };
    case 1:
      return { kind: 'set', key: EXPIRING_PREFIX + key, bytes, ttlMs: 1 + dice.below(LIFE_MS_MAX) };
    case 2:
    case 3:
      return { kind: 'say', bytes, durationMs: dice.below(2) === 0 ? 300 : 3_600_000 };
    default:
      return { kind: 'set', key, bytes };
  }
}

function drawFault(dice: Random, durationMs: number): Fault {
  const timing = {
    atMs: dice.real() * durationMs,
    forMs: dice.real() * FAULT_MS_MAX,
    forMsMore: 0,
    everyMs: NEVER,
  };
  const node = { ...timing, nodes: { count: 1 }, spacingMs: 0, anew: false };
  switch (dice.below(9)) {
    case 0:
      return { ...node, kind: 'crash' };
    case 1:
      return { ...node, kind: 'kill' };
    case 2:
      return { ...node, kind: 'leave' };
    case 3:
      return { ...node, kind: 'restart' };
    case 4:
      return { ...node, kind: 'pause' };
    case 5: {
      const share = dice.real();
      return { ...timing, kind: 'partition', shares: [share, 1 - share], oneWay: false };
    }
    case 6: {
      const share = dice.real();
      return { ...timing, kind: 'partition', shares: [share, 1 - share], oneWay: true };
    }
    case 7:
      return { ...timing, nodes: { count: 1 }, kind: 'lossy', incoming: 0.8, outgoing: 0.3 };
    default:
      return { ...timing, kind: 'replay', datagrams: 50 };
  }
}
