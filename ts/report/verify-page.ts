// The page of a verification: one file without requests, light and dark.
import type { BenchReading, CheckGroup, VerifyReport } from '../verify/report.ts';
import type { Draw } from './chart.ts';
import { Html, html } from './html.ts';
import { bytesText, countText, durationText } from './numbers.ts';
import { STYLE } from './style.ts';
import { timesChart } from './verify-charts.ts';

const EXTRA = `
.bad { color: var(--s7); font-weight: 600; } .good { color: var(--good); font-weight: 600; }
.banner { border-radius: 8px; padding: 12px 16px; margin: 16px 0 0; font-weight: 600; border: 1px solid var(--line); background: var(--card); }
.banner.host { background: var(--warn-back); color: var(--warn-ink); border-color: transparent; }
pre.message { white-space: pre-wrap; overflow-wrap: anywhere; margin: 2px 0 10px; }
`;

/** What the sections are, for people. */
const TITLES: Readonly<Record<string, string>> = {
  addon: 'Addon and engine library',
  kernels: 'Own kernels against plain programs',
  cases: 'Functions over rows, GPU against CPU',
  plans: 'Plans, GPU against CPU',
  random: 'Random plans, GPU against CPU',
  drills: 'Memory, cancelling, leaks',
  sanitizer: 'compute-sanitizer',
  suites: 'Test suites on the GPU',
  bench: 'GPU against CPU, measured',
};

