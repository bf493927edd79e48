// The pictures of a verification: milliseconds by rows, both axes by powers of ten.
import type { BenchReading } from '../verify/report.ts';
import type { Spec } from './chart.ts';
import { color, frame, type Line, legend, linesMark, rows } from './charts.ts';

const lineOf = (
  label: string,
  readings: readonly BenchReading[],
  ms: (r: BenchReading) => number | null,
): readonly Line[] => {
  const points = readings.flatMap((r) => {
    const y = ms(r);
    return y === null || !(y > 0) ? [] : [[r.rows, y] as const];
  });
  return points.length === 0 ? [] : [{ label, points }];
};
const withCopies = ({ gpuMs, uploadMs, downloadMs }: BenchReading): number | null =>
  gpuMs === null || uploadMs === null || downloadMs === null ? null : gpuMs + uploadMs + downloadMs;

/** Times of one question at every size; null where none was taken. */
export function timesChart(readings: readonly BenchReading[]): Spec | null {
  const sorted = [...readings].sort((a, b) => a.rows - b.rows);
  const lines = [
    ...lineOf('CPU', sorted, (r) => r.cpuMs),
    ...lineOf('GPU, rows on the device', sorted, (r) => r.gpuMs),
    ...lineOf('GPU, with both copies', sorted, withCopies),
  ];
  if (lines.length === 0) return null;
  const log = (name: string, range: string, field: string): object => ({
    name,
    type: 'log',
    range,
    domain: { data: 'rows', field },
    nice: true,
  });
  const axis = { tickCount: 5, grid: true };
  return {
    ...frame(),
    data: [{ name: 'rows', values: rows(lines) }],
    scales: [log('x', 'width', 'x'), log('y', 'height', 'y'), color(lines.map((l) => l.label))],
    axes: [
      { ...axis, orient: 'bottom', scale: 'x', title: 'rows', format: '~s' },
      { ...axis, orient: 'left', scale: 'y', title: 'milliseconds', format: '~g' },
    ],
    legends: legend(lines),
    marks: [linesMark(true)],
  };
}
