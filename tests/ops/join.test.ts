import { describe, expect, it } from 'vitest';
import { PieceStore } from '../../ts/backend/cpu/columns/piece-store.ts';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { createCrossJoin, createJoinBuild, createJoinProbe } from '../../ts/backend/cpu/operators/join.ts';
import type { Operator } from '../../ts/backend/cpu/pipeline.ts';
import { type Batch, MORSEL_ROWS } from '../../ts/backend/cpu/vector.ts';
import type { JoinHow, JoinNode } from '../../ts/plan/nodes.ts';
import { type Field, type LogicalType, type Schema, typeText } from '../../ts/schema/types.ts';
import { onCpu } from '../support/backends.ts';
import { batchOfValues, queuePlan, testOnDevice } from '../support/device-cases.ts';
import { batchOf, dictVectorOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { randomColumn, randomSource, SORTABLE } from '../support/random-columns.ts';

const HOWS: readonly JoinHow[] = ['inner', 'left', 'right', 'full', 'semi', 'anti'];

interface Side {
  schema: Schema;
  columns: readonly (readonly unknown[])[];
}
interface Options {
  how: JoinHow;
  build: 'left' | 'right';
  nullsEqual?: boolean;
  maintainOrder?: boolean;
  keys: number;
}

/** Both sides: `keys` key columns first, then others. */
function joinNode(left: Schema, right: Schema, o: Options): JoinNode {
  const table = (schema: Schema, tableId: number) => ({ node: 'table', tableId, rows: 0, schema }) as const;
  const rest = o.how === 'semi' || o.how === 'anti' ? [] : right.slice(o.keys);
  return {
    node: 'join',
    left: table(left, 0),
    right: table(right, 1),
    how: o.how,
    leftOn: left.slice(0, o.keys).map((f) => f.name),
    rightOn: right.slice(0, o.keys).map((f) => f.name),
    suffix: '_right',
    nullsEqual: o.nullsEqual ?? false,
    maintainOrder: o.maintainOrder ?? false,
    build: o.build,
    schema: [
      ...left,
      ...rest.map((f) => ({
        ...f,
        nullable: true,
        name: left.some((l) => l.name === f.name) ? `${f.name}_right` : f.name,
      })),
    ],
  };
}

const batchesOf = (ctx: ExecContext, side: Side, batchRows: number): Batch[] => {
  const out: Batch[] = [];
  for (let at = 0; at < side.columns[0]!.length; at += batchRows)
    out.push(batchOf(side.schema.map((f, i) => vectorOf(ctx, f.type, side.columns[i]!.slice(at, at + batchRows)))));
  return out;
};

/** Streams batches through an operator and collects rows. */
function stream(
  ctx: ExecContext,
  operator: Operator,
  batches: readonly Batch[],
): { rows: unknown[][]; sizes: number[]; last: Batch | null } {
  const rows: unknown[][] = [];
  const sizes: number[] = [];
  let last: Batch | null = null;
  const emit = (b: Batch): void => {
    sizes.push(b.length);
    last = b;
    const columns = b.columns.map((v) => valuesOf(ctx, v));
    for (let i = 0; i < b.length; i++) rows.push(columns.map((c) => c[i]));
  };
  for (const b of batches) {
    operator.push(ctx, b, emit);
    ctx.scratch.reset();
  }
  operator.finish?.(ctx, emit);
  return { rows, sizes, last };
}

function runJoin(left: Side, right: Side, o: Options, batchRows = 300): { rows: unknown[][]; sizes: number[] } {
  const ctx = testContext();
  const node = joinNode(left.schema, right.schema, o);
  const [buildSide, probeSide] = o.build === 'left' ? [left, right] : [right, left];
  const build = createJoinBuild(node, buildSide.schema);
  const probe = createJoinProbe(node, build);
  for (const b of batchesOf(ctx, buildSide, batchRows)) build.push(ctx, b);
  build.finish(ctx);
  const result = stream(ctx, probe, batchesOf(ctx, probeSide, batchRows));
  // A device chooses the side itself: once is enough.
  if (o.build === 'left') return result;
  queuePlan(result.rows.length, () => ({
    inputs: [batchOfValues(left.schema, left.columns), batchOfValues(right.schema, right.columns)],
    plan: ([l, r]) => ({ ...node, left: l!, right: r! }),
    expected: node.schema.map((_, i) => result.rows.map((row) => row[i])),
    anyOrder: true,
  }));
  return result;
}

const canonical = (v: unknown): string =>
  v instanceof Uint8Array
    ? `x${Buffer.from(v).toString('hex')}`
    : typeof v === 'number'
      ? `n${v === 0 ? 0 : v}`
      : `${typeof v}${String(v)}`;

/** The oracle: nested maps in plain JavaScript, in the left's order with unmatched right rows behind. */
function expectedJoin(left: Side, right: Side, o: Options): unknown[][] {
  const n = left.columns[0]!.length;
  const m = right.columns[0]!.length;
  const keyOf = (side: Side, i: number): string | null => {
    const values = side.columns.slice(0, o.keys).map((c) => c[i]);
    if (!o.nullsEqual && values.includes(null)) return null;
    return values.map(canonical).join('|');
  };
  const index = new Map<string, number[]>();
  for (let i = 0; i < m; i++) {
    const key = keyOf(right, i);
    if (key !== null) index.set(key, [...(index.get(key) ?? []), i]);
  }
  const row = (l: number, r: number): unknown[] => [
    ...left.columns.map((c, k) =>
      l >= 0 ? c[l] : k < o.keys && (o.how === 'right' || o.how === 'full') ? right.columns[k]![r] : null,
    ),
    ...(o.how === 'semi' || o.how === 'anti' ? [] : right.columns.slice(o.keys).map((c) => (r >= 0 ? c[r] : null))),
  ];
  const out: unknown[][] = [];
  const met = new Set<number>();
  for (let i = 0; i < n; i++) {
    const key = keyOf(left, i);
    const matches = key === null ? [] : (index.get(key) ?? []);
    if (o.how === 'semi' || o.how === 'anti') {
      if (matches.length > 0 === (o.how === 'semi')) out.push(row(i, -1));
      continue;
    }
    for (const r of matches) {
      met.add(r);
      out.push(row(i, r));
    }
    if (matches.length === 0 && (o.how === 'left' || o.how === 'full')) out.push(row(i, -1));
  }
  if (o.how === 'right' || o.how === 'full') for (let r = 0; r < m; r++) if (!met.has(r)) out.push(row(-1, r));
  return out;
}

const sorted = (rows: readonly (readonly unknown[])[]): string[] => rows.map((r) => r.map(canonical).join(',')).sort();

function side(types: readonly LogicalType[], columns: readonly (readonly unknown[])[], prefix: string): Side {
  const schema = types.map((type, i): Field => ({ name: `${prefix}${i}`, type, nullable: columns[i]!.includes(null) }));
  return { schema, columns };
}

const PAYLOAD: readonly LogicalType[] = [{ dtype: 'UInt32' }, { dtype: 'Utf8' }];
function randomSide(
  keys: readonly LogicalType[],
  length: number,
  random: () => number,
  distinct: number,
  nulls: number,
  prefix: string,
): Side {
  const types = [...keys, ...PAYLOAD];
  const columns = [
    ...keys.map((t) => randomColumn(t, length, random, { distinct, nulls })),
    Array.from({ length }, (_, i) => i),
    randomColumn({ dtype: 'Utf8' }, length, random, { distinct: 50 }),
  ];
  return side(types, columns, prefix);
}

describe('join keys', () => {
  for (const type of SORTABLE)
    it(`${typeText(type)}: every kind of join, built on either side`, () => {
      const random = randomSource(typeText(type).length * 17);
      for (const [n, m, distinct, nulls] of [
        [700, 500, 60, 0.1],
        [400, 90, 4000, 0],
        [0, 50, 10, 0.1],
        [50, 0, 10, 0.1],
      ] as const) {
        // Two keys only: fewer rows, or the result is all pairs.
        const few = type.dtype === 'Bool' ? 5 : 1;
        const left = randomSide([type], Math.floor(n / few), random, distinct, nulls, 'l');
        const right = randomSide([type], Math.floor(m / few), random, distinct, nulls, 'r');
        for (const how of HOWS)
          for (const build of ['left', 'right'] as const)
            for (const nullsEqual of [false, true]) {
              const o = { how, build, nullsEqual, keys: 1 };
              const got = runJoin(left, right, o).rows;
              expect(sorted(got), `${how} ${build} ${nullsEqual} ${n}×${m}`).toEqual(
                sorted(expectedJoin(left, right, o)),
              );
            }
      }
    });

  it('any combination of up to four keys', () => {
    const random = randomSource(21);
    for (let round = 0; round < 60; round++) {
      const types = Array.from(
        { length: 1 + Math.floor(random() * 4) },
        () => SORTABLE[Math.floor(random() * SORTABLE.length)]!,
      );
      const distinct = 1 + Math.floor(random() * 8);
      const left = randomSide(types, Math.floor(random() * 200), random, distinct, random() < 0.5 ? 0 : 0.2, 'l');
      const right = randomSide(types, Math.floor(random() * 200), random, distinct, random() < 0.5 ? 0 : 0.2, 'r');
      const o: Options = {
        how: HOWS[Math.floor(random() * HOWS.length)]!,
        build: random() < 0.5 ? 'left' : 'right',
        nullsEqual: random() < 0.5,
        keys: types.length,
      };
      expect(sorted(runJoin(left, right, o, 64).rows), `${round}: ${JSON.stringify(o)} ${types.map(typeText)}`).toEqual(
        sorted(expectedJoin(left, right, o)),
      );
    }
  });

  it('dictionary-encoded strings are looked up once per word', () => {
    const ctx = testContext();
    const schema: Schema = [{ name: 'k', type: { dtype: 'Utf8' }, nullable: true }];
    const right: Schema = [...schema, { name: 'v', type: { dtype: 'Int32' }, nullable: false }];
    const words = ['a rather long airport name', 'BOS', 'SEA'];
    for (const how of ['inner', 'left', 'anti'] as const) {
      const node = joinNode(schema, right, { how, build: 'right', keys: 1 });
      const build = createJoinBuild(node, right);
      build.push(
        ctx,
        batchOf([
          vectorOf(ctx, { dtype: 'Utf8' }, ['BOS', null, 'a rather long airport name']),
          vectorOf(ctx, { dtype: 'Int32' }, [1, 2, 3]),
        ]),
      );
      build.finish(ctx);
      const batch = batchOf([dictVectorOf(ctx, words, [0, 1, null, 2, 1, 0])]);
      const { rows } = stream(ctx, createJoinProbe(node, build), [batch]);
      const long = words[0];
      expect(rows).toEqual(
        how === 'inner'
          ? [
              [long, 3],
              ['BOS', 1],
              ['BOS', 1],
              [long, 3],
            ]
          : how === 'left'
            ? [
                [long, 3],
                ['BOS', 1],
                [null, null],
                ['SEA', null],
                ['BOS', 1],
                [long, 3],
              ]
            : [[null], ['SEA']],
      );
    }
  });

  it('refuses nested keys by name', () => {
    const type: LogicalType = { dtype: 'Struct', fields: [] };
    const schema: Schema = [{ name: 'where', type, nullable: false }];
    const node = joinNode(schema, schema, { how: 'inner', build: 'right', keys: 1 });
    expect(() => createJoinBuild(node, schema)).toThrow(/"where" of type Struct/);
  });
});

describe('join order and batches', () => {
  const random = randomSource(33);
  const left = randomSide([{ dtype: 'Int32' }], 900, random, 40, 0.1, 'l');
  const right = randomSide([{ dtype: 'Int32' }], 700, random, 40, 0.1, 'r');

  it('maintainOrder keeps the left order on either side', () => {
    for (const how of HOWS)
      for (const build of ['left', 'right'] as const) {
        const o = { how, build, maintainOrder: true, keys: 1 };
        const got = runJoin(left, right, o).rows;
        const wanted = expectedJoin(left, right, o);
        expect(
          got.map((r) => r[1]),
          `${how} ${build}`,
        ).toEqual(wanted.map((r) => r[1]));
        expect(sorted(got)).toEqual(sorted(wanted));
      }
  });

  it.runIf(onCpu)('one hot key on both sides gives batches of at most a morsel', () => {
    const n = 500;
    const hot = (prefix: string) =>
      side(
        [{ dtype: 'Utf8' }, { dtype: 'UInt32' }],
        [new Array(n).fill('hot'), Array.from({ length: n }, (_, i) => i)],
        prefix,
      );
    for (const build of ['left', 'right'] as const) {
      const { rows, sizes } = runJoin(hot('l'), hot('r'), { how: 'inner', build, keys: 1 }, 1000);
      expect(rows.length).toBe(n * n);
      expect(Math.max(...sizes)).toBe(MORSEL_ROWS);
      expect(new Set(rows.map((r) => (r[1] as number) * n + (r[2] as number))).size).toBe(n * n);
      for (const how of ['semi', 'anti'] as const)
        expect(runJoin(hot('l'), hot('r'), { how, build, keys: 1 }).rows.length).toBe(how === 'semi' ? n : 0);
    }
  });

  it('rows that match once share the probe columns', () => {
    const ctx = testContext();
    const ids = Array.from({ length: 5000 }, (_, i) => (i * 7) % 1000);
    const l = side([{ dtype: 'Int64' }, { dtype: 'Float64' }], [ids.map(BigInt), ids.map((i) => i / 2)], 'l');
    const r = side(
      [{ dtype: 'Int64' }, { dtype: 'Int32' }],
      [Array.from({ length: 1000 }, (_, i) => BigInt(i)), Array.from({ length: 1000 }, (_, i) => i * 3)],
      'r',
    );
    for (const how of ['inner', 'left'] as const) {
      const node = joinNode(l.schema, r.schema, { how, build: 'right', keys: 1 });
      const build = createJoinBuild(node, r.schema);
      for (const b of batchesOf(ctx, r, 1000)) build.push(ctx, b);
      build.finish(ctx);
      const [batch] = batchesOf(ctx, l, 5000);
      const { last, rows } = stream(ctx, createJoinProbe(node, build), [batch!]);
      expect(last!.columns[0]!.data).toBe(batch!.columns[0]!.data);
      expect(last!.columns[1]!.data).toBe(batch!.columns[1]!.data);
      expect(rows.map((x) => x[2])).toEqual(ids.map((i) => i * 3));
    }
  });

  it('an empty build side ends an inner join early', () => {
    const ctx = testContext();
    const node = joinNode(left.schema, right.schema, { how: 'inner', build: 'right', keys: 1 });
    const build = createJoinBuild(node, right.schema);
    build.finish(ctx);
    expect(createJoinProbe(node, build).done?.()).toBe(true);
  });

  it.runIf(onCpu)('morsels of 65,535, 65,536 and 65,537 rows', () => {
    for (const n of [MORSEL_ROWS - 1, MORSEL_ROWS, MORSEL_ROWS + 1]) {
      const ids = Array.from({ length: n }, (_, i) => (i * 13) % 70000);
      const l = side([{ dtype: 'Int32' }, { dtype: 'UInt32' }], [ids, ids.map((_, i) => i)], 'l');
      const r = side([{ dtype: 'Int32' }, { dtype: 'UInt32' }], [ids.map((i) => i * 2), ids.map((_, i) => i)], 'r');
      const o = { how: 'full', build: 'right', keys: 1 } as const;
      expect(sorted(runJoin(l, r, o, MORSEL_ROWS).rows)).toEqual(sorted(expectedJoin(l, r, o)));
    }
  });

  it.runIf(onCpu)('a million rows against wide, sparse and dense keys', () => {
    const n = 1_000_000;
    for (const spread of [1, 1000, 10_000_019]) {
      const ctx = testContext();
      const schema: Schema = [{ name: 'k', type: { dtype: 'Int64' }, nullable: false }];
      const node = joinNode(schema, [...schema, { name: 'v', type: { dtype: 'Int64' }, nullable: false }], {
        how: 'inner',
        build: 'right',
        keys: 1,
      });
      const build = createJoinBuild(node, node.right.schema);
      const keys = Array.from({ length: n / 10 }, (_, i) => BigInt(i) * BigInt(spread));
      build.push(
        ctx,
        batchOf([
          vectorOf(ctx, { dtype: 'Int64' }, keys),
          vectorOf(
            ctx,
            { dtype: 'Int64' },
            keys.map((k) => k * 2n),
          ),
        ]),
      );
      build.finish(ctx);
      const probe = createJoinProbe(node, build);
      let rows = 0;
      let wrong = 0;
      const next = randomSource(spread);
      for (let at = 0; at < n; at += MORSEL_ROWS) {
        const length = Math.min(MORSEL_ROWS, n - at);
        const vector = vectorOf(
          ctx,
          { dtype: 'Int64' },
          Array.from({ length }, () => BigInt(Math.floor(next() * (n / 5)) * spread)),
        );
        probe.push(ctx, batchOf([vector]), (b) => {
          const { u32, i64 } = ctx.heap.refresh();
          expect(u32.length).toBeGreaterThan(0);
          rows += b.length;
          const [k, v] = b.columns;
          for (let i = 0; i < b.length; i++) if (i64[k!.data / 8 + i]! * 2n !== i64[v!.data / 8 + i]) wrong++;
        });
        ctx.scratch.reset();
        ctx.arena.free(vector.data);
      }
      expect(wrong).toBe(0);
      expect(rows).toBeGreaterThan(n * 0.49);
      expect(rows).toBeLessThan(n * 0.51);
    }
  });
});

describe('cross join', () => {
  for (const build of ['left', 'right'] as const)
    for (const [n, m] of [
      [0, 5],
      [5, 0],
      [7, 11],
      [300, 700],
      [2, MORSEL_ROWS + 1],
    ] as const)
      it(`${n} × ${m} rows, kept side ${build}`, () => {
        const ctx = testContext();
        const make = (length: number, prefix: string) =>
          side([{ dtype: 'UInt32' }], [Array.from({ length }, (_, i) => i)], prefix);
        const l = make(n, 'l');
        const r = make(m, 'r');
        for (const maintainOrder of [false, true]) {
          const node = joinNode(l.schema, r.schema, { how: 'cross', build, maintainOrder, keys: 0 });
          const [kept, passing] = build === 'left' ? [l, r] : [r, l];
          const store = new PieceStore(kept.schema);
          for (const b of batchesOf(ctx, kept, MORSEL_ROWS)) store.append(ctx, b);
          const { rows, sizes } = stream(ctx, createCrossJoin(node, store), batchesOf(ctx, passing, 1000));
          expect(rows.length).toBe(n * m);
          expect(new Set(rows.map((x) => (x[0] as number) * m + (x[1] as number))).size).toBe(n * m);
          expect(Math.max(0, ...sizes)).toBeLessThanOrEqual(MORSEL_ROWS);
          if (maintainOrder) expect(rows.every((x, i) => x[0] === Math.floor(i / m))).toBe(true);
        }
      });
});

testOnDevice();
