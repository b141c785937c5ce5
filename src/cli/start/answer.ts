import { TelepathineError } from '../../error.js';
import type { Controls } from './commands.js';
import type { Answer } from './report.js';
import { parseJsonRequest, readRequest } from './request.js';
import { parseTextRequest } from './text-request.js';

/** Runs the command of a line and says how it went. What is wrong becomes an answer. */
export async function answerTo(line: string, controls: Controls, json: boolean): Promise<Answer> {
  let asked: Pick<Answer, 'command' | 'id'> = {};
  try {
    const given = json ? parseJsonRequest(line) : parseTextRequest(line);
    asked = askedIn(given);
    const { shape, fields } = readRequest(given);
    return { type: 'answer', ...asked, ok: true, ...(await shape.run(controls, fields)) };
  } catch (error) {
    return { type: 'answer', ...asked, ok: false, error: errorOf(error) };
  }
}

/** An error as a report tells it. What is no `TelepathineError` is a fault of this program. */
export function errorOf(error: unknown): { code: string; message: string } {
  if (!(error instanceof TelepathineError)) throw error;
  const { code, message } = error;
  return { code, message };
}

/** What the answer repeats, also if the rest of the command is wrong. */
function askedIn(given: unknown): Pick<Answer, 'command' | 'id'> {
  if (typeof given !== 'object' || given === null) return {};
  const { command, id } = given as Record<string, unknown>;
  return {
    ...(typeof command === 'string' ? { command } : {}),
    ...(id === undefined ? {} : { id }),
  };
}
