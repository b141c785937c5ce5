import { hostname } from 'node:os';
import {
  file_google_protobuf_timestamp,
  NullValueSchema,
  TimestampSchema,
  ValueSchema,
} from '@bufbuild/protobuf/wkt';
import test from 'ava';
import { optionsFrom, readOptions } from '../../src/api/options.js';
import { PROFILES } from '../../src/api/profiles.js';
import { generateKey } from '../../src/crypto/derive.js';
import { TelepathineError } from '../../src/error.js';
import { nameOf } from '../../src/node/core-options.js';
import { Telepathine } from '../../src/telepathine.js';

const ALLOWED: Record<string, unknown[]> = {
  port: [0, 1, 9000, 65_535],
  seeds: [
    [],
    ['9000'],
    [9000],
    [':9000'],
    ['[::1]:9000', 'host:1'],
    ['srv:_telepathine._udp.example'],
  ],
  address: ['', '10.0.0.1', '10.0.0.1:9000', '::1', '[::1]:9000', '0.0.0.0', 'localhost', '::'],
  bindAddress: ['0.0.0.0', '::', '10.0.0.1', 'localhost'],
  advertise: ['1.2.3.4', '1.2.3.4:9000', '[2001:db8::1]:9000'],
  emitValueOnHeartBeat: [true, false],
  addressMap: [{}, { '10.0.0.1:9000': '1.2.3.4:9001' }, { '10.0.0.1': '1.2.3.4' }],
  addressAlias: [[], ['1.2.3.4'], ['1.2.3.4:7000', '[2001:db8::1]:1', '::1']],
  network: ['passphrase', ['new', 'old'], generateKey()],
  udp: [true, false],
  gossipIntervalMS: [10, 2500, 3_600_000],
  heartbeatIntervalMS: [10, 2500, 3_600_000],
  name: ['a', 'ü'.repeat(127), '__proto__', 'a:*'],
  cluster: ['', 'x'.repeat(255)],
  tags: [
    {},
    { role: '' },
    Object.fromEntries(Array.from({ length: 64 }, (_, i) => [`t${i}`, 'x'])),
  ],
  profile: ['local', 'lan', 'wan'],
  phiThreshold: [1, 8.5, 100],
  phiDeviationMinMs: [1, 60_000],
  phiToleranceMs: [0, 60_000],
  burstProbes: [1, 1000],
  burstMs: [50, 60_000],
  deadGraceMs: [1000, 2_592_000_000],
  leftGraceMs: [1000, 2_592_000_000],
  tombstoneGraceMs: [1000, 2_592_000_000],
  joinTimeoutMs: [0, 60_000],
  ownersMax: [2, 1_000_000],
  heldBytesMax: [2 ** 20, 2 ** 40],
  connectionsMax: [16, 65_536],
  halfReadBytesMax: [16_777_216, 2 ** 40],
  frameTimeoutMs: [100, 600_000],
  idleTimeoutMs: [1000, 86_400_000],
  schemas: [[], [TimestampSchema, TimestampSchema, ValueSchema]],
  logger: [console],
};

