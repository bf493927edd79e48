// warpframe run on the command line.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobProgress } from '../../ts/cli/job-progress.ts';
import { main } from '../../ts/cli/main.ts';
import { fromColumns } from '../../ts/index.ts';

let folder = '';
const at = (name: string): string => path.join(folder, name);
beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-run-'));
  const n = 4000;
  const x = Float64Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898));
  const late = Array.from({ length: n }, (_, i) => (x[i] as number) + 0.8 * Math.sin(i * 78.233) > 0.3);
  await fromColumns({ x, late, told: late.map((v) => (v ? 1 : 0)) }).writeParquet(at('rows.parquet'));
  fs.writeFileSync(
    at('job.yaml'),
    `data:
  trainingPath: ${at('rows.parquet')}
  target: late
  exclude: [told]
models:
  - { type: LogisticRegression }
  - { type: XgbClassifier, params: { nEstimators: 20, engine: wasm } }
evaluation:
  maxPlausibleAuc: 0.95
output:
  folder: ${at('run')}
  report: false
`,
  );
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  let out = '';
  let err = '';
  const code = await main(
    args,
    (t) => (out += t),
    (t) => (err += t),
  );
  return { code, out, err };
}

describe('warpframe run', () => {
  test('prints the models side by side', async () => {
    const { code, out } = await run('run', at('job.yaml'), '--quiet');
    expect(code).toBe(0);
    expect(out).toMatch(/^\n {2}model +rocAuc +prAuc +accuracy /);
    expect(out).toMatch(/LogisticRegression +0\.\d+/);
    expect(out).toMatch(/\* \w+ .*\n/);
    expect(out).toMatch(/Best by rocAuc: /);
    expect(out).toContain(`Model        ${at('run/model.wfm')}`);
    expect(out).toContain('No report: output.report is false.');
  });
  test('fails for a model that has been told the answer', async () => {
    const { code, err } = await run('run', at('job.yaml'), '-q', '--set', 'data.exclude=[]');
    expect(code).toBe(1);
    expect(err).toMatch(
      /^ERR_JOB: The ROC AUC of \w+ is (1\.0000|0\.9\d+), above 0.95 \(.*job.yaml:9: evaluation.maxPlausibleAuc\)/,
    );
    expect(JSON.parse(fs.readFileSync(at('run/status.json'), 'utf8'))).toMatchObject({
      status: 'failed',
      error: { code: 'ERR_JOB' },
    });
    expect(fs.existsSync(at('run/model.wfm'))).toBe(false);
  });
  test('sees the leak whatever metrics are reported', async () => {
    const { code, err } = await run(
      'run',
      at('job.yaml'),
      '-q',
      '--set',
      'data.exclude=[]',
      '--set',
      'evaluation.metrics=[accuracy]',
    );
    expect(code).toBe(1);
    expect(err).toMatch(/^ERR_JOB: The ROC AUC of/);
  });
  test('prints the JSON Schema', async () => {
    const { code, out } = await run('run', '--schema');
    expect(code).toBe(0);
    const schema = JSON.parse(out);
    expect(schema.properties.model.properties.type.enum).toContain('LogisticRegression');
    expect(schema.properties.data.properties).toHaveProperty('training_path');
  });
  test.each([
    [['run'], 1, /Expected one job file but received 0/],
    [['run', 'none.yaml'], 1, /^ERR_FILE_NOT_FOUND: No job file .*none.yaml/],
    [['run', 'job.yaml', '--set', 'model'], 1, /Expected --set key=value/],
    [['run', 'job.yaml', '--wrong'], 2, /Usage: warpframe run JOB.yaml/],
  ])('%s', async (args, code, message) => {
    const result = await run(...args.map((a) => (a.endsWith('.yaml') ? at(a) : a)));
    expect(result.code).toBe(code);
    expect(result.err).toMatch(message);
  });
  test.skipIf(process.platform === 'win32')('is interrupted from the keyboard', async () => {
    const slow = ['--set', 'models.1.params.nEstimators=100000', '--set', 'models.1.params.learningRate=0.0001'];
    const child = spawn(process.execPath, ['--import', 'tsx', 'ts/cli/run.ts', 'run', at('job.yaml'), ...slow]);
    let err = '';
    const ended = new Promise<number | null>((resolve) => child.on('exit', resolve));
    await new Promise<void>((resolve) => {
      child.stderr.on('data', (data: Buffer) => {
        err += String(data);
        // The fourth stage is over: it trains.
        if (err.includes('[4/8]')) resolve();
      });
      void ended.then(() => resolve());
    });
    child.kill('SIGINT');
    expect(await ended, err).toBe(130);
    expect(err).toContain('The job was interrupted');
    expect(JSON.parse(fs.readFileSync(at('run/status.json'), 'utf8'))).toMatchObject({ status: 'aborted' });
    expect(fs.readdirSync(at('run')).sort()).toEqual(['config.yaml', 'environment.json', 'status.json']);
  });
});

test('progress is a bar on a terminal and lines elsewhere', () => {
  const written = (isTTY: boolean): string => {
    let text = '';
    const progress = jobProgress({ isTTY, columns: 60, write: (t) => (text += t) });
    progress.onEvent({ type: 'start', stage: 'load' });
    progress.onEvent({ type: 'progress', stage: 'load', label: 'rows', doneRows: 1000, fraction: null });
    progress.onEvent({ type: 'note', stage: 'train', text: 'a note' });
    progress.onEvent({ type: 'end', stage: 'load', result: { name: 'load', ms: 1234, rows: 5000, memoryBytes: 2e8 } });
    progress.end();
    return text;
  };
  expect(
    written(false)
      .split('\n')
      .map((l) => l.trim()),
  ).toEqual(['a note', '[1/8] load         1.23 s        5,000 rows   200.0 MB', '']);
  const live = written(true);
  expect(live).toContain('\r\u001b[2K[1/8] load');
  expect(live).toContain('░░░');
  expect(live.endsWith('200.0 MB\n')).toBe(true);
});
