// What tests find out on the CPU engine, found out once more on backend cuda over the host's stand-in for libcudf (not a
// GPU), where TEST_BACKENDS names it: the same plans over the same rows, expected to give what was expected there.
import { expect } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import type { Backend, RunContext } from '../../ts/backend/backend.ts';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { exprText } from '../../ts/expr/text.ts';
import { named, tableNode } from '../../ts/plan/build.ts';
import { explainPlan } from '../../ts/plan/explain.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import { onBackends, onDevice, TEST_BACKENDS } from './backends.ts';
import { sameValue } from './compare-values.ts';
import { testContext, vectorOf } from './engine.ts';
import { hostValues } from './host-columns.ts';

type Columns = readonly (readonly unknown[])[];
/** A plan over tables, and the rows it gives, column by column. */
export interface DevicePlan {
  readonly inputs: readonly RecordBatch[];
  readonly plan: (tables: readonly PlanNode[]) => PlanNode;
  readonly expected: Columns;
  /** Rows in any order. Default: false. */
  readonly anyOrder?: boolean;
  /** Relative difference of floats that is still equal. Default: the last bits. */
  readonly relative?: number;
}
interface DeviceCase extends DevicePlan {
  readonly test: string;
}
const queue: DeviceCase[] = [];

/** Rows beyond which a case stays on the CPU: it would be held until the end of the file. */
const MOST_ROWS = 10_000;
/** Mathematics may differ in the last bits. */
const RELATIVE = { Float32: 1e-6, Float64: 1e-12 } as const;
const RUN: RunContext = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 1, threads: 1 };

/** Notes a plan and what it gives, for `testOnDevice`. The inputs are only made where a device is tested. */
export function queuePlan(rows: number, make: () => DevicePlan): void {
  if (!onDevice || rows > MOST_ROWS) return;
  queue.push({ test: expect.getState().currentTestName ?? '', ...make() });
}

/** A context for some batches: one each would be a heap each, one for all would never be given back. */
let shared: { readonly ctx: ExecContext; left: number } | undefined;
function batchContext(): ExecContext {
  if (shared === undefined || shared.left === 0) shared = { ctx: testContext(), left: 200 };
  shared.left--;
  return shared.ctx;
}

/** Columns of JavaScript values as rows of a table. */
export function batchOfValues(schema: Schema, columns: Columns): RecordBatch {
  const ctx = batchContext();
  const vectors = columns.map((values, i) => vectorOf(ctx, schema[i]!.type, values));
  return hostBatch(ctx, schema, vectors, columns[0]?.length ?? 0);
}
function hostBatch(ctx: ExecContext, schema: Schema, vectors: readonly Vector[], length: number): RecordBatch {
  const columns = vectors.map((v, i) => downloadVector(ctx, v, schema[i]!.name, true, ctx.arena));
  return { schema, length, columns };
}

/** Notes what the CPU engine gave for expressions, for `testOnDevice`. */
export function queueForDevice(
  ctx: ExecContext,
  exprs: readonly ExprNode[],
  schema: Schema,
  vectors: readonly Vector[],
  expected: Columns,
): void {
  if (vectors.length === 0) return;
  const length = vectors[0]!.length;
  queuePlan(length, () => ({
    inputs: [hostBatch(ctx, schema, vectors, length)],
    plan: ([table]) => projection(table as PlanNode, exprs),
    expected,
  }));
}

/** Expressions as the columns r0, r1 … */
export function projection(input: PlanNode, exprs: readonly ExprNode[]): PlanNode {
  const schema = exprs.map((e, i) => ({ name: `r${i}`, type: e.type, nullable: true }));
  const named_ = exprs.map((e, i) => named(`r${i}`, e));
  return Object.freeze({ node: 'project', input, exprs: named_, schema }) as PlanNode;
}

async function runOn(backend: Backend, one: DeviceCase): Promise<unknown[][] | { readonly refused: string }> {
  const tables = [];
  try {
    for (const batch of one.inputs) tables.push(await backend.upload([batch], batch.schema, RUN));
    const plan = planOf(one, tables);
    const refused = backend.whyNot(plan);
    if (refused !== null) return { refused };
    const result = await backend.execute(plan, RUN);
    try {
      await result.prefetch(undefined, RUN);
      return result.toHost().columns.map(hostValues);
    } finally {
      backend.release(result);
    }
  } finally {
    for (const table of tables) backend.release(table);
  }
}
const planOf = ({ plan, inputs }: DevicePlan, tables: readonly { readonly id: number }[]): PlanNode =>
  plan(inputs.map((batch, i) => tableNode(tables[i]?.id ?? i, batch.length, batch.schema)));

