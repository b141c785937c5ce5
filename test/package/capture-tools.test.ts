/** The script that gets tools for the tests, among programs that are not the real ones. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';

const BASH = '/bin/bash';
const INSTALLS = `printf '%s %s\\n' "$DEBIAN_FRONTEND" "$*" >>"$FOLDER/log"
[ "$1" = update ] || for tool in "\${@:5}"; do
  printf '#!/bin/bash\\n' >"$FOLDER/$tool"; chmod +x "$FOLDER/$tool"
done`;
const FAILS = 'echo "no network" >&2; exit 100';

const isLinux = process.platform === 'linux' && existsSync(BASH);
const testOnLinux = isLinux ? test : test.skip;
const skipped = isLinux ? '' : 'skipped: needs Linux and bash: ';

/** Runs it where only these programs are. */
function run(t: ExecutionContext, programs: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), 'telepathine-test-'));
  t.teardown(() => rmSync(folder, { recursive: true }));
  for (const tool of ['mktemp', 'rm', 'cat', 'chmod']) {
    symlinkSync(join('/bin', tool), join(folder, tool));
  }
  for (const [name, script] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!${BASH}\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const env = { PATH: folder, FOLDER: folder };
  const { status, stdout, stderr } = spawnSync(BASH, ['.ci/capture-tools.sh'], {
    env,
    encoding: 'utf8',
  });
  const log = () => readFileSync(join(folder, 'log'), 'utf8');
  return { status, stdout, stderr, log };
}

testOnLinux(
  `${skipped}missing tools are installed without a question, and those that are there are not`,
  (t) => {
    const { status, stdout, stderr, log } = run(t, {
      ...{ id: 'echo 0', 'apt-get': INSTALLS, tcpdump: '' },
    });
    t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
    const installs = 'install -qq -y --no-install-recommends tshark';
    t.is(log(), `noninteractive update -qq\nnoninteractive ${installs}\n`);
  },
);

for (const [what, programs] of [
  ['without root', { id: 'echo 1000', 'apt-get': INSTALLS }],
  ['without Debian’s packages', { id: 'echo 0' }],
  ['without a network', { id: 'echo 0', 'apt-get': FAILS }],
] as const) {
  testOnLinux(
    `${skipped}${what} the tests that are skipped are named by the tool they need`,
    (t) => {
      const { status, stdout } = run(t, programs);
      t.is(status, 0);
      t.is(
        stdout,
        ['tcpdump', 'tshark']
          .map((tool) => `skipped: tests that need ${tool}, which cannot be installed\n`)
          .join(''),
      );
    },
  );
}

testOnLinux(`${skipped}where all is there nothing is asked for`, (t) => {
  const { status, stdout, stderr } = run(t, { 'apt-get': FAILS, tcpdump: '', tshark: '' });
  t.deepEqual({ status, stdout, stderr }, { status: 0, stdout: '', stderr: '' });
});
