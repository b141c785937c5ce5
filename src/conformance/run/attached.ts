import { decodeOwnerHeader } from '../../wire/owner-header.js';
import type { Subject } from '../cases/context.js';
import type { Feature } from '../control/protocol.js';
import { CaseFailure } from '../peer/case-failure.js';
import { readDigests, readLog } from '../peer/node-state.js';
import { RawPeer } from '../peer/raw-peer.js';
import { Trace } from '../peer/trace.js';
import type { Misbehaviour } from './result.js';

/** A node that somebody else has started. */
export type Attached = Pick<Subject, 'name' | 'address' | 'keyring' | 'cluster'>;

/** One that answers, and what it says that it has. */
export type Met = Attached & { readonly features: ReadonlySet<Feature> };

/** Asks a node for its header, which tells whether it takes datagrams; or tells how it keeps silent. */
export async function meet(
  attached: Attached,
): Promise<Met | { readonly name: string; readonly misbehaviour: Misbehaviour }> {
  const { name, address, keyring, cluster } = attached;
  const trace = new Trace();
  const asker = `conformance ${process.pid}`;
  const peer = await RawPeer.open({
    name: asker,
    node: address,
    keyring,
    cluster,
    udp: true,
    trace,
  });
  try {
    const link = await (await peer.connect()).meet();
    const own = link.arrived[0]?.packet.sender.owner ?? '';
    const digest = (await readDigests(link)).get(own);
    const log = digest === undefined ? undefined : await readLog(link, digest);
    const header = log && decodeOwnerHeader(log.header);
    const udp = header?.addresses.some(({ transport }) => transport === 'udp') ?? false;
    const features: Feature[] = ['tcp', keyring ? 'sealed' : 'public'];
    return { ...attached, features: new Set(udp ? [...features, 'udp'] : features) };
  } catch (error) {
    if (!(error instanceof CaseFailure)) throw error;
    const detail = `it does not answer to this key and cluster: ${error.seen}`;
    return { name, misbehaviour: { kind: 'hangs', detail, stderr: '' } };
  } finally {
    peer.close();
  }
}