const MISTAKES = [null, {}, Number.NaN, Symbol('x'), () => undefined];
const REFUSED: Record<string, unknown[]> = {
  port: ['9000', -1, 65_536, 1.5, ...MISTAKES],
  seeds: ['9000', [''], [0], [70_000], ['host'], [null], ['0.0.0.0:1'], ...MISTAKES],
  address: [9000, 'a b', '[::1', '1.2.3.4:x', '1.2.3.4:70000', ...MISTAKES],
  bindAddress: ['', '10.0.0.1:9000', 9000, ...MISTAKES],
  advertise: ['', '0.0.0.0', '::', 'host:9000', '1.2.3.4:0', 9000, ...MISTAKES],
  emitValueOnHeartBeat: [0, 'true', ...MISTAKES],
  addressMap: [
    [],
    'x',
    { a: 5 },
    { '10.0.0.1:9000': '1.2.3.4' },
    { host: 'other' },
    { '10.0.0.1': '1.2.3.4', '10.0.0.2': '1.2.3.4' },
    new Map(),
  ],
  addressAlias: [
    '1.2.3.4',
    ['host:1'],
    ['0.0.0.0:1'],
    ['1.2.3.4:0'],
    [5],
    Array.from({ length: 1001 }, () => '1.2.3.4'),
    ...MISTAKES,
  ],
  network: ['', [], [''], ['a', 5], 5, 'telepathine-key-v1:short', ...MISTAKES],
  udp: ['no', 1, ...MISTAKES],
  gossipIntervalMS: [9, 0, -1, 3_600_001, 2.5, '2500', ...MISTAKES],
  heartbeatIntervalMS: [9, Number.POSITIVE_INFINITY, '2500', ...MISTAKES],
  name: ['', 'x'.repeat(256), 5, '\ud800', ...MISTAKES],
  cluster: ['x'.repeat(256), 5, ...MISTAKES],
  tags: [
    [],
    { a: 1 },
    { '': 'x' },
    { a: 'x'.repeat(1025) },
    { ['x'.repeat(256)]: '' },
    Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`t${i}`, 'x'])),
  ],
  profile: ['LAN', 'none', 'toString', '', ...MISTAKES],
  phiThreshold: [0.9, 101, '8', ...MISTAKES],
  phiDeviationMinMs: [0, ...MISTAKES],
  phiToleranceMs: [-1, 60_001, ...MISTAKES],
  burstProbes: [0, 1001, 1.5, ...MISTAKES],
  burstMs: [49, 60_001, ...MISTAKES],
  deadGraceMs: [999, 2_592_000_001, ...MISTAKES],
  leftGraceMs: [999, ...MISTAKES],
  tombstoneGraceMs: [999, ...MISTAKES],
  joinTimeoutMs: [-1, 60_001, ...MISTAKES],
  ownersMax: [1, 1_000_001, ...MISTAKES],
  heldBytesMax: [2 ** 20 - 1, 2 ** 40 + 1, ...MISTAKES],
  connectionsMax: [15, 65_537, ...MISTAKES],
  halfReadBytesMax: [16_777_215, 2 ** 40 + 1, ...MISTAKES],
  frameTimeoutMs: [99, 600_001, 1000.5, ...MISTAKES],
  idleTimeoutMs: [999, 86_400_001, ...MISTAKES],
  schemas: [
    TimestampSchema,
    ['google.protobuf.Timestamp'],
    [null],
    [file_google_protobuf_timestamp],
    [NullValueSchema],
    [{ ...TimestampSchema, typeName: 'x'.repeat(256) }],
    [{ ...TimestampSchema, typeName: '' }],
    [TimestampSchema, { ...TimestampSchema }],
    Array.from({ length: 10_001 }, () => TimestampSchema),
    ...MISTAKES,
  ],
  logger: ['x', { info: () => undefined }, null, {}],
};

for (const [option, values] of Object.entries(ALLOWED)) {
  test(`the option ${option} takes all that is documented`, (t) => {
    for (const value of values) t.notThrows(() => new Telepathine({ [option]: value }));
  });
}

for (const [option, values] of Object.entries(REFUSED)) {
  test(`the option ${option} refuses what is not documented, by its name`, (t) => {
    for (const value of values) {
      const error = t.throws(() => new Telepathine({ [option]: value }), {
        instanceOf: TelepathineError,
        code: 'INVALID_ARGUMENT',
      });
      t.regex(error.message, new RegExp(`option ${option}`));
    }
  });
}

test('every option is in both tables', (t) => {
  t.deepEqual(Object.keys(ALLOWED), Object.keys(REFUSED));
});

test('a refusal names the option, what was given, and what is allowed', (t) => {
  t.throws(() => new Telepathine({ gossipIntervalMS: 5 }), {
    message: 'option gossipIntervalMS: 5 was given; allowed is a whole number from 10 to 3600000',
  });
  t.throws(() => new Telepathine({ profile: 'LAN' as 'lan' }), {
    message: "option profile: 'LAN' was given; allowed is 'local', 'lan', 'wan'",
  });
});

test('a refusal of the network never shows what was given', (t) => {
  const secret = 'telepathine-key-v1:my-secret';
  const error = t.throws(() => new Telepathine({ network: secret }));
  t.false(error.message.includes('my-secret'));
  t.false(t.throws(() => new Telepathine({ network: ['a', 'a', ''] })).message.includes("'a'"));
});