/** Builds the page; without `draw` there are no pictures, and the page says so. */
export async function verifyPage(report: VerifyReport, draw: Draw | null): Promise<string> {
  const sections = [...new Set(report.groups.map((g) => g.section))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>GPU verification</title>
<style>${new Html(STYLE + EXTRA)}</style>
</head>
<body>
<main>
${head(report)}
${failures(report)}
${sections.map((name) =>
  sectionOf(
    name,
    report.groups.filter((g) => g.section === name),
  ),
)}
${await bench(report, draw)}
${facts(report)}
</main>
</body>
</html>
`.text;
}

function head(report: VerifyReport): Html {
  const { totals, engine } = report;
  const tile = (value: string, label: string, mark = ''): Html =>
    html`<div class="tile"><b class="${value.length > 7 ? 'word' : ''} ${mark}">${value}</b><span>${label}</span></div>`;
  return html`<header>
<h1>GPU verification</h1>
<ul class="facts"><li>on <b>${engine.label ?? 'no GPU'}</b></li><li>warpframe <b>${report.version}</b></li><li>by <b>${report.tool}</b></li><li>${report.date.slice(0, 16).replace('T', ' ')} UTC</li></ul>
${engine.host ? html`<div class="banner host" role="note">host-cudf, not a GPU: this shows that the checks run, nothing of a GPU and nothing of speed.</div>` : null}
${engine.reason === null ? null : html`<div class="banner host" role="note">No plans could run: ${engine.reason}</div>`}
<div class="tiles">
${tile(report.ok ? 'passed' : totals.failed > 0 ? 'failed' : 'nothing ran', 'everything that ran', report.ok ? 'good' : 'bad')}
${tile(countText(totals.passed), 'checks passed')}
${tile(countText(totals.failed), 'failed', totals.failed > 0 ? 'bad' : '')}
${tile(countText(totals.notRun), 'could not run')}
${tile(durationText(report.ms), 'whole run')}
</div>
</header>`;
}

function failures({ groups }: VerifyReport): Html | null {
  const bad = groups.filter((g) => g.failed > 0);
  if (bad.length === 0) return null;
  return html`<section><h2>What failed</h2><div class="card">
${bad.map(
  (g) => html`<h3>${TITLES[g.section] ?? g.section}: ${g.name} <span class="bad">${countText(g.failed)}</span></h3>
${g.failures.map((f) => html`<div>${f.name}</div><pre class="message">${f.message}</pre>`)}
${g.failed > g.failures.length ? html`<p class="muted">and ${countText(g.failed - g.failures.length)} more</p>` : null}`,
)}
</div></section>`;
}

const notRunOf = (g: CheckGroup): number => g.notRun.reduce((sum, r) => sum + r.count, 0);

function sectionOf(name: string, groups: readonly CheckGroup[]): Html {
  const reasons = groups.flatMap((g) => g.notRun.map((r) => ({ ...r, group: g.name })));
  const notes = groups.flatMap((g) => g.notes);
  return html`<section><h2>${TITLES[name] ?? name}</h2>
<div class="card scroll"><table>
<tr><th>checks of</th><th class="n">passed</th><th class="n">failed</th><th class="n">not run</th><th class="n">time</th></tr>
${groups.map(
  (g) =>
    html`<tr><td class="name">${g.name}</td><td class="n">${countText(g.passed)}</td><td class="n ${g.failed > 0 ? 'bad' : 'muted'}">${countText(g.failed)}</td><td class="n muted">${countText(notRunOf(g))}</td><td class="n muted">${durationText(g.ms)}</td></tr>`,
)}
</table>
${
  reasons.length === 0
    ? null
    : html`<details ${new Html(reasons.length <= 3 ? 'open' : '')}><summary>Why checks did not run</summary><table>
${reasons.map((r) => html`<tr><td class="n">${countText(r.count)}</td><td>${r.reason}<div class="muted">${r.group}: ${r.examples.join(', ')}${r.count > r.examples.length ? ', …' : ''}</div></td></tr>`)}
</table></details>`
}
${notes.length === 0 ? null : html`<details><summary>What was noted</summary><pre class="message">${notes.join('\n')}</pre></details>`}
</div></section>`;
}

async function bench({ bench: readings, wins, engine }: VerifyReport, draw: Draw | null): Promise<Html | null> {
  if (readings.length === 0) return null;
  const names = [...new Set(readings.map((r) => r.name))];
  if (engine.host)
    return html`<section><h2>Questions of the measurement</h2><p class="muted">Each ran on both engines and gave the same rows: ${names.join(', ')}. No time was taken: host-cudf is not a GPU.</p></section>`;
  const figures: Html[] = [];
  for (const name of draw === null ? [] : names) {
    const spec = timesChart(readings.filter((r) => r.name === name));
    if (spec !== null && draw !== null)
      figures.push(
        html`<figure role="img" aria-label="${name}"><h3>${name}</h3>${new Html(await draw(spec))}<figcaption>${winText(wins.find((w) => w.name === name))}</figcaption></figure>`,
      );
  }
  const ms = (v: number | null): string =>
    v === null ? '–' : v < 1000 ? `${Number(v.toPrecision(3))} ms` : durationText(v);
  const ratio = (r: BenchReading): string =>
    r.cpuMs === null || r.gpuMs === null ? '–' : `${(r.cpuMs / r.gpuMs).toFixed(2)}×`;
  return html`<section><h2>Times</h2>
<p class="muted">Medians of rounds in turn. On the device: rows are there before, the result stays there. Copies are timed by themselves.</p>
${draw === null ? html`<p class="muted">There are no pictures: the package vega is not installed (npm install vega@6).</p>` : html`<div class="grid">${figures}</div>`}
<div class="card scroll" style="margin-top:16px"><table>
<tr><th>question</th><th class="n">rows</th><th class="n">CPU</th><th class="n">GPU</th><th class="n">CPU / GPU</th><th class="n">copy in</th><th class="n">copy out</th><th class="n">in</th><th class="n">out</th></tr>
${readings.map(
  (r) =>
    html`<tr><td class="name">${r.name}</td><td class="n">${countText(r.rows)}</td><td class="n">${ms(r.cpuMs)}</td><td class="n">${ms(r.gpuMs)}</td><td class="n">${ratio(r)}</td><td class="n">${ms(r.uploadMs)}</td><td class="n">${ms(r.downloadMs)}</td><td class="n">${bytesText(r.inputBytes)}</td><td class="n">${bytesText(r.resultBytes)}</td></tr>`,
)}
</table></div></section>`;
}

function winText(win: VerifyReport['wins'][number] | undefined): string {
  const from = (rows: number | null): string => (rows === null ? 'at no size' : `from ${countText(rows)} rows`);
  return win === undefined
    ? ''
    : `The GPU wins ${from(win.residentRows)} on the device, ${from(win.withTransfersRows)} with both copies.`;
}

function facts({ engine, machine, settings }: VerifyReport): Html {
  const rows = (list: readonly { readonly name: string; readonly value: string }[]): Html[] =>
    list.map((f) => html`<tr><td>${f.name}</td><td class="name">${f.value}</td></tr>`);
  const set = Object.entries(settings).map(([name, value]) => ({ name, value: String(value) }));
  return html`<section><h2>Where and how</h2><div class="grid">
<div class="card scroll"><h3>Engine</h3><table>${rows(engine.facts)}</table></div>
<div class="card scroll"><h3>Machine</h3><table>${rows(machine)}</table></div>
<div class="card scroll"><h3>Settings</h3><table>${rows(set)}</table></div>
</div></section>`;
}
