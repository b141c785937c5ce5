import test from 'ava';
import { parseSeed } from '../../src/transport/address.js';
import type { NameService } from '../../src/transport/resolve.js';
import { resolveSeed } from '../../src/transport/resolve.js';

const names: NameService = {
  async lookup(name) {
    if (name !== 'node.example') throw new Error(`ENOTFOUND ${name}`);
    return [{ address: '10.0.0.1' }, { address: '2001:DB8::1' }, { address: '::ffff:10.0.0.1' }];
  },
  async resolveSrv(name) {
    if (name !== '_mesh._udp.example') throw new Error(`ENOTFOUND ${name}`);
    return [
      { name: 'gone.example', port: 1 },
      { name: 'node.example', port: 9001 },
    ];
  },
};

test('an address is itself', async (t) => {
  t.deepEqual(await resolveSeed(parseSeed('[::1]:9000'), names), ['[::1]:9000']);
});

test('a name gives all its addresses once', async (t) => {
  const addresses = await resolveSeed(parseSeed('node.example:9000'), names);
  t.deepEqual(addresses, ['10.0.0.1:9000', '[2001:db8::1]:9000']);
});

test('a service gives the ports of its hosts, and one that is gone does no harm', async (t) => {
  const addresses = await resolveSeed(parseSeed('srv:_mesh._udp.example'), names);
  t.deepEqual(addresses, ['10.0.0.1:9001', '[2001:db8::1]:9001']);
});

test('a name that nobody knows gives nothing and does not reject', async (t) => {
  t.deepEqual(await resolveSeed(parseSeed('other.example:9000'), names), []);
  t.deepEqual(await resolveSeed(parseSeed('srv:other.example'), names), []);
});

test('the machine knows localhost', async (t) => {
  const addresses = await resolveSeed(parseSeed('localhost:9000'));
  t.true(addresses.includes('127.0.0.1:9000') || addresses.includes('[::1]:9000'));
});