const plusZero = (v: unknown): unknown =>
  Array.isArray(v) ? v.map(plusZero) : v instanceof Uint8Array ? v : Object.is(v, -0) ? 0 : v;
const show = (v: unknown): string =>
  typeof v === 'bigint'
    ? `${v}n`
    : typeof v === 'object'
      ? JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? `${x}n` : x))
      : String(v);

/** Rows in an order of their own, so that two lists of equal rows are alike. */
function inAnyOrder(columns: Columns): unknown[][] {
  const keys = (columns[0] ?? []).map((_, i) => columns.map((c) => show(plusZero(c[i]))).join('\u0001'));
  const order = keys.map((_, i) => i).sort((a, b) => (keys[a]! < keys[b]! ? -1 : keys[a]! > keys[b]! ? 1 : 0));
  return columns.map((c) => order.map((i) => c[i]));
}

const relativeOf = (one: DevicePlan, type: LogicalType): number =>
  type.dtype === 'Float32' || type.dtype === 'Float64' ? (one.relative ?? RELATIVE[type.dtype]) : 0;

/** What differs; null: nothing. */
function differenceOf(one: DeviceCase, schema: Schema, got: Columns): string | null {
  const [ours, theirs] = one.anyOrder ? [inAnyOrder(got), inAnyOrder(one.expected)] : [got, one.expected];
  for (const [k, wanted] of theirs.entries()) {
    const values = ours[k]!;
    if (values.length !== wanted.length) return `${values.length} rows instead of ${wanted.length}`;
    const relative = relativeOf(one, schema[k]!.type);
    const bad = wanted.findIndex((v, i) => !sameValue(plusZero(values[i]), plusZero(v), relative));
    if (bad < 0) continue;
    const inputs = one.inputs.flatMap((batch) =>
      batch.length === wanted.length && !one.anyOrder
        ? batch.columns.map((c, i) => `${batch.schema[i]!.name} = ${show(hostValues(c)[bad])}`)
        : [],
    );
    return `row ${bad} of ${schema[k]!.name} (${inputs.join(', ')}): got ${show(values[bad])}, expected ${show(wanted[bad])}`;
  }
  return null;
}

function textOf(plan: PlanNode): string {
  const text = plan.node === 'project' ? plan.exprs.map((e) => exprText(e.expr)).join(', ') : explainPlan(plan);
  return text.slice(0, 300);
}

/** At the end of a file: a test that runs everything noted on the device. */
export function testOnDevice(): void {
  if (!onDevice) return;
  const others = TEST_BACKENDS.filter((b) => b.name !== 'cpu');
  onBackends((backend, test) => {
    test('everything gives what the CPU engine gives', async () => {
      const { loadBackend } = await import('../../ts/backend/registry.ts');
      const { cpuHost } = await import('../../ts/runner/cpu-host.ts');
      const loaded = await loadBackend('cuda', cpuHost);
      if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
      const failures = new Map<string, string>();
      const refusals = new Map<string, number>();
      let ran = 0;
      for (const one of queue) {
        const plan = planOf(one, []);
        const name = `${one.test}: ${textOf(plan)}`;
        try {
          const got = await runOn(loaded.backend, one);
          if ('refused' in got) {
            refusals.set(got.refused, (refusals.get(got.refused) ?? 0) + 1);
            continue;
          }
          ran++;
          const different = differenceOf(one, plan.schema, got);
          if (different !== null) failures.set(name, different);
        } catch (error) {
          failures.set(name, (error as Error).message);
        }
      }
      const refused = [...refusals].map(([reason, n]) => `  ${n} × ${reason}`);
      console.log(`${ran} of ${queue.length} ran on ${backend.label}; refused:\n${refused.join('\n')}`);
      if (failures.size > 0)
        expect.fail(
          `${failures.size} of ${ran} differ:\n${[...failures]
            .slice(0, 40)
            .map(([k, v]) => `${k}\n    ${v}`)
            .join('\n')}`,
        );
      expect(ran).toBeGreaterThan(0);
    }, 600_000);
  }, others);
}
