import { createInterface } from 'node:readline';
import { cryptoReady } from '../../crypto/secretbox.js';
import { messageOf } from '../../error.js';
import { Deferred } from '../../node/deferred.js';
import { formatAddress } from '../../transport/address.js';
import { ExitCode } from '../exit.js';
import { Output } from '../start/output.js';
import { NodeProxy } from './proxy.js';
import { carryOut } from './proxy-commands.js';
import type { ProxyRunOptions } from './proxy-options.js';
import { ProxyVoice } from './proxy-voice.js';

/**
 * Stands between nodes until it is told to stop, and returns the exit code.
 *
 * @throws TelepathineError ADDRESS_UNAVAILABLE; INVALID_ARGUMENT for a command of the command line.
 */
export async function runProxy(options: ProxyRunOptions): Promise<ExitCode> {
  await cryptoReady();
  const ended = new Deferred<ExitCode>();
  const output = new Output(
    process.stdout,
    () => ended.resolve(ExitCode.done),
    (lines) =>
      options.json ? `{"schema":1,"type":"dropped","lines":${lines}}` : `… ${lines} lines`,
  );
  process.stderr.on('error', () => ended.resolve(ExitCode.done));
  const voice = new ProxyVoice(options, output);
  const { routes, seed } = options;
  const onPassing = voice.passing.bind(voice);
  const proxy = await NodeProxy.open({ routes, seed, onPassing });
  process.once('SIGINT', () => ended.resolve(ExitCode.interrupted));
  process.once('SIGTERM', () => ended.resolve(ExitCode.done));
  try {
    for (const command of options.commands) carryOut(command, proxy, routes.length);
    voice.started(
      proxy.addresses,
      routes.map(({ target }) => formatAddress(target.ip, target.port)),
    );
    listenToInput(proxy, voice, options, () => ended.resolve(ExitCode.done));
    const exitCode = await ended.promise;
    voice.stopped(proxy.counts);
    return exitCode;
  } finally {
    proxy.close();
    process.stdin.destroy();
  }
}

function listenToInput(
  proxy: NodeProxy,
  voice: ProxyVoice,
  { routes, untilEof }: ProxyRunOptions,
  end: () => void,
): void {
  const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
  lines.on('line', (line) => {
    const command = line.trim();
    if (command === '') return;
    try {
      const { counts, ends } = carryOut(command, proxy, routes.length);
      voice.answered(command, counts);
      if (ends) end();
    } catch (error) {
      voice.refused(command, messageOf(error));
    }
  });
  lines.on('close', () => {
    if (untilEof) end();
  });
  process.stdin.on('error', () => lines.close());
}
