// Group by with more groups than memory holds. Groups are gathered until the budget is used up; from then on rows of known
// groups still go to theirs, and rows of new ones to files, each of which is grouped in the same way afterwards.
import { OutOfMemoryError } from '../../../errors.ts';
import type { AggregateNode } from '../../../plan/nodes.ts';
import { type LogicalType, physicalOf, type Schema } from '../../../schema/types.ts';
import { gather } from '../columns/gather.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import { createEvaluator, type Evaluator } from '../evaluate.ts';
import { aggregatorOf, canShareState } from '../functions/agg/index.ts';
import type { Aggregator } from '../functions/contracts.ts';
import { GroupTable } from '../groups/group-table.ts';
import { type AggregateColumn, aggregateExprs } from '../operators/aggregate.ts';
import type { Sink, Source } from '../pipeline.ts';
import type { Batch, Vector } from '../vector.ts';
import {
  divideFile,
  isLast,
  isTriedWhole,
  KeptRows,
  MOST_LEVELS,
  PartitionFiles,
  type PartKeys,
  readFile,
} from './partition-files.ts';
import { partsSource } from './parts-source.ts';
import { inScratch, ownMemory } from './spill.ts';
import type { SpillFile } from './spill-file.ts';

/** Tables and arrays grow by doubling: the old and the new one are there at once. */
const GROWTH = 2;

interface Shape {
  readonly columns: readonly AggregateColumn[];
  /** Of the evaluated expressions, keys first. */
  readonly schema: Schema;
  readonly keys: PartKeys;
  readonly types: readonly LogicalType[];
}

/** The sink of a group by in a plan that may spill; its groups come in no particular order. */
export function createSpillingAggregate(node: AggregateNode, input: Schema): Sink {
  const { columns, exprs } = aggregateExprs(node);
  const schema = exprs.map((e, i) => ({ name: `c${i}`, type: e.type, nullable: e.nullable }));
  const count = node.keys.length;
  const keys = { columns: Array.from({ length: count }, (_, i) => i) };
  const shape: Shape = { columns, schema, keys, types: schema.slice(0, count).map((f) => f.type) };
  const evaluator = createEvaluator(exprs, input);
  return columns.every(isBounded) ? new OpenGroups(shape, evaluator) : new WholeRows(shape, evaluator);
}

/** Whether what an aggregate keeps of a group stays the same however many rows the group has. */
function isBounded({ call }: AggregateColumn): boolean {
  if (call.fn === 'quantile' || !canShareState(call)) return false;
  const grows = ['view', 'list', 'fixedList', 'struct'];
  return ['count', 'len'].includes(call.fn) || call.args.every((a) => !grows.includes(physicalOf(a.type)));
}

/** Groups in memory of their own. */
class Groups {
  readonly #shape: Shape;
  readonly #table: GroupTable;
  readonly #aggregators: readonly Aggregator[];
  readonly memory: ExecContext;
  #ensured = 0;

  constructor(ctx: ExecContext, shape: Shape) {
    this.#shape = shape;
    this.memory = ownMemory(ctx);
    this.#table = new GroupTable(shape.types);
    this.#aggregators = shape.columns.map(({ call }) => aggregatorOf(call.fn)!(this.memory, call));
  }

  get usedBytes(): number {
    return this.memory.arena.usedBytes;
  }

  /** Adds all rows. */
  add(columns: readonly Vector[], length: number): void {
    const gids = this.#table.assign(this.memory, this.#keysOf(columns), length);
    if (this.#table.count > this.#ensured) {
      this.#ensured = this.#table.count;
      for (const a of this.#aggregators) a.ensure(this.memory, this.#ensured);
    }
    this.#update(columns, gids, length);
  }

  /** Adds the rows of known groups and gives the numbers of the others: `u32[rows …]` in scratch. */
  addKnown(columns: readonly Vector[], length: number): { rows: number; count: number } {
    const { memory } = this;
    const { scratch } = memory;
    const gids = this.#table.lookup(memory, this.#keysOf(columns), length);
    const known = scratch.alloc(length * 4);
    const ids = scratch.alloc(length * 4);
    const rows = scratch.alloc(length * 4);
    const count = memory.kernels.get('spill').splitKnown(gids, length, known, ids, rows);
    if (count === length) this.#update(columns, gids, length);
    else if (count > 0)
      this.#update(
        // Keys are there already.
        columns.map((v, i) => (i < this.#shape.types.length ? v : gather(memory, v, known, count, scratch))),
        ids,
        count,
      );
    return { rows, count: length - count };
  }

  #keysOf(columns: readonly Vector[]): readonly Vector[] {
    return columns.slice(0, this.#shape.types.length);
  }

  #update(columns: readonly Vector[], gids: number, length: number): void {
    this.#aggregators.forEach((a, i) => {
      const args = this.#shape.columns[i]!.args.map((at) => columns[at]!);
      a.update(this.memory, args, gids, length);
    });
  }

  /** The result; closing it gives the memory back. */
  finish(): Source {
    const { memory } = this;
    const groups = this.#table.count;
    for (const a of this.#aggregators) a.ensure(memory, groups);
    const keys = this.#table.keys(memory);
    this.#table.free(memory);
    const results = this.#aggregators.map((a) => a.finish(memory, groups));
    const rows = vectorsSource([...keys, ...results], groups);
    return { next: (ctx) => rows.next(ctx), close: () => memory.arena.release() };
  }
}