const UNKNOWN: [given: string, meant: string | undefined][] = [
  ['gossipIntervalMs', 'gossipIntervalMS'],
  ['hearbeatIntervalMS', 'heartbeatIntervalMS'],
  ['Seeds', 'seeds'],
  ['nmae', 'name'],
  ['networks', 'network'],
  ['colour', undefined],
  ['x', undefined],
];
for (const [given, meant] of UNKNOWN) {
  test(`the option ${given} does not exist, and the message suggests ${meant ?? 'nothing'}`, (t) => {
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`;
    t.throws(() => new Telepathine({ [given]: 1 }), {
      code: 'INVALID_ARGUMENT',
      message: `option ${given} does not exist${hint}`,
    });
  });
}

test('the defaults are those of the original, and the settings are frozen', (t) => {
  const settings = readOptions({});
  t.like(settings, {
    port: 0,
    seeds: [],
    bindHost: '127.0.0.1',
    advertise: undefined,
    emitValueOnHeartBeat: false,
    keyring: undefined,
    udp: true,
    gossipIntervalMS: 2500,
    heartbeatIntervalMS: 2500,
    phiThreshold: 8,
    deadGraceMs: 86_400_000,
  });
  t.true(Object.isFrozen(settings));
  t.true(Object.isFrozen(settings.seeds));
  t.true(Object.isFrozen(readOptions({ tags: { a: 'b' } }).tags));
});

test('an option that is undefined takes its default', (t) => {
  t.is(readOptions({ port: undefined, udp: undefined, profile: undefined }).udp, true);
});

test('a profile sets intervals and tolerances, and an option given by hand wins', (t) => {
  for (const profile of ['local', 'lan', 'wan'] as const) {
    t.like(readOptions({ profile }), PROFILES[profile]);
    t.is(readOptions({ profile, gossipIntervalMS: 77 }).gossipIntervalMS, 77);
  }
});

test('port and seeds may be arguments or options, but not both', (t) => {
  t.deepEqual(optionsFrom([]), {});
  t.deepEqual(optionsFrom([9000, ['1'], { udp: false }]), { udp: false, port: 9000, seeds: ['1'] });
  t.deepEqual(optionsFrom([{ port: 1 }]), { port: 1 });
  t.throws(() => new Telepathine(9000, [], { port: 9001 }), {
    code: 'INVALID_ARGUMENT',
    message:
      'option port: it was given twice; allowed is once, as an argument or among the options',
  });
  t.throws(() => new Telepathine(9000, [], { seeds: [] }), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new Telepathine(9000, [], 5 as never), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new Telepathine('9000' as never), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new Telepathine([] as never), { code: 'INVALID_ARGUMENT' });
  t.throws(() => new Telepathine(null as never), { code: 'INVALID_ARGUMENT' });
});

test('the port may stand in the address, if the two agree', (t) => {
  t.is(readOptions({ address: '10.0.0.1:9000' }).port, 9000);
  t.is(readOptions({ address: '10.0.0.1:9000', port: 9000 }).port, 9000);
  t.throws(() => readOptions({ address: '10.0.0.1:9000', port: 9001 }), {
    code: 'INVALID_ARGUMENT',
  });
});

test('with bindAddress, the address is what the others are told', (t) => {
  const given = { address: '10.0.0.1:9000', bindAddress: '0.0.0.0' };
  t.like(readOptions(given), { bindHost: '0.0.0.0', advertise: { host: '10.0.0.1' }, port: 9000 });
  t.is(nameOf(readOptions(given), 9000), '10.0.0.1:9000');
  t.is(readOptions({ bindAddress: '0.0.0.0' }).advertise, undefined);
  t.throws(() => readOptions({ address: 'name', bindAddress: '0.0.0.0' }), {
    code: 'INVALID_ARGUMENT',
  });
});

test('the name is the address and the port, or the name of the machine that listens everywhere', (t) => {
  t.is(new Telepathine(9000).peer_name, '127.0.0.1:9000');
  t.is(new Telepathine({ address: '[::1]:9000' }).peer_name, '[::1]:9000');
  t.is(new Telepathine({ name: 'x', port: 9000 }).peer_name, 'x');
  for (const address of ['0.0.0.0', '::']) {
    t.is(nameOf(readOptions({ address }), 9000), `${hostname()}:9000`);
    t.is(nameOf(readOptions({ address, advertise: '1.2.3.4' }), 9000), '1.2.3.4:9000');
    t.is(nameOf(readOptions({ address, advertise: '1.2.3.4:5' }), 9000), '1.2.3.4:5');
  }
});
