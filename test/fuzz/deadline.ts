import { createContext, Script } from 'node:vm';

const context = createContext({ work: () => undefined });
const script = new Script('work()');

/**
 * Runs something that may never end: when the time is up it is ended wherever it stands.
 *
 * @throws Error after `ms`; and what `work` throws.
 */
export function within(ms: number, work: () => void): void {
  context['work'] = work;
  try {
    script.runInContext(context, { timeout: ms });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ERR_SCRIPT_EXECUTION_TIMEOUT' ? new Error(`not done in ${ms} ms`) : error;
  }
}