/** For aggregates that keep a fixed amount for each group. */
class OpenGroups implements Sink {
  readonly #shape: Shape;
  readonly #evaluator: Evaluator | null;
  readonly #level: number;
  #groups: Groups | null = null;
  #files: PartitionFiles | null = null;

  /** Without an evaluator, rows are evaluated already. */
  constructor(shape: Shape, evaluator: Evaluator | null, level = 0) {
    this.#shape = shape;
    this.#evaluator = evaluator;
    this.#level = level;
  }

  push(ctx: ExecContext, batch: Batch): void {
    const { length } = batch;
    if (length === 0) return;
    const columns = this.#evaluator ? this.#evaluator.evaluate(ctx, batch) : batch.columns;
    this.#groups ??= new Groups(ctx, this.#shape);
    const groups = this.#groups;
    if (!this.#files) {
      groups.add(columns, length);
      const held = groups.usedBytes;
      if (this.#level < MOST_LEVELS && ctx.spill!.mustSpill(held, held * (GROWTH - 1)))
        this.#files = new PartitionFiles(this.#shape.schema, this.#shape.keys, this.#level);
      return;
    }
    const { rows, count } = groups.addKnown(columns, length);
    if (count === 0) return;
    const some = columns.map((v) => (count === length ? v : gather(ctx, v, rows, count, ctx.scratch)));
    this.#files.push(ctx, { length: count, columns: some, ordinal: 0 });
  }

  finish(): Source {
    const groups = this.#groups;
    if (!groups) return { next: () => null, close() {} };
    const files = this.#files?.end() ?? [];
    return partsSource(this.#parts(groups, files));
  }

  *#parts(groups: Groups, files: readonly SpillFile[]): Iterable<(ctx: ExecContext) => Source> {
    yield () => groups.finish();
    for (const file of files)
      if (file.rows > 0)
        yield (ctx) => {
          const deeper = new OpenGroups(this.#shape, null, this.#level + 1);
          readFile(ctx, file, (batch) => deeper.push(ctx, batch));
          file.remove();
          return deeper.finish();
        };
  }
}

/** For aggregates that keep every value, or texts: rows are divided until the groups of a file fit. */
class WholeRows implements Sink {
  readonly #shape: Shape;
  readonly #evaluator: Evaluator;
  readonly #rows: KeptRows;

  constructor(shape: Shape, evaluator: Evaluator) {
    this.#shape = shape;
    this.#evaluator = evaluator;
    // Beside the rows, groups that keep about as much.
    this.#rows = new KeptRows(shape.schema, shape.keys, (held) => held * GROWTH);
  }

  push(ctx: ExecContext, batch: Batch): void {
    if (batch.length > 0) this.#rows.push(ctx, { ...batch, columns: this.#evaluator.evaluate(ctx, batch) });
  }

  finish(ctx: ExecContext): Source {
    const all = this.#rows.end();
    if ('files' in all) return partsSource(all.files.map((file) => (c) => this.#part(c, file, 1)));
    const groups = new Groups(ctx, this.#shape);
    for (const { rows, columns } of all.chunks) inScratch(ctx, () => groups.add(columns, rows));
    all.memory?.arena.release();
    return groups.finish();
  }

  /** The groups of a file, or of the files that it has to be divided into. */
  #part(ctx: ExecContext, file: SpillFile, level: number): Source {
    if (file.rows === 0) return { next: () => null, close() {} };
    if (isTriedWhole(ctx, file, level, file.heapBytes * GROWTH)) {
      const groups = new Groups(ctx, this.#shape);
      try {
        readFile(ctx, file, (batch) => groups.add(batch.columns, batch.length));
        file.remove();
        return groups.finish();
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
        groups.memory.arena.release();
        if (isLast(file, level)) throw tooLarge(error, 'The rows of one group');
      }
    }
    const files = divideFile(ctx, file, this.#shape.schema, this.#shape.keys, level);
    return partsSource(files.map((f) => (c) => this.#part(c, f, level + 1)));
  }
}

/** Out of memory although everything else is on disk. */
export function tooLarge(error: OutOfMemoryError, what: string): OutOfMemoryError {
  return new OutOfMemoryError(error.detail as ConstructorParameters<typeof OutOfMemoryError>[0], what);
}
