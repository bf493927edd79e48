import { describe, expect, test } from 'vitest';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { FollowedTable, mayFollow } from '../../ts/backend/cpu/groups/followed-table.ts';
import { GroupTable } from '../../ts/backend/cpu/groups/group-table.ts';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';

/** Equal keys as equal text: −0 is 0, NaN is NaN. */
const textOf = (key: readonly unknown[]): string =>
  JSON.stringify(key, (_, v) =>
    typeof v === 'bigint'
      ? `${v}n`
      : typeof v === 'number'
        ? v === 0
          ? '0'
          : String(v)
        : v instanceof Uint8Array
          ? [...v]
          : v,
  );

/** The group of each row and the key of each group, by a JavaScript Map. */
class Expected {
  readonly ids = new Map<string, number>();
  readonly keys: unknown[][] = [];
  assign(columns: readonly (readonly unknown[])[], length: number): number[] {
    return Array.from({ length }, (_, i) => {
      const key = columns.map((c) => c[i]);
      const text = textOf(key);
      let id = this.ids.get(text);
      if (id === undefined) {
        id = this.ids.size;
        this.ids.set(text, id);
        this.keys.push(key);
      }
      return id;
    });
  }
  lookup(columns: readonly (readonly unknown[])[], length: number): number[] {
    return Array.from({ length }, (_, i) => this.ids.get(textOf(columns.map((c) => c[i]))) ?? 0xffffffff);
  }
}

const u32s = (ctx: ExecContext, address: number, n: number): number[] =>
  Array.from(ctx.heap.refresh().u32.subarray(address >>> 2, (address >>> 2) + n));

/** A small generator: the same numbers in every run. */
function random(seed: number): (below: number) => number {
  let s = seed;
  return (below) => {
    s = (Math.imul(s, 1664525) + 1013904223) >>> 0;
    return Math.floor((s / 2 ** 32) * below);
  };
}

type Maker = (next: (below: number) => number, spread: number) => unknown;
const TYPES: [string, LogicalType, Maker][] = [
  ['Bool', { dtype: 'Bool' }, (r) => r(2) === 1],
  ['Int8', { dtype: 'Int8' }, (r) => r(256) - 128],
  ['UInt8', { dtype: 'UInt8' }, (r) => r(256)],
  ['Int16', { dtype: 'Int16' }, (r, s) => (r(Math.min(s, 65536)) - 32768) % 32768],
  ['UInt16', { dtype: 'UInt16' }, (r, s) => r(Math.min(s, 65536))],
  ['Int32, small range', { dtype: 'Int32' }, (r, s) => 1_000_000 - r(s)],
  ['Int32, all', { dtype: 'Int32' }, (r, s) => Math.imul(r(s), 0x9e3779b1) | 0],
  ['UInt32', { dtype: 'UInt32' }, (r, s) => Math.imul(r(s), 0x9e3779b1) >>> 0],
  ['Int64, small range', { dtype: 'Int64' }, (r, s) => -(2n ** 60n) + BigInt(r(s))],
  ['Int64, ends', { dtype: 'Int64' }, (r, s) => BigInt.asIntN(64, BigInt(r(s)) * 0x9e3779b97f4a7c15n)],
  ['UInt64', { dtype: 'UInt64' }, (r, s) => 2n ** 64n - 1n - BigInt(r(s))],
  ['Float32', { dtype: 'Float32' }, (r, s) => [Number.NaN, 0, -0, Math.fround(r(s) / 8)][r(6)] ?? r(s)],
  ['Float64', { dtype: 'Float64' }, (r, s) => [Number.NaN, 0, -0, r(s) / 7][r(6)] ?? r(s)],
  ['Date32', { dtype: 'Date32' }, (r, s) => 20000 + r(s)],
  ['Datetime', { dtype: 'Datetime', unit: 'us', zone: null }, (r, s) => BigInt(r(s)) * 3_600_000_000n],
  ['Decimal(12, 2)', { dtype: 'Decimal', precision: 12, scale: 2 }, (r, s) => BigInt(r(s)) - 500n],
  ['Decimal(38, 2)', { dtype: 'Decimal', precision: 38, scale: 2 }, (r, s) => BigInt(r(s) - 5) * 10n ** 30n],
  ['Utf8, short', { dtype: 'Utf8' }, (r, s) => (r(9) === 0 ? '' : `k${r(s)}`)],
  ['Utf8, long', { dtype: 'Utf8' }, (r, s) => `${'a common beginning, '.repeat(r(3))}${r(s)}`],
  ['Binary', { dtype: 'Binary' }, (r, s) => Uint8Array.from({ length: r(20) }, () => r(Math.min(s, 3)))],
  ['Null', { dtype: 'Null' }, () => null],
  [
    'List',
    { dtype: 'List', inner: { type: { dtype: 'Float64' }, nullable: true } },
    (r) => Array.from({ length: r(4) }, () => [null, 1, 0, -0, Number.NaN][r(5)]),
  ],
  [
    'Struct',
    {
      dtype: 'Struct',
      fields: [
        { name: 'a', type: { dtype: 'Int32' }, nullable: true },
        { name: 'b', type: { dtype: 'Utf8' }, nullable: true },
      ],
    },
    (r, s) => [r(3) === 0 ? null : r(s), r(3) === 0 ? null : `b${r(2)}`],
  ],
];

