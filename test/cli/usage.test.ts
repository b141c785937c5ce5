import { readFileSync } from 'node:fs';
import test from 'ava';
import { generateKey } from '../../src/crypto/derive.js';
import { runCommand, temporaryFile } from './command.js';

test.serial('keygen prints a fresh key and nothing else', async (t) => {
  const [first, second] = await Promise.all([runCommand(['keygen']), runCommand(['keygen'])]);
  t.is(first.code, 0);
  t.is(first.stderr, '');
  t.regex(first.stdout, /^telepathine-key-v1:[\w-]{43}\n$/);
  t.not(first.stdout, second.stdout);
});

test.serial('--version prints the version of the package', async (t) => {
  const { code, stdout, stderr } = await runCommand(['--version']);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  t.deepEqual({ code, stdout, stderr }, { code: 0, stdout: `${version}\n`, stderr: '' });
});

test.serial('start --help documents the commands, the reports and the exit codes', async (t) => {
  const { code, stdout, stderr } = await runCommand(['start', '--help']);
  t.is(code, 0);
  t.is(stderr, '');
  for (const part of ['set KEY JSON', 'peer:suspect', '"schema":1', '130 interrupted']) {
    t.true(stdout.includes(part), part);
  }
  t.true(stdout.split('\n').every((line) => line.length <= 100));
});

for (const command of ['', 'decode', 'encode', 'seal', 'probe', 'diff', 'proxy']) {
  test.serial(
    `the help of ${command || 'all commands'} has no line above 80 columns`,
    async (t) => {
      const args = [...(command === '' ? [] : [command]), '--help'];
      const { code, stdout } = await runCommand(args, { env: { COLUMNS: '80' } });
      t.is(code, 0);
      for (const line of stdout.split('\n')) t.true(line.length <= 80, line);
    },
  );
}

const emptyFile = temporaryFile('\n  \n');
const malformedKey = 'telepathine-key-v1:tooshort';
const malformedKeyFile = temporaryFile(`${malformedKey}\n`);

const MISTAKES: Record<string, { args: string[]; says: RegExp; env?: Record<string, string> }> = {
  'no command': { args: [], says: /no command was given/ },
  'an unknown command': { args: ['strat'], says: /unknown command 'strat'.*start/ },
  'an unknown option': { args: ['start', '--prt', '1'], says: /unknown option '--prt'.*--port/ },
  'an argument too many': { args: ['start', '9000'], says: /too many arguments/ },
  'a port that is no number': { args: ['start', '--port', 'x'], says: /--port.*whole number/ },
  'a negative port': { args: ['start', '--port', '-1'], says: /port/ },
  'a port out of range': { args: ['start', '--port', '65536'], says: /port: 65536.*0 to 65535/ },
  'an option without its value': { args: ['start', '--name'], says: /argument missing/ },
  'a bad address': { args: ['start', '--address', 'a b'], says: /address/ },
  'a seed without a port': { args: ['start', '--join', 'host'], says: /has no port/ },
  'an unknown profile': { args: ['start', '--profile', 'moon'], says: /local, lan, wan/ },
  'an interval out of range': {
    args: ['start', '--gossip-interval', '1'],
    says: /gossipIntervalMS: 1.*10/,
  },
  'an empty name': { args: ['start', '--name', ''], says: /option name/ },
  'a tag without a value': {
    args: ['start', '--tag', 'role'],
    says: /--tag.*name, =, and a value/,
  },
  'a tag that is given twice': {
    args: ['start', '--tag', 'a=1', '--tag', 'a=2'],
    says: /a is given twice/,
  },
  'an address to advertise that nobody reaches': {
    args: ['start', '--advertise', '0.0.0.0'],
    says: /option advertise/,
  },
  'an address to bind with a port': {
    args: ['start', '--bind-address', '127.0.0.1:1'],
    says: /option bindAddress/,
  },
  'a missing key file': {
    args: ['start', '--network-file', '/nowhere/key'],
    says: /\/nowhere\/key cannot be read/,
  },
  'a directory as a key file': { args: ['start', '--network-file', '/'], says: /cannot be read/ },
  'a key file without a key': { args: ['start', '--network-file', emptyFile], says: /no key/ },
  'a malformed key': { args: ['start', '--network-file', malformedKeyFile], says: /malformed/ },
  'an empty key in the environment': {
    args: ['start'],
    env: { TELEPATHINE_NETWORK: '' },
    says: /TELEPATHINE_NETWORK holds no key/,
  },
};

for (const [name, { args, says, env }] of Object.entries(MISTAKES)) {
  test.serial(`${name} is one line on standard error and exit code 2`, async (t) => {
    const { code, stdout, stderr } = await runCommand(args, env ? { env } : {});
    t.is(code, 2);
    t.is(stdout, '');
    t.regex(stderr, /^telepathine: [^\n]+\n$/);
    t.regex(stderr, says);
    t.false(stderr.includes(malformedKey));
  });
}

test.serial(
  'the file of keys comes before the environment, and lines may end as on Windows',
  async (t) => {
    const file = temporaryFile(`${generateKey()}\r\n\r\n${generateKey()}\r\n`);
    const env = { TELEPATHINE_NETWORK: malformedKey };
    const { code, stdout } = await runCommand(['start', '--json', '--network-file', file], {
      env,
      input: '{"command":"stop"}\n',
    });
    t.is(code, 0);
    t.true(stdout.includes('"private":true'));
  },
);

test.serial('--address takes a port, when --port is not given', async (t) => {
  const taken = ['start', '--address', '192.0.2.1:9000'];
  const { code, stderr } = await runCommand(taken);
  t.is(code, 1);
  t.regex(stderr, /192\.0\.2\.1:9000 cannot be bound/);
  const { code: usage, stderr: why } = await runCommand([...taken, '--port', '9001']);
  t.is(usage, 2);
  t.regex(why, /option address: 'port 9000' was given; allowed is port 9001/);
});
