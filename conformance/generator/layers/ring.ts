/** Who watches whom, and whose turn it is (PROTOCOL.md, "Ring" and "Watching"). */
import type { RingOwner } from '../../../src/conformance/vectors/upper-layers.js';
import { RIGHT, WRONG } from '../claims.js';
import { type Draft, type LayerSource, VectorList } from '../layer-source.js';
import {
  type RingMistake,
  type RingQuestion,
  ringOf,
  type TurnQuestion,
  turnOf,
} from '../models/ring.js';

const MUTATIONS = {
  'direction-reversed': 'The ring is followed to the lower ids.',
  'ring-not-closed': 'The lowest id does not follow the highest.',
  'itself-included': 'A node is one of its own watchers.',
  'watchers-three': 'There are 3 watchers.',
  'watchers-five': 'There are 5 watchers.',
  'suspected-kept': 'A suspected watcher is not passed over.',
  'suspected-left-out': 'Nodes that are suspected are not watched.',
  'down-included': 'Nodes that are dead or have left are on the ring.',
  'nameless-included': 'Nodes whose headers are not known are on the ring.',
  'order-by-id': 'The watchers are ranked by their ids, not by the ring.',
  'ids-lowest-first': 'The watchers are those with the lowest ids.',
  'quarter-ignored': 'A turn is taken however near it is.',
  'quarter-included': 'A turn that is just a quarter of an interval away is left out.',
  'rank-from-one': 'Ranks are counted from 1.',
  'cycle-of-one': 'Each watcher takes a turn in each interval.',
  'cycle-of-four': 'There are four turns, though there are fewer watchers.',
} as const satisfies Record<RingMistake, string>;

export const ring: LayerSource<'ring'> = {
  layer: 'ring',
  mutations: MUTATIONS,
  make: () => {
    const list = new VectorList<'ring'>({
      ...{ layer: 'ring', grade: 'MUST', level: 'full', features: ['watch'] },
    });
    for (const draft of [...watchers(), ...wrongWatchers(), ...watched(), ...turns()]) {
      list.add(draft);
    }
    return list.vectors;
  },
  received: () => [],
};

const IDS = [
  '0000000000000001',
  '1500000000000000',
  '2a00000000000000',
  '4200000000000000',
  '7fffffffffffffff',
  '8000000000000000',
  'a900000000000000',
  'c300000000000000',
  'ffffffffffffffff',
] as const;

// Watchers

const MIDDLE = question('1500000000000000');
const TOP = question('c300000000000000');
const FEW = question('4200000000000000', {}, IDS.slice(2, 5));
const SUSPECTED = question('1500000000000000', {
  '2a00000000000000': { suspected: true },
  '8000000000000000': { suspected: true },
});
const DOWN = question('1500000000000000', {
  '2a00000000000000': { status: 'dead' },
  '7fffffffffffffff': { status: 'left' },
});
const NAMELESS = question('1500000000000000', { '4200000000000000': { header: false } });

function watchers(): Draft<'ring'>[] {
  return [
    right('successors', '13.3.1', 'The watchers are the first four successors.', MIDDLE),
    right('around', '13.3.1', 'The lowest id follows the highest.', TOP),
    right('few', '13.3.1', 'A small mesh has fewer watchers.', FEW),
    right('alone', '13.3.1', 'A node alone has no watchers.', question(IDS[3], {}, [IDS[3]])),
    right('suspected', '13.7.4', 'One that is suspected is passed over.', SUSPECTED),
    right('down', '13.3.1', 'Only live nodes are on the ring.', DOWN),
    right('nameless', '13.1.8', 'Only nodes whose headers are known are on the ring.', NAMELESS),
  ];
}

function wrongWatchers(): Draft<'ring'>[] {
  return [
    wrong('five', 'successors', 'watchers-five', MIDDLE),
    wrong('predecessors', 'successors', 'direction-reversed', MIDDLE),
    wrong('itself', 'successors', 'itself-included', MIDDLE),
    wrong('three', 'successors', 'watchers-three', MIDDLE),
    wrong('lowest', 'around', 'ids-lowest-first', TOP),
    wrong('not-closed', 'around', 'ring-not-closed', TOP),
    { ...wrong('by-id', 'around', 'order-by-id', TOP), section: '13.4.2' },
    wrong('suspected-kept', 'suspected', 'suspected-kept', SUSPECTED),
    { ...wrong('down-included', 'down', 'down-included', DOWN) },
    { ...wrong('nameless-included', 'nameless', 'nameless-included', NAMELESS), section: '13.1.8' },
  ];
}

