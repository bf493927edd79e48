// Training on a Parquet file that is streamed: 1e7 rows × 10 features under a limit of 4 GB for the whole process.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import * as wf from '../../ts/index.ts';
import { hasLibxgboost } from '../../ts/ml/boosting/libxgboost-engine.ts';
import * as ml from '../../ts/ml/index.ts';

const ROWS = 10_000_000;
const FEATURES = 10;
const LIMIT = 4_000_000_000;

const MODELS: Readonly<Record<string, () => { fitAny(rows: any, target: any, options: any): Promise<any> }>> = {
  LinearRegression: () => new ml.LinearRegression(),
  Ridge: () => new ml.Ridge(),
  XgbRegressor: () => new ml.XgbRegressor({ nEstimators: 10, maxDepth: 6, randomState: 1, engine: 'wasm' }),
  'XgbRegressor libxgboost': () =>
    new ml.XgbRegressor({ nEstimators: 10, maxDepth: 6, randomState: 1, engine: 'libxgboost' }),
};

export interface StreamReport {
  readonly name: string;
  readonly rows: number;
  readonly features: number;
  readonly ms: number;
  /** The most that the process had resident. */
  readonly peakBytes: number;
  readonly limitBytes: number;
  readonly fileBytes: number;
  readonly r2: number;
}

/** Writes y = x·w + a little noise, in batches, if the file is not there. */
async function ensureFile(path: string, rows: number): Promise<void> {
  if (fs.existsSync(path)) return;
  const n = 500_000;
  const parts: wf.DataFrame<any>[] = [];
  for (let start = 0; start < rows; start += n) parts.push(wf.fromColumns(chunk(start, Math.min(n, rows - start))));
  await wf.concat(parts).writeParquet(path, { compression: 'none' } as never);
}
function chunk(start: number, n: number): Record<string, Float64Array> {
  let s = (start + 12345) >>> 0;
  const random = (): number => {
    s ^= s << 13;
    s ^= s >>> 17;
    s ^= s << 5;
    return (s >>> 0) / 4294967296 - 0.5;
  };
  const columns: Record<string, Float64Array> = {};
  const y = new Float64Array(n);
  for (let j = 0; j < FEATURES; j++) {
    const x = new Float64Array(n);
    for (let i = 0; i < n; i++) {
      x[i] = random();
      y[i]! += x[i]! * (j + 1) + (j === 0 ? random() : 0);
    }
    columns[`x${j}`] = x;
  }
  return { ...columns, y };
}

/** Runs each model in a process of its own. */
export async function streamTasks(folder: string, scale: number, threads: number): Promise<StreamReport[]> {
  const rows = Math.round(ROWS * scale);
  fs.mkdirSync(folder, { recursive: true });
  const file = `${folder}/stream${rows}.parquet`;
  await ensureFile(file, rows);
  const reports: StreamReport[] = [];
  const names = Object.keys(MODELS);
  const without = (await hasLibxgboost()) ? [] : names.filter((n) => n.includes('libxgboost'));
  for (const name of without) console.log(`stream ${name}: libxgboost is not there`);
  for (const name of names.filter((n) => !without.includes(n))) {
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--import', 'tsx', import.meta.filename, name, file],
      {
        encoding: 'utf8',
        env: { ...process.env, WARPFRAME_THREADS: `${threads}`, WARPFRAME_MEMORY_LIMIT_BYTES: `${LIMIT}` },
      },
    );
    if (status !== 0) {
      console.error(`stream ${name}: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
      process.exitCode = 1;
      continue;
    }
    const report: StreamReport = { rows, features: FEATURES, ...JSON.parse(stdout.trim().split('\n').at(-1)!) };
    reports.push(report);
    console.log(
      `stream ${name}, ${rows.toExponential(0)} × ${FEATURES}: ${(report.ms / 1000).toFixed(1)} s, peak ${(report.peakBytes / 1e6).toFixed(0)} MB of ${LIMIT / 1e6} MB, R² ${report.r2.toFixed(4)}`,
    );
    if (report.peakBytes > LIMIT) process.exitCode = 1;
  }
  return reports;
}

/** The child: one fit of a file. */
async function fitFile(name: string, file: string): Promise<void> {
  const frame = await wf.readParquet(file);
  const started = performance.now();
  const model = await MODELS[name]!().fitAny(frame, 'y', {});
  const ms = performance.now() - started;
  const peakBytes = Number(/VmHWM:\s+(\d+)/.exec(fs.readFileSync('/proc/self/status', 'utf8'))![1]) * 1024;
  const metrics = await model.evaluate(frame.head(200_000), 'y');
  const fileBytes = fs.statSync(file).size;
  console.log(JSON.stringify({ name, ms, peakBytes, limitBytes: LIMIT, fileBytes, r2: metrics.r2 }));
  process.exit(0);
}
if (process.argv[1] === import.meta.filename) await fitFile(process.argv[2]!, process.argv[3]!);
