import { createInterface } from 'node:readline';
import { Telepathine } from '../../telepathine.js';
import { ExitCode } from '../exit.js';
import { answerTo, errorOf } from './answer.js';
import type { Controls } from './commands.js';
import { reportEvents } from './node-reports.js';
import { Output } from './output.js';
import { PacketDump } from './packet-dump.js';
import type { StartOptions } from './start-options.js';
import { addressText } from './text.js';
import type { Voice } from './voice.js';
import { jsonReport, jsonVoice, messageText, textVoice } from './voice.js';

/**
 * Runs a node until it is told to stop, and returns the exit code.
 *
 * @throws TelepathineError INVALID_ARGUMENT for an option that is out of range.
 */
export async function runNode(options: StartOptions): Promise<ExitCode> {
  return await new RunningNode(options).run();
}

class RunningNode {
  readonly #node: Telepathine;
  readonly #voice: Voice;
  readonly #dump: PacketDump;
  #exitCode: ExitCode = ExitCode.failed;
  #isEnding = false;
  /** Settled when what was read has been carried out. */
  #commands = Promise.resolve();

  constructor(private readonly options: StartOptions) {
    this.#voice = this.#makeVoice();
    this.#node = new Telepathine(options.node);
    this.#dump = this.#makeDump();
    this.#node.on('start', () => this.#tellStarted());
    reportEvents(this.#node, this.#voice);
  }

  #makeDump(): PacketDump {
    const { dump, json, showValues } = this.options;
    const line = (text: string) => process.stderr.write(`${text}\n`);
    const output = json ? { report: this.#voice, line, showValues } : { line };
    return new PacketDump(dump, output, () => addressText(this.#node));
  }

  async run(): Promise<ExitCode> {
    const stopped = new Promise<void>((resolve) => this.#node.on('stop', () => resolve()));
    const unlisten = this.#listenToSignals();
    try {
      await this.#node.start().started;
      const closeInput = this.#listenToInput();
      await stopped;
      closeInput();
      await this.#commands;
      this.#voice({ type: 'stopped' });
    } catch (error) {
      if (!this.#isEnding) this.#voice({ type: 'error', ...errorOf(error) });
    } finally {
      this.#dump.close();
      unlisten();
    }
    return this.#exitCode;
  }

  /** Says goodbye. The first reason gives the exit code. */
  #end(exitCode: ExitCode): Promise<void> {
    if (!this.#isEnding) this.#exitCode = exitCode;
    this.#isEnding = true;
    return this.#node.stop();
  }

  #makeVoice(): Voice {
    const { json } = this.options;
    const end = () => void this.#end(ExitCode.done);
    const lost = (reports: number) => ({ type: 'dropped', reports }) as const;
    process.stderr.on('error', end);
    const output = new Output(process.stdout, end, (lines) =>
      json ? jsonReport(lost(lines)) : messageText(lost(lines)),
    );
    return json ? jsonVoice(output) : textVoice(output, (line) => process.stderr.write(line));
  }

  #tellStarted(): void {
    this.#voice({
      type: 'started',
      name: this.#node.peer_name,
      address: addressText(this.#node),
      port: this.#node.port,
      private: this.options.node.network !== undefined,
    });
  }

  /** A second signal ends the process at once. */
  #listenToSignals(): () => void {
    const listen = (signal: NodeJS.Signals, exitCode: ExitCode) => {
      const listener = () => {
        if (this.#isEnding) process.exit(exitCode);
        void this.#end(exitCode);
      };
      process.on(signal, listener);
      return () => process.off(signal, listener);
    };
    const unlisten = [listen('SIGTERM', ExitCode.done), listen('SIGINT', ExitCode.interrupted)];
    return () => {
      for (const each of unlisten) each();
    };
  }

  /** Lines are carried out one after the other. The end of input stops the node only if asked to. */
  #listenToInput(): () => void {
    const lines = createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY });
    lines.on('line', (line) => {
      if (line.trim() === '') return;
      this.#commands = this.#commands.then(() => this.#carryOut(line));
    });
    lines.on('close', () => {
      if (this.options.untilEof) void this.#commands.then(() => this.#end(ExitCode.done));
    });
    process.stdin.on('error', () => lines.close());
    return () => {
      lines.close();
      process.stdin.destroy();
    };
  }

  async #carryOut(line: string): Promise<void> {
    const controls: Controls = {
      node: this.#node,
      stop: () => this.#end(ExitCode.done),
    };
    this.#voice(await answerTo(line, controls, this.options.json));
  }
}
