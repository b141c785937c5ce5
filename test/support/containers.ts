import { Session } from 'node:inspector';

interface Remote {
  type: string;
  subtype?: string;
  className?: string;
  description?: string;
  objectId?: string;
}

interface Property {
  name: string;
  value?: Remote;
}

/**
 * How many entries each map, set and array has that an object holds: in its own fields, private ones
 * too, and in those of the instances of classes that it holds, each class once. Plain objects are
 * looked into only if they are named `state`.
 *
 * @returns sizes by place: `Links.#links`.
 */
export function containerSizes(root: object): Map<string, number> {
  const session = new Session();
  session.connect();
  try {
    return new Walk(session).sizesOf(root);
  } finally {
    session.disconnect();
  }
}

class Walk {
  readonly #sizes = new Map<string, number>();
  readonly #visited = new Set<string>();

  constructor(private readonly session: Session) {}

  sizesOf(root: object): Map<string, number> {
    Object.assign(globalThis, { [WALKED]: root });
    const expression = `globalThis['${WALKED}']`;
    const { result } = this.#post('Runtime.evaluate', { expression }) as { result: Remote };
    Reflect.deleteProperty(globalThis, WALKED);
    this.#visit(result, result.className as string);
    return this.#sizes;
  }

  #visit({ objectId }: Remote, place: string): void {
    this.#visited.add(place);
    const options = { objectId, ownProperties: true };
    const answer = this.#post('Runtime.getProperties', options) as {
      result: Property[];
      privateProperties?: Property[];
    };
    for (const { name, value } of [...answer.result, ...(answer.privateProperties ?? [])]) {
      if (value?.type === 'object') this.#look(value, name, place);
    }
  }

  #look(value: Remote, name: string, place: string): void {
    const { subtype, className = '', description = '' } = value;
    if (subtype === 'map' || subtype === 'set' || subtype === 'array') {
      this.#sizes.set(`${place}.${name}`, Number(/\((\d+)\)$/.exec(description)?.[1]));
    } else if (subtype === undefined) {
      const inner = /^#?state$/.test(name) ? 'state' : className;
      if (inner !== 'Object' && !this.#visited.has(inner)) this.#visit(value, inner);
    }
  }

  /** The inspector answers within the call. */
  #post(method: string, parameters: object): unknown {
    let answer: unknown;
    this.session.post(method, parameters, (error, result) => {
      if (error !== null) throw error;
      answer = result;
    });
    return answer;
  }
}

const WALKED = 'containers being counted';
