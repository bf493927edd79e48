// What tests evaluate on the CPU engine, evaluated once more on backend cuda over the host's stand-in for libcudf (not a
// GPU), where TEST_BACKENDS names it: the same expressions over the same rows, expected to give what the CPU engine gave.
import { expect } from 'vitest';
import type { RecordBatch } from '../../ts/backend/arrow.ts';
import type { Backend, RunContext } from '../../ts/backend/backend.ts';
import type { ExecContext } from '../../ts/backend/cpu/context.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import type { Vector } from '../../ts/backend/cpu/vector.ts';
import type { ExprNode } from '../../ts/expr/nodes.ts';
import { exprText } from '../../ts/expr/text.ts';
import { named, tableNode } from '../../ts/plan/build.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { onBackends, onSim, TEST_BACKENDS } from './backends.ts';
import { sameValue } from './compare-values.ts';
import { hostValues } from './host-columns.ts';

interface DeviceCase {
  readonly test: string;
  readonly exprs: readonly ExprNode[];
  readonly batch: RecordBatch;
  readonly expected: readonly (readonly unknown[])[];
}
const queue: DeviceCase[] = [];

/** Rows beyond which a case stays on the CPU: it would be held until the end of the file. */
const MOST_ROWS = 10_000;
/** Mathematics may differ in the last bits. */
const RELATIVE = { Float32: 1e-6, Float64: 1e-12 } as const;

/** Notes what the CPU engine gave, for `testOnDevice`. */
export function queueForDevice(
  ctx: ExecContext,
  exprs: readonly ExprNode[],
  schema: Schema,
  vectors: readonly Vector[],
  expected: readonly (readonly unknown[])[],
): void {
  const length = vectors[0]?.length ?? 0;
  if (!onSim || vectors.length === 0 || length > MOST_ROWS) return;
  const columns = vectors.map((v, i) => downloadVector(ctx, v, schema[i]!.name, true, ctx.arena));
  queue.push({ test: expect.getState().currentTestName ?? '', exprs, batch: { schema, length, columns }, expected });
}

const RUN: RunContext = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 1, threads: 1 };

function projection(tableId: number, { exprs, batch }: DeviceCase): PlanNode {
  const fields = exprs.map((e, i) => ({ name: `r${i}`, type: e.type, nullable: true }));
  return Object.freeze({
    node: 'project',
    input: tableNode(tableId, batch.length, batch.schema),
    exprs: exprs.map((e, i) => named(`r${i}`, e)),
    schema: fields,
  }) as PlanNode;
}

async function runOn(backend: Backend, one: DeviceCase): Promise<unknown[][] | { readonly refused: string }> {
  const table = await backend.upload([one.batch], one.batch.schema, RUN);
  try {
    const plan = projection(table.id, one);
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
    backend.release(table);
  }
}

const plusZero = (v: unknown): unknown => (Object.is(v, -0) ? 0 : v);
const show = (v: unknown): string =>
  typeof v === 'bigint'
    ? `${v}n`
    : typeof v === 'object'
      ? JSON.stringify(v, (_, x) => (typeof x === 'bigint' ? `${x}n` : x))
      : String(v);

/** What differs; null: nothing. */
function differenceOf(one: DeviceCase, got: readonly (readonly unknown[])[]): string | null {
  for (const [k, e] of one.exprs.entries()) {
    const relative = e.type.dtype === 'Float32' || e.type.dtype === 'Float64' ? RELATIVE[e.type.dtype] : 0;
    const wanted = one.expected[k]!;
    const bad = wanted.findIndex((v, i) => !sameValue(plusZero(got[k]![i]), plusZero(v), relative));
    if (got[k]!.length !== wanted.length) return `${got[k]!.length} rows instead of ${wanted.length}`;
    if (bad < 0) continue;
    const inputs = one.batch.columns
      .map((c, i) => `${one.batch.schema[i]!.name} = ${show(hostValues(c)[bad])}`)
      .join(', ');
    return `row ${bad} (${inputs}): got ${show(got[k]![bad])}, expected ${show(wanted[bad])}`;
  }
  return null;
}

/** At the end of a file: a test that evaluates everything noted on the device. */
export function testOnDevice(): void {
  if (!onSim) return;
  const others = TEST_BACKENDS.filter((b) => b.name !== 'cpu');
  onBackends((backend, test) => {
    test('every expression gives what the CPU engine gives', async () => {
      const { loadBackend } = await import('../../ts/backend/registry.ts');
      const { cpuHost } = await import('../../ts/runner/cpu-host.ts');
      const loaded = await loadBackend('cuda', cpuHost);
      if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
      const failures = new Map<string, string>();
      const refusals = new Map<string, number>();
      let ran = 0;
      for (const one of queue) {
        const text = one.exprs.map(exprText).join(', ').slice(0, 200);
        try {
          const got = await runOn(loaded.backend, one);
          if ('refused' in got) {
            refusals.set(got.refused, (refusals.get(got.refused) ?? 0) + 1);
            continue;
          }
          ran++;
          const different = differenceOf(one, got);
          if (different !== null) failures.set(`${one.test}: ${text}`, different);
        } catch (error) {
          failures.set(`${one.test}: ${text}`, (error as Error).message);
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
