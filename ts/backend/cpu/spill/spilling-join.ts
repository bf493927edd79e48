// Joins whose kept side does not fit into memory: both sides are divided by the hash of their keys into files, and the
// pairs of files are joined one after another.
import { OutOfMemoryError } from '../../../errors.ts';
import type { JoinNode } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { createJoinBuild, createJoinProbe, type JoinBuildSink } from '../operators/join.ts';
import type { Emit, Operator, Sink, Source, ThreadedOperator } from '../pipeline.ts';
import type { Batch } from '../vector.ts';
import { divideFile, isLast, isTriedWhole, PartitionFiles, type PartKeys, readFile } from './partition-files.ts';
import { inScratch, ownMemory } from './spill.ts';
import type { SpillFile } from './spill-file.ts';
import { tooLarge } from './spilling-groups.ts';

/** The table of a row: its slots, the chain through its key, the encoded key. */
const TABLE_BYTES = 44;
/** Kept columns are put side by side a column at a time. */
const COPY_SHARE = 0.5;

/** The two sides of a join. */
interface Sides {
  readonly node: JoinNode;
  readonly buildSchema: Schema;
  readonly probeSchema: Schema;
  readonly buildKeys: PartKeys;
  readonly probeKeys: PartKeys;
}

const neededBytes = (heldBytes: number, rows: number): number => heldBytes * COPY_SHARE + rows * TABLE_BYTES;

/** The kept side of a join in a plan that may spill. */
export class SpillingJoinBuild implements Sink {
  readonly inner: JoinBuildSink;
  readonly #schema: Schema;
  readonly #keys: PartKeys;
  #memory: ExecContext | null = null;
  #files: PartitionFiles | null = null;
  /** The kept side's files, when it did not fit. */
  spilled: readonly SpillFile[] | null = null;

  constructor(sides: Sides) {
    this.inner = createJoinBuild(sides.node, sides.buildSchema);
    this.#schema = sides.buildSchema;
    this.#keys = sides.buildKeys;
  }

  push(ctx: ExecContext, batch: Batch): void {
    if (this.#files) {
      this.#files.push(ctx, batch);
      return;
    }
    this.#memory ??= ownMemory(ctx);
    this.inner.push(this.#memory, batch);
    const held = this.#memory.arena.usedBytes;
    if (ctx.spill!.mustSpill(held, neededBytes(held, this.inner.rows))) this.#spill(ctx);
  }

  #spill(ctx: ExecContext): void {
    const memory = this.#memory!;
    this.#files = new PartitionFiles(this.#schema, this.#keys, 0);
    for (const { rows, columns } of this.inner.takeRows(memory)) {
      ctx.control.checkAbort();
      this.#files.push(ctx, { length: rows, columns, ordinal: 0 });
    }
    memory.arena.release();
    this.#memory = null;
  }

  finish(ctx: ExecContext): Source {
    if (!this.#files) return this.inner.finish(this.#memory ?? ctx);
    this.spilled = this.#files.end();
    return { next: () => null, close() {} };
  }
}

/** The operator that the other side passes. */
class SpillingJoinProbe implements Operator {
  readonly #sides: Sides;
  readonly #build: SpillingJoinBuild;
  readonly #inner: Operator;
  #files: PartitionFiles | null = null;

  constructor(sides: Sides, build: SpillingJoinBuild) {
    this.#sides = sides;
    this.#build = build;
    this.#inner = createJoinProbe(sides.node, build.inner);
  }

  /** Files are divided by one thread. */
  get threads(): ThreadedOperator | undefined {
    return this.#build.spilled ? undefined : this.#inner.threads;
  }

  push(ctx: ExecContext, batch: Batch, emit: Emit): void {
    if (!this.#build.spilled) {
      this.#inner.push(ctx, batch, emit);
      return;
    }
    this.#files ??= new PartitionFiles(this.#sides.probeSchema, this.#sides.probeKeys, 0);
    this.#files.push(ctx, batch);
  }

  finish(ctx: ExecContext, emit: Emit): void {
    const builds = this.#build.spilled;
    if (!builds) {
      this.#inner.finish?.(ctx, emit);
      return;
    }
    const probes = (this.#files ?? new PartitionFiles(this.#sides.probeSchema, this.#sides.probeKeys, 0)).end();
    builds.forEach((build, i) => {
      joinFiles(ctx, this.#sides, build, probes[i]!, 1, emit);
    });
  }

  done(): boolean {
    return this.#build.spilled === null && (this.#inner.done?.() ?? false);
  }
}

/** Joins the rows of two files that have the same keys, all that there are. */
function joinFiles(
  ctx: ExecContext,
  sides: Sides,
  build: SpillFile,
  probe: SpillFile,
  level: number,
  emit: Emit,
): void {
  const { node, buildSchema, probeSchema, buildKeys, probeKeys } = sides;
  if (build.rows === 0 && probe.rows === 0) return;
  if (isTriedWhole(ctx, build, level, build.heapBytes + neededBytes(build.heapBytes, build.rows))) {
    const memory = ownMemory(ctx);
    const kept = createJoinBuild(node, buildSchema);
    let isBuilt = true;
    try {
      readFile(ctx, build, (batch) => kept.push(memory, batch));
      inScratch(ctx, () => kept.finish(memory));
    } catch (error) {
      if (!(error instanceof OutOfMemoryError)) throw error;
      if (isLast(build, level)) throw tooLarge(error, 'The rows of one key on the kept side of a join');
      isBuilt = false;
    }
    if (isBuilt) {
      // What is passed on is used at once.
      const pass: Emit = (batch) => inScratch(ctx, () => emit(batch));
      const operator = createJoinProbe(node, kept);
      const inner = { ...ctx, arena: memory.arena };
      readFile(ctx, probe, (batch) => operator.push(inner, batch, pass));
      inScratch(ctx, () => operator.finish?.(inner, pass));
      memory.arena.release();
      build.remove();
      probe.remove();
      return;
    }
    memory.arena.release();
  }
  const builds = divideFile(ctx, build, buildSchema, buildKeys, level);
  const probes = divideFile(ctx, probe, probeSchema, probeKeys, level);
  builds.forEach((b, i) => {
    joinFiles(ctx, sides, b, probes[i]!, level + 1, emit);
  });
}

/** Both ends of an equi-join in a plan that may spill. Its rows come in no particular order. */
export function createSpillingJoin(node: JoinNode): { build: SpillingJoinBuild; probe: Operator } {
  const { left, right, leftOn, rightOn } = node;
  const keysOf = (schema: Schema, names: readonly string[]): PartKeys => ({
    columns: names.map((name) => schema.findIndex((f) => f.name === name)),
    spreadsNulls: !node.nullsEqual,
  });
  const isLeft = node.build === 'left';
  const [buildSchema, probeSchema] = isLeft ? [left.schema, right.schema] : [right.schema, left.schema];
  const [buildOn, probeOn] = isLeft ? [leftOn, rightOn] : [rightOn, leftOn];
  const sides: Sides = {
    node,
    buildSchema,
    probeSchema,
    buildKeys: keysOf(buildSchema, buildOn),
    probeKeys: keysOf(probeSchema, probeOn),
  };
  const build = new SpillingJoinBuild(sides);
  return { build, probe: new SpillingJoinProbe(sides, build) };
}
