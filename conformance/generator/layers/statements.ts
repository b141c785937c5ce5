/** Who is alive, and what a node does about what is said of it (PROTOCOL.md, "Liveness"). */
import { type LayerSource, VectorList } from '../layer-source.js';
import { receivedOf } from '../node/received.js';
import { ORDER_MUTATIONS, orderDrafts } from './statements-order.js';
import { OWN_MUTATIONS, ownDrafts } from './statements-own.js';
import { VOTE_MUTATIONS, voteDrafts } from './statements-votes.js';

export const statements: LayerSource<'statements'> = {
  layer: 'statements',
  mutations: { ...ORDER_MUTATIONS, ...OWN_MUTATIONS, ...VOTE_MUTATIONS },
  make: () => {
    const list = new VectorList<'statements'>({
      ...{ layer: 'statements', grade: 'MUST', level: 'basic', features: ['udp'] },
    });
    for (const draft of [...orderDrafts(), ...ownDrafts()]) list.add(draft);
    for (const draft of voteDrafts()) {
      list.add({ ...draft, level: 'full', features: ['udp', 'vote'] });
    }
    return list.vectors;
  },
  received: receivedOf,
};
