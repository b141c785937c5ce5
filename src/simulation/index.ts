/**
 * `telepathine/simulation`: meshes of simulated machines in virtual time, for tests and for measuring
 * (docs/SIMULATION.md). Like the core itself it needs no network and waits for nothing.
 */
export type { Happening } from './director.js';
export type { Percentiles } from './distribution.js';
export type { Violation } from './history.js';
export type { Latency, NetworkSettings } from './network.js';
export type {
  Fault,
  Load,
  LossyFault,
  NodeFault,
  NodeSettings,
  PartitionFault,
  RandomFaults,
  ReplayFault,
  Scenario,
  Selection,
  Timing,
} from './scenario.js';
export { NODES_MAX, readScenario } from './scenario-reader.js';
export type { Phase, Sample, SimulateOptions, Totals } from './simulate.js';
export { Simulation, simulate } from './simulate.js';
export type { ClockSettings } from './world.js';
