// What a recorded run looks like: ratios as dots on a log scale, costs as lines over the number of rows.
import { COLOR_OF, draw } from './draw.mjs';

const ROW_HEIGHT = 17;
const text = { fontSize: 12, fontWeight: 600, color: 'var(--ink)', anchor: 'start', offset: 10 };

/**
 * Ratios, a dot for each engine we compare with, right of 1 where we need less.
 * `rows`: `{ name, values: { engine: ratio } }`, in the order of the table.
 */
export function ratioPlot(file, title, axis, rows, colors = COLOR_OF) {
  const values = rows.flatMap((r) =>
    Object.entries(r.values).flatMap(([engine, ratio]) => (ratio === null ? [] : [{ name: r.name, engine, ratio }])),
  );
  const engines = Object.keys(colors).filter((e) => values.some((v) => v.engine === e));
  const low = Math.min(0.5, ...values.map((v) => v.ratio)) / 1.15;
  const high = Math.max(2, ...values.map((v) => v.ratio)) * 1.15;
  return draw(file, title, {
    width: 460,
    height: rows.length * ROW_HEIGHT,
    title: { text: title, ...text },
    data: [
      { name: 'values', values },
      {
        name: 'spans',
        source: 'values',
        transform: [
          {
            type: 'aggregate',
            groupby: ['name'],
            fields: ['ratio', 'ratio'],
            ops: ['min', 'max'],
            as: ['low', 'high'],
          },
        ],
      },
    ],
    scales: [
      { name: 'x', type: 'log', domain: [low, high], range: 'width' },
      { name: 'y', type: 'point', domain: rows.map((r) => r.name), range: 'height', padding: 0.5 },
      { name: 'color', type: 'ordinal', domain: engines, range: engines.map((e) => colors[e]) },
    ],
    axes: [
      {
        orient: 'bottom',
        scale: 'x',
        title: axis,
        values: [0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100].filter((t) => t >= low && t <= high),
        format: '~r',
        grid: true,
      },
      { orient: 'left', scale: 'y', ticks: false, domain: false, labelLimit: 480, labelColor: 'var(--ink)' },
    ],
    legends:
      engines.length > 1 ? [{ fill: 'color', symbolType: 'circle', orient: 'top', direction: 'horizontal' }] : [],
    marks: [
      {
        type: 'rule',
        encode: {
          enter: {
            x: { scale: 'x', value: 1 },
            y: { value: 0 },
            y2: { signal: 'height' },
            stroke: { value: 'var(--ink)' },
            strokeWidth: { value: 1.2 },
          },
        },
      },
      {
        type: 'rule',
        from: { data: 'spans' },
        encode: {
          enter: {
            x: { scale: 'x', signal: 'min(1, datum.low)' },
            x2: { scale: 'x', signal: 'max(1, datum.high)' },
            y: { scale: 'y', field: 'name' },
            stroke: { value: 'var(--muted)' },
            strokeOpacity: { value: 0.5 },
          },
        },
      },
      {
        type: 'symbol',
        from: { data: 'values' },
        encode: {
          enter: {
            x: { scale: 'x', field: 'ratio' },
            y: { scale: 'y', field: 'name' },
            fill: { scale: 'color', field: 'engine' },
            stroke: { value: 'var(--card)' },
            size: { value: 56 },
          },
        },
      },
    ],
  });
}

/**
 * A small plot for each question: a cost per row over the number of rows, both on log scales, a line for each engine.
 * `points`: `{ question, engine, rows, value }`.
 */
export function growthPlot(file, title, points) {
  const engines = Object.keys(COLOR_OF).filter((e) => points.some((p) => p.engine === e));
  const extent = (values) => [Math.min(...values), Math.max(...values)];
  const sizes = [...new Set(points.map((p) => p.rows))].sort((a, b) => a - b);
  const [low, high] = extent(points.map((p) => p.value));
  const ticks = [-1, 0, 1, 2, 3, 4, 5].flatMap((p) => [10 ** p, 3 * 10 ** p]).filter((t) => t >= low && t <= high);
  const cell = { width: 190, height: 150 };
  return draw(file, title, {
    title: { text: title, ...text, offset: 24 },
    layout: { columns: 3, padding: { row: 44, column: 34 }, bounds: 'full' },
    data: [{ name: 'points', values: points }],
    scales: [
      { name: 'x', type: 'log', domain: extent(sizes), range: [0, cell.width] },
      { name: 'y', type: 'log', domain: [low / 1.3, high * 1.3], range: [cell.height, 0] },
      { name: 'color', type: 'ordinal', domain: engines, range: engines.map((e) => COLOR_OF[e]) },
    ],
    legends: [{ stroke: 'color', symbolType: 'stroke', orient: 'top', direction: 'horizontal' }],
    marks: [
      {
        type: 'group',
        from: { facet: { name: 'question', data: 'points', groupby: 'question' } },
        title: {
          text: { signal: 'parent.question' },
          color: 'var(--ink)',
          fontSize: 11,
          fontWeight: 'normal',
          offset: 8,
        },
        encode: { enter: { width: { value: cell.width }, height: { value: cell.height } } },
        axes: [
          { orient: 'bottom', scale: 'x', values: sizes, format: '~e', grid: true, gridScale: 'y', title: 'rows' },
          { orient: 'left', scale: 'y', values: ticks, format: '~r', grid: true, gridScale: 'x' },
        ],
        marks: [
          {
            type: 'group',
            from: { facet: { name: 'line', data: 'question', groupby: 'engine' } },
            marks: [
              {
                type: 'line',
                from: { data: 'line' },
                encode: {
                  enter: {
                    x: { scale: 'x', field: 'rows' },
                    y: { scale: 'y', field: 'value' },
                    stroke: { scale: 'color', field: 'engine' },
                    strokeWidth: { value: 2 },
                  },
                },
              },
              {
                type: 'symbol',
                from: { data: 'line' },
                encode: {
                  enter: {
                    x: { scale: 'x', field: 'rows' },
                    y: { scale: 'y', field: 'value' },
                    fill: { scale: 'color', field: 'engine' },
                    stroke: { value: 'var(--card)' },
                    size: { value: 40 },
                  },
                },
              },
            ],
          },
        ],
      },
    ],
  });
}
