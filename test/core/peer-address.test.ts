import test from 'ava';
import { addressOf, addressSeen, reachOf } from '../../src/core/peer-address.js';
import type { HostAddress, OwnerHeader } from '../../src/wire/packet.js';
import { Mesh } from '../support/mesh.js';

const NO_IP = new Uint8Array(0);

function place(ip: number[] | Uint8Array, transport: HostAddress['transport']): HostAddress {
  return { family: ip.length === 16 ? 6 : 4, ip: Uint8Array.from(ip), port: 9000, transport };
}

function header(...addresses: HostAddress[]): OwnerHeader {
  const versions = { protocolMin: 1, protocolMax: 1 };
  return { version: 1, name: 'a', addresses, tags: {}, ...versions, features: 0, keyIds: [] };
}

test('the address is the first one, one for datagrams before others', (t) => {
  const [tcp, udp] = [place([10, 0, 0, 1], 'tcp'), place([10, 0, 0, 2], 'udp')];
  t.is(addressOf(header(tcp)), '10.0.0.1:9000');
  t.is(addressOf(header(tcp, udp)), '10.0.0.2:9000');
  t.is(addressOf(header(place([...new Uint8Array(15), 1], 'udp'))), '[::1]:9000');
  t.is(addressOf(header(place([1, 2, 3], 'udp'))), '');
  t.is(addressOf(header()), '');
  t.is(addressOf(undefined), '');
});

test('an address without an ip has that from which the packets come', (t) => {
  const anywhere = header(place(NO_IP, 'udp'));
  t.is(addressSeen('10.0.0.7:40000', 9000), '10.0.0.7:9000');
  t.is(addressSeen('[::1]:40000', 9000), '[::1]:9000');
  t.is(addressSeen('', 9000), '');
  t.deepEqual(reachOf(anywhere, '10.0.0.7:9000'), {
    address: '10.0.0.7:9000',
    streamOnly: false,
    unnamedPort: 9000,
  });
  t.is(reachOf(anywhere, undefined).address, '');
  t.is(reachOf(header(place([10, 0, 0, 1], 'udp')), undefined).unnamedPort, 0);
});

test('until then it is the next one of that transport with an ip', (t) => {
  const [udp, tcp] = [place(NO_IP, 'udp'), place(NO_IP, 'tcp')];
  const suggested = [place([10, 0, 0, 1], 'tcp'), place([10, 0, 0, 2], 'udp')];
  t.is(addressOf(header(udp, tcp, ...suggested)), '10.0.0.2:9000');
  t.is(addressOf(header(tcp, ...suggested.slice(0, 1))), '10.0.0.1:9000');
  t.is(addressOf(header(udp, tcp, ...suggested.slice(0, 1))), '');
});

test('a node that names no ip is reached where its datagrams come from', (t) => {
  const mesh = new Mesh(5);
  const first = mesh.start('n0');
  mesh.start('n1', ['n0'], { addresses: [place(NO_IP, 'udp'), place(NO_IP, 'tcp')] });
  mesh.run(3000);
  t.is(first.core.peer('n1', mesh.nowMs)?.address, mesh.address('n1'));
  mesh.set('n0', 'large', 'x'.repeat(5000));
  mesh.run(1000);
  t.deepEqual(mesh.shows(mesh.node('n1'), 'n0'), [`large="${'x'.repeat(11)}`]);
});
