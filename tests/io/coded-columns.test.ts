// Strings that Parquet files store as codes stay codes in a table. Nobody may notice: the same values as a plain table does
// the same in every query, whatever the pages, row groups and threads were.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import {
  Categorical,
  concat,
  type DataFrame,
  fromColumns,
  Int32,
  len,
  nullable,
  readParquet,
  Utf8,
  when,
} from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { tuneEngine } from '../support/tuning.ts';

type Frame = DataFrame<any>;
type Cols = any;
type Word = string | null;
interface Values {
  readonly i: Int32Array;
  readonly [name: string]: Int32Array | readonly Word[];
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-coded-'));
const small = { ...DEFAULT_TUNING, minRows: 1, pieceRows: 320 };
beforeAll(() => tuneEngine(small));
afterAll(async () => {
  await tuneEngine(DEFAULT_TUNING);
  fs.rmSync(folder, { recursive: true, force: true });
});

const ROWS = 3000;
const GROUP = 500;

/** Columns whose dictionaries differ from row group to row group, are empty, or are too long to be of use. */
function valuesOf(seed: number, rows = ROWS): Values {
  const r = drawer(seed);
  const below = (n: number): number => Math.floor(r() * n);
  const make = (value: (row: number, group: number) => Word): Word[] =>
    Array.from({ length: rows }, (_, row) => value(row, Math.floor(row / GROUP)));
  const long = 'a word of more than twelve bytes, ';
  return {
    i: Int32Array.from({ length: rows }, (_, row) => row),
    few: make((_, g) => (r() < 0.1 ? null : `w${below(12) + g * 5}`)),
    full: make(() => `${['', 'é', long, 'b', 'of twelve by'][below(5)]}`),
    long: make((_, g) => (r() < 0.3 ? null : long + (below(15) + g))),
    none: make(() => null),
    // Row groups of nulls only between others.
    some: make((_, g) => (g % 2 === 0 || r() < 0.2 ? null : `s${below(20)}`)),
    runs: make((row) => (row % 700 < 400 ? 'one' : row % 700 < 500 ? null : 'two')),
    // What begins with few words and goes on with others leaves its dictionary.
    late: make((row) => (row % GROUP < 300 ? `early ${below(8)}` : `late and never again ${row}`)),
    own: make((row) => `only here ${row}`),
  };
}

/** With every dtype told: of nothing but nulls it would be another one, which is not placed. */
const plainOf = (values: Values): Frame => {
  const schema = Object.fromEntries(Object.keys(values).map((name) => [name, name === 'i' ? Int32 : nullable(Utf8)]));
  return fromColumns(values as never, { schema } as never) as unknown as Frame;
};

/** Says of all pages that they hold codes, as a file may that does not tell which ones do not. */
function hideFallbacks(file: string): void {
  const bytes = fs.readFileSync(file);
  const footer = bytes.length - 8 - bytes.readUInt32LE(bytes.length - 8);
  // PageEncodingStats { page_type: 0, encoding: 0, count … } → encoding 8
  const plain = Buffer.from([0x15, 0x00, 0x15, 0x00, 0x15]);
  let found = 0;
  for (let at = bytes.indexOf(plain, footer); at >= 0; at = bytes.indexOf(plain, at + 1), found++) bytes[at + 3] = 0x10;
  expect(found).toBeGreaterThan(0);
  fs.writeFileSync(file, bytes);
}

const sizeOf = async (df: Frame, threads: number): Promise<number> => {
  using table = await df.collect({ threads });
  return table.sizeBytes;
};

let files = 0;
async function fileOf(values: Values, options: object): Promise<string> {
  const file = path.join(folder, `${files++}.parquet`);
  await plainOf(values).writeParquet(file, options);
  return file;
}

/** Queries over a table, an equal frame and another table. */
const QUERIES: Record<string, (df: Frame, other: Frame) => Frame> = {
  'all columns': (df) => df,
  'a group by': (df) =>
    df
      .groupBy('few')
      .agg({ n: len(), s: (c: Cols) => c.i.sum() })
      .sort('few'),
  'a group by many': (df) =>
    df
      .groupBy('few', 'full', 'some', 'runs')
      .agg({ n: len(), s: (c: Cols) => c.late.max(), f: (c: Cols) => c.long.min() })
      .sort('few', 'full', 'some', 'runs'),
  'aggregates of strings': (df) =>
    df
      .groupBy('full')
      .agg({
        a: (c: Cols) => c.few.nUnique(),
        b: (c: Cols) => c.long.first(),
        c: (c: Cols) => c.late.last(),
        d: (c: Cols) => c.some.max(),
        e: (c: Cols) => c.none.count(),
        f: (c: Cols) => c.own.min(),
        g: (c: Cols) => c.runs.mode(),
      })
      .sort('full'),
  'aggregates of all': (df) =>
    df.select({
      a: (c: Cols) => c.few.nUnique(),
      b: (c: Cols) => c.long.min(),
      c: (c: Cols) => c.late.max(),
      n: len(),
    }),
  'rows of one word': (df) => df.filter((c: Cols) => c.few.eq('w12')),
  'rows of other words': (df) => df.filter((c: Cols) => c.few.ne('w12').and(c.full.gt('b'))),
  'rows of some words': (df) => df.filter((c: Cols) => c.few.isIn(['w3', 'w9', 'w99', 'x'])),
  'rows without a word': (df) => df.filter((c: Cols) => c.few.isNull().or(c.runs.isNull())),
  'columns compared': (df) =>
    df.select({ i: (c: Cols) => c.i, e: (c: Cols) => c.few.lt(c.some), f: (c: Cols) => c.late.eq(c.own) }),
  'an order': (df) => df.sort({ by: 'long', descending: true }, 'few', 'i'),
  'an order of late words': (df) => df.sort('late', 'i').head(3000),
  'the first ten': (df) => df.sort('few', 'i').head(10),
  'a slice': (df) => df.slice(333, 2000),
  'the last rows': (df) => df.tail(77),
  'unique rows': (df) => df.unique({ subset: ['few', 'runs'], keep: 'first', maintainOrder: true }),
  functions: (df) =>
    df.select({
      u: (c: Cols) => c.few.str.toUpperCase(),
      n: (c: Cols) => c.long.str.lenChars(),
      p: (c: Cols) => c.late.str.startsWith('late'),
      s: (c: Cols) => c.own.str.slice(5, 3),
      r: (c: Cols) => c.full.str.replace('a', '<>'),
      k: (c: Cols) => c.few.cast(Categorical).cast(Utf8),
      w: (c: Cols) => when(c.i.mod(3).eq(0)).then(c.few).otherwise(c.late),
      f: (c: Cols) => c.some.fillNull('none'),
    }),
  'a window': (df) =>
    df.select({
      i: (c: Cols) => c.i,
      a: (c: Cols) => c.few.first().over(c.runs),
      b: (c: Cols) => c.i.sum().over(c.few),
      c: (c: Cols) => c.long.shift(3),
    }),
  'an inner join': (df, other) => df.join(other.select('few', 'j').head(120), { on: 'few' }).sort('i', 'j'),
  'a join on two columns': (df, other) =>
    df.join(other.select('few', 'full', 'j', 'long'), { on: ['few', 'full'], how: 'left' }).sort('i', 'j'),
  'a join to the right': (df, other) =>
    df
      .tail(900)
      .join(other.select('few', 'j', 'some'), { on: 'few', how: 'right' })
      .sort('j', 'i'),
  'a full join': (df, other) =>
    df
      .slice(200, 400)
      .join(other.select('late', 'j', 'runs'), { on: 'late', how: 'full' })
      .sort('i', 'j'),
  'a join on numbers': (df, other) => df.join(other, { on: { i: 'j' }, suffix: '_other' }).sort('i'),
  'rows with a partner': (df, other) => df.join(other, { on: 'long', how: 'semi' }),
  'rows without a partner': (df, other) => df.join(other, { on: ['few', 'some'], how: 'anti' }),
  'rows that a partner kept': (df, other) => other.join(df, { on: 'few', how: 'semi' }),
};

const recordsOf = async (df: Frame, threads: number): Promise<string[]> => {
  using table = await df.collect({ threads });
  return table.toRecords().map((row) => JSON.stringify(row, (_, v) => (typeof v === 'bigint' ? `${v}n` : v)));
};

const WRITES: Record<string, { readonly options: object; readonly hides?: true }> = {
  'small dictionaries': { options: { rowGroupRows: GROUP } },
  'small pages': { options: { rowGroupRows: GROUP, dataPageBytes: 300 } },
  'pages that leave their dictionary': {
    options: { rowGroupRows: GROUP, dataPageBytes: 500, dictionary: 600 },
  },
  'pages that leave it unsaid': {
    options: { rowGroupRows: GROUP, dataPageBytes: 500, dictionary: 600 },
    hides: true,
  },
  'groups of another size': { options: { rowGroupRows: 777, compression: 'zstd' } },
  'one row group': { options: {} },
};

describe.each(Object.entries(WRITES))('%s', (_, { options, hides }) => {
  const values = valuesOf(7);
  const others = valuesOf(8, 600);
  let file = '';
  let plain: Frame;
  let plainOther: Frame;
  /** The tables of a number of threads. */
  const tables: { threads: number; df: Frame; other: Frame }[] = [];
  const otherOf = (df: Frame): Frame => df.rename({ i: 'j' }) as Frame;
  beforeAll(async () => {
    file = await fileOf(values, options);
    const otherFile = await fileOf(others, { ...options, rowGroupRows: 300 });
    if (hides) for (const f of [file, otherFile]) hideFallbacks(f);
    plain = (await plainOf(values).cache()) as Frame;
    plainOther = otherOf((await plainOf(others).cache()) as Frame);
    const cached = async (f: string, threads: number): Promise<Frame> =>
      (await ((await readParquet(f)) as unknown as Frame).cache({ threads })) as Frame;
    for (const threads of [1, 2])
      tables.push({ threads, df: await cached(file, threads), other: otherOf(await cached(otherFile, threads)) });
  });

  test.each(Object.keys(QUERIES))('%s', async (name) => {
    const query = QUERIES[name]!;
    const expected = await recordsOf(query(plain, plainOther), 1);
    for (const { threads, df, other } of tables)
      for (const [a, b] of [
        [df, other],
        [df, plainOther],
        [plain, other],
      ] as const) {
        const got = await recordsOf(query(a, b), threads);
        expect(got.length).toBe(expected.length);
        const at = got.findIndex((text, i) => text !== expected[i]);
        expect(at < 0 ? null : [at, got[at]]).toEqual(at < 0 ? null : [at, expected[at]]);
      }
  }, 60_000);

  test('tables one below the other, and side by side', async () => {
    for (const { threads, df } of tables) {
      const both = concat([df, plain, df.filter((c: Cols) => c.few.eq('w9'))] as never) as unknown as Frame;
      const wanted = concat([plain, plain, plain.filter((c: Cols) => c.few.eq('w9'))] as never) as unknown as Frame;
      expect(await recordsOf(both, threads)).toEqual(await recordsOf(wanted, 1));
      const beside = concat(
        [df.select('few', 'late'), plain.select('i', 'long')] as never,
        { how: 'horizontal' } as never,
      );
      expect(await recordsOf(beside as unknown as Frame, threads)).toEqual(
        await recordsOf(plain.select('few', 'late', 'i', 'long'), 1),
      );
    }
  });

  test('what is written of it', async () => {
    const { df } = tables[1]!;
    const written = async (
      from: Frame,
      write: 'writeCsv' | 'writeJsonl' | 'writeArrow' | 'writeParquet',
    ): Promise<Buffer> => {
      const to = path.join(folder, 'written');
      await from[write](to, { threads: 2 });
      return fs.readFileSync(to);
    };
    for (const write of ['writeCsv', 'writeJsonl', 'writeArrow', 'writeParquet'] as const)
      expect((await written(df, write)).equals(await written(plain, write))).toBe(true);
    const [ours, theirs] = [await df.collect(), await plain.collect()];
    expect(Buffer.from(ours.toIpc()).equals(Buffer.from(theirs.toIpc()))).toBe(true);
    expect(ours.toColumns()).toEqual(theirs.toColumns());
    expect(ours.schema).toEqual(theirs.schema);
  });

  test('what spills', async () => {
    await tuneEngine({ ...small, spillBytes: 1 << 16 });
    try {
      const { df } = tables[1]!;
      for (const name of ['a group by many', 'an order', 'an inner join', 'unique rows']) {
        const query = QUERIES[name]!;
        expect(await recordsOf(query(df, plainOther), 2)).toEqual(await recordsOf(query(plain, plainOther), 1));
      }
    } finally {
      await tuneEngine(small);
    }
  }, 60_000);
});

test('a table of codes takes less memory than one of strings', async () => {
  const values = valuesOf(9, 40_000);
  const file = await fileOf(values, { rowGroupRows: 10_000 });
  const plain = await fileOf(values, { rowGroupRows: 10_000, dictionary: false });
  for (const name of ['few', 'full', 'long', 'some', 'runs'])
    for (const threads of [1, 2]) {
      const [coded, strings] = [file, plain].map(async (f) =>
        sizeOf(((await readParquet(f)) as unknown as Frame).select(name), threads),
      );
      expect(await coded).toBeLessThan((await strings!) / 2);
    }
  // And one with as many words as rows no more.
  for (const name of ['own', 'late']) {
    const [coded, strings] = [file, plain].map(async (f) =>
      sizeOf(((await readParquet(f)) as unknown as Frame).select(name), 1),
    );
    expect(await coded).toBeLessThanOrEqual((await strings!) * 1.05);
  }
});

test('words that turn out to be as many as rows become strings again', async () => {
  // The dictionary is small, and nearly all values are in other pages.
  const values = valuesOf(10);
  const file = await fileOf(
    { i: values.i, late: values.late as readonly Word[] },
    WRITES['pages that leave it unsaid']!.options,
  );
  const before = await sizeOf((await readParquet(file)) as unknown as Frame, 2);
  hideFallbacks(file);
  for (const threads of [1, 2, 3]) {
    const df = (await readParquet(file)) as unknown as Frame;
    expect(await sizeOf(df, threads)).toBeLessThan(before * 1.2);
    using table = await df.collect({ threads });
    expect(table.column('late').toArray()).toEqual(values.late);
  }
});

test('files whose dictionaries differ, and one without', async () => {
  const parts = [11, 12, 13].map((seed) => valuesOf(seed, 4000));
  const written = await Promise.all(
    parts.map((values, n) => fileOf(values, { rowGroupRows: 900, dictionary: n !== 2 })),
  );
  for (const paths of [written.slice(0, 2), written, [...written].reverse()])
    for (const threads of [1, 2]) {
      const df = (await readParquet(paths)) as unknown as Frame;
      using table = await df.collect({ threads });
      for (const name of ['few', 'long', 'none', 'own'])
        expect(table.column(name).toArray()).toEqual(
          paths.flatMap((p) => parts[written.indexOf(p)]![name] as readonly Word[]),
        );
    }
});
