/** 8, 9 and 11.7: what an entry, a delta and a part of one must have, one by one. */
import type { Delta } from '../../wire/packet.js';
import { check } from '../peer/case-failure.js';
import { MadeOwner } from '../peer/made-owner.js';
import { makeWant } from '../peer/make-want.js';
import { readEntries } from '../peer/node-state.js';
import { type ConformanceCase, conformanceCase, refusalCase } from './case.js';

const NOTHING = new Uint8Array(0);
/** Some datagrams full. */
const KEYS = 12;
const TEXT = 'x'.repeat(300);
const PARTS_WITHIN_MS = 3000;

export const WHOLE_LOG_CASES: readonly ConformanceCase[] = [
  conformanceCase(
    '8.5.2-ended-value-hides-older',
    'A value that comes when it has ended hides the older one of its key.',
    async (t) => {
      const { peer, link } = await t.member();
      peer.self.set('key', 'older');
      await link.ping({ deltas: [peer.self.delta(1)] });
      const before = peer.self.version;
      peer.self.set('key', 'newer', { payload: NOTHING, remainingMs: 0 });
      await link.ping({ deltas: [peer.self.delta(before)] });
      const seen = await t.value(peer.self.name, 'key');
      t.check(seen === undefined, '8.5.2', 'no value of the key', `${seen}`);
    },
  ),
  conformanceCase(
    '9.1.4-header-from-the-beginning',
    'A log that is asked for from its beginning comes with its header.',
    async (t) => {
      const { link } = await t.member();
      const { owner } = await t.ownLife();
      const { all } = await link.ping({ wants: [makeWant(owner)] });
      const deltas = all.flatMap(({ packet }) => packet.deltas);
      const whole = deltas.filter((each) => each.owner === owner && each.from === 0);
      t.check(whole.length > 0, '11.6.1', 'a delta from 0', link.seen(0));
      const isThere = whole.some(({ header }) => header.length > 0);
      t.check(isThere, '9.1.4', 'the header with it', 'no header');
    },
  ),
  refusalCase(
    '9.2.8-entries-descend',
    'Entries that do not ascend refuse their delta.',
    {
      prepare: (t) => t.member(),
      attack: async (_t, { peer, link }) => {
        peer.self.set('one', 1).set('two', 2).set('three', 3);
        const delta = peer.self.delta(1);
        await link.ping({ deltas: [{ ...delta, entries: delta.entries.toReversed() }] });
      },
      reason: 'malformed-entry',
    },
    { attachable: false },
  ),
  conformanceCase(
    '9.3.6-nothing-without-header',
    'Of a log that is whole nothing is shown before its header has come.',
    async (t) => {
      await t.listen('set');
      const { peer, link } = await t.member();
      const other = new MadeOwner('nameless', { ...peer.address, udp: t.has('udp') });
      other.set('key', 1);
      const delta = { ...other.delta(), header: NOTHING };
      await link.ping({ ...peer.list(other.digest()), deltas: [delta] });
      await t.members();
      t.check(t.events.length === 0, '9.3.6', 'nothing to be told to the application', t.events);
      await link.ping({ deltas: [{ ...other.delta(), entries: [], to: 0 }] });
      const awaited = { rule: '9.3.6', expected: 'the key once the header is there' };
      await t.eventually(awaited, async () => {
        const seen = await t.value('nameless', 'key');
        return { holds: seen === 1, seen };
      });
    },
  ),
  conformanceCase(
    '11.7.2-each-part-states-its-own-end',
    'A log that is cut into datagrams comes in parts, each of which holds all that it claims.',
    async (t) => {
      for (let index = 0; index < KEYS; index++) {
        await t.ask('set', { key: `key-${index}`, value: TEXT });
      }
      const { link } = await t.member();
      const { owner } = await t.ownLife();
      const after = link.mark;
      await link.ping({ wants: [makeWant(owner)] });
      const parts = () =>
        link.arrived
          .slice(after)
          .flatMap(({ packet }) => packet.deltas)
          .filter((each) => each.owner === owner);
      const entries = () => parts().reduce((sum, part) => sum + part.entries.length, 0);
      await link.until(() => entries() >= KEYS, PARTS_WITHIN_MS);
      t.check(parts().length > 1, '11.7.2', 'several parts', link.seen(after));
      for (const part of parts()) checkPart(part);
    },
    { features: ['udp'] },
  ),
];

/** All keys were set once, so that each version above the header's has its entry. */
function checkPart(part: Delta): void {
  const read = readEntries({ header: part.header, floor: part.floor, entries: part.entries });
  const versions = read.map(({ version }) => version);
  const isInside = versions.every((version) => version > part.from && version <= part.to);
  const span = `entries within (${part.from}, ${part.to}]`;
  check(isInside, '11.7.2', span, versions.join());
  const last = versions.at(-1) ?? part.from;
  check(last === part.to, '11.7.2', `an entry ${part.to}`, `${last}`);
}
