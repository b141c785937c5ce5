import { KEY_ID_BYTES } from '../../crypto/keyring.js';
import { NONCE_BYTES } from '../../crypto/nonce.js';
import { fieldTree } from '../start/field-tree.js';
import type { PacketReport } from '../start/packet-report.js';
import type { NodeProcess, TimedReport } from './node-process.js';
import type { Stage } from './stage.js';

const HEX_DIGITS_SHOWN = 48;

/**
 * Shows the packet that carried a key from one node to another: its sealed bytes, and what who has
 * the key reads in them.
 *
 * @throws Error if it did not arrive as it was sent.
 */
export async function showPacket(
  stage: Stage,
  from: NodeProcess,
  to: NodeProcess,
  key: string,
): Promise<void> {
  const { address } = await to.next('started');
  const carries = (report: PacketReport) =>
    report.direction === 'out' && report.address === address && holdsKey(report, key);
  const sent = await from.next('packet', carries);
  const isTheSame = (report: PacketReport) =>
    report.direction === 'in' && report.envelopeHex === sent.envelopeHex;
  const received = await to.next('packet', isTheSame);
  const carrier = `over ${sent.transport.toUpperCase()}`;
  stage.says(
    from.name,
    `sends ${to.name} ${sent.bytes} bytes ${carrier}, as anybody can see them:`,
  );
  for (const line of envelopeLines(sent)) stage.detail(line);
  stage.says(to.name, 'receives the same bytes and opens them with the key:');
  for (const line of fieldTree(received.packet ?? {})) stage.detail(line);
}

function holdsKey(report: PacketReport, key: string): boolean {
  const deltas = (report.packet?.deltas ?? []) as { entries: { name?: string }[] }[];
  return deltas.some(({ entries }) => entries.some(({ name }) => name === key));
}

/** The parts of a sealed envelope, in their order. */
function envelopeLines({ envelopeHex = '', bytes, sealed }: TimedReport<PacketReport>): string[] {
  if (!sealed) throw new Error('the packet was not sealed');
  const keyEnd = 2 * (1 + KEY_ID_BYTES);
  const nonceEnd = keyEnd + 2 * NONCE_BYTES;
  const box = envelopeHex.slice(nonceEnd);
  const boxBytes = bytes - nonceEnd / 2;
  return [
    `kind   ${envelopeHex.slice(0, 2)} (sealed, version 1)`,
    `key    ${envelopeHex.slice(2, keyEnd)} (which key, not the key)`,
    `nonce  ${envelopeHex.slice(keyEnd, nonceEnd)}`,
    `box    ${box.slice(0, HEX_DIGITS_SHOWN)}… (${boxBytes} bytes)`,
  ];
}
