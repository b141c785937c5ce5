import type { Report, ReportOf } from '../start/report.js';
import type { NodeProcess, TimedReport } from './node-process.js';
import type { Stage } from './stage.js';
import { duration } from './stage.js';

type Text<Type extends Report['type']> = (report: TimedReport<ReportOf<Type>>) => string;

/** Nodes that will notice something, from now on. */
export class Onlookers {
  /** What is noticed is timed from here. */
  readonly sinceMs = performance.now();
  readonly #marks: [node: NodeProcess, mark: number][];

  constructor(
    private readonly stage: Stage,
    nodes: readonly NodeProcess[],
  ) {
    this.#marks = nodes.map((node) => [node, node.mark]);
  }

  /**
   * Waits until each has reported something, and shows each as it comes.
   *
   * @throws Error that names who has not in time.
   */
  async all<Type extends Report['type']>(
    type: Type,
    fits: (report: ReportOf<Type>) => boolean,
    text: Text<Type>,
    timeoutMs = NEWS_TIMEOUT_MS,
  ): Promise<void> {
    const wait = async ([node, after]: [NodeProcess, number]) => {
      const report = await node.next(type, fits, { after, timeoutMs });
      this.stage.says(node.name, text(report), duration(report.atMs - this.sinceMs));
    };
    await Promise.all(this.#marks.map(wait));
  }

  /** Shows the first report, if one comes. */
  async first<Type extends Report['type']>(
    type: Type,
    fits: (report: ReportOf<Type>) => boolean,
    text: Text<Type>,
    timeoutMs = NEWS_TIMEOUT_MS,
  ): Promise<void> {
    const wait = async ([node, after]: [NodeProcess, number]) => {
      const report = await node.next(type, fits, { after, timeoutMs });
      return { node, report };
    };
    const first = await Promise.any(this.#marks.map(wait)).catch(() => undefined);
    if (!first) return;
    const { node, report } = first;
    this.stage.says(node.name, text(report), duration(report.atMs - this.sinceMs));
  }
}

const NEWS_TIMEOUT_MS = 5000;
