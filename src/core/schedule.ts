/** A task that is due at a time of the core; `cancel` is idempotent. */
export interface Task {
  readonly dueMs: number;
  cancel(): void;
}

interface QueuedTask extends Task {
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * The core's deadlines: a binary heap by due time, then by the order of asking, so that the same
 * inputs run the same tasks in the same order.
 */
export class Schedule {
  #heap: QueuedTask[] = [];
  #order = 0;
  #cancelled = 0;

  /** Runs `run` once when the core is called at or after `dueMs`. */
  at(dueMs: number, run: () => void): Task {
    this.#order += 1;
    const task: QueuedTask = {
      dueMs,
      order: this.#order,
      run,
      cancel: () => {
        if (task.run === undefined) return;
        task.run = undefined;
        this.#cancelled += 1;
        if (this.#cancelled > 64 && this.#cancelled > this.#heap.length / 2) this.#compact();
      },
    };
    this.#heap.push(task);
    this.#up(this.#heap.length - 1);
    return task;
  }

  /** When the earliest task is due; undefined if there is none. */
  nextDueMs(): number | undefined {
    while (this.#heap.length > 0 && this.#heap[0]?.run === undefined) {
      this.#pop();
      this.#cancelled -= 1;
    }
    return this.#heap[0]?.dueMs;
  }

  /** Takes the earliest task that is due at `nowMs` off the queue, ready to be run. */
  takeDue(nowMs: number): (() => void) | undefined {
    const due = this.nextDueMs();
    if (due === undefined || due > nowMs) return undefined;
    const task = this.#pop() as QueuedTask;
    const run = task.run;
    task.run = undefined;
    return run;
  }

  #compact(): void {
    const left = this.#heap.filter((task) => task.run !== undefined);
    left.sort((a, b) => (before(a, b) ? -1 : 1));
    this.#heap = left;
    this.#cancelled = 0;
  }

  #pop(): QueuedTask | undefined {
    const top = this.#heap[0];
    const last = this.#heap.pop();
    if (last !== undefined && last !== top) {
      this.#heap[0] = last;
      this.#down(0);
    }
    return top;
  }

  #up(start: number): void {
    const heap = this.#heap;
    const task = heap[start] as QueuedTask;
    let index = start;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!before(task, heap[parent] as QueuedTask)) break;
      heap[index] = heap[parent] as QueuedTask;
      index = parent;
    }
    heap[index] = task;
  }

  #down(start: number): void {
    const heap = this.#heap;
    const task = heap[start] as QueuedTask;
    let index = start;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && before(heap[right] as QueuedTask, heap[child] as QueuedTask)) {
        child = right;
      }
      if (!before(heap[child] as QueuedTask, task)) break;
      heap[index] = heap[child] as QueuedTask;
      index = child;
    }
    heap[index] = task;
  }
}

function before(a: QueuedTask, b: QueuedTask): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
