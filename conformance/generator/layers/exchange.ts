/** Whole exchanges: comparing, wanting, serving, pushing, joining (PROTOCOL.md, "Exchange"). */
import { type LayerSource, VectorList } from '../layer-source.js';
import { receivedOf } from '../node/received.js';
import { COMPARE_MUTATIONS, compareDrafts } from './exchange-compare.js';
import { NAME_MUTATIONS, nameDrafts } from './exchange-names.js';
import { SERVING_MUTATIONS, servingDrafts } from './exchange-serving.js';
import { UNTRUSTED_MUTATIONS, untrustedDrafts } from './exchange-untrusted.js';
import { WANT_MUTATIONS, wantDrafts } from './exchange-wants.js';

export const exchange: LayerSource<'exchange'> = {
  layer: 'exchange',
  mutations: {
    ...COMPARE_MUTATIONS,
    ...WANT_MUTATIONS,
    ...SERVING_MUTATIONS,
    ...NAME_MUTATIONS,
    ...UNTRUSTED_MUTATIONS,
  },
  make: () => {
    const list = new VectorList<'exchange'>({
      ...{ layer: 'exchange', grade: 'MUST', level: 'basic', features: ['udp'] },
    });
    const drafts = [
      compareDrafts(),
      wantDrafts(),
      servingDrafts(),
      nameDrafts(),
      untrustedDrafts(),
    ];
    for (const draft of drafts.flat()) list.add(draft);
    return list.vectors;
  },
  received: receivedOf,
};
