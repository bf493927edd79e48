// A section for each recorded suite: a picture and a table.
import { count, mb, ms, origins, present, summaries, table, times } from './format.mjs';
import { growthPlot, ratioPlot } from './plots.mjs';

const stem = (report) => report.file.replace(/\.json$/, '');
const over = (theirs, ours) => (theirs === null || theirs === undefined || ours === null ? null : theirs / ours);

/** Milliseconds beside polars and DuckDB. */
export async function comparison(report) {
  const plot = await ratioPlot(
    `${stem(report)}.svg`,
    `${stem(report)}: their time over ours`,
    'times slower than warpframe (right of 1) or faster (left)',
    report.rows
      .filter((r) => r.ratio !== null)
      .map((r) => ({
        name: r.name,
        values: { polars: over(r.polarsMs, r.oursMs), DuckDB: over(r.duckdbMs, r.oursMs) },
      })),
  );
  return [
    `## ${stem(report)}`,
    '',
    origins(report),
    '',
    plot,
    table(report, [
      ['milliseconds, median', (r) => r.name],
      ['ours', (r) => ms(r.oursMs), true],
      ['polars', (r) => ms(r.polarsMs), true],
      ['DuckDB', (r) => ms(r.duckdbMs), true],
      ['the better of theirs over ours', (r) => times(r.ratio), true],
    ]),
    summaries(report),
    '',
    ...[report, report.other].flatMap((r) =>
      r?.importMs === undefined
        ? []
        : [`Importing takes ${r.importMs.toFixed(1)} ms above an empty process (${r.versions.node}).`, ''],
    ),
  ].join('\n');
}

export async function loop(report) {
  return [
    '## The event loop while queries run',
    '',
    `${count(report.rows)} rows; ${origins(report)}`,
    '',
    table(
      report,
      [
        ['query', (r) => r.name],
        ['ms', (r) => ms(r.ms), true],
        ['largest gap, ms', (r) => r.largestGapMs?.toFixed(1) ?? '–', true],
        ['p99, ms', (r) => r.p99GapMs?.toFixed(1) ?? '–', true],
      ],
      'results',
    ),
  ].join('\n');
}

/** Estimators against scikit-learn and XGBoost, with scores and memory. */
export async function learning(report) {
  const number = (v) => (v === null || v === undefined ? '–' : String(Number(v.toPrecision(6))));
  const fits = report.rows.filter((r) => r.name.endsWith(' fit'));
  const plot = await ratioPlot(
    'ml.svg',
    'Learning: the time of scikit-learn or XGBoost over ours',
    'times slower than warpframe (right of 1) or faster (left)',
    report.rows.map((r) => ({ name: r.name, values: { 'scikit-learn': r.ratio } })),
    { 'scikit-learn': 'var(--s1)' },
  );
  return [
    '## Learning',
    '',
    origins(report),
    '',
    'Against scikit-learn, and XGBoost for XgbClassifier. The score is R², accuracy, AUC, inertia or the mean of what comes out; memory is the',
    'most a step needs beyond the frame, over the size of its feature matrix: of a fit together with what it makes: a forest of',
    'unpruned trees is larger than the rows it is of, and cross fitting gives the rows encoded; of a transform the larger of what goes in',
    'and what comes out. Scores are over a column of 8 bytes a row.',
    '',
    plot,
    table(report, [
      ['milliseconds, median', (r) => r.name],
      ['rows × features', (r) => `${count(r.rows)} × ${r.features}`],
      ['ours', (r) => ms(r.oursMs), true],
      ['theirs', (r) => ms(r.theirsMs), true],
      ['theirs over ours', (r) => times(r.ratio), true],
      ['our score', (r) => number(r.oursScore)],
      ['their score', (r) => number(r.theirsScore)],
      ['our memory', (r) => times(r.oursPeak)],
      ['theirs', (r) => times(r.theirsPeak)],
    ]),
    `${summaries(report)} Of fits: ${summaries({ rows: fits }).replace('G', 'g')}`,
    '',
    ...(report.streams.length === 0
      ? []
      : [
          table(
            report,
            [
              ['streamed from Parquet', (s) => s.name],
              ['rows × features', (s) => `${count(s.rows)} × ${s.features}`],
              ['seconds', (s) => (s.ms / 1000).toFixed(1)],
              ['file, MB', (s) => mb(s.fileBytes / 1e6)],
              ['peak of the process, MB', (s) => mb(s.peakBytes / 1e6)],
              ['limit, MB', (s) => mb(s.limitBytes / 1e6)],
            ],
            'streams',
          ),
        ]),
  ].join('\n');
}

