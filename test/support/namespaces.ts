/** Machines as network namespaces of Linux: real sockets, addresses, routes and lost packets. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import test, { type ExecutionContext, type Implementation } from 'ava';
import { NodeProcess } from '../../src/cli/demo/node-process.js';

/** The path of `nft`, or of `iptables` where there is no `nft`. */
export type Translator = string;

const TITLE_OF_SKIPPED = 'skipped: needs network namespaces';

let names = 0;

/** A test that is skipped, by name, where namespaces cannot be made: no Linux, root, or `ip`. */
export function testInNamespaces(title: string, implementation: Implementation<unknown[]>): void {
  if (canMakeNamespaces()) test(title, implementation);
  else test.skip(`${TITLE_OF_SKIPPED}: ${title}`, implementation);
}

/** The same where address translation is needed too. */
export function testWithTranslation(
  title: string,
  implementation: (t: ExecutionContext, translator: Translator) => Promise<void>,
): void {
  const translator = findTool('nft') ?? findTool('iptables');
  if (canMakeNamespaces() && translator === undefined) {
    test.skip(`skipped: needs nft or iptables: ${title}`, (t) => t.pass());
  } else {
    testInNamespaces(title, (t) => implementation(t as ExecutionContext, translator!));
  }
}

/** What a router does to addresses; all of them are IPv4. */
export interface Translation {
  /** `10.77.1.0/24`. */
  inside: string;
  /** `ip:port` of the router. */
  forwarded: string;
  /** `ip:port` of a machine inside. */
  to: string;
}

/** Namespaces and the cables between them, which go when the test ends. */
export class Lab {
  readonly #t: ExecutionContext;
  #cables = 0;

  constructor(t: ExecutionContext) {
    this.#t = t;
  }

  /** A machine without cables; its name is that of its namespace. */
  machine(): string {
    names += 1;
    const name = `telepathine-${process.pid}-${names}`;
    ip('netns', 'add', name);
    this.#t.teardown(() => ip('netns', 'delete', name));
    ip('-n', name, 'link', 'set', 'lo', 'up');
    return name;
  }

  /**
   * Connects two machines, each with addresses of its own (`10.77.0.1/24`, `fd77::1/64`).
   *
   * @returns the name of the device, which is the same at both ends.
   */
  cable(
    [one, ...ofOne]: readonly [machine: string, ...addresses: string[]],
    [other, ...ofOther]: readonly [machine: string, ...addresses: string[]],
  ): string {
    this.#cables += 1;
    const device = `cable${this.#cables}`;
    ip('link', 'add', device, 'netns', one, 'type', 'veth', 'peer', device, 'netns', other);
    for (const [machine, addresses] of [
      [one, ofOne],
      [other, ofOther],
    ] as const) {
      for (const address of addresses) this.addAddress(machine, device, address);
      ip('-n', machine, 'link', 'set', device, 'up');
    }
    return device;
  }

  /** Connects machines by a switch; returns their devices. */
  network(...machines: (readonly [machine: string, ...addresses: string[]])[]): string[] {
    const hub = this.machine();
    ip('-n', hub, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', hub, 'link', 'set', 'switch', 'up');
    return machines.map((machine) => {
      const device = this.cable([hub], machine);
      ip('-n', hub, 'link', 'set', device, 'master', 'switch');
      return device;
    });
  }

  addAddress(machine: string, device: string, address: string): void {
    // Without the search for doubles of IPv6, which takes a second.
    const more = address.includes(':') ? ['nodad'] : [];
    ip('-n', machine, 'address', 'add', address, 'dev', device, ...more);
  }

  removeAddress(machine: string, device: string, address: string): void {
    ip('-n', machine, 'address', 'delete', address, 'dev', device);
  }

  route(machine: string, network: string, gateway: string): void {
    ip('-n', machine, 'route', 'add', network, 'via', gateway);
  }

  /** Drops all datagrams, and nothing else, that come to a machine by a device. */
  dropDatagrams(machine: string, device: string): void {
    dropFrames(machine, device, DROP_DATAGRAMS);
  }

  /** Drops what comes to or from a TCP port, and tells nobody. */
  dropPort(machine: string, device: string, port: number): void {
    dropFrames(machine, device, dropPort(port));
  }

  /** The other ends' ports of the TCP connections that a machine has accepted at a port. */
  acceptedFrom(machine: string, port: number): number[] {
    const found = execFileSync(
      'ip',
      [
        'netns',
        'exec',
        machine,
        'ss',
        '--no-header',
        '-tn',
        'state',
        'established',
        `sport = :${port}`,
      ],
      { encoding: 'utf8' },
    );
    return found
      .trim()
      .split('\n')
      .map((line) => Number(line.split(':').at(-1)));
  }

  /**
   * Makes a machine pass on what is not for it, with addresses translated: what comes from the network
   * `inside` gets an address of the machine's own, and what comes to `forwarded` goes to `to`.
   */
  translate(machine: string, translator: Translator, rule: Translation): void {
    this.run(machine, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv4/ip_forward');
    const commands = basename(translator) === 'nft' ? nftCommands(rule) : iptablesCommands(rule);
    for (const command of commands) this.run(machine, translator, ...command);
  }

  /** Runs a program on a machine. */
  run(machine: string, ...command: string[]): void {
    ip('netns', 'exec', machine, ...command);
  }

  /** Starts `telepathine start` on a machine; it ends with the test. */
  node(machine: string, name: string, args: readonly string[]): NodeProcess {
    const node = new NodeProcess(name, args, ['ip', 'netns', 'exec', machine]);
    this.#t.teardown(() => {
      node.kill('SIGKILL');
      return node.exited;
    });
    return node;
  }
}

