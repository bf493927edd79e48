// Checks as they end, gathered into the groups of a report.
import type { SectionName } from './check.ts';
import { type BenchReading, type BenchWin, type CheckGroup, REPORT_FORMAT, type VerifyReport } from './report.ts';
import type { CheckEnd } from './section-process.ts';

/** Failures and names that a group keeps. */
const KEPT = 50;
const EXAMPLES = 3;

interface Group {
  readonly section: string;
  readonly name: string;
  passed: number;
  failed: number;
  ms: number;
  readonly notRun: Map<string, { count: number; examples: string[] }>;
  readonly failures: { name: string; message: string }[];
  readonly notes: string[];
}

type Head = Pick<VerifyReport, 'tool' | 'version' | 'engine' | 'machine' | 'settings' | 'ms'>;

export class Gathered {
  readonly #groups = new Map<string, Group>();
  readonly #readings: BenchReading[] = [];

  add(section: SectionName, { group, name, outcome, ms }: CheckEnd): void {
    const key = `${section}\u0000${group}`;
    let g = this.#groups.get(key);
    if (!g) {
      g = { section, name: group, passed: 0, failed: 0, ms: 0, notRun: new Map(), failures: [], notes: [] };
      this.#groups.set(key, g);
    }
    g.ms += ms;
    if (outcome.status === 'passed') {
      g.passed++;
      if (outcome.note !== undefined && g.notes.length < KEPT) g.notes.push(`${name}: ${outcome.note}`);
      if (outcome.reading) this.#readings.push(outcome.reading);
    } else if (outcome.status === 'failed') {
      g.failed++;
      if (g.failures.length < KEPT) g.failures.push({ name, message: outcome.message });
    } else {
      const kept = g.notRun.get(outcome.reason) ?? { count: 0, examples: [] };
      kept.count++;
      if (kept.examples.length < EXAMPLES) kept.examples.push(name);
      g.notRun.set(outcome.reason, kept);
    }
  }

  report(head: Head): VerifyReport {
    const groups: CheckGroup[] = [...this.#groups.values()].map((g) => ({
      ...g,
      notRun: [...g.notRun].map(([reason, { count, examples }]) => ({ reason, count, examples })),
    }));
    const sum = (of: (g: CheckGroup) => number): number => groups.reduce((n, g) => n + of(g), 0);
    const totals = {
      passed: sum((g) => g.passed),
      failed: sum((g) => g.failed),
      notRun: sum((g) => g.notRun.reduce((n, r) => n + r.count, 0)),
    };
    return {
      format: REPORT_FORMAT,
      ...head,
      date: new Date().toISOString(),
      totals,
      ok: totals.failed === 0 && totals.passed > 0,
      groups,
      bench: this.#readings,
      wins: head.engine.host ? [] : winsOf(this.#readings),
    };
  }
}

/** From which size on the GPU is at least as fast, at every size measured. */
export function winsOf(readings: readonly BenchReading[]): BenchWin[] {
  const from = (of: readonly BenchReading[], gpu: (r: BenchReading) => number): number | null => {
    let rows: number | null = null;
    for (const r of [...of].sort((a, b) => b.rows - a.rows)) {
      if (r.cpuMs === null || !(gpu(r) <= r.cpuMs)) break;
      rows = r.rows;
    }
    return rows;
  };
  return [...new Set(readings.map((r) => r.name))].map((name) => {
    const of = readings.filter((r) => r.name === name);
    return {
      name,
      residentRows: from(of, (r) => r.gpuMs ?? Number.POSITIVE_INFINITY),
      withTransfersRows: from(
        of,
        (r) => (r.gpuMs ?? Number.POSITIVE_INFINITY) + (r.uploadMs ?? 0) + (r.downloadMs ?? 0),
      ),
    };
  });
}
