// Writes docs/performance.md from the recorded runs in bench/results: no number without a run.
import fs from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const reports = fs
  .readdirSync('bench/results')
  .filter((f) => f.endsWith('.json'))
  .sort()
  .map((f) => ({ file: f, ...JSON.parse(fs.readFileSync(`bench/results/${f}`, 'utf8')) }));

const ms = (v) => (v === null || v === undefined ? '–' : v < 10 ? v.toFixed(2) : v.toFixed(0));
const machine = (m) => `${m.cores} × ${m.cpu}, ${m.memoryGb} GB, load ${m.load}`;
const versions = (v) =>
  Object.entries(v)
    .map(([k, t]) => `${k} ${t}`)
    .join(', ');
const geometric = (ratios) => Math.exp(ratios.reduce((s, r) => s + Math.log(r), 0) / ratios.length);

function table(report) {
  const ratios = report.rows.flatMap((r) => (r.ratio === null ? [] : [r.ratio]));
  const lines = report.rows.map(
    (r) =>
      `| ${r.name} | ${ms(r.oursMs)} | ${ms(r.polarsMs)} | ${ms(r.duckdbMs)} | ${r.ratio === null ? '–' : `${r.ratio.toFixed(2)}×`} |`,
  );
  return [
    `## ${report.suite}`,
    '',
    `${report.date}; ${machine(report.machine)}; ${versions(report.versions)}. From \`bench/results/${report.file}\`.`,
    '',
    '| milliseconds, median | ours | polars | DuckDB | the better of theirs over ours |',
    '|---|--:|--:|--:|--:|',
    ...lines,
    '',
    `Geometric mean ${geometric(ratios).toFixed(2)}×; ahead in ${ratios.filter((r) => r > 1).length} of ${ratios.length}.`,
    '',
  ].join('\n');
}

function loop(report) {
  return [
    '## The event loop while queries run',
    '',
    `${report.rows.toLocaleString('en')} rows; ${versions(report.versions)}. From \`bench/results/${report.file}\`.`,
    '',
    '| query | ms | largest gap, ms | p99, ms |',
    '|---|--:|--:|--:|',
    ...report.results.map(
      (r) => `| ${r.name} | ${ms(r.ms)} | ${r.largestGapMs.toFixed(1)} | ${r.p99GapMs.toFixed(1)} |`,
    ),
    '',
  ].join('\n');
}

/** Estimators against scikit-learn and XGBoost, with scores and memory. */
function learning(report) {
  const number = (v) => (v === null ? '–' : String(Number(v.toPrecision(6))));
  const times = (v) => (v === null ? '–' : `${v.toFixed(2)}×`);
  const ratios = report.rows.map((r) => r.ratio);
  const fits = report.rows.filter((r) => r.name.endsWith(' fit')).map((r) => r.ratio);
  return [
    '## Learning',
    '',
    `${report.date}; ${machine(report.machine)}; ${versions(report.versions)}. From \`bench/results/${report.file}\`.`,
    '',
    'Against scikit-learn, and XGBoost for XgbClassifier. The score is R², accuracy, AUC, inertia or the mean of what comes out; memory is the',
    'most a step needs beyond the frame, over the size of its feature matrix: of a fit together with what it makes: a forest of',
    'unpruned trees is larger than the rows it is of, and cross fitting gives the rows encoded; of a transform the larger of what goes in',
    'and what comes out. Scores are over a column of 8 bytes a row.',
    '',
    '| milliseconds, median | rows × features | ours | theirs | theirs over ours | our score | their score | our memory | theirs |',
    '|---|--:|--:|--:|--:|--:|--:|--:|--:|',
    ...report.rows.map(
      (r) =>
        `| ${r.name} | ${r.rows.toLocaleString('en')} × ${r.features} | ${ms(r.oursMs)} | ${ms(r.theirsMs)} | ${times(r.ratio)} | ${number(r.oursScore)} | ${number(r.theirsScore)} | ${times(r.oursPeak)} | ${times(r.theirsPeak)} |`,
    ),
    '',
    `Geometric mean ${geometric(ratios).toFixed(2)}× (of fits ${geometric(fits).toFixed(2)}×); ahead in ${ratios.filter((r) => r > 1).length} of ${ratios.length}.`,
    '',
    ...(report.streams.length === 0
      ? []
      : [
          '| streamed from Parquet | rows × features | seconds | file, MB | peak of the process, MB | limit, MB |',
          '|---|--:|--:|--:|--:|--:|',
          ...report.streams.map(
            (s) =>
              `| ${s.name} | ${s.rows.toLocaleString('en')} × ${s.features} | ${(s.ms / 1000).toFixed(1)} | ${(s.fileBytes / 1e6).toFixed(0)} | ${(s.peakBytes / 1e6).toFixed(0)} | ${(s.limitBytes / 1e6).toFixed(0)} |`,
          ),
          '',
        ]),
  ].join('\n');
}

/** Peak memory, a process a question. */
function memory(report) {
  const mb = (v) => (v === null ? '–' : v.toFixed(0));
  const ratios = report.rows.flatMap((r) => (r.ratio === null ? [] : [r.ratio]));
  return [
    '## Memory',
    '',
    `${report.date}; ${machine(report.machine)}; ${versions(report.versions)}. From \`bench/results/${report.file}\`.`,
    '',
    'Peak resident memory of a process that answers one question from its files.',
    '',
    '| MB | ours | polars | DuckDB | ours over the better of theirs |',
    '|---|--:|--:|--:|--:|',
    ...report.rows.map(
      (r) =>
        `| ${r.name} | ${mb(r.oursMb)} | ${mb(r.polarsMb)} | ${mb(r.duckdbMb)} | ${r.ratio === null ? '–' : `${r.ratio.toFixed(2)}×`} |`,
    ),
    '',
    `Geometric mean ${geometric(ratios).toFixed(2)}×; at most 1.5× in ${ratios.filter((r) => r <= 1.5).length} of ${ratios.length}.`,
    '',
  ].join('\n');
}

/** One thread beside two. */
function threads(report) {
  return [
    '## Threads',
    '',
    `${machine(report.machine)}; ${versions(report.versions)}. From \`bench/results/${report.file}\`.`,
    '',
    '| milliseconds, median | rows | one thread | two threads | one over two |',
    '|---|--:|--:|--:|--:|',
    ...report.rows.map(
      (r) =>
        `| ${r.name} | ${r.rows.toLocaleString('en')} | ${ms(r.oneMs)} | ${ms(r.twoMs)} | ${r.ratio.toFixed(2)}× |`,
    ),
    '',
  ].join('\n');
}

const SECTIONS = { loop, ml: learning, memory, threads };
const text = [
  '# Performance',
  '',
  'Where this version stands, winning or not. Every round runs each engine in turn; medians; answers are compared first. Each',
  'section says with how many threads; single operations were recorded when frames had one thread on each side.',
  '',
  ...reports.map((r) => (SECTIONS[r.suite] ?? table)(r)),
  'Again: `npm run bench -- ops --json bench/results/ops.json`, then `node scripts/performance.mjs`.',
  '',
].join('\n');
fs.writeFileSync('docs/performance.md', text);
