/** How a node under test can misbehave towards the runner itself. */
export type NodeFaultKind = 'hangs' | 'floods' | 'crashes' | 'prints garbage' | 'refuses';

/** A node under test did not keep to the control protocol. It is never a case's own failure. */
export class NodeFault extends Error {
  override readonly name = 'NodeFault';

  /**
   * @param stderr what the node wrote to standard error, the end of it.
   */
  constructor(
    readonly kind: NodeFaultKind,
    readonly detail: string,
    readonly stderr: string,
  ) {
    super(`the node ${kind}: ${detail}`);
  }
}