const nullable =
  (make: Maker, every: number): Maker =>
  (r, s) =>
    every > 0 && r(every) === 0 ? null : make(r, s);

function check(ctx: ExecContext, types: LogicalType[], batches: unknown[][][]): void {
  const table = new GroupTable(types);
  const expected = new Expected();
  for (const columns of batches) {
    const length = columns[0]!.length;
    const vectors = columns.map((c, i) => vectorOf(ctx, types[i]!, c));
    const ids = table.assign(ctx, vectors, length);
    expect(u32s(ctx, ids, length)).toEqual(expected.assign(columns, length));
    ctx.scratch.reset();
  }
  expect(table.count).toBe(expected.keys.length);
  const keys = table.keys(ctx).map((v) => valuesOf(ctx, v));
  expect(expected.keys.map((_, g) => textOf(keys.map((k) => k[g])))).toEqual(expected.keys.map(textOf));
}

describe.each(TYPES)('one key, %s', (_name, type, make) => {
  test.each([
    [0, 0],
    [1, 0],
    [1000, 0],
    [1000, 5],
    [5000, 1],
  ])('%d rows, one in %d null', (rows, every) => {
    const r = random(rows + every);
    const value = nullable(make, every);
    // Spreads that grow: tables that are dense at first are rebuilt or left.
    check(
      testContext(),
      [type],
      [10, 1000, 300000].map((spread) => [Array.from({ length: rows }, () => value(r, spread))]),
    );
  });

  test('lookup adds nothing', () => {
    const ctx = testContext();
    const r = random(7);
    const value = nullable(make, 10);
    const table = new GroupTable([type]);
    const expected = new Expected();
    const first = Array.from({ length: 300 }, () => value(r, 100));
    const second = Array.from({ length: 300 }, () => value(r, 300));
    expect(u32s(ctx, table.lookup(ctx, [vectorOf(ctx, type, first)], 300), 300)).toEqual(expected.lookup([first], 300));
    table.assign(ctx, [vectorOf(ctx, type, first)], 300);
    expected.assign([first], 300);
    expect(u32s(ctx, table.lookup(ctx, [vectorOf(ctx, type, second)], 300), 300)).toEqual(
      expected.lookup([second], 300),
    );
    expect(table.count).toBe(expected.keys.length);
  });
});

describe('several keys', () => {
  test('every dtype beside every other', () => {
    const r = random(3);
    for (const [, a, makeA] of TYPES)
      for (const [, b, makeB] of TYPES) {
        const rows = 200;
        const batch = () => [
          Array.from({ length: rows }, () => nullable(makeA, 6)(r, 4)),
          Array.from({ length: rows }, () => nullable(makeB, 6)(r, 4)),
        ];
        check(testContext(), [a, b], [batch(), batch()]);
      }
  });

  test.each([3, 4, 8, 24])('%d keys at once', (count) => {
    const r = random(count);
    const picked = Array.from({ length: count }, (_, i) => TYPES[(i * 5) % TYPES.length]!);
    const batch = (rows: number) =>
      picked.map(([, , make]) => Array.from({ length: rows }, () => nullable(make, 9)(r, 2)));
    check(
      testContext(),
      picked.map(([, type]) => type),
      [batch(500), batch(0), batch(3000)],
    );
  });

  test('no keys are one group', () => {
    const ctx = testContext();
    const table = new GroupTable([]);
    expect(u32s(ctx, table.assign(ctx, [], 5), 5)).toEqual([0, 0, 0, 0, 0]);
    expect(table.keys(ctx)).toEqual([]);
  });
});

