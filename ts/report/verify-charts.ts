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

/** The powers of ten from below the values to above them. */
function powersAround(values: readonly number[]): number[] {
  const from = Math.floor(Math.log10(Math.min(...values)));
  const to = Math.ceil(Math.log10(Math.max(...values)));
  return Array.from({ length: to - from + 1 }, (_, i) => 10 ** (from + i));
}

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
  const axis = (values: readonly number[]): object => ({ values: powersAround(values), grid: true });
  const points = lines.flatMap((l) => l.points);
  return {
    ...frame(),
    data: [{ name: 'rows', values: rows(lines) }],
    scales: [log('x', 'width', 'x'), log('y', 'height', 'y'), color(lines.map((l) => l.label))],
    axes: [
      { ...axis(points.map(([x]) => x)), orient: 'bottom', scale: 'x', title: 'rows', format: '~s' },
      { ...axis(points.map(([, y]) => y)), orient: 'left', scale: 'y', title: 'milliseconds', format: '~g' },
    ],
    legends: legend(lines),
    marks: [linesMark(true)],
  };
}
