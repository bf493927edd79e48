// The native plan parser against the plans that were written. Built with a C++ compiler alone.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
// Reading a file loads the engine in the background; the test may end first.
import '../../ts/backend/cpu/cpu-backend.ts';
import '../../ts/backend/cpu/embedded.gen.ts';
import '../../ts/backend/cpu/engine.ts';
import { QUERIES } from '../../bench/tpch/queries.ts';
import { openTables } from '../../bench/tpch/tables.ts';
import type { ExprNode, LiteralValue, LitNode, NamedExpr, OrderKey } from '../../ts/expr/nodes.ts';
import {
  Binary,
  concat,
  Date32,
  Datetime,
  Decimal,
  Duration,
  FixedSizeList,
  Float64,
  Int64,
  List,
  nullable,
  Struct,
  Time,
  Utf8,
  when,
} from '../../ts/index.ts';
import { optimize } from '../../ts/optimize/optimizer.ts';
import { nodeLabel } from '../../ts/plan/explain.ts';
import { type FileSpec, inputsOf, type PlanNode } from '../../ts/plan/nodes.ts';
import { parsePlan, serializePlan } from '../../ts/plan/serialize.ts';
import { walkPlan } from '../../ts/plan/walk.ts';
import { type LogicalType, type Schema, typeText } from '../../ts/schema/types.ts';
import { planOf, scanOf } from '../support/plans.ts';

const root = path.resolve(import.meta.dirname, '../..');
const sources = (folder: string): string[] =>
  readdirSync(path.join(root, folder))
    .filter((name) => name.endsWith('.cc'))
    .map((name) => path.join(root, folder, name));

function compilerMissing(): boolean {
  try {
    execFileSync('g++', ['--version'], { stdio: 'ignore' });
    return process.platform !== 'linux';
  } catch {
    return true;
  }
}
const skipped = compilerMissing();
if (skipped) console.warn('tests of the native plan parser are skipped: no g++ here');

const folder = mkdtempSync(path.join(tmpdir(), 'warpframe-plan-'));
const program = path.join(folder, 'plan_tests');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (mode: string[], input: string): string =>
  execFileSync(program, mode, { input, encoding: 'utf8', maxBuffer: 2 ** 28 });

// What native/tests/plan/print_plans.cc prints.
const schemaOf = (s: Schema): unknown => s.map((f) => [f.name, typeText(f.type), f.nullable]);
const namedOf = (e: NamedExpr): unknown => [e.name, exprOf(e.expr)];
const keyOf = (k: OrderKey): unknown => [exprOf(k.expr), k.descending, k.nullsFirst];

function literalOf(value: LiteralValue, type: LogicalType): unknown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (Array.isArray(value)) return value.map((v: LiteralValue) => literalOf(v, type));
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (type.dtype !== 'Float64' && type.dtype !== 'Float32') return String(value);
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value as number);
  // There is one NaN.
  return Number.isNaN(value) ? '7ff8000000000000' : bits.toString('hex');
}

function exprOf(e: ExprNode): unknown {
  const parts = (): unknown[] => {
    switch (e.node) {
      case 'col':
        return [e.name];
      case 'lit':
        return [literalOf(e.value, e.type)];
      case 'call':
        return [e.fn, e.args.map(exprOf), e.options];
      case 'cast':
        return [exprOf(e.expr), e.strict];
      case 'when':
        return [e.branches.map((b) => [exprOf(b.when), exprOf(b.then)]), exprOf(e.otherwise)];
      case 'over':
        return [exprOf(e.expr), e.partitionBy.map(exprOf), e.orderBy.map(keyOf)];
    }
  };
  return [e.node, ...parts(), typeText(e.type), e.nullable];
}

const fileOf = ({ source, partition, rows }: FileSpec): unknown => [
  source.kind,
  source.kind === 'file' ? source.path : source.kind === 'http' ? source.url : source.id,
  source.sizeBytes,
  Object.entries(partition ?? {}),
  rows ?? null,
];

function partsOf(p: PlanNode): unknown[] {
  switch (p.node) {
    case 'scan': {
      const predicate = p.predicate === null ? null : exprOf(p.predicate);
      return [p.format, p.files.map(fileOf), schemaOf(p.fileSchema), p.options, predicate, p.limit];
    }
    case 'table':
      return [p.tableId, p.rows];
    case 'project':
      return [p.exprs.map(namedOf)];
    case 'filter':
      return [exprOf(p.predicate)];
    case 'aggregate':
      return [p.keys.map(namedOf), p.aggs.map(namedOf), p.maintainOrder];
    case 'join': {
      const how = ['inner', 'left', 'right', 'full', 'semi', 'anti', 'cross'].indexOf(p.how);
      return [how, p.leftOn, p.rightOn, p.nullsEqual, p.maintainOrder, p.build === 'left'];
    }
    case 'sort':
      return [p.keys.map(keyOf), p.limit];
    case 'slice':
      return [p.offset, p.length];
    case 'distinct':
      return [p.subset, ['any', 'first', 'last', 'none'].indexOf(p.keep), p.maintainOrder];
    case 'union':
      return [p.how === 'horizontal'];
    case 'write':
      return [p.format, p.path, p.options];
    case 'host':
      throw new Error('never written for a backend');
  }
}

/** Labels whose text does not depend on how expressions print. */
const plainLabel = (p: PlanNode): boolean =>
  !['filter', 'project', 'aggregate', 'sort'].includes(p.node) &&
  !(p.node === 'scan' && (p.predicate || p.files[0]?.rows));

