/**
 * A hook of Node's module loader, in a thread of its own: changes one file as it is loaded. Nothing on
 * the disk is touched.
 */
import type { InitializeHook, LoadHook } from 'node:module';
import { replaceOnce } from './change.js';

/** What `register` is given. */
export interface Change {
  /** The file's, `file:` and all. */
  readonly url: string;
  readonly find: string;
  readonly replace: string;
}

let change: Change | undefined;

export const initialize: InitializeHook<Change> = (given) => {
  change = given;
};

export const load: LoadHook = async (url, context, nextLoad) => {
  const loaded = await nextLoad(url, context);
  if (change === undefined || url !== change.url) return loaded;
  const source = loaded.source ?? '';
  const text = typeof source === 'string' ? source : new TextDecoder().decode(source);
  return { ...loaded, source: replaceOnce(text, change.find, change.replace) };
};
