/** Taking parts of logs, and showing them (PROTOCOL.md, "The log" and "Deltas"). */
import { type LayerSource, VectorList } from '../layer-source.js';
import { receivedOf } from '../node/received.js';
import { ENTRY_MUTATIONS, entryDrafts } from './delta-entries.js';
import { EVENT_MUTATIONS, eventDrafts } from './delta-events.js';
import { HEADER_MUTATIONS, headerDrafts } from './delta-headers.js';
import { STAGING_MUTATIONS, stagingDrafts } from './delta-staging.js';

export const delta: LayerSource<'delta'> = {
  layer: 'delta',
  mutations: {
    ...STAGING_MUTATIONS,
    ...EVENT_MUTATIONS,
    ...ENTRY_MUTATIONS,
    ...HEADER_MUTATIONS,
  },
  make: () => {
    const list = new VectorList<'delta'>({
      ...{ layer: 'delta', grade: 'MUST', level: 'basic', features: ['udp'] },
    });
    const drafts = [stagingDrafts(), eventDrafts(), entryDrafts(), headerDrafts()];
    for (const draft of drafts.flat()) list.add(draft);
    return list.vectors;
  },
  received: receivedOf,
};
