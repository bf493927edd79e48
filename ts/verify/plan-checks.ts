// Whole plans on both engines: columns of every dtype up and down, every node, files, batches, several at a time.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CudaBackend } from '../backend/cuda/cuda-backend.ts';
import { concat } from '../frame/dataframe.ts';
import { readArrow, readCsv, readJsonl, readParquet } from '../frame/read.ts';
import { type LogicalType, typeText } from '../schema/types.ts';
import { type Frame, type Frames, framesOf } from './cases/frames.ts';
import type { Columns } from './cases/nodes.ts';
import { datetimeType, decimalType, durationType, T } from './cases/nodes.ts';
import { PLAN_CASES } from './cases/plan-cases.ts';
import { random, samples } from './cases/samples.ts';
import { type Check, failed, notRun, type Outcome, PASSED, passed, type VerifySettings } from './check.ts';
import { batchOf } from './column-of.ts';
import { differenceOf, valuesOfBatch } from './compare.ts';
import { collectedOn, SUMS, sameOnBoth } from './compare-frames.ts';
import { openedCuda, RUN } from './opened.ts';

const DTYPES: readonly LogicalType[] = [
  ...Object.values(T),
  decimalType(9, 2),
  decimalType(18, 4),
  decimalType(38, 6),
  datetimeType('ms'),
  datetimeType('us', 'Europe/Berlin'),
  datetimeType('ns', 'UTC'),
  durationType('ms'),
  durationType('ns'),
];
/** Where bitmaps and loops end: around bytes, words, and the most rows of a call of the CPU's kernels. */
const LENGTHS = [0, 1, 7, 8, 9, 31, 33, 1000];
const LONG = 65_537;

async function upAndDown(cuda: CudaBackend, type: LogicalType, long: number): Promise<Outcome> {
  const next = random(3);
  for (const [length, shares] of [...LENGTHS.map((n) => [n, [0, 0.2, 1]] as const), [long, [0.2]] as const])
    for (const nulls of shares) {
      const values = type.dtype === 'Null' ? new Array<null>(length).fill(null) : samples(type, length, next, nulls);
      const columns: Columns = { a: { type, values } };
      const batch = batchOf(columns);
      const table = await cuda.upload([batch], batch.schema, RUN);
      try {
        await table.prefetch(undefined, RUN);
        const different = differenceOf(valuesOfBatch(table.toHost()), valuesOfBatch(batch));
        if (different !== null) return failed(`${length} rows, ${nulls * 100} % null: ${different}`);
      } finally {
        cuda.release(table);
      }
    }
  return PASSED;
}

async function files(frames: Frames, folder: string): Promise<Check[]> {
  const plain = frames.facts.drop('c', 'at');
  const at = (name: string): string => path.join(folder, name);
  await plain.writeParquet(at('cpu.parquet'), { engine: 'cpu' });
  await plain.writeCsv(at('cpu.csv'), { engine: 'cpu' });
  await plain.writeJsonl(at('cpu.jsonl'), { engine: 'cpu' });
  await plain.writeArrow(at('cpu.arrow'), { engine: 'cpu' });
  const group = 'files';
  const scans: [string, () => Promise<Frame>][] = [
    ['Parquet', () => readParquet(at('cpu.parquet'))],
    ['CSV', () => readCsv(at('cpu.csv'))],
    ['JSON Lines', () => readJsonl(at('cpu.jsonl'))],
    ['Arrow', () => readArrow(at('cpu.arrow'))],
  ];
  const reading = scans.flatMap(([name, open]): Check[] => [
    { group, name: `read ${name}`, run: async () => sameOnBoth(await open(), true) },
    {
      group,
      name: `read some of ${name}`,
      run: async () => sameOnBoth((await open()).filter((c: any) => c.key.lt(5)).select('id', 's', 'y'), true),
    },
  ]);
  const written = async (write: () => Promise<number>, read: () => Promise<Frame>): Promise<Outcome> => {
    await write();
    const got = await collectedOn(await read(), 'cpu');
    const wanted = await collectedOn(plain, 'cpu');
    if ('code' in got || 'code' in wanted) return failed(JSON.stringify([got, wanted]));
    const different = differenceOf(got.rows, wanted.rows, { tolerance: SUMS });
    return different === null ? PASSED : failed(different);
  };
  const parquet = at('cuda.parquet');
  return [
    ...reading,
    {
      group,
      name: 'write Parquet',
      run: () =>
        written(
          () => plain.writeParquet(parquet, { engine: 'cuda' }),
          () => readParquet(parquet),
        ),
    },
  ];
}

/** All batches of a stream, as one table. */
async function streamed(df: Frame): Promise<Outcome> {
  const rows: object[] = [];
  let batches = 0;
  for await (const batch of df.batches({ engine: 'cuda' })) {
    rows.push(...batch.toRecords());
    batches++;
  }
  using all = await df.collect({ engine: 'cpu' });
  const text = (list: readonly object[]): string =>
    JSON.stringify(list, (_, v) => (typeof v === 'bigint' ? `${v}n` : v));
  return text(rows) === text(all.toRecords()) ? passed(`${batches} batches`) : failed('the rows differ');
}

/** Several queries at the same time, from one process. */
async function together(frames: Frames): Promise<Outcome> {
  const queries = [0, 1, 2, 3, 4, 5, 6, 7].map((k) =>
    frames.facts.filter((c: any) => c.key.mod(8).eq(k)).select('id', 'x', 's'),
  );
  const results = await Promise.all(queries.map((q) => collectedOn(q, 'cuda')));
  for (const [k, query] of queries.entries()) {
    const [got, wanted] = [results[k]!, await collectedOn(query, 'cpu')];
    if ('code' in got || 'code' in wanted) return failed(JSON.stringify(got));
    const different = differenceOf(got.rows, wanted.rows);
    if (different !== null) return failed(`query ${k}: ${different}`);
  }
  return PASSED;
}

async function cached(frames: Frames): Promise<Outcome> {
  const kept = await frames.facts.filter((c: any) => c.x.gt(0)).cache({ engine: 'cuda' });
  const first = await sameOnBoth(kept, true);
  return first.status === 'passed'
    ? sameOnBoth(
        concat([kept, kept])
          .groupBy('few')
          .agg({ n: (c: any) => c.id.count() }),
        false,
      )
    : first;
}

/** Rows of what goes through rows of JavaScript. */
const MOST_RECORDS = 20_000;

export async function* planChecks({ rows }: VerifySettings): AsyncGenerator<Check> {
  const opened = await openedCuda();
  if (!('cuda' in opened)) {
    yield { group: 'plans', name: 'all', run: () => notRun(opened.reason) };
    return;
  }
  const cuda: CudaBackend = opened.cuda;
  for (const type of DTYPES)
    yield {
      group: 'columns up and down',
      name: typeText(type),
      run: () => upAndDown(cuda, type, Math.min(LONG, rows)),
    };
  const frames = framesOf(rows);
  for (const { group, name, ordered, frame } of PLAN_CASES)
    yield { group, name, run: () => sameOnBoth(frame(frames), ordered) };
  const group = 'ends of a plan';
  yield { group, name: 'batches', run: () => streamed(frames.facts.head(MOST_RECORDS).select('id', 'x', 's')) };
  yield { group, name: 'a table that stays', run: () => cached(frames) };
  yield { group, name: 'eight at a time', run: () => together(frames) };
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-verify-'));
  try {
    yield* await files(frames, folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}
