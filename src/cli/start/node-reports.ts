import type { Telepathine } from '../../telepathine.js';
import { contentOf } from './content.js';
import type { Report } from './report.js';

/** Reports what a node hears and learns from now on. */
export function reportEvents(node: Telepathine, report: (report: Report) => void): void {
  node.on('peer:new', ({ name: peer, address, port }) => {
    report({ type: 'peer:new', peer, address, port });
  });
  for (const type of [
    'peer:start',
    'peer:stop',
    'peer:leave',
    'peer:suspect',
    'peer:forget',
  ] as const) {
    node.on(type, (peer) => report({ type, peer }));
  }
  for (const type of ['set', 'key:expired'] as const) {
    node.on(type, (peer, key, value, expiresAt) => {
      const end = expiresAt === undefined ? {} : { expiresAt };
      report({ type, peer, key, ...contentOf(value), ...end });
    });
  }
  node.on('key:deleted', (peer, key) => report({ type: 'key:deleted', peer, key }));
  node.hear('*', function (data, peer) {
    report({ type: 'say', peer, event: String(this.event), ...contentOf(data) });
  });
  node.on('error', ({ code, message }) => report({ type: 'error', code, message }));
}
