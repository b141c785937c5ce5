import type { CaseResult } from '../run/result.js';
import type { RunReport } from '../run/run.js';

/** A run as JUnit's XML, as continuous integration reads it: a suite an implementation. */
export function junitReport({ results, tested, stale }: RunReport): string {
  const names = [...new Set([...tested.map(({ name }) => name), ...results.map(implementationOf)])];
  const suites = names.map((name) => {
    const of = results.filter((result) => result.implementation === name);
    const silent = tested.find((each) => each.name === name)?.misbehaviour;
    const cases = of.map(caseElement);
    if (silent !== undefined) {
      const message = `the node ${silent.kind}: ${silent.detail}`;
      cases.push(element('testcase', { name: 'hello' }, errorElement(message, silent.stderr)));
    }
    return suite(name, cases, of, silent === undefined ? 0 : 1);
  });
  if (stale.length > 0) {
    const cases = stale.map((entry) =>
      element('testcase', { name: entry }, element('failure', { message: 'the entry is stale' })),
    );
    const counts = {
      name: 'known failures',
      tests: `${cases.length}`,
      failures: `${cases.length}`,
    };
    suites.push(element('testsuite', counts, ...cases));
  }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', {}, ...suites)}\n`;
}

function implementationOf({ implementation }: CaseResult): string {
  return implementation;
}

function suite(name: string, cases: string[], of: readonly CaseResult[], silent: number): string {
  const count = (fits: (result: CaseResult) => boolean) => `${of.filter(fits).length}`;
  const misbehaved = of.filter(({ outcome, isKnown }) => outcome === 'misbehaved' && !isKnown);
  const seconds = of.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  return element(
    'testsuite',
    {
      name,
      tests: `${cases.length}`,
      failures: count(({ outcome, isKnown }) => outcome === 'failed' && !isKnown),
      errors: `${misbehaved.length + silent}`,
      skipped: count(({ outcome, isKnown }) => {
        return outcome === 'unsupported' || (outcome !== 'passed' && isKnown);
      }),
      time: seconds.toFixed(3),
    },
    ...cases,
  );
}

function caseElement(result: CaseResult): string {
  const { id, section, grade, implementation, durationMs } = result;
  const classname = `${implementation}.${grade}.${section.replaceAll('.', '_')}`;
  const attributes = { classname, name: id, time: (durationMs / 1000).toFixed(3) };
  return element('testcase', attributes, ...contentOf(result));
}

function contentOf(result: CaseResult): string[] {
  const { outcome, failure, misbehaviour, isKnown, missing, title } = result;
  if (outcome === 'passed') return [];
  if (outcome === 'unsupported') {
    return [element('skipped', { message: `it has not declared ${missing?.join(', ')}` })];
  }
  if (isKnown) return [element('skipped', { message: 'it is known to fail' })];
  if (misbehaviour !== undefined) {
    const message = `the node ${misbehaviour.kind}: ${misbehaviour.detail}`;
    return [errorElement(message, misbehaviour.stderr)];
  }
  const { rule = '', expected = '', seen = '' } = failure ?? {};
  const message = `rule ${rule}: expected ${expected}`;
  return [element('failure', { message, type: rule }, text(`${title}\nseen: ${seen}`))];
}

function errorElement(message: string, stderr: string): string {
  return element('error', { message }, text(stderr));
}

function element(name: string, attributes: Record<string, string>, ...content: string[]): string {
  const words = Object.entries(attributes).map(([key, value]) => ` ${key}="${text(value)}"`);
  const open = `<${name}${words.join('')}`;
  return content.length === 0 ? `${open}/>` : `${open}>\n${content.join('\n')}\n</${name}>`;
}

/** XML 1.0 has no form for most control characters. */
function text(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '\uFFFD')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
