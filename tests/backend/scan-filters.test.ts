// Scans that leave out rows while they read: the same rows as of a frame in memory, where filters and joins see them all.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DEFAULT_TUNING } from '../../ts/backend/cpu/tuning.ts';
import { type DataFrame, Date32, Decimal, Float64, fromColumns, Int64, readParquet } from '../../ts/index.ts';
import { drawer } from '../support/drawer.ts';
import { tuneEngine } from '../support/tuning.ts';

type Frame = DataFrame<any>;
type Cols = any;

const ROWS = 8_000;
let folder = '';

function frameOf(rows: number): Frame {
  const r = drawer(7);
  const some = <T>(value: (i: number) => T): (T | null)[] =>
    Array.from({ length: rows }, (_, i) => (r() < 0.1 ? null : value(i)));
  const text = (n: number): string => (n % 3 === 0 ? `w${n}` : `a text longer than a view holds, number ${n}`);
  const frame = fromColumns({
    row: BigInt64Array.from({ length: rows }, (_, i) => BigInt(i)),
    key: BigInt64Array.from({ length: rows }, () => BigInt(Math.floor(r() * 3000))),
    part: Int32Array.from({ length: rows }, () => Math.floor(r() * 40)),
    x: Float64Array.from({ length: rows }, () => r() * 100),
    n: some(() => BigInt(Math.floor(r() * 1000))),
    // Nulls in one stretch only: other pages have none.
    late: Array.from({ length: rows }, (_, i) => (i > 3600 && i < 3900 ? null : i * 0.5)),
    few: Array.from({ length: rows }, () => text(Math.floor(r() * 20))),
    many: some((i) => text(i)),
    b: some(() => r() < 0.5),
    wide: Array.from({ length: rows }, () => `${String(Math.floor(r() * 1e9))}000000000000.25`),
    day: Array.from({ length: rows }, (_, i) => new Date(Date.UTC(2020, 0, 1 + Math.floor(i / 100)))),
    list: Array.from({ length: rows }, (_, i) => Array.from({ length: i % 3 }, (_, k) => i + k)),
  }) as unknown as Frame;
  return frame.withColumns({ wide: (c: Cols) => c.wide.cast(Decimal(30, 2)), day: (c: Cols) => c.day.cast(Date32) });
}

const memory = frameOf(ROWS);
/** The same rows in files: pages of few rows, dictionaries that end early, are never there, or always. */
const files: Record<string, Frame> = {};

beforeAll(async () => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'scan-filters-'));
  const writings = {
    'short dictionaries': { rowGroupRows: 2000, dataPageBytes: 1500, dictionary: 3000 },
    plain: { rowGroupRows: 5000, dataPageBytes: 4000, dictionary: false, compression: 'none' },
    dictionaries: { rowGroupRows: 4000, dataPageBytes: 900, dictionary: 1 << 20, compression: 'snappy' },
  } as const;
  for (const [name, options] of Object.entries(writings)) {
    const file = path.join(folder, `${name}.parquet`);
    await memory.writeParquet(file, options as any);
    files[name] = (await readParquet(file)) as unknown as Frame;
  }
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Rows in the order of the first frame's rows, then of the other columns. */
async function rowsOf(df: Frame, threads = 1): Promise<unknown[]> {
  const table = await df.collect({ threads });
  const rows = table
    .toRecords()
    .map((r: object) => JSON.stringify(Object.values(r), (_, v) => (typeof v === 'bigint' ? `${v}n` : v)));
  table.dispose();
  return rows.sort();
}

async function sameFromFiles(query: (df: Frame) => Frame, threads = 1): Promise<number> {
  const expected = await rowsOf(query(memory));
  for (const [name, file] of Object.entries(files)) {
    const got = await rowsOf(query(file), threads);
    expect(got.length, name).toBe(expected.length);
    expect(got, name).toEqual(expected);
  }
  return expected.length;
}

