/** That the vectors find what is wrong with a node: cores with one fault each, and who sees it. */
import test, { type ExecutionContext } from 'ava';
import { type AnyNodeVector, loadVectors } from '../../src/conformance/vectors/index.js';
import type { Effect, Input } from '../../src/core/contract.js';
import { Core } from '../../src/core/core.js';
import type { Packet } from '../../src/wire/packet.js';
import { COMPUTED, type Computed, checkDigest, checkPhi, checkRing } from './checks/claims.js';
import { checkNode } from './checks/node.js';

const NODE_VECTORS: readonly AnyNodeVector[] = [
  ...loadVectors('tokens'),
  ...loadVectors('delta'),
  ...loadVectors('statements'),
  ...loadVectors('exchange'),
];

/** A core to which packets come, or from which effects go, in another form. */
class Faulty extends Core {
  constructor(
    of: ConstructorParameters<typeof Core>,
    private readonly fault: {
      taken?: (packet: Packet, core: Core) => Packet;
      done?: (effect: Effect) => Effect[];
    },
  ) {
    super(...of);
  }

  override handle(input: Input, nowMs: number): Effect[] {
    const { taken = (packet) => packet, done = (effect) => [effect] } = this.fault;
    const given = input.type === 'packet' ? { ...input, packet: taken(input.packet, this) } : input;
    return super.handle(given, nowMs).flatMap(done);
  }
}

/** Those that fail must be all of these, at least. */
function seenBy(
  t: ExecutionContext,
  fault: ConstructorParameters<typeof Faulty>[1],
  expected: readonly string[],
): void {
  const failed = new Set<string>();
  for (const vector of NODE_VECTORS) {
    const faults = checkNode(vector, (...of) => new Faulty(of, fault));
    if (faults.length > 0) failed.add(vector.id);
  }
  t.deepEqual(
    expected.filter((id) => !failed.has(id)),
    [],
  );
  t.true(failed.size < NODE_VECTORS.length);
}

/** Each packet that is sent, changed. */
function sending(change: (packet: Packet) => Packet) {
  return {
    done: (effect: Effect): Effect[] =>
      effect.type === 'send' ? [{ ...effect, packet: change(effect.packet) }] : [effect],
  };
}

test('a node that shows a part of a transfer is found', (t) => {
  const taken = (packet: Packet) => ({
    ...packet,
    deltas: packet.deltas.map((delta) => ({ ...delta, asOf: delta.to })),
  });
  seenBy(t, { taken }, [
    ...['delta-part-missing', 'delta-complete-in-part', 'delta-continued-by-less'],
    ...['delta-two-parts', 'delta-ended-in-staging'],
  ]);
});

test('a node that accepts a gap is found', (t) => {
  const taken = (packet: Packet) => ({
    ...packet,
    deltas: packet.deltas.map((delta) => ({ ...delta, from: 0 })),
  });
  seenBy(t, { taken }, ['delta-gap', 'delta-floor-above', 'delta-bad-version-at-from']);
});

test('a node that forgets the floor is found', (t) => {
  const taken = (packet: Packet) => ({
    ...packet,
    deltas: packet.deltas.map((delta) => ({ ...delta, floor: 0 })),
  });
  seenBy(t, { taken }, ['delta-complete', 'delta-continued-with-floor', 'exchange-relay-floor']);
});

test('a node that ignores the generation is found', (t) => {
  const { generation } = NODE_VECTORS[0]!.given.node;
  const taken = (packet: Packet) => ({
    ...packet,
    sender: { ...packet.sender, generation },
    digests: packet.digests.map((digest) => ({
      ...digest,
      owners: digest.owners.map((owner) => ({ ...owner, generation })),
    })),
    deltas: packet.deltas.map((delta) => ({ ...delta, generation })),
  });
  seenBy(t, { taken }, [
    ...['delta-older-life', 'delta-newer-life', 'statements-generation-first'],
    ...['delta-events-of-raised', 'statements-older-generation'],
  ]);
});

test('a node that takes no notice of uptimes is found', (t) => {
  const taken = (packet: Packet) => ({ ...packet, uptimeMs: 1e9 });
  seenBy(t, { taken }, [
    ...['tokens-stale', 'tokens-push-stale', 'tokens-push-event-late', 'statements-dead-stale'],
    ...['exchange-serve-anew-uptime-stale'],
  ]);
});

