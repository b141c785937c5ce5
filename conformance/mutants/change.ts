/** How often a text stands in another, not overlapping. */
export function occurrences(text: string, find: string): number {
  return text.split(find).length - 1;
}

/**
 * Puts one text in the place of another.
 *
 * @throws Error unless `find` stands there exactly once: a mutant that changes nothing, or more than
 * it means to, proves nothing.
 */
export function replaceOnce(text: string, find: string, replace: string): string {
  const count = occurrences(text, find);
  if (count !== 1) throw new Error(`stands there ${count} times, not once: ${find}`);
  const at = text.indexOf(find);
  return text.slice(0, at) + replace + text.slice(at + find.length);
}
