// How numbers and their origin are written.
export const ms = (v) => (v === null || v === undefined ? '–' : v < 10 ? v.toFixed(2) : v.toFixed(0));
export const mb = (v) => (v === null || v === undefined ? '–' : v.toFixed(0));
export const times = (v) => (v === null || v === undefined ? '–' : `${v.toFixed(2)}×`);
export const count = (v) => v.toLocaleString('en');
export const geometric = (ratios) => Math.exp(ratios.reduce((s, r) => s + Math.log(r), 0) / ratios.length);
export const present = (values) => values.filter((v) => v !== null && v !== undefined);

const versions = (v) =>
  Object.entries(v)
    .map(([k, t]) => `${k} ${t}`)
    .join(', ');

/** Where and with what a run was, and which file holds it. */
export function origin(report) {
  const m = report.machine;
  const parts = [
    report.date,
    m && `${m.cores} × ${m.cpu}, ${m.memoryGb} GB, load ${m.load}`,
    versions(report.versions),
  ].filter(Boolean);
  return `${parts.join('; ')}. From \`bench/results/${report.file}\`.`;
}

/** The origin of a run, and of the same run with another Node. */
export const origins = (report) =>
  report.other === undefined ? origin(report) : `${origin(report)}\n\nNode 24: ${origin(report.other)}`;

/** The row of the other run with the same question, or an empty one. */
export const beside = (report, row, list = 'rows') =>
  report.other[list].find((r) => r.name === row.name && r.rows === row.rows) ?? {};

/**
 * A Markdown table of one list of a report. Columns are `[title, cell of a row, whether the other Node has one too]`; the
 * first is text.
 */
export function table(report, columns, list = 'rows') {
  const both = report.other === undefined ? [] : columns.filter(([, , twice]) => twice);
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [
    line([...columns.map(([title]) => title), ...both.map(([title]) => `Node 24: ${title}`)]),
    `|---|${'--:|'.repeat(columns.length + both.length - 1)}`,
    ...report[list].map((row) =>
      line([...columns.map(([, cell]) => cell(row)), ...both.map(([, cell]) => cell(beside(report, row, list)))]),
    ),
    '',
  ].join('\n');
}

/** `Geometric mean 1.20×; ahead in 3 of 5.` */
export function summary(rows, what = 'ahead', counts = (r) => r > 1) {
  const ratios = present(rows.map((r) => r.ratio));
  return `Geometric mean ${geometric(ratios).toFixed(2)}×; ${what} in ${ratios.filter(counts).length} of ${ratios.length}.`;
}
/** The same for both Nodes. */
export const summaries = (report, ...how) =>
  [
    summary(report.rows, ...how),
    ...(report.other === undefined ? [] : [`On Node 24: ${summary(report.other.rows, ...how).replace('G', 'g')}`]),
    '',
  ]
    .join(' ')
    .trimEnd();
