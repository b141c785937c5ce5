import { messageOf } from '../../error.js';
import { ExitCode, messageLine } from '../exit.js';
import { DemoMesh } from './demo-mesh.js';
import { playScenes } from './scenes.js';
import { duration, Stage } from './stage.js';

const DEMO_TIMEOUT_MS = 30_000;

/** Why the demo ends before it is over. */
class Ending {
  constructor(
    readonly exitCode: ExitCode,
    readonly message?: string,
  ) {}
}

/**
 * Shows a private mesh of five processes on this machine. Everything that is shown was reported by
 * one of them; what does not happen in its time fails the demo.
 *
 * @returns the exit code: 0; 1 if something did not happen; 130 after SIGINT.
 */
export async function runDemo(): Promise<ExitCode> {
  const startedAtMs = performance.now();
  let end: (ending: Ending) => void = () => undefined;
  const ending = new Promise<Ending>((resolve) => {
    end = resolve;
  });
  const stage = new Stage(process.stdout, () => end(new Ending(ExitCode.done)));
  const unlisten = listen(end);
  const mesh = new DemoMesh();
  const played = playScenes(mesh, stage, startedAtMs).then(
    () => new Ending(ExitCode.done),
    (error: unknown) => new Ending(ExitCode.failed, `the demo failed: ${messageOf(error)}`),
  );
  const { exitCode, message } = await Promise.race([ending, played]);
  await mesh.close();
  unlisten();
  if (message !== undefined) process.stderr.write(messageLine(message));
  else if (exitCode === ExitCode.done) {
    stage.note(`\nAll processes have ended. ${duration(performance.now() - startedAtMs)} in all.`);
  }
  return exitCode;
}

/** What ends the demo from outside. */
function listen(end: (ending: Ending) => void): () => void {
  const onInterrupt = () => end(new Ending(ExitCode.interrupted));
  const onTerminate = () => end(new Ending(ExitCode.failed, 'the demo was told to end'));
  const onTimeout = () => {
    const message = `the demo failed: it was not over after ${duration(DEMO_TIMEOUT_MS)}`;
    end(new Ending(ExitCode.failed, message));
  };
  const timer = setTimeout(onTimeout, DEMO_TIMEOUT_MS);
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onTerminate);
  return () => {
    clearTimeout(timer);
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onTerminate);
  };
}
