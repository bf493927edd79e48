// The pictures of a report, each as a Vega specification.
import { SERIES, type Spec } from './chart.ts';
import type { CalibrationBin, EngineReading, LearningCurve, Point, Reading, ReportStage } from './report-data.ts';

const WIDTH = 270;
const HEIGHT = 215;

export interface Line {
  readonly label: string;
  readonly points: readonly Point[];
}

export const rows = (lines: readonly Line[]): object[] =>
  lines.flatMap(({ label, points }) => points.map(([x, y]) => ({ label, x, y })));

export const frame = (width = WIDTH, height = HEIGHT): Spec => ({
  width,
  height,
  padding: 4,
  autosize: { type: 'pad' },
});

export const legend = (lines: readonly { readonly label: string }[], orient = 'bottom'): object[] =>
  lines.length < 2 ? [] : [{ stroke: 'color', orient, direction: 'vertical', symbolType: 'stroke', offset: 6 }];

export const color = (labels: readonly string[]): object => ({
  name: 'color',
  type: 'ordinal',
  domain: labels,
  range: SERIES,
});

const linear = (name: string, range: string, domain: unknown, more: object = {}): object => ({
  name,
  type: 'linear',
  range,
  domain,
  ...more,
});

const axes = (x: string, y: string, more: { x?: object; y?: object } = {}): object[] => [
  { orient: 'bottom', scale: 'x', title: x, tickCount: 5, grid: true, ...more.x },
  { orient: 'left', scale: 'y', title: y, tickCount: 5, grid: true, ...more.y },
];

export const linesMark = (points: boolean): object => ({
  type: 'group',
  from: { facet: { name: 'line', data: 'rows', groupby: 'label' } },
  marks: [
    {
      type: 'line',
      from: { data: 'line' },
      encode: {
        enter: {
          x: { scale: 'x', field: 'x' },
          y: { scale: 'y', field: 'y' },
          stroke: { scale: 'color', field: 'label' },
          strokeWidth: { value: 2 },
          strokeJoin: { value: 'round' },
        },
      },
    },
    ...(points
      ? [
          {
            type: 'symbol',
            from: { data: 'line' },
            encode: {
              enter: {
                x: { scale: 'x', field: 'x' },
                y: { scale: 'y', field: 'y' },
                fill: { scale: 'color', field: 'label' },
                size: { value: 28 },
              },
            },
          },
        ]
      : []),
  ],
});

const ruleMark = (x1: number, y1: number, x2: number, y2: number): object => ({
  type: 'rule',
  encode: {
    enter: {
      x: { scale: 'x', value: x1 },
      y: { scale: 'y', value: y1 },
      x2: { scale: 'x', value: x2 },
      y2: { scale: 'y', value: y2 },
      stroke: { value: 'var(--muted)' },
      strokeDash: { value: [4, 4] },
    },
  },
});

/** Curves over the unit square. `reference`: the line that guessing gives. */
export function unitCurves(lines: readonly Line[], x: string, y: string, reference: readonly Point[] | null): Spec {
  const [from, to] = reference ?? [];
  return {
    ...frame(),
    data: [{ name: 'rows', values: rows(lines) }],
    scales: [linear('x', 'width', [0, 1]), linear('y', 'height', [0, 1]), color(lines.map((l) => l.label))],
    axes: axes(x, y),
    legends: legend(lines),
    marks: [...(from && to ? [ruleMark(from[0], from[1], to[0], to[1])] : []), linesMark(false)],
  };
}

/** Mean predicted probability against observed share, per bin. */
export function calibrationChart(
  lines: readonly { readonly label: string; readonly bins: readonly CalibrationBin[] }[],
): Spec {
  const points = lines.map(({ label, bins }) => ({
    label,
    points: bins.map((b): Point => [b.predicted, b.observed]),
  }));
  return {
    ...unitCurves(points, 'predicted probability', 'observed share', null),
    marks: [ruleMark(0, 0, 1, 1), linesMark(true)],
  };
}

/** Scores while learning, or by the number of training rows. */
export function learningChart(curve: LearningCurve): Spec {
  return {
    ...frame(),
    data: [{ name: 'rows', values: rows(curve.series) }],
    scales: [
      linear('x', 'width', { data: 'rows', field: 'x' }, { zero: false }),
      linear('y', 'height', { data: 'rows', field: 'y' }, { zero: false, nice: true }),
      color(curve.series.map((s) => s.label)),
    ],
    axes: axes(curve.xTitle, curve.yTitle, {
      x: { ...ticks(curve.series.flatMap((l) => l.points.map(([x]) => x))) },
    }),
    legends: legend(curve.series),
    marks: [linesMark(curve.series.every((s) => s.points.length <= 30))],
  };
}

