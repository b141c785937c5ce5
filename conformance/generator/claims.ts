/** What is expected where a peer computes what is claimed. */

/** The claim is right. */
export const RIGHT = { result: 'accept', connection: 'none' } as const;

/** What is claimed is what a peer with one mistake would compute. */
export const WRONG = {
  result: 'reject',
  layer: 'claim',
  error: 'wrong-claim',
  connection: 'none',
} as const;