/** Of an Ethernet frame: IPv4 (0x800) and UDP (17), or IPv6 (0x86dd) and UDP, is dropped (2). */
const DROP_DATAGRAMS = [
  '9',
  '40 0 0 12',
  '21 0 2 2048',
  '48 0 0 23',
  '21 4 3 17',
  '21 0 2 34525',
  '48 0 0 20',
  '21 1 0 17',
  '6 0 0 4294967295',
  '6 0 0 2',
].join(',');

function nftCommands({ inside, forwarded, to }: Translation): string[][] {
  const [ip = '', port = ''] = forwarded.split(':');
  const dnat = ['ip', 'daddr', ip, 'meta', 'l4proto', '{ tcp, udp }', 'th', 'dport', port];
  return [
    ['add', 'table', 'ip', 'nat'],
    ['add', 'chain', 'ip', 'nat', 'before', '{ type nat hook prerouting priority -100; }'],
    ['add', 'chain', 'ip', 'nat', 'after', '{ type nat hook postrouting priority 100; }'],
    ['add', 'rule', 'ip', 'nat', 'before', ...dnat, 'dnat', 'to', to],
    ['add', 'rule', 'ip', 'nat', 'after', 'ip', 'saddr', inside, 'masquerade'],
  ];
}

function iptablesCommands({ inside, forwarded, to }: Translation): string[][] {
  const [ip = '', port = ''] = forwarded.split(':');
  const forwarding = ['udp', 'tcp'].map((protocol) => [
    ...['PREROUTING', '--protocol', protocol, '--destination', ip, '--dport', port],
    ...['--jump', 'DNAT', '--to-destination', to],
  ]);
  const masquerading = ['POSTROUTING', '--source', inside, '--jump', 'MASQUERADE'];
  return [...forwarding, masquerading].map((rule) => ['--table', 'nat', '--append', ...rule]);
}

/** IPv4 without options: the ports stand at 34 and 36. */
function dropPort(port: number): string {
  const ports = ['40 0 0 34', `21 3 0 ${port}`, '40 0 0 36', `21 1 0 ${port}`];
  const isTcp = ['40 0 0 12', '21 0 6 2048', '48 0 0 23', '21 0 4 6'];
  return ['10', ...isTcp, ...ports, '6 0 0 4294967295', '6 0 0 2'].join(',');
}

let canMake: boolean | undefined;

function canMakeNamespaces(): boolean {
  canMake ??= succeeds(rehearse);
  return canMake;
}

/** All that a laboratory needs of the machine, once. */
function rehearse(): void {
  const name = `telepathine-${process.pid}-0`;
  ip('netns', 'add', name);
  try {
    ip('-n', name, 'link', 'add', 'switch', 'type', 'bridge');
    ip('-n', name, 'link', 'add', 'cable', 'type', 'veth', 'peer', 'end');
    dropFrames(name, 'cable', DROP_DATAGRAMS);
    ip('netns', 'exec', name, 'ss', '--version');
  } finally {
    ip('netns', 'delete', name);
  }
}

function dropFrames(machine: string, device: string, filter: string): void {
  const at = ['dev', device, 'ingress', 'bpf', 'direct-action', 'bytecode', filter];
  run('tc', '-n', machine, 'qdisc', 'add', 'dev', device, 'clsact');
  run('tc', '-n', machine, 'filter', 'add', ...at);
}

/** Of the system's tools: a package of the same name may have put its own command ahead of them. */
function findTool(name: string): string | undefined {
  const directories = (process.env['PATH'] ?? '').split(':').concat('/usr/sbin', '/sbin');
  const ofSystem = directories.filter((directory) => !directory.includes('node_modules'));
  return ofSystem.map((directory) => join(directory, name)).find((path) => existsSync(path));
}

function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch {
    return false;
  }
}

function ip(...args: string[]): void {
  run('ip', ...args);
}

/** Its output is part of the error, and of nothing else. */
function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: 'pipe' });
}
