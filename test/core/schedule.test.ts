import test from 'ava';
import * as fc from 'fast-check';
import { Schedule, type Task } from '../../src/core/schedule.js';
import { checkProperty } from '../wire/property.js';

type Step = { at: number } | { cancel: number } | { run: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ at: fc.integer({ min: -50, max: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ cancel: fc.nat(1000) }) },
  { weight: 1, arbitrary: fc.record({ run: fc.integer({ min: -60, max: 60 }) }) },
);

interface Planned {
  at: number;
  order: number;
  task: Task;
}

/** The schedule beside a list that is sorted anew for each question. */
class Model {
  readonly schedule = new Schedule();
  readonly ran: number[] = [];
  readonly expected: number[] = [];
  #planned: Planned[] = [];
  #all: Planned[] = [];

  take(step: Step): void {
    if ('at' in step) this.#plan(step.at);
    else if ('cancel' in step) this.#cancel(step.cancel);
    else this.#run(step.run);
  }

  nextDueMs(): number | undefined {
    return this.#sorted()[0]?.at;
  }

  #plan(at: number): void {
    const order = this.#all.length;
    const planned = { at, order, task: this.schedule.at(at, () => this.ran.push(order)) };
    this.#planned.push(planned);
    this.#all.push(planned);
  }

  /** Of any task: one that has run, or was cancelled already, stays as it is. */
  #cancel(which: number): void {
    const chosen = this.#all[which % Math.max(1, this.#all.length)];
    chosen?.task.cancel();
    this.#planned = this.#planned.filter((planned) => planned !== chosen);
  }

  #run(nowMs: number): void {
    const due = this.#sorted().filter((planned) => planned.at <= nowMs);
    this.expected.push(...due.map((planned) => planned.order));
    this.#planned = this.#planned.filter((planned) => planned.at > nowMs);
    for (let run = this.schedule.takeDue(nowMs); run; run = this.schedule.takeDue(nowMs)) run();
  }

  #sorted(): Planned[] {
    return this.#planned.toSorted((a, b) => a.at - b.at || a.order - b.order);
  }
}

test('tasks run by their time and then by the order of asking, cancelled ones never', (t) => {
  const property = fc.property(fc.array(step, { maxLength: 400, size: 'max' }), (steps) => {
    const model = new Model();
    for (const each of steps) {
      model.take(each);
      t.is(model.schedule.nextDueMs(), model.nextDueMs());
    }
    model.take({ run: 100 });
    t.deepEqual(model.ran, model.expected);
  });
  checkProperty(property, 300);
  t.pass();
});

test('the order stays right when cancelled tasks are swept out of the heap', (t) => {
  const schedule = new Schedule();
  const ran: number[] = [];
  const tasks = Array.from({ length: 1000 }, (_, i) =>
    schedule.at((i * 7919) % 1000, () => ran.push((i * 7919) % 1000)),
  );
  for (const [i, task] of tasks.entries()) if (i % 10 !== 0) task.cancel();
  for (let run = schedule.takeDue(1000); run; run = schedule.takeDue(1000)) run();
  t.is(ran.length, 100);
  t.deepEqual(
    ran,
    ran.toSorted((a, b) => a - b),
  );
});

test('a task may plan and cancel others while it runs', (t) => {
  const schedule = new Schedule();
  const ran: string[] = [];
  const second = schedule.at(2, () => ran.push('second'));
  schedule.at(1, () => {
    ran.push('first');
    second.cancel();
    schedule.at(1, () => ran.push('third'));
  });
  for (let run = schedule.takeDue(5); run; run = schedule.takeDue(5)) run();
  t.deepEqual(ran, ['first', 'third']);
  t.is(schedule.nextDueMs(), undefined);
});

test('what is not due yet is left', (t) => {
  const schedule = new Schedule();
  schedule.at(10, () => t.fail());
  t.is(schedule.takeDue(9.999), undefined);
  t.is(schedule.nextDueMs(), 10);
});
