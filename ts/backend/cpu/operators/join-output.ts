// The columns of a join's result: which side each comes from.
import type { JoinNode } from '../../../plan/nodes.ts';
import { isFloat } from '../../../schema/types.ts';
import { nullVector } from '../columns/alloc.ts';
import { gather, gatherOrNull } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import type { Batch, Vector } from '../vector.ts';

/** Column numbers on the two sides, −1 where a side has none. A coalesced key has both; the probe's row wins. */
export interface OutputColumn {
  readonly probe: number;
  readonly build: number;
}

/** The output columns of a join, by where their values come from. */
export function outputColumns(node: JoinNode): OutputColumn[] {
  const buildLeft = node.build === 'left';
  const of = (left: number, right: number): OutputColumn =>
    buildLeft ? { build: left, probe: right } : { probe: left, build: right };
  const out = node.left.schema.map((field, i) => {
    const key = node.leftOn.indexOf(field.name);
    const right = key < 0 ? -1 : node.right.schema.findIndex((f) => f.name === node.rightOn[key]);
    if (node.how === 'right' || node.how === 'full') return of(i, right);
    // Equal keys are the same value on both sides, zeros apart, and the probe's need no gathering.
    if (buildLeft && node.how === 'inner' && right >= 0 && !isFloat(field.type)) return of(-1, right);
    return of(i, -1);
  });
  if (node.how !== 'semi' && node.how !== 'anti')
    node.right.schema.forEach((field, i) => {
      if (!node.rightOn.includes(field.name)) out.push(of(-1, i));
    });
  return out;
}

/**
 * The result rows for probe rows `u32[rows …]` (0 = the whole batch, in order) beside build rows `u32[builds …]`
 * (`orNull`: some are missing).
 */
export function joinedBatch(
  ctx: ExecContext,
  output: readonly OutputColumn[],
  batch: Batch,
  build: readonly Vector[],
  rows: number,
  builds: number,
  n: number,
  orNull: boolean,
): Batch {
  const columns = output.map((c) => {
    if (c.probe < 0) return (orNull ? gatherOrNull : gather)(ctx, build[c.build]!, builds, n, ctx.scratch);
    const v = batch.columns[c.probe]!;
    return rows === 0 ? v : gather(ctx, v, rows, n, ctx.scratch);
  });
  return { length: n, columns, ordinal: batch.ordinal };
}

/** The result rows for build rows without a probe row. */
export function unmatchedBatch(
  ctx: ExecContext,
  node: JoinNode,
  output: readonly OutputColumn[],
  build: readonly Vector[],
  builds: number,
  n: number,
): Batch {
  const columns = output.map((c, i) =>
    c.build < 0
      ? nullVector(ctx, node.schema[i]!.type, n, ctx.scratch)
      : gather(ctx, build[c.build]!, builds, n, ctx.scratch),
  );
  return { length: n, columns, ordinal: 0 };
}
