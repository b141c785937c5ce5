/**
 * Whether a text matches a pattern, in which `*` stands for any text and `?` for one character. Takes
 * time in proportion to the product of both lengths at most: the texts come from the network.
 */
export function matchesGlob(text: string, glob: string): boolean {
  const characters = [...text];
  const pattern = [...glob];
  let at = 0;
  let patternAt = 0;
  /** Where the last `*` stands, and where what it stands for ends so far. */
  let star = -1;
  let starEnd = 0;
  while (at < characters.length) {
    const wanted = pattern[patternAt];
    if (wanted === '*') {
      star = patternAt++;
      starEnd = at;
    } else if (wanted === '?' || wanted === characters[at]) {
      patternAt += 1;
      at += 1;
    } else if (star >= 0) {
      patternAt = star + 1;
      at = ++starEnd;
    } else return false;
  }
  return pattern.slice(patternAt).every((each) => each === '*');
}
