import { existsSync, readFileSync } from 'node:fs';

/**
 * The most resident memory that this process has had, in bytes. Linux counts in `maxRSS` what the
 * parent had when it forked; `VmHWM` is of this program alone.
 */
export function residentBytesMax(): number {
  const status = '/proc/self/status';
  const [, kibibytes] = existsSync(status)
    ? (/^VmHWM:\s*(\d+) kB$/m.exec(readFileSync(status, 'utf8')) ?? [])
    : [];
  return 1024 * Number(kibibytes ?? process.resourceUsage().maxRSS);
}