describe('dictionaries', () => {
  const words = ['red', 'a colour with a name longer than a view', 'blue', ''];
  test.each([1, 2])('batches with dictionaries of their own, flat ones between, %d keys', (keyCount) => {
    const ctx = testContext();
    const r = random(keyCount);
    const types = Array.from({ length: keyCount }, () => ({ dtype: 'Utf8' }) as const);
    const table = new GroupTable(types);
    const expected = new Expected();
    for (let b = 0; b < 12; b++) {
      const dictionary = words.map((_, i) => words[(i + b) % words.length]!).slice(0, 1 + (b % 4));
      const columns = types.map(() =>
        Array.from({ length: 500 }, () => (r(5) === 0 ? null : dictionary[r(dictionary.length)]!)),
      );
      const vectors = columns.map((c) =>
        b % 3 === 2
          ? vectorOf(ctx, { dtype: 'Utf8' }, c)
          : dictVectorOf(
              ctx,
              dictionary,
              c.map((s) => (s === null ? null : dictionary.indexOf(s))),
            ),
      );
      const looked = table.lookup(ctx, vectors, 500);
      expect(u32s(ctx, looked, 500)).toEqual(expected.lookup(columns, 500));
      const ids = table.assign(ctx, vectors, 500);
      expect(u32s(ctx, ids, 500)).toEqual(expected.assign(columns, 500));
      // The same dictionary again, now known.
      const again = table.lookup(ctx, vectors, 500);
      expect(u32s(ctx, again, 500)).toEqual(expected.lookup(columns, 500));
      ctx.scratch.reset();
    }
    const keys = table.keys(ctx).map((v) => valuesOf(ctx, v));
    expect(keys.map((_, k) => keys[k])).toEqual(types.map((_, k) => expected.keys.map((key) => key[k])));
  });

  test('an absent entry is found once it has been added', () => {
    const ctx = testContext();
    const table = new GroupTable([{ dtype: 'Utf8' }]);
    const v = dictVectorOf(ctx, ['a', 'b'], [0, 1]);
    expect(u32s(ctx, table.lookup(ctx, [v], 2), 2)).toEqual([0xffffffff, 0xffffffff]);
    table.assign(ctx, [vectorOf(ctx, { dtype: 'Utf8' }, ['b'])], 1);
    expect(u32s(ctx, table.lookup(ctx, [v], 2), 2)).toEqual([0xffffffff, 0]);
    expect(u32s(ctx, table.assign(ctx, [v], 2), 2)).toEqual([1, 0]);
  });
});

test('entries of a small dictionary that come late, or never, or are null', () => {
  for (const insert of [true, false]) {
    const ctx = testContext();
    const table = new GroupTable([{ dtype: 'Utf8' }]);
    if (!insert) table.assign(ctx, [vectorOf(ctx, { dtype: 'Utf8' }, ['b', null, 'd'])], 3);
    const words = ['a', 'b', 'never', 'c', 'd'];
    const codes = Array.from({ length: 5000 }, (_, i) => (i === 2500 ? null : i < 3000 ? i % 2 : i % 2 === 0 ? 4 : 3));
    const v = dictVectorOf(ctx, words, codes);
    const ids = insert ? table.assign(ctx, [v], 5000) : table.lookup(ctx, [v], 5000);
    const groups = new Map<string | null, number>(
      insert
        ? []
        : [
            ['b', 0],
            [null, 1],
            ['d', 2],
          ],
    );
    const expected = codes.map((code) => {
      const word = code === null ? null : words[code]!;
      if (insert && !groups.has(word)) groups.set(word, groups.size);
      return groups.get(word) ?? 0xffffffff;
    });
    expect(u32s(ctx, ids, 5000)).toEqual(expected);
    expect(table.count).toBe(insert ? 5 : 3);
  }
});

