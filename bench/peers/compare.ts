/** All peers on the same work, one after the other. */
import { Namespace } from './namespace.js';
import { build, PEERS, type Peer } from './peers.js';
import type { Column } from './rows.js';
import {
  type Amount,
  type Figures,
  FULL,
  measureEvents,
  measureIdleBytes,
  measureLossyMesh,
  measureMesh,
} from './work.js';

const WORKS = [measureMesh, measureLossyMesh, measureEvents];

/**
 * Measures; takes some 10 minutes.
 *
 * @param names of the peers; Telepathine is always among them. None: all.
 * @param amount how much of the work is done.
 * @param tell is told what is done at the moment.
 */
export async function comparePeers(
  names: readonly string[],
  tell: (text: string) => void,
  amount: Amount = FULL,
): Promise<Column[]> {
  const chosen = PEERS.filter(({ name }, index) => {
    return index === 0 || names.length === 0 || names.includes(name);
  });
  const columns: Column[] = [];
  for (const peer of chosen) {
    tell(`building ${peer.title}`);
    const skipped = await whyNot(peer);
    const { name, title, setting } = peer;
    columns.push({
      name,
      title,
      setting,
      figures: {},
      ...(skipped === undefined ? {} : { skipped }),
    });
  }
  const running = columns.flatMap((column) => {
    const peer = chosen.find(({ name }) => name === column.name);
    return column.skipped === undefined && peer !== undefined ? [{ column, peer }] : [];
  });
  // Bytes do not depend on how busy the machine is, and a slow peer mostly waits: all at once.
  const slow = running.filter(({ peer }) => peer.nodesMax !== undefined);
  tell(['idle traffic of all peers', ...slow.map(({ peer }) => `all of ${peer.title}`)].join(', '));
  await Promise.all([
    ...running.map(({ column, peer }) => add(column, () => measureIdleBytes(peer, amount), tell)),
    ...slow.flatMap(({ column, peer }) =>
      WORKS.map((measure) => add(column, () => measure(peer, amount), tell)),
    ),
  ]);
  for (const { column, peer } of running.filter((each) => !slow.includes(each))) {
    tell(`${peer.title}: joining, changes, deaths, loss, events`);
    for (const measure of WORKS) await add(column, () => measure(peer, amount), tell);
  }
  return columns;
}

async function whyNot(peer: Peer): Promise<string | undefined> {
  try {
    (await Namespace.create()).close();
  } catch {
    return 'no network namespace can be made here (Linux, with unshare, nsenter, ip and nft)';
  }
  return build(peer);
}

/** A piece of work that fails (no `nft`, a harness that died) leaves its cells empty. */
async function add(
  column: Column,
  measure: () => Promise<Figures>,
  tell: (text: string) => void,
): Promise<void> {
  try {
    Object.assign(column.figures, await measure());
  } catch (error) {
    tell(`${column.title}: ${(error as Error).message}`);
  }
}
