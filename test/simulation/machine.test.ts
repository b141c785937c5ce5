import test from 'ava';
import type { Input } from '../../src/core/contract.js';
import { SEALED_OVERHEAD_BYTES } from '../../src/wire/index.js';
import { breakCore, Rig } from './rig.js';

/** What Linux keeps for a process that does not read, and what a datagram takes beside its bytes. */
const BUFFER_BYTES = 212_992;
const OVERHEAD_BYTES = 768;

test('a machine that stands still sends nothing, and goes on where it was', (t) => {
  const rig = new Rig();
  const machine = rig.machine(1);
  let sent = 0;
  rig.world.observe({
    sent: ({ name }) => {
      if (name === machine.name) sent += 1;
    },
  });
  machine.pause();
  rig.run(20_000);
  t.is(sent, 0);
  machine.resume();
  rig.run(5000);
  t.true(sent > 0);
});

test('timers run before what has queued, which comes in its order', (t) => {
  const rig = new Rig();
  const machine = rig.machine(1);
  const inputs: Input[] = [];
  breakCore(machine, {
    handle: (core, input, nowMs) => {
      inputs.push(input);
      return core.handle(input, nowMs);
    },
  });
  machine.pause();
  for (const index of [0, 2, 0, 2]) rig.set(index, 'a');
  rig.run(1000);
  t.deepEqual(inputs, []);
  machine.resume();
  t.is(inputs[0]?.type, 'wake');
  t.true(inputs.length >= 5);
  t.true(inputs.slice(1).every(({ type }) => type === 'packet'));
});

test('a kernel keeps no more datagrams than its buffer holds, and frames all', (t) => {
  const rig = new Rig();
  const machine = rig.machine(1);
  let bytes: Uint8Array | undefined;
  rig.world.observe({
    sent: (_, kind, packet) => {
      if (kind === 'udp') bytes = packet;
    },
  });
  rig.run(5000);
  const packet = bytes as Uint8Array;
  let datagrams = 0;
  let frames = 0;
  breakCore(machine, {
    handle: (_core, input) => {
      if (input.type === 'packet' && input.link === 'udp:10.0.0.9:1') datagrams += 1;
      if (input.type === 'packet' && input.link === 'tcp:10.0.0.9:1') frames += 1;
      return [];
    },
  });
  machine.pause();
  const each = packet.length + SEALED_OVERHEAD_BYTES + OVERHEAD_BYTES;
  for (let count = 0; count < 1000; count++) {
    machine.datagram('10.0.0.9:1', packet);
    machine.frame('tcp:10.0.0.9:1', packet);
  }
  machine.resume();
  t.is(datagrams, Math.floor(BUFFER_BYTES / each));
  t.is(frames, 1000);
  machine.pause();
  machine.datagram('10.0.0.9:1', packet);
  machine.resume();
  t.is(datagrams, Math.floor(BUFFER_BYTES / each) + 1, 'the buffer is empty again');
});

test('a process that has ended takes nothing, and the next one begins with nothing', (t) => {
  const rig = new Rig();
  const machine = rig.machine(1);
  const shown = () => machine.core?.remoteKeys('n0', machine.localMs());
  rig.set(0, 'a');
  rig.run(1000);
  const before = machine.core;
  rig.fault({ kind: 'kill', nodes: { names: ['n1'] }, forMs: 2000 });
  rig.set(0, 'b');
  rig.run(1000);
  machine.resume();
  t.is(machine.state, 'idle');
  t.deepEqual(shown(), ['a']);
  rig.run(1000);
  t.not(machine.core, before);
  t.is(machine.lives, 2);
  t.deepEqual(shown(), []);
  rig.run(2000);
  t.deepEqual(shown(), ['a', 'b']);
});

test('clocks that drift and are years apart change nothing but the packets', (t) => {
  const clocks = { skewMs: 1e11, driftPpm: 1000 };
  const rig = new Rig({ nodes: 5, clocks });
  const walls = rig.world.machines.map(({ clock }) => clock.wall(0));
  t.true(Math.max(...walls) - Math.min(...walls) > 1e10);
  for (let index = 0; index < 5; index++) rig.set(index, 'a');
  rig.run(60_000);
  rig.history.checkSettled();
  t.deepEqual(rig.violations(), []);
  t.is(rig.sightings.falseStops, 0);
});
