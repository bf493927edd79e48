import { describe, expect, test } from 'vitest';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { createDistinctOperator, createDistinctSink } from '../../ts/backend/cpu/operators/distinct.ts';
import type { DistinctNode } from '../../ts/plan/nodes.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { batchOf, testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { randomColumn, randomSource } from '../support/random-columns.ts';

const utf8: LogicalType = { dtype: 'Utf8' };
const f64: LogicalType = { dtype: 'Float64' };
const list: LogicalType = { dtype: 'List', inner: { type: utf8, nullable: true } };
const schema: Schema = [
  { name: 'f', type: f64, nullable: true },
  { name: 's', type: utf8, nullable: true },
  { name: 'l', type: list, nullable: true },
];

function nodeOf(keep: DistinctNode['keep'], subset: readonly string[]): DistinctNode {
  const input = { node: 'table', tableId: 0, rows: 0, schema } as const;
  return { node: 'distinct', input, subset, keep, maintainOrder: true, schema };
}

const text = (row: unknown[]): string =>
  JSON.stringify(row, (_, x) => (typeof x === 'number' ? (x === 0 ? '0' : String(x)) : x));

/** The rows that stay, in input order. */
function expected(rows: unknown[][], keep: DistinctNode['keep'], subset: readonly string[]): unknown[][] {
  const at = (subset.length > 0 ? subset : schema.map((f) => f.name)).map((n) => schema.findIndex((f) => f.name === n));
  const groups = new Map<string, number[]>();
  rows.forEach((row, i) => {
    const key = text(at.map((k) => row[k]));
    const group = groups.get(key);
    if (group) group.push(i);
    else groups.set(key, [i]);
  });
  const kept = [...groups.values()].flatMap((g) =>
    keep === 'last' ? [g.at(-1)!] : keep === 'none' ? (g.length === 1 ? g : []) : [g[0]!],
  );
  return kept.sort((a, b) => a - b).map((i) => rows[i]!);
}

function distinct(ctx: ExecContext, node: DistinctNode, rows: unknown[][], size: number): unknown[][] {
  const sink = createDistinctSink(node, schema);
  for (let from = 0; from < rows.length || from === 0; from += size) {
    const part = rows.slice(from, from + size);
    const columns = schema.map((f, k) =>
      vectorOf(
        ctx,
        f.type,
        part.map((r) => r[k]),
      ),
    );
    sink.push(ctx, batchOf(columns));
    ctx.scratch.reset();
  }
  const source = sink.finish(ctx);
  const out: unknown[][] = [];
  for (let b = source.next(ctx); b; b = source.next(ctx)) {
    const columns = b.columns.map((v) => valuesOf(ctx, v));
    for (let i = 0; i < b.length; i++) out.push(columns.map((c) => c[i]));
    ctx.scratch.reset();
  }
  source.close(ctx);
  return out;
}

describe.each(['any', 'first', 'last', 'none'] as const)('keep %s', (keep) => {
  test.each([[[]], [['f']], [['s']], [['f', 's']], [['l']]])('of %j', (subset) => {
    for (const n of [0, 1, 500, 3000]) {
      const random = randomSource(n);
      const f = randomColumn(f64, n, random, { distinct: 9 });
      const s = randomColumn(utf8, n, random, { distinct: 20 });
      const rows = f.map((v, i) => [
        v,
        s[i],
        random() < 0.1
          ? null
          : Array.from({ length: Math.floor(random() * 3) }, () => (random() < 0.3 ? null : 'item')),
      ]);
      for (const size of [64, 5000])
        expect(distinct(testContext(), nodeOf(keep, subset), rows, size).map(text)).toEqual(
          expected(rows, keep, subset).map(text),
        );
    }
  });
});

test('any and first stream, last and none do not', () => {
  expect(createDistinctOperator(nodeOf('any', []), schema)).not.toBeNull();
  expect(createDistinctOperator(nodeOf('first', []), schema)).not.toBeNull();
  expect(createDistinctOperator(nodeOf('last', []), schema)).toBeNull();
  expect(createDistinctOperator(nodeOf('none', []), schema)).toBeNull();
});

test('a name that is no column is refused', () => {
  expect(() => createDistinctSink(nodeOf('first', ['x']), schema)).toThrow(
    expect.objectContaining({ code: 'ERR_COLUMN_NOT_FOUND', message: expect.stringMatching(/"x" not found/) }),
  );
});
