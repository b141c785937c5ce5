import test from 'ava';
import { containerSizes } from '../support/containers.js';

class Part {
  readonly #byName = new Map([['a', 1]]);

  get size(): number {
    return this.#byName.size;
  }
}

class Whole {
  readonly list = [1, 2, 3];
  readonly #part = new Part();
  readonly #again = new Part();
  readonly state = { seen: new Set([1, 2]), plain: {} };
  readonly plain = { list: [1] };

  get size(): number {
    return this.#part.size + this.#again.size;
  }
}

test('containers are found in private fields, in parts and in the state, each class once', (t) => {
  t.deepEqual(Object.fromEntries(containerSizes(new Whole())), {
    'Whole.list': 3,
    'Part.#byName': 1,
    'state.seen': 2,
  });
});
