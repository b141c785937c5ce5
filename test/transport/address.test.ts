import test from 'ava';
import { TelepathineError } from '../../src/error.js';
import type { Seed } from '../../src/transport/address.js';
import {
  formatAddress,
  formatSeed,
  parseAddress,
  parseHost,
  parseSeed,
  toHostAddress,
} from '../../src/transport/address.js';
import { canonicalIp, ipFromBytes, ipToBytes } from '../../src/transport/ip.js';

const SEEDS: [unknown, Seed][] = [
  ['10.0.0.1:9000', { kind: 'address', ip: '10.0.0.1', port: 9000 }],
  ['[10.0.0.1]:9000', { kind: 'address', ip: '10.0.0.1', port: 9000 }],
  ['[::1]:9000', { kind: 'address', ip: '::1', port: 9000 }],
  ['[2001:DB8:0:0::1]:1', { kind: 'address', ip: '2001:db8::1', port: 1 }],
  ['[::ffff:10.0.0.1]:65535', { kind: 'address', ip: '10.0.0.1', port: 65535 }],
  ['[fe80::1%eth0]:9000', { kind: 'address', ip: 'fe80::1%eth0', port: 9000 }],
  [':9000', { kind: 'address', ip: '127.0.0.1', port: 9000 }],
  ['9000', { kind: 'address', ip: '127.0.0.1', port: 9000 }],
  [9000, { kind: 'address', ip: '127.0.0.1', port: 9000 }],
  [' localhost:9000 ', { kind: 'name', name: 'localhost', port: 9000 }],
  ['Node-1.Example.COM:9000', { kind: 'name', name: 'node-1.example.com', port: 9000 }],
  ['node_1:9000', { kind: 'name', name: 'node_1', port: 9000 }],
  ['srv:_mesh._udp.example.com', { kind: 'service', name: '_mesh._udp.example.com' }],
];

for (const [given, seed] of SEEDS) {
  test(`a seed ${JSON.stringify(given)} is read, and its text is read again`, (t) => {
    t.deepEqual(parseSeed(given), seed);
    t.deepEqual(parseSeed(formatSeed(seed)), seed);
  });
}

for (const given of [
  ...['', ':', 'localhost', '10.0.0.1', '[::1]', '::1:9000', '10.0.0.1:', '10.0.0.1:x', 'a:b:c'],
  ...['10.0.0.1:65536', '10.0.0.1:-1', '10.0.0.1:0', ':0', '0', '10.0.0.1:1e3', 'a:99999999999'],
  ...['300.0.0.1:9000', '1.2.3:9000', '[::g]:9000', '[a]:9000', '[::1]9000', '[::1]x:9'],
  ...['0.0.0.0:9000', '[::]:9000', '[2001:db8::1%eth0]:9000', 'a b:9000', '-a:9000', 'ü.de:9'],
  ...['srv:', 'srv:a:9000', 'http://a:80', `${'a'.repeat(64)}:9`, `${'a.'.repeat(127)}a:9`],
  ...[0, 65536, 1.5, -1, Number.NaN, undefined, null, true, {}],
]) {
  test(`a seed ${typeof given} ${String(given)} is refused with what is allowed`, (t) => {
    const error = t.throws(() => parseSeed(given, 'seeds[0]'), { instanceOf: TelepathineError });
    t.is(error.code, 'INVALID_ARGUMENT');
    t.true(error.message.startsWith('seeds[0] '));
    t.true(error.message.includes(typeof given === 'string' ? `'${given}'` : String(given)));
    t.true(error.message.includes("'[ipv6]:port'"));
  });
}

test('a host is read with and without a port', (t) => {
  t.deepEqual(parseHost('127.0.0.1', 'address'), { host: '127.0.0.1' });
  t.deepEqual(parseHost('127.0.0.1:0', 'address'), { host: '127.0.0.1', port: 0 });
  t.deepEqual(parseHost('::', 'address'), { host: '::' });
  t.deepEqual(parseHost('[::1]:9000', 'address'), { host: '::1', port: 9000 });
  t.deepEqual(parseHost('[::1]', 'address'), { host: '::1' });
  t.deepEqual(parseHost('localhost', 'address'), { host: 'localhost' });
  t.throws(() => parseHost('9000', 'address'), { message: /^address '9000' has neither/ });
  t.throws(() => parseHost(9000, 'address'), { message: /^address 9000 is no text/ });
});

test('an address has one text', (t) => {
  t.is(formatAddress('127.0.0.1', 9000), '127.0.0.1:9000');
  t.is(formatAddress('::FFFF:127.0.0.1', 9000), '127.0.0.1:9000');
  t.is(formatAddress('2001:0DB8::0', 1), '[2001:db8::]:1');
  t.is(formatAddress('fe80::1%2', 1), '[fe80::1%2]:1');
});

test('ip:port is read back, and nothing else', (t) => {
  t.deepEqual(parseAddress('127.0.0.1:0'), { ip: '127.0.0.1', port: 0 });
  t.deepEqual(parseAddress('[::1]:65535'), { ip: '::1', port: 65535 });
  t.deepEqual(parseAddress('[::ffff:1.2.3.4]:1'), { ip: '1.2.3.4', port: 1 });
  const others = ['', ':1', 'a:1', '::1:1', '[::1]', '[1.2.3.4]:1', '1.2.3.4:65536', '1.2.3.4:'];
  for (const text of others) t.is(parseAddress(text), undefined, text);
});

test('IPv6 text is canonical as RFC 5952 says', (t) => {
  const table = {
    '2001:db8:0:0:1:0:0:1': '2001:db8::1:0:0:1',
    '2001:0db8:0001:0000:0001:0001:0001:0001': '2001:db8:1:0:1:1:1:1',
    '0:0:0:0:0:0:0:0': '::',
    '0:0:0:0:0:0:0:1': '::1',
    '1:0:0:0:0:0:0:0': '1::',
    '64:ff9b::192.0.2.1': '64:ff9b::c000:201',
    '::ffff:c000:201': '192.0.2.1',
    'ABCD::EF': 'abcd::ef',
  };
  for (const [given, expected] of Object.entries(table)) t.is(canonicalIp(given), expected);
  t.is(canonicalIp('01.2.3.4'), undefined);
  t.is(canonicalIp('1.2.3.4%eth0'), undefined);
});

test('the bytes of an address give its text again', (t) => {
  for (const ip of ['1.2.3.4', '255.255.255.255', '::1', '2001:db8::1', 'fe80::1:2:3']) {
    const bytes = ipToBytes(ip) as Uint8Array;
    t.is(bytes.length, ip.includes(':') ? 16 : 4);
    t.is(ipFromBytes(bytes), ip);
  }
  t.is(ipFromBytes(new Uint8Array(5)), undefined);
  t.is(ipFromBytes(new Uint8Array(0)), undefined);
});

test('the address of a transport is one of an owner header, if it is no name', (t) => {
  const address = toHostAddress('::ffff:10.0.0.1', 9000, 'tcp');
  const ip = Uint8Array.of(10, 0, 0, 1);
  t.deepEqual(address, { family: 4, ip, port: 9000, transport: 'tcp' });
  t.is(toHostAddress('localhost', 9000, 'udp'), undefined);
});