test('a node that believes relayed life is found', (t) => {
  const taken = (packet: Packet) => ({
    ...packet,
    digests: packet.digests.map((digest) => ({
      ...digest,
      owners: digest.owners.map((owner) =>
        owner.status === 1 ? { ...owner, incarnation: owner.incarnation + 1 } : owner,
      ),
    })),
  });
  seenBy(t, { taken }, ['statements-relayed-life', 'statements-own-life-at-same']);
});

test('a node that never raises its incarnation is found', (t) => {
  const zero = sending((packet) => ({
    ...packet,
    digests: packet.digests.map((digest) => ({
      ...digest,
      owners: digest.owners.map((owner) => ({ ...owner, incarnation: 0 })),
    })),
  }));
  seenBy(t, zero, ['statements-called-dead', 'statements-suspected']);
});

test('a node that does not answer pings is found', (t) => {
  const silent = sending((packet) => {
    const { heartbeat, ...rest } = packet;
    return heartbeat ? { ...rest, heartbeat: { ...heartbeat, answer: 0 } } : rest;
  });
  seenBy(t, silent, [
    ...['tokens-stranger', 'tokens-stale', 'exchange-ping', 'exchange-ping-of-unknown'],
    ...['exchange-name-taken'],
  ]);
});

test('a node that puts tokens into pushes is found', (t) => {
  const giving = sending((packet) => ({ ...packet, token: packet.token ?? 'aaaaaaaaaaaaaaaa' }));
  seenBy(t, giving, ['exchange-push', 'exchange-push-announced', 'exchange-push-unproven']);
});

test('a node that encodes the bodies of others anew is found', (t) => {
  const encoding = sending((packet) => ({
    ...packet,
    deltas: packet.deltas.map((delta) => ({
      ...delta,
      entries: delta.entries.map((entry) => ({
        ...entry,
        body: new Uint8Array(entry.body).sort(),
      })),
    })),
  }));
  seenBy(t, encoding, ['exchange-relay-verbatim']);
});

test('a node that sends times as they came is found', (t) => {
  const later = sending((packet) => ({
    ...packet,
    deltas: packet.deltas.map((delta) => ({
      ...delta,
      entries: delta.entries.map((entry) =>
        entry.remainingMs === undefined ? entry : { ...entry, remainingMs: 10_000 },
      ),
    })),
  }));
  seenBy(t, later, ['exchange-relay-remaining', 'exchange-relay-ended']);
});

test('a node that tells its application nothing of events is found', (t) => {
  const deaf = (effect: Effect) =>
    effect.type === 'emit' && effect.event.type === 'heard' ? [] : [effect];
  seenBy(t, { done: deaf }, ['delta-event', 'delta-events-of-new-log', 'tokens-push-event']);
});

test('a node that tells of an event each time that it comes is found', (t) => {
  const seen: Effect[] = [];
  const again = (effect: Effect): Effect[] => {
    if (effect.type !== 'emit' || effect.event.type !== 'heard') return [effect];
    seen.push(effect);
    return [effect, effect];
  };
  seenBy(t, { done: again }, ['delta-event', 'delta-events-in-order']);
  t.true(seen.length > 0);
});

test('a claim that is computed otherwise is found in each right claim', (t) => {
  const other: Computed = {
    hash: (digest) => COMPUTED.hash({ ...digest, version: digest.version + 1 }),
    fingerprint: (digests, range) => {
      const { count, sum } = COMPUTED.fingerprint(digests, range);
      return { count: count + 1, sum };
    },
    ring: (question) => [...COMPUTED.ring(question), 'aaaaaaaaaaaaaaaa'],
    untilTurnMs: (question) => COMPUTED.untilTurnMs(question) + 1,
    phi: (question) => COMPUTED.phi(question) * 1.001 + 1e-5,
    overdue: (question) => {
      const { phi, overdueMs } = COMPUTED.overdue(question);
      return { phi, overdueMs: overdueMs - 1 };
    },
  };
  const isRight = ({ expect }: { expect: { result: string } }) => expect.result === 'accept';
  for (const vector of loadVectors('digest').filter(isRight)) {
    const isClaim = vector.given.kind === 'hash' || vector.given.kind === 'fingerprint';
    if (isClaim) t.true(checkDigest(vector, other).length > 0, vector.id);
  }
  for (const vector of loadVectors('ring').filter(isRight)) {
    t.true(checkRing(vector, other).length > 0, vector.id);
  }
  for (const vector of loadVectors('phi').filter(isRight)) {
    t.true(checkPhi(vector, other).length > 0, vector.id);
  }
});
