// Plans on backend cuda where a column holds few rows (HOSTCUDF_MAX_ROWS) or memory is short: the rows of the CPU engine, or
// a typed error. Prints which, by name.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { concat, type DataFrame, fromColumns, fromRecords, Int32, readParquet, when } from '../../ts/index.ts';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-limits-'));
const file = path.join(folder, 'rows.parquet');
const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i);
const frameOf = (n: number): DataFrame<any> =>
  fromColumns({
    i: numbers(n),
    k: numbers(n).map((i) => i % 8),
    s: numbers(n).map((i) => (i % 5 === 0 ? null : `text number ${i % 100}`)),
  }) as never;
const all = frameOf(25_000);
await all.writeParquet(file, { engine: 'cpu', rowGroupRows: 5000 } as never);
const rows = frameOf(8000);
const lists = fromRecords(numbers(8000).map((i) => ({ i, l: [i, i + 1] }))) as DataFrame<any>;
const scanned = (await readParquet(file)) as unknown as DataFrame<any>;

const plans: Record<string, DataFrame<any>> = {
  'rows of the host': all,
  'few rows': rows.filter((c: any) => c.k.eq(3)),
  groups: rows.groupBy('k').agg({ n: (c: any) => c.i.sum(), s: (c: any) => c.s.max() } as never),
  'rows below one another': concat([rows, rows] as never),
  'rows that meet many': rows.join(rows.rename({ i: 'j', s: 't' } as never), { on: 'k' } as never) as never,
  'all pairs': rows.join(rows.head(10).rename({ i: 'j', k: 'l', s: 't' } as never), { how: 'cross' } as never) as never,
  'all but a few pairs': rows
    .head(100)
    .join(rows.head(90).rename({ i: 'j', k: 'l', s: 't' } as never), { how: 'cross' } as never) as never,
  lists: lists,
  'a file': scanned,
  'the first rows of a file': scanned.head(7000),
  'some rows of a file': scanned.filter((c: any) => c.i.lt(4000)),
  'groups of some rows of a file': scanned
    .filter((c: any) => c.i.lt(4000))
    .select({ k: (c: any) => c.k, j: (c: any) => c.i.mul(2) } as never)
    .groupBy('k' as never)
    .agg({ n: (c: any) => c.j.sum() } as never) as never,
  'groups of a file': scanned.groupBy('k').agg({ n: (c: any) => c.i.sum(), s: (c: any) => c.s.max() } as never),
  'figures of a file': scanned.select({ n: (c: any) => c.i.mean(), s: (c: any) => c.s.count() } as never),
  'many groups of a file': scanned
    .groupBy({ g: (c: any) => c.i.mod(4999) } as never)
    .agg({ s: (c: any) => c.s.first(), n: (c: any) => c.i.max() } as never) as never,
  'a group a row of a file': scanned.groupBy('i').agg({ s: (c: any) => c.s.last() } as never),
  'first of some rows of a file': scanned.filter((c: any) => c.k.ne(3)).slice(9000, 6000),
  'groups of the first of some rows of a file': scanned
    .filter((c: any) => c.k.ne(3))
    .slice(500, 20_000)
    .groupBy('k')
    .agg({ n: (c: any) => c.i.sum() } as never),
  'rows of a file that meet few': scanned.join(
    rows.head(1).select({ k: (c: any) => c.k, t: (c: any) => c.i } as never) as never,
    { on: 'k' } as never,
  ) as never,
  'groups of rows of a file that meet some': scanned
    .join(rows.head(6).select({ k: (c: any) => c.k, t: (c: any) => c.i } as never) as never, { on: 'k' } as never)
    .groupBy('t' as never)
    .agg({ n: (c: any) => c.i.sum(), s: (c: any) => c.s.min() } as never) as never,
  'one more than fits of a file': scanned.filter((c: any) => c.k.ne(3)).head(10_001),
  'chosen columns of a file': scanned.select({ x: (c: any) => c.i.mul(2) } as never),
};

const textOf = (records: readonly object[]): string =>
  records
    .map((r) => JSON.stringify(r, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)))
    .sort()
    .join('\n');
const outcomes: Record<string, string> = {};
async function outcome(name: string, wanted: string, run: () => Promise<string>): Promise<void> {
  try {
    outcomes[name] = (await run()) === wanted ? 'equal' : 'different';
  } catch (error) {
    outcomes[name] = (error as { code?: string }).code ?? String(error);
  }
}
const collected = async (df: DataFrame<any>, options: object): Promise<string> => {
  using table = await df.collect(options as never);
  return textOf(table.toRecords());
};
const streamed = async (df: DataFrame<any>, options: object): Promise<string> => {
  const records: object[] = [];
  for await (const batch of df.batches(options as never)) records.push(...batch.toRecords());
  return textOf(records);
};

const limits = process.argv.slice(2).map(Number);
for (const [name, df] of Object.entries(plans)) {
  const many = name === 'rows that meet many';
  const wanted = many ? '' : await collected(df, { engine: 'cpu' });
  if (limits.length === 0) {
    await outcome(name, wanted, () => collected(df, { engine: 'cuda' }));
    await outcome(`${name}, streamed`, wanted, () => streamed(df, { engine: 'cuda' }));
  }
  for (const memoryLimitBytes of many ? [] : limits) {
    await outcome(`${name} in ${memoryLimitBytes}`, wanted, () => collected(df, { engine: 'cuda', memoryLimitBytes }));
    await outcome(`${name} in ${memoryLimitBytes}, streamed`, wanted, () =>
      streamed(df, { engine: 'cuda', memoryLimitBytes }),
    );
  }
}
// The row of an error is one of the whole plan, whatever part it comes in.
const messageOf = async (options: object): Promise<string> => {
  const text = (c: any) => when(c.i.eq(18_123)).then('bad').otherwise('1').cast(Int32);
  const plan = scanned.filter((c: any) => c.i.ge(3)).select({ x: text } as never);
  return streamed(plan as never, options).catch((error) => error.message as string);
};
const message = await messageOf({ engine: 'cpu' });
outcomes['the row of an error'] = message.includes('in row 18120 of') ? 'equal' : message;
for (const memoryLimitBytes of limits.filter((n) => n >= 1_000_000)) {
  const got = await messageOf({ engine: 'cuda', memoryLimitBytes });
  outcomes[`the row of an error in ${memoryLimitBytes}`] = got.includes('in row 18120 of') ? 'equal' : got;
}
fs.rmSync(folder, { recursive: true });
console.log(JSON.stringify(outcomes));