/** Rows of class i predicted as class j; the colour is the share of the class. */
export function confusionChart(classes: readonly string[], confusion: readonly (readonly number[])[]): Spec {
  const cell = Math.max(24, Math.min(84, 280 / classes.length));
  const size = cell * classes.length;
  const values = confusion.flatMap((counts, i) => {
    const total = counts.reduce((sum, n) => sum + n, 0);
    return counts.map((n, j) => ({ actual: classes[i], predicted: classes[j], n, share: total === 0 ? 0 : n / total }));
  });
  const text = (dy: number, signal: string, fontSize: number): object => ({
    type: 'text',
    from: { data: 'rows' },
    encode: {
      enter: {
        x: { scale: 'x', field: 'predicted', band: 0.5 },
        y: { scale: 'y', field: 'actual', band: 0.5, offset: dy },
        align: { value: 'center' },
        baseline: { value: 'middle' },
        fontSize: { value: fontSize },
        text: { signal },
        fill: { signal: "datum.share > 0.75 ? 'var(--on-accent)' : 'var(--ink)'" },
      },
    },
  });
  return {
    ...frame(size, size),
    data: [{ name: 'rows', values }],
    scales: [
      { name: 'x', type: 'band', domain: classes, range: 'width', padding: 0.04 },
      { name: 'y', type: 'band', domain: classes, range: 'height', padding: 0.04 },
    ],
    axes: [
      { orient: 'bottom', scale: 'x', title: 'predicted', domain: false, ticks: false, labelLimit: 90 },
      { orient: 'left', scale: 'y', title: 'actual', domain: false, ticks: false, labelLimit: 90 },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'rows' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'predicted' },
            y: { scale: 'y', field: 'actual' },
            width: { scale: 'x', band: 1 },
            height: { scale: 'y', band: 1 },
            cornerRadius: { value: 3 },
            fill: { value: 'var(--s1)' },
            fillOpacity: { signal: '0.06 + 0.84 * datum.share' },
          },
        },
      },
      ...(cell >= 48
        ? [text(-7, "format(datum.n, datum.n < 1e5 ? ',' : '.3~s')", 13), text(9, "format(datum.share, '.1%')", 11)]
        : [text(0, "format(datum.n, datum.n < 1e4 ? '~' : '.2~s')", cell >= 34 ? 11 : 9)]),
    ],
  };
}

/** Predicted against actual values. */
export function predictedActualChart(pairs: readonly { readonly predicted: number; readonly actual: number }[]): Spec {
  const all = pairs.flatMap((p) => [p.predicted, p.actual]);
  const low = Math.min(...all);
  const high = Math.max(...all);
  return {
    ...frame(),
    data: [{ name: 'rows', values: pairs }],
    scales: [
      linear('x', 'width', [low, high], { zero: false, nice: true }),
      linear('y', 'height', [low, high], { zero: false, nice: true }),
    ],
    axes: axes('predicted', 'actual', { x: { ...ticks(all) }, y: { ...ticks(all) } }),
    marks: [
      ruleMark(low, low, high, high),
      {
        type: 'symbol',
        from: { data: 'rows' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'predicted' },
            y: { scale: 'y', field: 'actual' },
            size: { value: 16 },
            fill: { value: 'var(--s1)' },
            fillOpacity: { value: pairs.length > 400 ? 0.35 : 0.6 },
          },
        },
      },
    ],
  };
}

/** How often residuals fall into each bin. */
export function residualsChart(
  bins: readonly { readonly from: number; readonly to: number; readonly rows: number }[],
): Spec {
  return {
    ...frame(),
    data: [{ name: 'rows', values: bins }],
    scales: [
      linear('x', 'width', [bins[0]?.from ?? 0, bins.at(-1)?.to ?? 1], { zero: false }),
      linear('y', 'height', { data: 'rows', field: 'rows' }, { nice: true, zero: true }),
    ],
    axes: axes('actual − predicted', 'rows', {
      x: { grid: false, ...ticks(bins.map((b) => b.to)) },
      y: { ...ticks(bins.map((b) => b.rows)) },
    }),
    marks: [
      {
        type: 'rect',
        from: { data: 'rows' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'from', offset: 0.5 },
            x2: { scale: 'x', field: 'to', offset: -0.5 },
            y: { scale: 'y', field: 'rows' },
            y2: { scale: 'y', value: 0 },
            fill: { value: 'var(--s1)' },
          },
        },
      },
    ],
  };
}

