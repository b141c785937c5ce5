/**
 * The protocol between the driver and a harness: one JSON object a line, commands on the harness'
 * standard input, reports on its standard output. A node is named by its port on 127.0.0.1; times
 * (`at`) are Unix milliseconds with fractions, of the same machine's clock for all.
 */

/** What the driver asks of a harness. */
export type Command =
  /** Start a node at each port, all at once, with one seed (0: none) and a key of 32 bytes, base64. */
  | { do: 'start'; ports: number[]; seed: number; key: string }
  /** Tell all nodes one thing: a key and value, or an event where there are no keys. */
  | { do: 'change'; node: number; id: string }
  /** Say events of some 30 bytes from all nodes in turn, evenly for a time; starts the count anew. */
  | { do: 'flood'; id: string; perSecond: number; seconds: number }
  /** Tell how many events of the flood the other nodes have heard, in all. */
  | { do: 'count' };

/** What a harness tells by itself. */
export type Report =
  | { type: 'started'; node: number }
  /** `node` sees `peer` alive. */
  | { type: 'up'; node: number; peer: number; at: number }
  /** `node` holds `peer` for dead. */
  | { type: 'down'; node: number; peer: number; at: number }
  /** The moment before the change was given to the peer's API. */
  | { type: 'changed'; id: string; at: number }
  /** The moment when the peer told `node` of the change. */
  | { type: 'has'; node: number; id: string; at: number }
  /** The flood is over. */
  | { type: 'flooded'; said: number; ms: number }
  | { type: 'count'; received: number }
  | { type: 'error'; message: string };