describe('large tables', () => {
  const groups = 1_000_000;
  const batches = (v: Vector): Vector[] =>
    Array.from({ length: Math.ceil(v.length / 65536) }, (_, b) =>
      slice(v, b * 65536, Math.min(65536, v.length - b * 65536)),
    );
  /** Group of row i is i modulo `groups`: first appearance is in order. */
  function run(
    ctx: ExecContext,
    type: LogicalType,
    fill: (ctx: ExecContext, at: number, row: number) => void,
    width: number,
  ) {
    const rows = groups + 65537;
    const data = ctx.arena.alloc(rows * width);
    ctx.heap.refresh();
    for (let i = 0; i < rows; i++) fill(ctx, data + i * width, i % groups);
    const table = new GroupTable([type]);
    let row = 0;
    let wrong = 0;
    for (const v of batches({ type, length: rows, data, validity: 0 })) {
      const ids = table.assign(ctx, [v], v.length);
      const { u32 } = ctx.heap.refresh();
      for (let i = 0; i < v.length; i++, row++) if (u32[(ids >>> 2) + i] !== row % groups) wrong++;
      ctx.scratch.reset();
    }
    expect(wrong).toBe(0);
    expect(table.count).toBe(groups);
    const [keys] = table.keys(ctx);
    const { u8 } = ctx.heap.refresh();
    expect(
      Buffer.compare(u8.slice(keys!.data, keys!.data + groups * width), u8.slice(data, data + groups * width)),
    ).toBe(0);
  }
  test('ascending integers', () => {
    run(testContext(), { dtype: 'Int32' }, (ctx, at, i) => (ctx.heap.i32[at >>> 2] = i - 5), 4);
  });
  test('scattered 32-bit integers', () => {
    run(testContext(), { dtype: 'UInt32' }, (ctx, at, i) => (ctx.heap.u32[at >>> 2] = Math.imul(i, 0x9e3779b1)), 4);
  });
  test('floats', () => {
    run(testContext(), { dtype: 'Float64' }, (ctx, at, i) => (ctx.heap.f64[at >>> 3] = i * 0.37), 8);
  });
  test('128-bit decimals', () => {
    const type: LogicalType = { dtype: 'Decimal', precision: 38, scale: 0 };
    run(
      testContext(),
      type,
      (ctx, at, i) => {
        ctx.heap.u64[at >>> 3] = BigInt(i) << 20n;
        ctx.heap.u64[(at >>> 3) + 1] = BigInt(i % 3);
      },
      16,
    );
  });
  test('short strings', () => {
    run(
      testContext(),
      { dtype: 'Utf8' },
      (ctx, at, i) => {
        ctx.heap.u32[at >>> 2] = 8;
        ctx.heap.u32[(at >>> 2) + 1] = 0x20202020;
        ctx.heap.u32[(at >>> 2) + 2] = i;
        ctx.heap.u32[(at >>> 2) + 3] = 0;
      },
      16,
    );
  });
});

test('tables of several threads are merged', () => {
  const r = random(11);
  for (const types of [TYPES.slice(17, 18), TYPES.slice(4, 9), TYPES.slice(16, 23)]) {
    const ctx = testContext();
    const dtypes = types.map(([, t]) => t);
    const expected = new Expected();
    const tables = [0, 1, 2].map(() => {
      const columns = types.map(([, , make]) => Array.from({ length: 2000 }, () => nullable(make, 9)(r, 50)));
      const table = new GroupTable(dtypes);
      table.assign(
        ctx,
        columns.map((c, i) => vectorOf(ctx, dtypes[i]!, c)),
        2000,
      );
      const local = new Expected();
      local.assign(columns, 2000);
      return { table, keys: local.keys };
    });
    const all = new GroupTable(dtypes);
    for (const { table, keys } of tables) {
      const map = all.mergeFrom(ctx, table);
      const columns = types.map((_, k) => keys.map((key) => key[k]));
      expect(u32s(ctx, map, table.count)).toEqual(expected.assign(columns, keys.length));
    }
    expect(all.count).toBe(expected.keys.length);
  }
});

test('keys outlive the table, and stay right when it grows afterwards', () => {
  const ctx = testContext();
  const table = new GroupTable([{ dtype: 'Utf8' }]);
  const words = Array.from({ length: 400 }, (_, i) => `a string that is longer than a view, ${i}`);
  table.assign(ctx, [vectorOf(ctx, { dtype: 'Utf8' }, words)], words.length);
  const [keys] = table.keys(ctx);
  const more = Array.from({ length: 5000 }, (_, i) => `another string that is longer than a view, ${i}`);
  table.assign(ctx, [vectorOf(ctx, { dtype: 'Utf8' }, more)], more.length);
  expect(valuesOf(ctx, keys!)).toEqual(words);
  table.free(ctx);
  vectorOf(ctx, { dtype: 'Utf8' }, more);
  expect(valuesOf(ctx, keys!)).toEqual(words);
});

