import { PROTOCOL_VERSION } from '../../wire/limits.js';
import { SCHEMA_VERSION } from '../start/report.js';
import { jsonLine, word } from '../start/text.js';
import type { Finding, TransportFinding } from './examine.js';

/** What was found out, a question a line. */
export function probeLines(finding: Finding, isPrivate: boolean): string[] {
  const { udp, tcp, pong, header } = finding;
  const connects = tcp.outcome === 'silent' ? 'connects, but ' : '';
  const lines = [`udp      ${transportText(udp)}`, `tcp      ${connects}${transportText(tcp)}`];
  lines.push(`key      ${keyText(finding, isPrivate)}`);
  lines.push(`cluster  ${CLUSTER_TEXTS[finding.cluster]}`);
  if (pong === undefined) return lines;
  const { protocol, sender, uptimeMs } = pong.packet;
  const range = header && `, speaks ${header.protocolMin} to ${header.protocolMax}`;
  lines.push(`version  protocol ${protocol}${range ?? ''}`);
  const name = header === undefined ? `#${sender.owner.slice(0, 8)}` : word(header.name);
  lines.push(`node     ${name}, up for ${Math.floor(uptimeMs / 1000)} s`);
  return lines;
}

/** The same as JSON. */
export function probeJson(target: string, finding: Finding, exitCode: number): string {
  const { udp, tcp, key, cluster, pong, header } = finding;
  return jsonLine({
    schema: SCHEMA_VERSION,
    type: 'probe',
    target,
    exitCode,
    udp: transportJson(udp),
    tcp: transportJson(tcp),
    key,
    keyIds: header?.keyIds,
    cluster,
    protocol: pong?.packet.protocol,
    protocolMin: header?.protocolMin,
    protocolMax: header?.protocolMax,
    owner: pong?.packet.sender.owner,
    name: header?.name,
    tags: header?.tags,
    uptimeMs: pong?.packet.uptimeMs,
  });
}

const OUTCOME_TEXTS: Readonly<Record<TransportFinding['outcome'], string>> = {
  answers: 'answers',
  silent: 'no answer in time',
  'nobody-listens': 'nobody listens there',
  unreachable: 'no way there',
  closed: 'the other end closes the connection',
};

const CLUSTER_TEXTS: Readonly<Record<Finding['cluster'], string>> = {
  right: 'right',
  wrong: 'wrong: the node’s is the one without a name',
  'not-answered': 'no answer to this one',
  unknown: 'not known',
};

function transportText({ outcome, roundTripsMs }: TransportFinding): string {
  if (outcome !== 'answers') return OUTCOME_TEXTS[outcome];
  const [least, most] = [Math.min(...roundTripsMs), Math.max(...roundTripsMs)];
  return `answers after ${least.toFixed(1)} to ${most.toFixed(1)} ms`;
}

function transportJson({ outcome, roundTripsMs }: TransportFinding): object {
  if (outcome !== 'answers') return { outcome };
  return { outcome, roundTripsMs: roundTripsMs.map((ms) => Math.round(ms * 1000) / 1000) };
}

function keyText({ key, header }: Finding, isPrivate: boolean): string {
  const ids = header?.keyIds ?? [];
  switch (key) {
    case 'right':
      return ids.length > 0 ? `right; the node holds ${ids.join(', ')}` : 'right';
    case 'none':
      return 'none is needed: the mesh is public';
    case 'not-needed':
      return 'wrong: none is needed, the mesh is public';
    case 'not-answered':
      return isPrivate
        ? `no answer to this one: another key or cluster, another protocol than ${PROTOCOL_VERSION}`
        : `no answer without one: a private mesh, or another cluster`;
    default:
      return 'not known';
  }
}
