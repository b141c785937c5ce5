import { readSteps, STEP_MUTATIONS, type Step, withoutParts } from '../core-script.js';
import {
  CoreStage,
  EVIL,
  SOURCES,
  type CoreStage as Stage,
  type Treatment,
} from '../core-stage.js';
import type { Target } from '../target.js';

/**
 * A whole core among friends: an input is a script of packets from several addresses, of commands, of
 * time that goes by and of what else happens to a node.
 */
export const coreTarget: Target = {
  name: 'core',
  inputBytesMax: 6000,
  cpuMsMax: 3000,
  batch: 1,
  mutations: STEP_MUTATIONS,
  smaller: withoutParts,
  run(input) {
    const stage = new CoreStage();
    const steps = readSteps(input).slice(0, STEPS_MAX);
    const taken = steps.map((step) => play(stage, step)).filter(Boolean);
    return `${taken.length > 0} ${stage.end()}`;
  },
};

const STEPS_MAX = 60;
const TREATMENTS: readonly Treatment[] = ['as it is', 'echo', 'push', 'answer'];
const TIMES_MS = [0, 1, 3, 10, 40, 60, 110, 250, 520, 1000, 2600, 5000, 10_500, 30_000];

/** @returns whether a packet was given to the core. */
function play(stage: Stage, step: Step): boolean {
  switch (step.kind & 7) {
    case 4:
      stage.mesh.run(TIMES_MS[step.options % TIMES_MS.length] as number);
      return false;
    case 5:
      command(stage, 'n0', step);
      return false;
    case 6:
      command(stage, 'n1', step);
      return false;
    case 7:
      disturb(stage, step.options);
      return false;
    default:
      return packet(stage, step);
  }
}

function packet(stage: Stage, { kind, options, content }: Step): boolean {
  const link = SOURCES[(kind >> 3) & 3] as string;
  const treatment = TREATMENTS[(kind >> 5) & 3] as Treatment;
  const times = options & 1 ? 2 : 1;
  let taken = false;
  for (let i = 0; i < times; i++) {
    taken = stage.packet(link, content, treatment, (packet) => {
      if (options & 2) packet.sender = { ...EVIL };
      if (kind & 128) stage.makeCurrent(packet);
      if (options & 4) packet.uptimeMs = Math.floor(stage.mesh.nowMs);
    });
  }
  return taken;
}

/** What an application does. Keys that end have names of their own. */
function command(stage: Stage, name: string, { options, content }: Step): void {
  const key = `k${(options >> 4) & 3}`;
  switch (options & 7) {
    case 0:
    case 1:
      stage.set(name, key, content, undefined);
      return;
    case 2:
      stage.set(name, `ends ${key}`, content, 1 + (options >> 4) * 400);
      return;
    case 3:
      stage.delete(name, key);
      return;
    case 4:
      stage.mesh.say(name, 'e', content.length, 30_000, true);
      return;
    default:
      stage.mesh.say(name, key, content.length, 1 + (options >> 3) * 400);
  }
}

function disturb(stage: Stage, options: number): void {
  const { mesh } = stage;
  const link = SOURCES[(options >> 4) & 3] as string;
  switch (options & 7) {
    case 0:
    case 1:
      mesh.input(stage.victim, { type: 'linkDown', link });
      return;
    case 2:
      mesh.nowMs += 1500;
      return;
    case 3:
      mesh.nowMs += 12_000;
      return;
    case 4:
      stage.restartFriend();
      return;
    case 5:
      mesh.mayPass = () => false;
      return;
    case 6:
      mesh.mayPass = () => true;
      return;
    default:
      mesh.input(stage.victim, { type: 'seeds', addresses: ['10.0.0.2:9000'] });
  }
}
