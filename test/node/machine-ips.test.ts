import test from 'ava';
import { readOptions } from '../../src/api/options.js';
import { headerOf } from '../../src/node/core-options.js';
import { machineIps } from '../../src/node/machine-ips.js';
import { ipFromBytes, ipToBytes, isLinkLocal } from '../../src/transport/ip.js';

const BOUND = { port: 9000, keyring: undefined };

test('a machine has addresses, those of IPv4 first, and none that is of one link only', (t) => {
  const ips = machineIps();
  t.true(ips.length > 0);
  t.deepEqual(
    ips.map((ip) => ip.includes(':')),
    ips.map((ip) => ip.includes(':')).sort(),
  );
  const isAlone = ips.every((ip) => ip.startsWith('127.') || ip === '::1' || isLocal(ip));
  t.true(isAlone || !ips.some((ip) => ip.startsWith('127.') || isLocal(ip)), `${ips}`);
});

for (const [address, machine, told] of [
  ['0.0.0.0', ['10.0.0.5', 'fd00::5'], ['', '10.0.0.5']],
  ['0.0.0.0', ['fd00::5'], ['']],
  ['::', ['fd00::5', '10.0.0.5'], ['', 'fd00::5']],
  ['0.0.0.0', [], ['']],
] as const) {
  test(`at ${address} a node of the machine ${machine} tells of ${told}`, (t) => {
    const settings = readOptions({ address });
    const header = headerOf(settings, { ...BOUND, ip: address, machineIps: machine });
    for (const kind of ['udp', 'tcp'] as const) {
      const ips = header.addresses.filter(({ transport }) => transport === kind);
      t.deepEqual(
        ips.map(({ ip }) => ipFromBytes(ip) ?? ''),
        [...told],
      );
    }
  });
}

function isLocal(ip: string): boolean {
  return ip.startsWith('169.254.') || isLinkLocal(ipToBytes(ip)!);
}