/** Tick labels: `2M` and `20k` for large numbers, else Vega's plain ones (never `100m` for a tenth). */
const ticks = (values: readonly number[]): { format?: string } =>
  Math.max(0, ...values.map(Math.abs)) >= 10_000 ? { format: '~s' } : {};

/** Bars with their values behind them. */
export function barsChart(
  readings: readonly Reading[],
  options: { readonly format?: string; readonly title?: string; readonly color?: string } = {},
): Spec {
  const { format = '.3~g', title = '', color: fill = 'var(--s1)' } = options;
  const values = readings.map((r) => ({ name: r.name, value: r.value ?? 0 }));
  const names = values.map((v) => v.name);
  const low = Math.min(0, ...values.map((v) => v.value));
  return {
    ...frame(WIDTH - 70, Math.max(1, values.length) * 22),
    data: [{ name: 'rows', values }],
    scales: [
      { name: 'y', type: 'band', domain: names, range: 'height', padding: 0.28 },
      linear('x', 'width', { data: 'rows', field: 'value' }, { zero: true, nice: true }),
    ],
    axes: [
      { orient: 'left', scale: 'y', domain: low < 0, ticks: false, labelLimit: 150, labelColor: 'var(--ink)' },
      {
        orient: 'bottom',
        scale: 'x',
        tickCount: 4,
        grid: true,
        ...ticks(values.map((v) => v.value)),
        ...(title === '' ? {} : { title }),
      },
    ],
    marks: [
      {
        type: 'rect',
        from: { data: 'rows' },
        encode: {
          enter: {
            y: { scale: 'y', field: 'name' },
            height: { scale: 'y', band: 1 },
            x: { scale: 'x', value: 0 },
            x2: { scale: 'x', field: 'value' },
            fill: { value: fill },
            cornerRadius: { value: 2 },
          },
        },
      },
      {
        type: 'text',
        from: { data: 'rows' },
        encode: {
          enter: {
            y: { scale: 'y', field: 'name', band: 0.5 },
            // Behind the zero line for bars to the left: the names are there.
            x: { scale: 'x', signal: 'max(datum.value, 0)', offset: 5 },
            align: { value: 'left' },
            baseline: { value: 'middle' },
            fontSize: { value: 11 },
            fill: { value: 'var(--muted)' },
            text: { signal: `format(datum.value, '${format}')` },
          },
        },
      },
    ],
  };
}

/** Time of each stage. */
export const stagesChart = (stages: readonly ReportStage[]): Spec =>
  barsChart(
    stages.map((s) => ({ name: s.name, value: s.ms / 1000 })),
    { format: '.2~f', title: 'seconds', color: 'var(--s2)' },
  );

/** Rows predicted a second, by model and engine. */
export function enginesChart(engines: readonly EngineReading[]): Spec {
  const several = (pick: (e: EngineReading) => string): boolean => new Set(engines.map(pick)).size > 1;
  const byEngine = several((e) => e.engine);
  // Of one model the engine says all, and a short label is never cut off.
  const nameOf = (e: EngineReading): string =>
    !byEngine ? e.model : several((other) => other.model) ? `${e.model} · ${e.engine}` : e.engine;
  return barsChart(
    engines.map((e) => ({ name: nameOf(e), value: e.rowsPerSecond })),
    { format: '.3~s', title: 'rows predicted per second', color: 'var(--s3)' },
  );
}

/** Rows in two dimensions, by cluster. */
export function clusterMap(
  map: readonly { readonly x: number; readonly y: number; readonly cluster: string }[],
  clusters: readonly string[],
  [x, y]: readonly [string, string],
): Spec {
  return {
    ...frame(),
    data: [{ name: 'rows', values: map }],
    scales: [
      linear('x', 'width', { data: 'rows', field: 'x' }, { zero: false, nice: true }),
      linear('y', 'height', { data: 'rows', field: 'y' }, { zero: false, nice: true }),
      color(clusters),
    ],
    axes: axes(x, y),
    legends: clusters.length < 2 ? [] : [{ fill: 'color', orient: 'right', title: 'cluster', symbolType: 'circle' }],
    marks: [
      {
        type: 'symbol',
        from: { data: 'rows' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'x' },
            y: { scale: 'y', field: 'y' },
            fill: { scale: 'color', field: 'cluster' },
            fillOpacity: { value: 0.75 },
            size: { value: 26 },
          },
        },
      },
    ],
  };
}
