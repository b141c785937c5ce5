import { deriveKeyring, generateKey } from '../../crypto/derive.js';
import type { CaseHost, Subject } from '../cases/context.js';
import { ControlledNode, type Patience } from '../control/controlled-node.js';
import type { Implementation } from '../control/implementation.js';
import {
  CONTROL_VERSION,
  type Feature,
  type Hello,
  type StartFields,
} from '../control/protocol.js';
import type { Trace } from '../peer/trace.js';

/**
 * The node of a case, unless the case wants it otherwise: it talks often, so that cases are quick, and is
 * slow to judge, as a busy machine may have its peers stand still.
 */
export function startFields(features: ReadonlySet<Feature>): StartFields {
  return {
    name: 'node-under-test',
    cluster: 'conformance',
    keys: features.has('sealed') ? [generateKey()] : [],
    address: '127.0.0.1',
    port: 0,
    seeds: [],
    udp: features.has('udp'),
    gossipIntervalMs: 500,
    heartbeatIntervalMs: 500,
    phiToleranceMs: 1000,
    burstProbes: 40,
    burstMs: 6000,
    joinTimeoutMs: 250,
    deadGraceMs: 86_400_000,
    leftGraceMs: 60_000,
    tombstoneGraceMs: 600_000,
  };
}

/** Starts nodes of an implementation, and ends them all. */
export class Launcher implements CaseHost {
  readonly nodes: ControlledNode[] = [];
  readonly subjects: Subject[] = [];

  constructor(
    private readonly implementation: Implementation,
    readonly features: ReadonlySet<Feature>,
    readonly trace: Trace,
    private readonly patience: Patience = {},
  ) {}

  /** @throws NodeFault */
  async start(given: Partial<StartFields>): Promise<Subject> {
    const fields: StartFields = { ...startFields(this.features), ...given };
    const keyring = fields.keys.length > 0 ? deriveKeyring(fields.keys, fields.cluster) : undefined;
    if (keyring !== undefined) this.trace.knows(keyring.keys);
    const control = new ControlledNode(this.implementation, this.patience);
    this.nodes.push(control);
    await sayHello(control);
    const { port } = await control.ask('start', fields);
    this.trace.note(`${fields.name} is started at port ${port}, process ${control.pid}`);
    const subject = {
      name: fields.name,
      address: { ip: fields.address, port },
      keyring,
      cluster: keyring === undefined ? fields.cluster : '',
      control,
      start: fields,
    };
    this.subjects.push(subject);
    return subject;
  }

  /** Ends all nodes at once. */
  kill(): void {
    for (const node of this.nodes) node.kill();
  }
}

/** The first thing that a node is asked. @throws NodeFault */
export function sayHello(node: ControlledNode): Promise<Hello> {
  return node.ask('hello', { control: CONTROL_VERSION });
}
