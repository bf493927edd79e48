import { describe, expect, test } from 'vitest';
import { flatten } from '../../ts/backend/cpu/columns/flatten.ts';
import { gather, gatherOrNull } from '../../ts/backend/cpu/columns/gather.ts';
import { RowStore } from '../../ts/backend/cpu/columns/row-store.ts';
import { slice } from '../../ts/backend/cpu/columns/slice.ts';
import { vectorsSource } from '../../ts/backend/cpu/columns/source.ts';
import type { LogicalType } from '../../ts/schema/types.ts';
import { batchOf, dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';

const long = (i: number) => `a string that is longer than a view, number ${i}`;
const make: [LogicalType, (i: number) => unknown][] = [
  [{ dtype: 'Bool' }, (i) => i % 3 === 0],
  [{ dtype: 'Int8' }, (i) => (i % 200) - 100],
  [{ dtype: 'UInt16' }, (i) => i % 65536],
  [{ dtype: 'Int32' }, (i) => 5 - i],
  [{ dtype: 'Int64' }, (i) => BigInt(i) * -(2n ** 40n)],
  [{ dtype: 'UInt64' }, (i) => 2n ** 64n - 1n - BigInt(i)],
  [{ dtype: 'Float32' }, (i) => i / 2],
  [{ dtype: 'Float64' }, (i) => i / 3],
  [{ dtype: 'Utf8' }, (i) => (i % 2 ? long(i) : `s${i}`)],
  [{ dtype: 'Decimal', precision: 38, scale: 2 }, (i) => -(10n ** 30n) - BigInt(i)],
  [
    { dtype: 'List', inner: { type: { dtype: 'Utf8' }, nullable: true } },
    (i) => Array.from({ length: i % 4 }, (_, k) => (k === 2 ? null : long(i + k))),
  ],
  [
    { dtype: 'FixedSizeList', inner: { type: { dtype: 'Int32' }, nullable: false }, length: 3 },
    (i) => [i, i + 1, i + 2],
  ],
  [
    {
      dtype: 'Struct',
      fields: [
        { name: 'a', type: { dtype: 'Int32' }, nullable: true },
        { name: 'b', type: { dtype: 'Utf8' }, nullable: true },
      ],
    },
    (i) => [i % 5 === 0 ? null : i, `b${i}`],
  ],
];
const withNulls = (f: (i: number) => unknown) => (i: number) => (i % 7 === 3 ? null : f(i));

describe.each(make)('%j', (type, f) => {
  test.each([0, 1, 8, 9, 1000])('append, slice and gather %d rows', (n) => {
    const ctx = testContext();
    const value = withNulls(f);
    const schema = [{ name: 'x', type, nullable: true }];
    const store = new RowStore(schema);
    const all: unknown[] = [];
    // Odd sizes, with and without nulls, so that bitmaps shift.
    for (const part of [n, 3, 0, 64, 5]) {
      const from = all.length;
      const values = Array.from({ length: part }, (_, i) => (part === 3 ? f(from + i) : value(from + i)));
      store.append(ctx, batchOf([vectorOf(ctx, type, values)]));
      ctx.scratch.reset();
      all.push(...values);
    }
    const [column] = store.finish(ctx);
    expect(valuesOf(ctx, column!)).toEqual(all);
    const sliced = slice(column!, 8, all.length - 8);
    expect(valuesOf(ctx, sliced)).toEqual(all.slice(8));
    const rows = Array.from({ length: 30 }, (_, i) => (i * 17) % all.length);
    const sel = ctx.arena.alloc(4 * rows.length);
    ctx.heap.refresh().u32.set(rows, sel >>> 2);
    expect(valuesOf(ctx, gather(ctx, column!, sel, rows.length, ctx.scratch))).toEqual(rows.map((r) => all[r]));
    ctx.heap.refresh().u32[(sel >>> 2) + 4] = 0xffffffff;
    expect(valuesOf(ctx, gatherOrNull(ctx, column!, sel, rows.length, ctx.scratch))).toEqual(
      rows.map((r, i) => (i === 4 ? null : all[r])),
    );
    // A sliced nested vector is appended from an offset that is not zero.
    const again = new RowStore(schema);
    again.append(ctx, batchOf([sliced]));
    expect(valuesOf(ctx, again.finish(ctx)[0]!)).toEqual(all.slice(8));
  });
});

test('a dictionary is resolved, nulls stay null', () => {
  const ctx = testContext();
  const v = dictVectorOf(ctx, ['red', long(1)], [0, 1, null, 1]);
  const flat = flatten(ctx, v, ctx.scratch);
  expect(flat.dict).toBeUndefined();
  expect(valuesOf(ctx, flat)).toEqual(['red', long(1), null, long(1)]);
});

test('a source hands out morsels in order', () => {
  const ctx = testContext();
  const n = 65536 * 2 + 1;
  const values = Int32Array.from({ length: n }, (_, i) => i);
  const source = vectorsSource([vectorOf(ctx, { dtype: 'Int32' }, Array.from(values))], n);
  const seen: number[] = [];
  for (let b = source.next(ctx); b; b = source.next(ctx))
    seen.push(b.length, valuesOf(ctx, b.columns[0]!)[0] as number);
  expect(seen).toEqual([65536, 0, 65536, 65536, 1, 131072]);
});