function printed(plan: PlanNode): unknown {
  const numbers = new Map<PlanNode, number>();
  const nodes: unknown[] = [];
  walkPlan(plan, (p) => {
    const inputs = inputsOf(p).map((i) => numbers.get(i));
    numbers.set(p, nodes.length);
    const label = plainLabel(p) ? { label: nodeLabel(p) } : {};
    nodes.push({ node: [p.node, ...partsOf(p)], inputs, schema: schemaOf(p.schema), ...label });
  });
  return nodes;
}

function expectParsed(plans: readonly PlanNode[]): void {
  const lines = run(['print'], `${plans.map(serializePlan).join('\n')}\n`)
    .trimEnd()
    .split('\n');
  expect(lines).toHaveLength(plans.length);
  lines.forEach((line, i) => {
    const got = JSON.parse(line) as { label?: string }[];
    // What was written may share less than the plan: the reader in TypeScript says what it holds.
    const plan = parsePlan(serializePlan(plans[i]!));
    const expected = JSON.parse(JSON.stringify(printed(plan))) as { label?: string }[];
    if (Array.isArray(got)) {
      got.forEach((n, at) => {
        if (expected[at]?.label === undefined) delete n.label;
      });
    }
    expect(got).toEqual(expected);
  });
}

const everything = scanOf('all', {
  id: Int64,
  city: nullable(Utf8),
  price: Float64,
  cost: Decimal(12, 2),
  at: Datetime('ns', 'Europe/Oslo'),
  day: Date32,
  clock: Time,
  span: Duration('us'),
  tags: List(nullable(Utf8)),
  pair: FixedSizeList(Float64, 2),
  geo: Struct({ lat: Float64, 'lon gitude': nullable(Float64) }),
  raw: Binary,
});

describe.skipIf(skipped)('the native plan parser', () => {
  beforeAll(() => {
    const files = [...sources('native/plan'), ...sources('native/tests/plan')];
    const sanitize = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];
    execFileSync('g++', ['-std=c++20', '-O1', ...sanitize, ...files, '-o', program], { stdio: 'inherit' });
  }, 300_000);

  test('texts that are no plan are failures', () => {
    expect(run([], '')).toBe('');
  });

  test('every node and expression', () => {
    expectParsed(
      [
        everything,
        everything
          .filter((c) => c.id.gt(5n).and(c.city.isIn(['a', 'b"\\\u0001', '😀'])))
          .withColumns({
            a: (c) => when(c.price.gt(1)).then(c.price).otherwise(null),
            b: (c) => c.price.cast(Int64, { strict: false }),
            r: (c) => c.price.rank({ method: 'dense' }).over(c.city, { orderBy: c.id, descending: true }),
          })
          .dropNulls('city'),
        everything.groupBy('city').agg({ s: (c) => c.cost.sum() }),
        everything.select({ n: (c) => c.id.max(), q: (c) => c.price.quantile(0.25) }),
        everything.join(everything.select('id', 'price'), { on: 'id', how: 'full', nullsEqual: true }),
        everything.join(everything.select({ k: (c) => c.id, x: (c) => c.price }), { how: 'cross' } as never),
        everything.sort({ by: 'at', descending: true, nullsFirst: true }).slice(-5, 2),
        everything.slice(3).tail(1234),
        everything.unique({ subset: ['id'], keep: 'last', maintainOrder: true }).topK(3, { by: 'price' }),
        concat([everything, everything.head(2)], { how: 'diagonal' }),
        concat([everything.select('id'), everything.select('price')], { how: 'horizontal' }),
      ].map((frame) => planOf(frame as never)),
    );
  });

  test('literals keep every bit', () => {
    const values: [LitNode['value'], LogicalType][] = [
      [Number.NaN, { dtype: 'Float64' }],
      [Number.NEGATIVE_INFINITY, { dtype: 'Float32' }],
      [-0, { dtype: 'Float64' }],
      [5e-324, { dtype: 'Float64' }],
      [1.7976931348623157e308, { dtype: 'Float64' }],
      [0.1, { dtype: 'Float64' }],
      [2n ** 64n - 1n, { dtype: 'UInt64' }],
      [-(2n ** 63n), { dtype: 'Int64' }],
      [-(10n ** 37n), { dtype: 'Decimal', precision: 38, scale: 5 }],
      [1_700_000_000_123_456_789n, { dtype: 'Datetime', unit: 'ns', zone: null }],
      [new Uint8Array([0, 255, 7]), { dtype: 'Binary' }],
      [true, { dtype: 'Bool' }],
      [null, { dtype: 'Int64' }],
      [19000, { dtype: 'Date32' }],
      [[1n, 2n], { dtype: 'Int64' }],
    ];
    const input = planOf(everything);
    const exprs = values.map(([value, type], i) => ({
      name: `x${i}`,
      expr: { node: 'lit', value, type, nullable: value === null } as LitNode,
    }));
    const schema = exprs.map((e) => ({ name: e.name, type: e.expr.type, nullable: e.expr.nullable }));
    expectParsed([{ node: 'project', input, exprs, schema }]);
  });

  test('shared parts stay shared', () => {
    const shared = everything.sort('id');
    expectParsed([planOf(concat([shared.head(1), shared.tail(1)]))]);
  });

  test('the 22 TPC-H plans, as built and optimised', async () => {
    const tables = await openTables(path.join(root, 'tests/fixtures/tpch'));
    const plans = QUERIES.map((q) => planOf(q.run(tables)));
    expectParsed([...plans, ...plans.map((p) => optimize(p))]);
  });
});