// The nodes that one watches

const BOTTOM: RingQuestion = { ...question('2a00000000000000'), kind: 'watched' };
const BESIDE_SUSPECTS: RingQuestion = {
  ...question('2a00000000000000', {
    '1500000000000000': { suspected: true },
    ffffffffffffffff: { suspected: true },
  }),
  kind: 'watched',
};

function watched(): Draft<'ring'>[] {
  const section = '13.3.2';
  return [
    right('predecessors', section, 'A node watches its first four predecessors.', BOTTOM),
    right('watched-suspects', section, 'Suspects are watched beside four others.', BESIDE_SUSPECTS),
    { ...wrong('successors', 'predecessors', 'direction-reversed', BOTTOM), section },
    {
      ...wrong('suspects-left-out', 'watched-suspects', 'suspected-left-out', BESIDE_SUSPECTS),
      section,
    },
  ];
}

// Turns

const FIRST = turn(0, 4, 1000);
const THIRD = turn(2, 4, 1000);
const NEAR = turn(1, 4, 2000);
const QUARTER = turn(1, 4, 1875);
const NOW = turn(1, 4, 2500);
const OF_TWO = turn(1, 2, 6000);
const OLD = turn(3, 4, 1_700_000_001_234);

function turns(): Draft<'ring'>[] {
  return [
    right('first-rank', '13.4.2', 'The first watcher waits for the next cycle.', FIRST),
    right('third-rank', '13.4.2', 'Each rank has its own interval of the cycle.', THIRD),
    right(
      'too-near',
      '13.4.2',
      'A turn less than a quarter of an interval away is left out.',
      NEAR,
    ),
    right(
      'just-a-quarter',
      '13.4.2',
      'A turn just a quarter of an interval away is taken.',
      QUARTER,
    ),
    right('of-two', '13.4.2', 'Two watchers take turns in cycles of two intervals.', OF_TWO),
    right('turn-now', '13.4.1', 'A turn that is just now is the one of the next cycle.', NOW),
    right('long-uptime', '13.4.1', 'Turns go on however long the node is up.', OLD),
    { ...wrong('rank-from-one', 'third-rank', 'rank-from-one', THIRD), section: '13.4.2' },
    { ...wrong('each-interval', 'third-rank', 'cycle-of-one', THIRD), section: '13.4.2' },
    { ...wrong('near-taken', 'too-near', 'quarter-ignored', NEAR), section: '13.4.2' },
    {
      ...wrong('quarter-left-out', 'just-a-quarter', 'quarter-included', QUARTER),
      section: '13.4.2',
    },
    { ...wrong('cycle-of-four', 'of-two', 'cycle-of-four', OF_TWO), section: '13.4.2' },
  ];
}

// Drafts

function question(
  of: string,
  changes: Record<string, Partial<RingOwner>> = {},
  ids: readonly string[] = IDS,
): RingQuestion {
  const usual = { status: 'alive', header: true, suspected: false } as const;
  return { kind: 'watchers', of, owners: ids.map((id) => ({ id, ...usual, ...changes[id] })) };
}

function turn(rank: number, watchers: number, uptimeMs: number): TurnQuestion {
  return { kind: 'turn', heartbeatIntervalMs: 2500, watchers, rank, uptimeMs };
}

function claimOf(asked: RingQuestion | TurnQuestion, mistake?: RingMistake) {
  return asked.kind === 'turn'
    ? { ...asked, claim: { untilMs: turnOf(asked, mistake) } }
    : { ...asked, claim: ringOf(asked, mistake) };
}

function right(
  id: string,
  section: string,
  title: string,
  asked: RingQuestion | TurnQuestion,
): Draft<'ring'> {
  return { id, title, section, given: claimOf(asked), expect: RIGHT };
}

function wrong(
  id: string,
  mutationOf: string,
  mutation: RingMistake,
  asked: RingQuestion | TurnQuestion,
): Draft<'ring'> {
  return {
    ...{ id: `not-${id}`, mutationOf, mutation, section: '13.3.1' },
    title: `It is not so that: ${MUTATIONS[mutation]}`,
    ...{ given: claimOf(asked, mutation), expect: WRONG },
  };
}
