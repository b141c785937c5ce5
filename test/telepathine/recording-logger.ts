import type { Logger } from '../../src/api/logger.js';

/** A logger that keeps what somebody should see: warnings and errors, the level and the message. */
export interface RecordingLogger extends Logger {
  readonly lines: string[];
}

export function recordingLogger(): RecordingLogger {
  const lines: string[] = [];
  const write = (level: string) => (_details: object, message: string) => {
    lines.push(`${level} ${message}`);
  };
  return {
    lines,
    debug: () => undefined,
    info: () => undefined,
    warn: write('warn'),
    error: write('error'),
  };
}
