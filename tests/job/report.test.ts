// The report: one page without requests, whatever the data is called; and no page without vega.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { fromColumns, runJob } from '../../ts/index.ts';
import { loadVega } from '../../ts/report/chart.ts';
import { confusionChart, unitCurves } from '../../ts/report/charts.ts';
import { escapeHtml, html } from '../../ts/report/html.ts';
import { bytesText, durationText, numberText } from '../../ts/report/numbers.ts';

let folder = '';
const at = (name: string): string => path.join(folder, name);
const EVIL = '</script><img src=x onerror=alert(1)>"\'&';
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-report-'));
  const n = 600;
  const noise = (i: number): number =>
    Math.sin(i * 12.9898) * 43758.5453 - Math.floor(Math.sin(i * 12.9898) * 43758.5453);
  const x = Float64Array.from({ length: n }, (_, i) => noise(i));
  const z = Float64Array.from({ length: n }, (_, i) => noise(i + 5000));
  await fromColumns({
    x,
    [EVIL]: z,
    two: Array.from({ length: n }, (_, i) => ((x[i] as number) + 0.3 * noise(i + 9000) > 0.6 ? EVIL : 'no')),
    three: Array.from({ length: n }, (_, i) => `class ${Math.floor((x[i] as number) * 3)}`),
    y: x.map((v, i) => 10 * v + (z[i] as number)),
  }).writeParquet(at('rows.parquet'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function page(target: string, model: object, more: object = {}): Promise<string> {
  const result = await runJob({
    name: `job ${EVIL}`,
    domain: EVIL,
    data: {
      trainingPath: at('rows.parquet'),
      target,
      exclude: ['two', 'three', 'y'].filter((c) => c !== target),
      ...more,
    },
    model: { name: `model ${EVIL}`, ...model } as never,
    output: { folder: at('run') },
  });
  expect(result.report).toEqual({ path: at('run/report.html') });
  return fs.readFileSync(at('run/report.html'), 'utf8');
}

/** Nothing in the page may load or run anything. */
function checkSafe(text: string): void {
  // What is found, rather than the page, is what a failure prints.
  const found = (pattern: RegExp, of = text): string | undefined => pattern.exec(of)?.[0];
  expect(text.slice(0, 15)).toBe('<!doctype html>');
  expect(found(/<script|<img|<link|<iframe|<object|<embed|@import/i)).toBeUndefined();
  // Attributes that run something, outside of quoted values.
  expect(found(/<[^>]*\son\w+=/i, text.replaceAll(/"[^"]*"/g, '""'))).toBeUndefined();
  // No address but the names of namespaces.
  const addresses = [...text.matchAll(/https?:\/\/[^\s"'<)]+/g)].map(([a]) => a);
  expect(addresses.filter((a) => !a.startsWith('http://www.w3.org/'))).toEqual([]);
  expect(found(/url\(\s*['"]?(?!#)/)).toBeUndefined();
  for (const part of [
    '&lt;/script&gt;&lt;img src=x onerror=alert(1)&gt;',
    "default-src 'none'",
    'prefers-color-scheme: dark',
    'name="viewport"',
  ])
    expect(text.includes(part), part).toBe(true);
  // Every tag that a text could have opened is closed again.
  const count = (tag: string) =>
    (text.match(new RegExp(`<${tag}[\\s>]`, 'g')) ?? []).length -
    (text.match(new RegExp(`</${tag}>`, 'g')) ?? []).length;
  for (const tag of ['div', 'section', 'figure', 'table', 'tr', 'td', 'th', 'svg', 'g', 'text'])
    expect([tag, count(tag)]).toEqual([tag, 0]);
}

test('of a classifier of two classes', async () => {
  const text = await page('two', { type: 'LogisticRegression', scale: 'standard' });
  checkSafe(text);
  for (const title of [
    'ROC curve',
    'Precision and recall',
    'Calibration',
    'Confusion matrix',
    'Importance of features',
    'Stages',
    'Prediction',
  ])
    expect(text.includes(`<h3>${title}`)).toBe(true);
  expect(text.includes('ROC AUC')).toBe(true);
});
test('of a classifier of three classes', async () => {
  const text = await page('three', { type: 'LogisticRegression' });
  checkSafe(text);
  expect(text.includes('class 2')).toBe(true);
  expect(text.includes('<h3>Calibration')).toBe(false);
});
test('of a regressor', async () => {
  const text = await page('y', { type: 'LinearRegression' });
  checkSafe(text);
  for (const title of ['Predicted and actual', 'Residuals']) expect(text.includes(`<h3>${title}`)).toBe(true);
});
test('of boosting that stops early', async () => {
  const result = await runJob({
    data: { trainingPath: at('rows.parquet'), target: 'two', exclude: ['three', 'y'], validationSplit: 0.25 },
    model: { type: 'XgbClassifier', params: { nEstimators: 300, learningRate: 0.5, engine: 'wasm' } },
    training: { earlyStoppingPatience: 3 },
    output: { folder: at('run') },
  });
  expect(result.models[0]?.stoppedEarly).toBe(true);
  const text = fs.readFileSync(at('run/report.html'), 'utf8');
  expect(text.includes('<h3>Learning curve')).toBe(true);
  expect(text.includes('logloss')).toBe(true);
});
test('without vega the job ends well and says how to get the page', async () => {
  // What the import of a package that is not installed does.
  vi.doMock('vega', () => {
    throw Object.assign(new Error("Cannot find package 'vega'"), { code: 'ERR_MODULE_NOT_FOUND' });
  });
  try {
    const result = await runJob({
      data: { trainingPath: at('rows.parquet'), target: 'y', exclude: ['two', 'three'] },
      model: { type: 'LinearRegression' },
      output: { folder: at('bare') },
    });
    expect(result.report).toEqual({ skipped: expect.stringMatching(/needs the package vega.*npm install vega@6/) });
    expect(JSON.parse(fs.readFileSync(at('bare/metrics.json'), 'utf8')).report).toEqual(result.report);
    expect(fs.existsSync(at('bare/report.html'))).toBe(false);
    await expect(loadVega()).rejects.toMatchObject({ code: 'ERR_MISSING_DEPENDENCY' });
  } finally {
    vi.doUnmock('vega');
  }
});
test('a picture says what it was given', async () => {
  const draw = await loadVega();
  const svg = await draw(
    confusionChart(
      ['a', 'b'],
      [
        [90, 10],
        [30, 70],
      ],
    ),
  );
  for (const text of ['90.0%', '10.0%', '30.0%', '70.0%', 'predicted', 'actual']) expect(svg).toContain(text);
  const curve = await draw(
    unitCurves(
      [
        {
          label: 'm',
          points: [
            [0, 0],
            [0.5, 1],
            [1, 1],
          ],
        },
      ],
      'x',
      'y',
      null,
    ),
  );
  expect(curve).toMatch(/d="M0,215L135,0L270,0"/);
  expect(curve).not.toMatch(/<svg[^>]*\swidth="/);
});
test('numbers as people read them', () => {
  expect([0, 0.00001, 0.123456, 12.3456, 12345.6, 1e15, Number.NaN, null].map(numberText)).toEqual([
    ...['0', '1.00e-5', '0.1235', '12.35', '12,346', '1.000e+15', 'NaN', '–'],
  ]);
  expect([0.5, 12.4, 3421, 125_000].map(durationText)).toEqual(['0.5 ms', '12 ms', '3.42 s', '2 min 5 s']);
  expect([12, 64_000_000].map(bytesText)).toEqual(['12 B', '64.0 MB']);
  expect(escapeHtml('<a b="c">&\u0000\u0007')).toBe('&lt;a b=&quot;c&quot;&gt;&amp;');
  expect(html`<b>${'<'}</b>${[html`<i>`, 1, null]}`.text).toBe('<b>&lt;</b><i>1');
});