const PREDICATES: Record<string, (c: Cols) => Cols> = {
  'no row': (c) => c.x.gt(1000),
  'every row': (c) => c.x.ge(0),
  'a stretch': (c) => c.row.isBetween(3590n, 3910n),
  'a few rows': (c) => c.key.eq(17n),
  'a date and a number': (c) => c.day.lt(new Date('2020-01-20')).and(c.part.lt(5)),
  'one column twice': (c) => c.row.gt(100n).and(c.part.eq(3)).and(c.row.lt(6000n)),
  'a text of few': (c) => c.few.eq('w9').and(c.x.lt(50)),
  'a text of many': (c) => c.many.str.startsWith('w1').and(c.b),
  nulls: (c) => c.n.isNull().or(c.late.isNull()),
  'nulls of two columns': (c) => c.n.isNull().and(c.many.isNotNull()),
  'of two columns at once': (c) => c.n.gt(c.key).and(c.x.lt(30)),
  'with a literal': (c) => c.part.lt(4).and(c.x.lt(2000)),
  'a decimal': (c) => c.wide.cast(Float64).gt(5e20).and(c.wide.isNotNull()),
  'a cast that may fail elsewhere': (c) => c.row.lt(50n).and(c.part.cast(Int64).lt(100n)),
};

describe('filters', () => {
  test.each(Object.keys(PREDICATES))('%s', async (name) => {
    const predicate = PREDICATES[name]!;
    const rows = await sameFromFiles((df) => df.filter(predicate));
    if (name !== 'no row') expect(rows).toBeGreaterThan(0);
    await sameFromFiles((df) => df.filter(predicate).select('many', 'late', 'list', 'wide'));
  });

  test('what a predicate throws it throws', async () => {
    for (const file of Object.values(files)) {
      const strict = file.filter((c: Cols) =>
        c.few
          .cast(Int64, { strict: true })
          .gt(5n)
          .and(c.part.cast(Int64).gt(c.row.add(100000n))),
      );
      await expect(strict.collect()).rejects.toMatchObject({ code: 'ERR_CAST' });
    }
  });

  test('under windows, limits and samples of the same scan', async () => {
    await sameFromFiles((df) =>
      df.withColumns({ at: (c: Cols) => c.row.rank().over(c.part) }).filter((c: Cols) => c.at.le(3)),
    );
    await sameFromFiles((df) => df.head(500).filter((c: Cols) => c.part.lt(7)));
    await sameFromFiles((df) =>
      df
        .filter((c: Cols) => c.part.lt(7))
        .sort('row')
        .head(9),
    );
  });
});

const side = (keys: (bigint | null)[], extra: Record<string, unknown[]> = {}): Frame =>
  fromColumns({ key: keys, note: keys.map((_, i) => i), ...extra } as any) as unknown as Frame;

const SIDES: Record<string, Frame> = {
  'few keys': side([3n, 500n, 2999n]),
  'keys that repeat': side([3n, 3n, 500n, 17n, 17n]),
  'no key': side([3n]).filter((c: Cols) => c.note.gt(5)),
  'keys far apart': side(Array.from({ length: 400 }, (_, i) => BigInt(i * i * 1000) - 5n)),
  'most keys': side(Array.from({ length: 2900 }, (_, i) => BigInt(i))),
};