/** Peak memory, a process a question. */
export async function memory(report) {
  const plot = await ratioPlot(
    'memory.svg',
    'Memory: our peak over theirs',
    'times as much as polars or DuckDB (right of 1: more)',
    report.rows.map((r) => ({
      name: r.name,
      values: { polars: over(r.oursMb, r.polarsMb), DuckDB: over(r.oursMb, r.duckdbMb) },
    })),
  );
  return [
    '## Memory',
    '',
    origins(report),
    '',
    'Peak resident memory of a process that answers one question from its files.',
    '',
    plot,
    table(report, [
      ['MB', (r) => r.name],
      ['ours', (r) => mb(r.oursMb), true],
      ['polars', (r) => mb(r.polarsMb), true],
      ['DuckDB', (r) => mb(r.duckdbMb), true],
      ['ours over the better of theirs', (r) => times(r.ratio), true],
    ]),
    summaries(report, 'at most 1.5×', (r) => r <= 1.5),
    '',
  ].join('\n');
}

/** One thread beside two. */
export async function threads(report) {
  const sizes = [...new Set(report.rows.map((r) => r.rows))];
  const colors = Object.fromEntries(sizes.map((n, i) => [`${count(n)} rows`, `var(--s${i + 1})`]));
  const names = [...new Set(report.rows.map((r) => r.name))];
  const ratioOf = (name, rows) => report.rows.find((r) => r.name === name && r.rows === rows)?.ratio ?? null;
  const plot = await ratioPlot(
    'threads.svg',
    'Threads: the time of one thread over that of two',
    'times faster with two threads',
    names.map((name) => ({
      name,
      values: Object.fromEntries(sizes.map((n) => [`${count(n)} rows`, ratioOf(name, n)])),
    })),
    colors,
  );
  return [
    '## Threads',
    '',
    origins(report),
    '',
    plot,
    table(report, [
      ['milliseconds, median', (r) => r.name],
      ['rows', (r) => count(r.rows)],
      ['one thread', (r) => ms(r.oneMs), true],
      ['two threads', (r) => ms(r.twoMs), true],
      ['one over two', (r) => times(r.ratio), true],
    ]),
  ].join('\n');
}

const ENGINES = { ours: 'ours', polars: 'polars', DuckDB: 'duckdb' };

/** Time and memory per row over the number of rows. */
export async function scaling(report) {
  const points = (value) =>
    report.rows.flatMap((r) =>
      Object.entries(ENGINES).flatMap(([engine, key]) =>
        r[key] === null ? [] : [{ question: r.name, engine, rows: r.rows, value: value(r[key], r.rows) }],
      ),
    );
  // Under a megabyte above the empty engine is within its noise.
  const bytes = (cost, rows) => (Math.max(1, cost.peakMb - cost.emptyMb) * 1e6) / rows;
  return [
    '## How cost grows',
    '',
    origins(report),
    '',
    `From a Parquet file to a Parquet file, each point in a process of its own that has answered once before over the fewest rows.`,
    `Ours and DuckDB's have ${mb(report.limitBytes / 1e6)} MB: what does not fit is streamed or spilled; polars knows no limit. Memory is the`,
    'peak of the process above that with the engine loaded. A flat line is linear; a rising one is worse than that.',
    '',
    await growthPlot(
      'scaling-time.svg',
      'Nanoseconds per row',
      points((cost, rows) => (cost.ms * 1e6) / rows),
    ),
    await growthPlot('scaling-memory.svg', 'Bytes of memory per row', points(bytes)),
    table(report, [
      ['milliseconds and peak MB', (r) => r.name],
      ['rows', (r) => count(r.rows)],
      ...Object.entries(ENGINES).flatMap(([engine, key]) => [
        [`${engine}, ms`, (r) => ms(r[key]?.ms), true],
        [`${engine}, MB`, (r) => mb(r[key]?.peakMb), true],
      ]),
      ['the better of theirs over ours', (r) => times(r.ratio), true],
    ]),
    growth(report),
    '',
  ].join('\n');
}

/** What costs more per row at the largest size than at a tenth of it. */
function growth(report) {
  const largest = Math.max(...report.rows.map((r) => r.rows));
  const lines = report.rows
    .filter((r) => r.rows === largest && r.ours !== null)
    .flatMap((r) => {
      const tenth = report.rows.find((s) => s.name === r.name && s.rows === largest / 10);
      return present([tenth?.ours?.ms]).map((before) => `${r.name} ${times(r.ours.ms / 10 / before)}`);
    });
  return lines.length === 0
    ? ''
    : `Our time per row with ${count(largest)} rows over that with a tenth of them: ${lines.join('; ')}.`;
}
