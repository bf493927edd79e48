import { describe, expect, it } from 'vitest';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { createSortSink } from '../../ts/backend/cpu/operators/sort.ts';
import { argsort } from '../../ts/backend/cpu/operators/sort-keys.ts';
import type { SortKey } from '../../ts/backend/cpu/operators/sort-parts.ts';
import type { Source } from '../../ts/backend/cpu/pipeline.ts';
import { type Batch, MORSEL_ROWS } from '../../ts/backend/cpu/vector.ts';
import { type Crew, soloCrew } from '../../ts/backend/cpu/worker/crew.ts';
import { sortNode as orderedNode } from '../../ts/plan/build.ts';
import type { SortNode } from '../../ts/plan/nodes.ts';
import { type LogicalType, type Schema, typeText } from '../../ts/schema/types.ts';
import { onCpu } from '../support/backends.ts';
import { batchOfValues, projection, queuePlan, testOnDevice } from '../support/device-cases.ts';
import { batchOf, dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { compareValues, randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

interface KeySpec {
  values: readonly unknown[];
  descending: boolean;
  nullsFirst: boolean;
}

/** The oracle: a stable sort of row numbers in plain JavaScript. */
function expectedOrder(keys: readonly KeySpec[], length: number): number[] {
  const compare = (a: number, b: number): number => {
    for (const k of keys) {
      const x = k.values[a];
      const y = k.values[b];
      if (x === null || y === null) {
        if (x === y) continue;
        return (x === null) === k.nullsFirst ? -1 : 1;
      }
      const c = compareValues(x, y);
      if (c !== 0) return k.descending ? -c : c;
    }
    return a - b;
  };
  return Array.from({ length }, (_, i) => i).sort(compare);
}

function sortedRows(types: readonly LogicalType[], keys: readonly KeySpec[], length: number): number[] {
  const ctx = testContext();
  const sortKeys: SortKey[] = keys.map((k, i) => ({
    vector: vectorOf(ctx, types[i]!, k.values),
    descending: k.descending,
    nullsFirst: k.nullsFirst,
  }));
  const order = (crew?: Crew): number[] => {
    const at = argsort(ctx, sortKeys, length, crew);
    return [...ctx.heap.refresh().u32.subarray(at >>> 2, (at >>> 2) + length)];
  };
  const rows = order();
  // The steps that several threads share, in slices, give the same order.
  for (const size of [2, 5]) expect(order({ ...soloCrew(ctx.kernels), size })).toEqual(rows);
  const numbers = Array.from({ length }, (_, i) => i);
  const field = { name: 'row', type: { dtype: 'UInt32' }, nullable: false } as const;
  const schema = [field, ...types.map((type, i) => ({ name: `k${i}`, type, nullable: true }))];
  queuePlan(length, () => ({
    inputs: [batchOfValues(schema, [numbers, ...keys.map((k) => k.values)])],
    plan: ([input]) => {
      const orders = keys.map((k, i) => ({
        expr: { node: 'col', ...schema[i + 1]! } as const,
        descending: k.descending,
        nullsFirst: k.nullsFirst,
      }));
      return projection(orderedNode(input!, orders), [{ node: 'col', ...field }]);
    },
    expected: [rows],
  }));
  return rows;
}

describe('argsort', () => {
  for (const type of SORTABLE)
    for (const [descending, nullsFirst] of [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ] as const)
      it(`${typeText(type)}${descending ? ' descending' : ''}${nullsFirst ? ' nulls first' : ''}`, () => {
        const random = randomSource(type.dtype.length * 31 + Number(descending) * 2 + Number(nullsFirst));
        for (const length of [0, 1, 2, 3, 25, 64, 1000, 5000]) {
          for (const nulls of [0, 0.2]) {
            const values = randomColumn(type, length, random, { distinct: 1 + length / 2, nulls });
            const key = { values, descending, nullsFirst };
            expect(sortedRows([type], [key], length)).toEqual(expectedOrder([key], length));
          }
        }
      });

  it('any combination of up to five keys', () => {
    const random = randomSource(7);
    for (let round = 0; round < 120; round++) {
      const length = Math.floor(random() * 3000);
      const types = Array.from(
        { length: 1 + Math.floor(random() * 5) },
        () => SORTABLE[Math.floor(random() * SORTABLE.length)]!,
      );
      const keys = types.map((t) => ({
        values: randomColumn(t, length, random, {
          distinct: 1 + Math.floor(random() * 30),
          nulls: random() < 0.5 ? 0 : 0.2,
        }),
        descending: random() < 0.5,
        nullsFirst: random() < 0.5,
      }));
      expect(sortedRows(types, keys, length), `round ${round}: ${types.map(typeText).join(', ')}`).toEqual(
        expectedOrder(keys, length),
      );
    }
  });

  it('strings that differ late, or only in length', () => {
    const random = randomSource(3);
    const stem = 'x'.repeat(200);
    const values = Array.from({ length: 4000 }, (_, i) =>
      i % 5 === 0 ? stem.slice(0, Math.floor(random() * 200)) : `${stem}${Math.floor(random() * 50)}`,
    );
    const key = { values, descending: false, nullsFirst: false };
    expect(sortedRows([{ dtype: 'Utf8' }], [key], values.length)).toEqual(expectedOrder([key], values.length));
  });

  it('sorted, reversed and constant input', () => {
    for (const f of [(i: number) => i, (i: number) => -i, () => 5, (i: number) => i >> 4, (i: number) => -(i >> 4)]) {
      const values = Array.from({ length: 70000 }, (_, i) => f(i));
      const key = { values, descending: false, nullsFirst: false };
      expect(sortedRows([{ dtype: 'Int32' }], [key], values.length)).toEqual(expectedOrder([key], values.length));
    }
  });

  it('the full range of 64 bits beside nulls', () => {
    const values = [2n ** 63n - 1n, null, -(2n ** 63n), 0n, null, -1n];
    for (const descending of [false, true])
      for (const nullsFirst of [false, true]) {
        const key = { values, descending, nullsFirst };
        expect(sortedRows([{ dtype: 'Int64' }], [key], 6)).toEqual(expectedOrder([key], 6));
      }
  });

  it.runIf(onCpu)('a million floats', () => {
    const random = randomSource(11);
    const length = 1_000_000;
    const values = Array.from({ length }, (_, i) => (i % 1000 === 0 ? null : random() - 0.5));
    const ctx = testContext();
    const rows = argsort(
      ctx,
      [{ vector: vectorOf(ctx, { dtype: 'Float64' }, values), descending: false, nullsFirst: false }],
      length,
    );
    const order = ctx.heap.refresh().u32.slice(rows >>> 2, (rows >>> 2) + length);
    let wrong = 0;
    for (let i = 1; i < length; i++) {
      const a = values[order[i - 1]!] ?? Number.POSITIVE_INFINITY;
      const b = values[order[i]!] ?? Number.POSITIVE_INFINITY;
      if (a > b || (a === b && order[i - 1]! > order[i]!)) wrong++;
    }
    expect(wrong).toBe(0);
    expect(new Set(order).size).toBe(length);
  });

  it('refuses nested columns by name', () => {
    const ctx = testContext();
    const type: LogicalType = { dtype: 'List', inner: { type: { dtype: 'Int32' }, nullable: true } };
    const vector = vectorOf(ctx, type, [[1], [2]]);
    expect(() => argsort(ctx, [{ vector, descending: false, nullsFirst: false }], 2)).toThrow(
      /List\(nullable\(Int32\)\)/,
    );
  });
});

const SCHEMA: Schema = [
  { name: 'k', type: { dtype: 'Int32' }, nullable: true },
  { name: 's', type: { dtype: 'Utf8' }, nullable: true },
  { name: 'f', type: { dtype: 'Float64' }, nullable: true },
  { name: 'b', type: { dtype: 'Bool' }, nullable: true },
  { name: 'l', type: { dtype: 'List', inner: { type: { dtype: 'Int32' }, nullable: true } }, nullable: true },
  { name: 'row', type: { dtype: 'UInt32' }, nullable: false },
];

function sortNode(
  keys: { column: string; descending?: boolean; nullsFirst?: boolean }[],
  limit: number | null,
): SortNode {
  const input = { node: 'table', tableId: 0, rows: 0, schema: SCHEMA } as const;
  return {
    node: 'sort',
    input,
    schema: SCHEMA,
    limit,
    keys: keys.map((k) => {
      const field = SCHEMA.find((f) => f.name === k.column)!;
      return {
        expr: { node: 'col', name: field.name, type: field.type, nullable: field.nullable },
        descending: k.descending ?? false,
        nullsFirst: k.nullsFirst ?? false,
      };
    }),
  };
}

function makeRows(length: number, random: () => number, distinct: number): unknown[][] {
  const columns = SCHEMA.map((f) =>
    f.name === 'row'
      ? Array.from({ length }, (_, i) => i)
      : f.name === 'l'
        ? Array.from({ length }, (_, i) => (i % 11 === 0 ? null : Array.from({ length: i % 4 }, (_, k) => i + k)))
        : randomColumn(f.type, length, random, { distinct }),
  );
  return columns;
}

/** Columns cut into batches whose vectors outlive the morsel. */
function batchesOf(ctx: ExecContext, columns: readonly (readonly unknown[])[], batchRows: number): Batch[] {
  const batches: Batch[] = [];
  for (let at = 0; at < columns[0]!.length; at += batchRows)
    batches.push(batchOf(SCHEMA.map((f, i) => vectorOf(ctx, f.type, columns[i]!.slice(at, at + batchRows)))));
  return batches;
}

/** Pushes batches and reads the result back; `only` names the columns to read. */
function runSink(
  ctx: ExecContext,
  node: SortNode,
  batches: readonly Batch[],
  only: readonly number[] = SCHEMA.map((_, i) => i),
): { rows: unknown[][]; sizes: number[] } {
  const sink = createSortSink(node, SCHEMA);
  for (const batch of batches) {
    sink.push(ctx, batch);
    ctx.scratch.reset();
  }
  const source: Source = sink.finish(ctx);
  const out: unknown[][] = only.map(() => []);
  const sizes: number[] = [];
  for (let batch = source.next(ctx); batch; batch = source.next(ctx)) {
    sizes.push(batch.length);
    only.forEach((c, i) => {
      for (const value of valuesOf(ctx, batch!.columns[c]!)) out[i]!.push(value);
    });
    ctx.scratch.reset();
  }
  source.close(ctx);
  return { rows: out, sizes };
}

describe('the sort sink', () => {
  it('moves whole rows, of every kind of column', () => {
    const random = randomSource(5);
    const ctx = testContext();
    const columns = makeRows(3000, random, 40);
    const keys = [{ column: 's' }, { column: 'k', descending: true, nullsFirst: true }];
    const order = expectedOrder(
      [
        { values: columns[1]!, descending: false, nullsFirst: false },
        { values: columns[0]!, descending: true, nullsFirst: true },
      ],
      3000,
    );
    const { rows } = runSink(ctx, sortNode(keys, null), batchesOf(ctx, columns, 700));
    expect(rows).toEqual(columns.map((c) => order.map((i) => c[i])));
  });

  it('gives batches of one morsel', () => {
    const random = randomSource(6);
    for (const length of [0, 1, MORSEL_ROWS - 1, MORSEL_ROWS, MORSEL_ROWS + 1]) {
      const ctx = testContext();
      const columns = makeRows(length, random, length + 1);
      const { rows, sizes } = runSink(ctx, sortNode([{ column: 'f' }], null), batchesOf(ctx, columns, 65536), [5]);
      expect(sizes).toEqual(length === 0 ? [] : length <= MORSEL_ROWS ? [length] : [MORSEL_ROWS, 1]);
      const order = expectedOrder([{ values: columns[2]!, descending: false, nullsFirst: false }], length);
      expect(rows[0]).toEqual(order);
    }
  });

  it('top k is the head of the full sort', () => {
    const random = randomSource(8);
    const length = 250_000;
    const ctx = testContext();
    const columns = makeRows(length, random, 5000);
    const batches = batchesOf(ctx, columns, 50_000);
    const specs = [
      [{ column: 'f' }],
      [{ column: 'f', descending: true }],
      [{ column: 'k', nullsFirst: true }],
      [{ column: 'b' }, { column: 'row', descending: true }],
      [{ column: 's', descending: true }],
      [{ column: 'row', descending: true }],
    ];
    for (const spec of specs) {
      const order = expectedOrder(
        spec.map((s) => ({
          values: columns[SCHEMA.findIndex((f) => f.name === s.column)]!,
          descending: 'descending' in s && s.descending === true,
          nullsFirst: 'nullsFirst' in s && s.nullsFirst === true,
        })),
        length,
      );
      for (const limit of [0, 1, 10, 1000]) {
        const { rows } = runSink(ctx, sortNode(spec, limit), batches, [5]);
        expect(rows[0], `${JSON.stringify(spec)} limit ${limit}`).toEqual(order.slice(0, limit));
      }
    }
  });

  it('many rows are packed side by side, every layout, nulls that come late', () => {
    const length = 300_000;
    const late = (i: number, value: unknown): unknown => (i > 150_000 && i % 5 === 0 ? null : value);
    const kinds: readonly [LogicalType, (i: number) => unknown][] = [
      [{ dtype: 'UInt32' }, (i) => i],
      [{ dtype: 'Bool' }, (i) => late(i, i % 3 === 0)],
      [{ dtype: 'Int8' }, (i) => late(i, (i % 200) - 100)],
      [{ dtype: 'Int16' }, (i) => i % 30000],
      [{ dtype: 'Float64' }, (i) => late(i, ((i * 7919) % 100_003) / 4)],
      [{ dtype: 'Utf8' }, (i) => late(i, i % 4 === 0 ? `a text longer than a view, ${i}` : `t${i}`)],
      [{ dtype: 'Decimal', precision: 38, scale: 2 }, (i) => BigInt(i) * -(10n ** 20n)],
      [{ dtype: 'List', inner: { type: { dtype: 'Int32' }, nullable: true } }, (i) => (i % 3 === 0 ? [i, null] : [])],
      [{ dtype: 'Bool' }, (i) => i % 2 === 0],
    ];
    const schema: Schema = kinds.map(([type], i) => ({ name: `c${i}`, type, nullable: true }));
    const ctx = testContext();
    const keys = [
      { expr: { node: 'col', name: 'c4', type: schema[4]!.type, nullable: true }, descending: true, nullsFirst: false },
    ];
    const sink = createSortSink({ ...sortNode([], null), schema, keys } as SortNode, schema);
    // Batches that end anywhere, so that pieces start anywhere within a byte of a bitmap.
    for (let at = 0; at < length; ) {
      const n = Math.min(length - at, 40_003);
      const columns = kinds.map(([type, f]) =>
        vectorOf(
          ctx,
          type,
          Array.from({ length: n }, (_, i) => f(at + i)),
        ),
      );
      sink.push(ctx, batchOf(columns));
      ctx.scratch.reset();
      at += n;
    }
    const source = sink.finish(ctx);
    const order: number[] = [];
    for (let batch = source.next(ctx); batch; batch = source.next(ctx)) {
      const columns = batch.columns.map((v) => valuesOf(ctx, v));
      const ids = columns[0] as number[];
      columns.forEach((values, c) => {
        // Every column says the same about its row.
        const bad = values.findIndex((v, i) =>
          c < 7 || c === 8 ? v !== kinds[c]![1](ids[i]!) : i % 97 === 0 && String(v) !== String(kinds[c]![1](ids[i]!)),
        );
        if (bad >= 0) expect({ c, value: values[bad] }).toEqual({ c, value: kinds[c]![1](ids[bad]!) });
      });
      order.push(...ids);
      ctx.scratch.reset();
    }
    source.close(ctx);
    const keyValues = Array.from({ length }, (_, i) => kinds[4]![1](i));
    expect(order).toEqual(expectedOrder([{ values: keyValues, descending: true, nullsFirst: false }], length));
  });

  it('sorts dictionary-encoded strings', () => {
    const ctx = testContext();
    const words = ['pear', 'apple', 'a fruit with a long name', 'fig'];
    const codes = [0, 1, null, 2, 3, 1, 0];
    const schema: Schema = [{ name: 's', type: { dtype: 'Utf8' }, nullable: true }];
    const node = { ...sortNode([{ column: 's' }], null), schema };
    const sink = createSortSink(node, schema);
    sink.push(ctx, batchOf([dictVectorOf(ctx, words, codes)]));
    const batch = sink.finish(ctx).next(ctx)!;
    expect(valuesOf(ctx, batch.columns[0]!)).toEqual([
      'a fruit with a long name',
      'apple',
      'apple',
      'fig',
      'pear',
      'pear',
      null,
    ]);
  });
});

testOnDevice();
