// A job's result as a terminal shows it.
import path from 'node:path';
import type { JobResult, ModelResult } from '../job/job-result.ts';
import { countText, durationText, numberText } from '../report/numbers.ts';
import { textTable } from './text-table.ts';

/** Metrics in the table; the others are in metrics.json. */
const SHOWN = 5;

/** The models compared, what was left out, and where everything is. */
export function jobSummary(result: JobResult): string {
  const { models, best, primaryMetric, folder } = result;
  const names = [...new Set([primaryMetric, ...models.flatMap((m) => Object.keys(m.metrics))])].slice(0, SHOWN);
  const hasValidation = models.some((m) => m.validation !== null);
  const speed = (m: ModelResult): string =>
    m.benchmark?.throughputRowsPerSecond == null ? '–' : countText(Math.round(m.benchmark.throughputRowsPerSecond));
  const rows = models.map((m) => [
    `${m.name === best && models.length > 1 ? '* ' : '  '}${m.name}`,
    ...(hasValidation ? [numberText(m.validation?.[primaryMetric] ?? null)] : []),
    ...names.map((name) => numberText(m.metrics[name] ?? null)),
    durationText(m.fitMs),
    speed(m),
  ]);
  const table = textTable(
    ['  model', ...(hasValidation ? [`${primaryMetric} (validation)`] : []), ...names, 'fit', 'rows/s'],
    rows,
  );
  const { report, predictions } = result;
  const saved = models.flatMap((m) => (m.file === null ? [] : [m.file]));
  const lines = [
    '',
    table,
    '',
    ...(models.length > 1 ? [`Best by ${primaryMetric}: ${best}`] : []),
    ...result.degraded.map((d) => `Not acted on: ${d.key} (${d.reason})`),
    ...result.warnings.map((w) => `Warning: ${w}`),
    `Model        ${saved.join(', ')}`,
    'path' in report ? `Report       ${report.path}` : `No report: ${report.skipped}`,
    ...(predictions === null ? [] : [`Predictions  ${predictions}`]),
    `Everything   ${folder}${path.sep}`,
    `Whole job    ${durationText(result.totalMs)}`,
    '',
  ];
  return lines.join('\n');
}
