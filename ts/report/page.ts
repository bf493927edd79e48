// The page of a report: one file without requests. Pictures come from charts.ts, text from here.
import type { Draw, Spec } from './chart.ts';
import {
  barsChart,
  calibrationChart,
  clusterMap,
  confusionChart,
  enginesChart,
  learningChart,
  predictedActualChart,
  residualsChart,
  stagesChart,
  unitCurves,
} from './charts.ts';
import { Html, html } from './html.ts';
import { metricLabel } from './metric-label.ts';
import { bytesText, countText, durationText, numberText } from './numbers.ts';
import type { ReportData, ReportModel } from './report-data.ts';
import { STYLE } from './style.ts';

/** Builds the page. */
export async function reportPage(data: ReportData, draw: Draw): Promise<string> {
  const figure = async (title: string, spec: Spec, note: string | null = null): Promise<Html> =>
    html`<figure role="img" aria-label="${title}"><h3>${title}</h3>${new Html(await draw(spec))}${
      note === null ? null : html`<figcaption>${note}</figcaption>`
    }</figure>`;
  const sections = [
    summary(data),
    comparison(data),
    ...(await modelSections(data, figure)),
    await timing(data, figure),
    dataSection(data),
    await details(data),
  ];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${data.title}</title>
<style>${new Html(STYLE)}</style>
</head>
<body>
<main>
${sections}
</main>
</body>
</html>
`.text;
}

type Figure = (title: string, spec: Spec, note?: string | null) => Promise<Html>;

const best = (data: ReportData): ReportModel | undefined => data.models.find((m) => m.isBest) ?? data.models[0];

function summary(data: ReportData): Html {
  const top = best(data);
  const totalMs = data.stages.reduce((sum, s) => sum + s.ms, 0);
  const tiles: Html[] = [];
  const tile = (value: string, label: string): void => {
    tiles.push(
      html`<div class="${value.length > 11 ? 'tile wide' : 'tile'}"><b class="${value.length > 7 ? 'word' : ''}">${value}</b><span>${label}</span></div>`,
    );
  };
  if (top) tile(top.name, data.models.length > 1 ? `best of ${data.models.length} models` : 'model');
  for (const reading of (top?.metrics ?? []).slice(0, 3)) tile(numberText(reading.value), metricLabel(reading.name));
  for (const part of data.rows.slice(0, 1)) tile(countText(part.rows), part.name);
  tile(durationText(totalMs), 'whole job');
  return html`<header>
<h1>${data.title}</h1>
<ul class="facts">${data.facts.map((f) => html`<li>${f.name} <b>${f.value}</b></li>`)}</ul>
${
  data.warnings.length === 0
    ? null
    : html`<div class="warn" role="note"><ul>${data.warnings.map((w) => html`<li>${w}</li>`)}</ul></div>`
}
<div class="tiles">${tiles}</div>
</header>`;
}

const LOWER = new Set(['logLoss', 'brier', 'mse', 'rmse', 'mae', 'mape', 'inertia']);

/** Metrics of which the smaller or the larger value is not the better one between these models. */
const UNRANKED = new Set(['nClusters', 'inertia']);

/** A column per model, a row per metric: readable on a phone. */
function comparison(data: ReportData): Html {
  const { models, primaryMetric, measuredOn } = data;
  const several = models.length > 1;
  const names = [...new Set(models.flatMap((m) => m.metrics.map((r) => r.name)))];
  const row = (title: string, name: string, of: 'metrics' | 'validation'): Html => {
    const values = models.map((m) => m[of].find((r) => r.name === name)?.value ?? null);
    const numbers = values.filter((v) => v !== null);
    const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
    // A value that all models share is nobody's win.
    const winner = low === high || UNRANKED.has(name) ? null : LOWER.has(name) ? low : high;
    return html`<tr><td class="name">${title}</td>${values.map(
      (v, i) =>
        html`<td class="n ${several && models[i]?.isBest ? 'best' : ''}">${
          several && v !== null && v === winner ? html`<b>${numberText(v)}</b>` : numberText(v)
        }</td>`,
    )}</tr>`;
  };
  const validated = models.some((m) => m.validation.length > 0);
  return html`<section><h2>Models</h2>
<div class="card scroll"><table>
<tr><th>on the ${measuredOn} rows</th>${models.map(
    (m) =>
      html`<th class="n ${several && m.isBest ? 'best' : ''}">${m.name}${m.name === m.type ? null : html`<small>${m.type}</small>`}</th>`,
  )}</tr>
${names.map((name) => row(metricLabel(name), name, 'metrics'))}
${validated ? row(`${metricLabel(primaryMetric)}, validation`, primaryMetric, 'validation') : null}
</table></div></section>`;
}

async function modelSections(data: ReportData, figure: Figure): Promise<Html[]> {
  const { models } = data;
  const titled = (title: string, m: ReportModel): string => (models.length > 1 ? `${title}: ${m.name}` : title);
  const quality: Html[] = [];
  const classifiers = models.filter((m) => m.classifier !== undefined);
  if (classifiers.length > 0) {
    const curves = (which: 'roc' | 'precisionRecall') =>
      classifiers.flatMap((m) =>
        (m.classifier?.[which] ?? []).map((c) => ({
          label: [models.length > 1 ? m.name : '', c.label].filter((t) => t !== '').join(' · ') || m.name,
          points: c.points,
        })),
      );
    const shown = curves('roc').slice(0, 8);
    if (shown.length > 0) {
      quality.push(
        await figure(
          'ROC curve',
          unitCurves(shown, 'false positive rate', 'true positive rate', [
            [0, 0],
            [1, 1],
          ]),
          'Dashed: guessing.',
        ),
        await figure(
          'Precision and recall',
          unitCurves(curves('precisionRecall').slice(0, 8), 'recall', 'precision', null),
        ),
      );
    }
    const calibrated = classifiers.filter((m) => (m.classifier?.calibration.length ?? 0) > 0);
    if (calibrated.length > 0) {
      const lines = calibrated.map((m) => ({ label: m.name, bins: m.classifier?.calibration ?? [] }));
      quality.push(
        await figure('Calibration', calibrationChart(lines), 'On the dashed line a probability is the share observed.'),
      );
    }
    for (const m of classifiers) {
      const { classes, confusion } = m.classifier as NonNullable<ReportModel['classifier']>;
      if (classes.length <= 20)
        quality.push(await figure(titled('Confusion matrix', m), confusionChart(classes, confusion)));
    }
  }
  for (const m of models) {
    if (m.regressor && m.regressor.pairs.length > 0) {
      quality.push(
        await figure(
          titled('Predicted and actual', m),
          predictedActualChart(m.regressor.pairs),
          'A sample of the rows; on the dashed line the prediction is right.',
        ),
        await figure(titled('Residuals', m), residualsChart(m.regressor.residuals)),
      );
    }
    if (m.clustering) {
      const { map, sizes, axes } = m.clustering;
      const clusters = sizes.map((s) => s.cluster);
      quality.push(
        await figure(titled('Clusters', m), clusterMap(map, clusters, axes), 'A sample of the rows.'),
        await figure(
          titled('Rows in each cluster', m),
          barsChart(
            sizes.map((s) => ({ name: s.cluster, value: s.rows })),
            { format: ',' },
          ),
        ),
      );
    }
  }
  const reasons: Html[] = [];
  for (const m of models) {
    if (m.importances === null || m.importances.values.length === 0) continue;
    const values = [...m.importances.values].sort((a, b) => Math.abs(b.value ?? 0) - Math.abs(a.value ?? 0));
    const rest = values.length > 15 ? ` The 15 largest of ${values.length}.` : '';
    reasons.push(
      await figure(
        titled('Importance of features', m),
        barsChart(values.slice(0, 15)),
        `${m.importances.title}.${rest}`,
      ),
    );
  }
  const learning: Html[] = [];
  for (const m of models) {
    if (m.learning) learning.push(await figure(titled('Learning curve', m), learningChart(m.learning)));
  }
  const section = (title: string, parts: readonly Html[]): Html[] =>
    parts.length === 0 ? [] : [html`<section><h2>${title}</h2><div class="grid">${parts}</div></section>`];
  return [
    ...section(`On the ${data.measuredOn} rows`, quality),
    ...section('What the models look at', reasons),
    ...section('Learning', learning),
  ];
}

async function timing(data: ReportData, figure: Figure): Promise<Html> {
  const { engines, stages } = data;
  const measured = engines.filter((e) => e.rowsPerSecond !== null);
  const ms = (value: number | null): string => (value === null ? '–' : durationText(value));
  return html`<section><h2>Time and memory</h2><div class="grid">
${await figure('Stages', stagesChart(stages))}
${measured.length === 0 ? null : await figure('Prediction', enginesChart(measured))}
</div>
<div class="card scroll" style="margin-top:16px"><table>
<tr><th>stage</th><th class="n">time</th><th class="n">rows</th><th class="n">memory</th></tr>
${stages.map(
  (s) =>
    html`<tr><td class="name">${s.name}</td><td class="n">${durationText(s.ms)}</td><td class="n">${
      s.rows === null ? '' : countText(s.rows)
    }</td><td class="n">${s.memoryBytes === null ? '' : bytesText(s.memoryBytes)}</td></tr>`,
)}
</table></div>
${
  engines.length === 0
    ? null
    : html`<div class="card scroll" style="margin-top:16px"><table>
<tr><th>model</th><th>engine</th><th class="n">fit</th><th class="n">predict</th><th class="n">${metricLabel(data.primaryMetric)}</th><th class="n">rows/s</th><th class="n">latency p50</th><th class="n">p95</th></tr>
${engines.map(
  (e) =>
    html`<tr><td class="name">${e.model}</td><td>${e.engine}</td><td class="n">${ms(e.fitMs)}</td><td class="n">${ms(
      e.predictMs,
    )}</td><td class="n">${e.metric === null ? '–' : numberText(e.metric)}</td><td class="n">${e.rowsPerSecond === null ? '–' : countText(Math.round(e.rowsPerSecond))}</td><td class="n">${ms(
      e.latencyP50Ms,
    )}</td><td class="n">${ms(e.latencyP95Ms)}</td></tr>`,
)}
</table></div>`
}
${data.engineNotes.map((note) => html`<p class="muted">${note}</p>`)}</section>`;
}

function dataSection(data: ReportData): Html {
  const total = data.rows[0]?.rows ?? 0;
  return html`<section><h2>Data</h2>
<p class="muted">${data.rows.map((r) => `${r.name}: ${countText(r.rows)}`).join(' · ')}</p>
<div class="card scroll"><table>
<tr><th>column</th><th>dtype</th><th class="n">nulls</th><th>role</th></tr>
${data.columns.map(
  (c) =>
    html`<tr><td class="name">${c.name}</td><td><code>${c.dtype}</code></td><td class="n">${
      c.nulls === 0
        ? html`<span class="muted">0</span>`
        : `${countText(c.nulls)}${total === 0 ? '' : ` (${((100 * c.nulls) / total).toFixed(1)} %)`}`
    }</td><td><span class="badge">${c.role}</span></td></tr>`,
)}
</table></div></section>`;
}

async function details(data: ReportData): Promise<Html> {
  return html`<section><h2>Details</h2>
<div class="card">
${data.models.map(
  (m) =>
    html`<details><summary>Parameters of ${m.name}</summary><pre>${Object.entries(m.params)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
      .join('\n')}</pre></details>`,
)}
<details><summary>Environment</summary><pre>${data.environment.map((e) => `${e.name}: ${e.value}`).join('\n')}</pre></details>
<details><summary>The job</summary><pre>${data.config}</pre></details>
</div></section>`;
}