describe('joins', () => {
  const hows = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;
  test.each(
    hows.flatMap((how) => Object.keys(SIDES).map((name) => [how, name] as const)),
  )('%s, %s', async (how, name) => {
    const other = SIDES[name]!;
    await sameFromFiles((df) => df.join(other, { on: 'key', how }));
    await sameFromFiles((df) => other.join(df, { on: 'key', how }));
  });

  test.each([false, true])('a nullable key, nulls equal: %s', async (nullsEqual) => {
    const other = side([5n, null, 900n, 901n]).rename({ key: 'n' });
    for (const how of hows) {
      await sameFromFiles((df) => df.join(other, { on: 'n', how, nullsEqual }));
      await sameFromFiles((df) => other.join(df, { on: 'n', how, nullsEqual }));
    }
  });

  test('a text and several columns as keys', async () => {
    const texts = fromColumns({ few: ['w9', 'none'], note: [1, 2] }) as unknown as Frame;
    await sameFromFiles((df) => df.join(texts, { on: 'few' }));
    const pairs = fromColumns({
      key: [3n, 17n, 500n],
      part: Int32Array.of(1, 2, 3),
      note: [1, 2, 3],
    }) as unknown as Frame;
    await sameFromFiles((df) => df.join(pairs, { on: ['key', 'part'] }));
  });

  test('one after another, through renamed and computed columns', async () => {
    const few = SIDES['few keys']!;
    const parts = fromColumns({ part: Int32Array.of(1, 5), what: ['one', 'five'] }) as unknown as Frame;
    for (const first of hows)
      for (const second of ['inner', 'left', 'right', 'full'] as const)
        await sameFromFiles((df) =>
          first === 'semi' || first === 'anti'
            ? df.join(few, { on: 'key', how: first }).join(parts, { on: 'part', how: second })
            : few.join(df, { on: 'key', how: first }).join(parts, { on: 'part', how: second }),
        );
    await sameFromFiles((df) =>
      df
        .select({ id: (c: Cols) => c.key, twice: (c: Cols) => c.x.mul(2), row: (c: Cols) => c.row })
        .join(few, { on: { id: 'key' } })
        .join(parts.select({ row: (c: Cols) => c.part.cast(Int64) }), { on: 'row', how: 'anti' }),
    );
  });

  test('above windows, groups, limits and unions all rows come by', async () => {
    const few = SIDES['few keys']!;
    await sameFromFiles((df) =>
      df.withColumns({ at: (c: Cols) => c.row.rank().over(c.part) }).join(few, { on: 'key' }),
    );
    await sameFromFiles((df) => df.withColumns({ sum: (c: Cols) => c.part.cumSum() }).join(few, { on: 'key' }));
    await sameFromFiles((df) =>
      df
        .groupBy('part')
        .agg({ key: (c: Cols) => c.key.max(), n: (c: Cols) => c.row.count() })
        .join(side(Array.from({ length: 20 }, (_, i) => BigInt(2980 + i))), { on: 'key' }),
    );
    await sameFromFiles((df) => df.head(700).join(SIDES['most keys']!, { on: 'key' }));
    await sameFromFiles((df) => df.withRowIndex('at').join(few, { on: 'key' }));
  });

  test('a computation that fails for a row without a partner still fails', async () => {
    for (const file of Object.values(files)) {
      const joined = file
        .select({ key: (c: Cols) => c.key, n: (c: Cols) => c.few.cast(Int64, { strict: true }) })
        .join(SIDES['no key']!.select('key'), { on: 'key', how: 'anti' })
        .join(side([1_000_000n]), { on: 'key' });
      await expect(joined.collect()).rejects.toMatchObject({ code: 'ERR_CAST' });
    }
  });

  test('one scan read by two joins and by itself', async () => {
    const few = SIDES['few keys']!;
    await sameFromFiles((df) => {
      const shared = df.filter((c: Cols) => c.part.lt(20));
      return shared
        .join(few, { on: 'key', how: 'semi' })
        .join(shared.groupBy('key').agg({ n: (c: Cols) => c.row.count() }), { on: 'key' });
    });
  });

  test('on several threads', async () => {
    await tuneEngine({ minRows: 1, pieceRows: 640, pieceBytes: 4096 });
    try {
      for (const how of hows) {
        await sameFromFiles(
          (df) => df.filter((c: Cols) => c.part.lt(30)).join(SIDES['few keys']!, { on: 'key', how }),
          3,
        );
        await sameFromFiles((df) => SIDES['keys that repeat']!.join(df, { on: 'key', how }), 3);
      }
    } finally {
      await tuneEngine(DEFAULT_TUNING);
    }
  });
});