describe('strings that follow from other keys', () => {
  const INT: LogicalType = { dtype: 'Int64' };
  const TEXT: LogicalType = { dtype: 'Utf8' };
  const nameOf = (id: bigint): string | null =>
    id % 11n === 0n ? null : id % 7n === 0n ? '' : id % 2n === 0n ? `n${id}` : `a name longer than a view, ${id}`;
  const batch = (r: (below: number) => number, rows: number): unknown[][] => {
    const ids = Array.from({ length: rows }, () => BigInt(r(2000)));
    return [
      ids.map(nameOf),
      ids,
      ids.map((id) => `${nameOf(id)}!`),
      ids.map((id) => (id % 5n === 0n ? null : id * 3n)),
    ];
  };
  const types = [TEXT, INT, TEXT, INT];
  const assigned = (ctx: ExecContext, table: FollowedTable, columns: unknown[][]): number[] => {
    const length = columns[0]!.length;
    const out = ctx.scratch.alloc(length * 4);
    table.assign(
      ctx,
      columns.map((c, i) => vectorOf(ctx, types[i]!, c)),
      length,
      out,
      true,
    );
    return u32s(ctx, out, length);
  };
  const keysOf = (ctx: ExecContext, table: FollowedTable): unknown[][] => table.keys(ctx).map((v) => valuesOf(ctx, v));
  const columnsOf = (expected: Expected): unknown[][] => types.map((_, i) => expected.keys.map((k) => k[i]));

  test('are kept once a group', () => {
    const ctx = testContext();
    const r = random(11);
    const table = new FollowedTable(types);
    const expected = new Expected();
    for (let b = 0; b < 5; b++) {
      const columns = batch(r, 700);
      expect(assigned(ctx, table, columns)).toEqual(expected.assign(columns, 700));
      ctx.scratch.reset();
    }
    expect(table.isFollowed).toBe(true);
    // Keys that were handed out stay while more come.
    const early = table.keys(ctx);
    const before = early.map((v) => valuesOf(ctx, v));
    const more = batch(r, 3000);
    expect(assigned(ctx, table, more)).toEqual(expected.assign(more, 3000));
    expect(early.map((v) => valuesOf(ctx, v))).toEqual(before);
    expect(keysOf(ctx, table)).toEqual(columnsOf(expected));
  });

  test.each<[string, (name: unknown, id: bigint) => unknown]>([
    ['another text', (name, id) => (id === 1999n ? 'other' : name)],
    ['another end of a long text', (name, id) => (id === 1999n ? 'a name longer than a view, 1998' : name)],
    ['null for an empty text', (name) => (name === '' ? null : name)],
    ['an empty text for null', (name) => name ?? ''],
    ['every row its own', (name, id) => (id % 3n === 0n ? `${name}${id}x` : name)],
  ])('become keys with %s', (_, change) => {
    const ctx = testContext();
    const r = random(12);
    const table = new FollowedTable(types);
    const expected = new Expected();
    const everyId = Array.from({ length: 2000 }, (_, i) => BigInt(i));
    const all = [everyId.map(nameOf), everyId, everyId.map(String), everyId];
    expect(assigned(ctx, table, all)).toEqual(expected.assign(all, 2000));
    for (let b = 0; b < 3; b++) {
      const [, ids] = batch(r, 900) as [unknown, bigint[]];
      ids.push(1999n, 7n, 11n);
      const columns = [ids.map((id) => change(nameOf(id), id)), ids, ids.map(String), ids];
      expect(assigned(ctx, table, columns)).toEqual(expected.assign(columns, ids.length));
      ctx.scratch.reset();
    }
    expect(table.isFollowed).toBe(false);
    expect(keysOf(ctx, table)).toEqual(columnsOf(expected));
  });

  test('are looked up as whole keys', () => {
    const ctx = testContext();
    const r = random(13);
    const table = new GroupTable(types);
    const expected = new Expected();
    const first = batch(r, 3000);
    table.assign(
      ctx,
      first.map((c, i) => vectorOf(ctx, types[i]!, c)),
      3000,
    );
    expected.assign(first, 3000);
    const asked = batch(r, 500);
    asked[0] = asked[0]!.map((name, i) => (i % 3 === 0 ? 'unknown' : name));
    const vectors = asked.map((c, i) => vectorOf(ctx, types[i]!, c));
    expect(u32s(ctx, table.lookup(ctx, vectors, 500), 500)).toEqual(expected.lookup(asked, 500));
    expect(table.count).toBe(expected.keys.length);
  });

  test('not beside lists, and not without other keys', () => {
    const list: LogicalType = { dtype: 'List', inner: { type: INT, nullable: true } };
    expect([
      mayFollow([TEXT, INT]),
      mayFollow([TEXT, TEXT]),
      mayFollow([INT, INT]),
      mayFollow([TEXT, INT, list]),
    ]).toEqual([true, false, false, false]);
  });
});
