import { PROTOCOL_VERSION } from '../../wire/limits.js';
import { SCHEMA_VERSION } from '../start/report.js';
import { jsonLine, word } from '../start/text.js';
import type { Finding, TransportFinding } from './examine.js';
import { OTHER_PROTOCOLS } from './find-reason.js';

/** What was found out, a question a line. */
export function probeLines(finding: Finding, isPrivate: boolean): string[] {
  const { udp, tcp } = finding;
  const connects = tcp.outcome === 'silent' ? 'connects, but ' : '';
  return [
    `udp      ${transportText(udp)}`,
    `tcp      ${connects}${transportText(tcp)}`,
    `key      ${keyText(finding, isPrivate)}`,
    `cluster  ${clusterText(finding, isPrivate)}`,
    `version  ${versionText(finding)}`,
    `node     ${nodeText(finding)}`,
  ];
}

/** The same as JSON. */
export function probeJson(target: string, finding: Finding, exitCode: number): string {
  const { udp, tcp, key, cluster, version, node, pong, header } = finding;
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
    version,
    node,
    protocol: pong?.packet.protocol ?? finding.otherProtocol,
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
  'other-protocol': 'answers in another protocol',
  nonsense: 'answers, but not as a node does',
  silent: 'no answer in time',
  'nobody-listens': 'nobody listens there',
  unreachable: 'no way there',
  closed: 'the other end closes the connection',
};

const NODE_TEXTS: Readonly<Record<Exclude<Finding['node'], 'yes'>, string>> = {
  perhaps: 'perhaps: it is silent, and hangs up on nonsense, as nodes do',
  'hangs-up': 'no, or a full one, or a proxy of one that is gone: it hangs up at once',
  no: 'no: something else listens there',
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
    case 'not-first':
      return 'wrong: it takes another of those given, but not the first, which seals';
    case 'not-answered':
      return isPrivate
        ? 'no answer to this one: it is wrong, or the cluster is'
        : 'no answer without one: a private mesh, or another cluster';
    default:
      return 'not known';
  }
}

function clusterText({ cluster }: Finding, isPrivate: boolean): string {
  switch (cluster) {
    case 'right':
      return 'right';
    case 'wrong':
      return 'wrong: the node’s is the one without a name';
    case 'not-answered':
      return isPrivate
        ? 'no answer to this one: it is part of the key, not to be told from it'
        : 'no answer to this one';
    default:
      return 'not known';
  }
}

function versionText({ version, otherProtocol, pong, header }: Finding): string {
  if (pong !== undefined) {
    const range = header && `, speaks ${header.protocolMin} to ${header.protocolMax}`;
    return `protocol ${pong.packet.protocol}${range ?? ''}`;
  }
  switch (version) {
    case 'right':
      return `protocol ${PROTOCOL_VERSION}`;
    case 'other':
      return `wrong: protocol ${otherProtocol}, and this program speaks ${PROTOCOL_VERSION}`;
    case 'not-answered':
      return `no answer to protocol ${[PROTOCOL_VERSION, ...OTHER_PROTOCOLS].join(', ')}`;
    default:
      return 'not known';
  }
}

function nodeText({ node, udp, tcp, pong, header }: Finding): string {
  const says = udp.outcome === 'nonsense' || tcp.outcome === 'nonsense';
  if (node === 'no' && !says) return 'no, or one that hangs: it does not hang up on nonsense';
  if (node !== 'yes') return NODE_TEXTS[node];
  if (pong === undefined) return 'yes';
  const { sender, uptimeMs } = pong.packet;
  const name = header === undefined ? `#${sender.owner.slice(0, 8)}` : word(header.name);
  return `${name}, up for ${Math.floor(uptimeMs / 1000)} s`;
}
