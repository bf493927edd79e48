// Distinct rows. `any` and `first` stream: a row passes when its key is new. `last` and `none` keep every candidate row
// until the end.
import { ColumnNotFoundError } from '../../../errors.ts';
import type { DistinctNode } from '../../../plan/nodes.ts';
import { bytesFor, type Schema } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import { fillNoRow, GroupArray } from '../functions/agg/state.ts';
import { GroupTable } from '../groups/group-table.ts';
import type { Emit, Operator, Sink, Source } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';

/** Positions of the key columns: all of them when `subset` is empty. */
export function distinctKeys(node: DistinctNode, input: Schema): number[] {
  if (node.subset.length === 0) return input.map((_, i) => i);
  return node.subset.map((name) => {
    const at = input.findIndex((f) => f.name === name);
    if (at < 0) {
      const columns = input.map((f) => f.name);
      throw new ColumnNotFoundError(`Column "${name}" not found. Columns: ${columns.join(', ')}`, { name, columns });
    }
    return at;
  });
}

const rowsOf = (ctx: ExecContext, batch: Batch, list: number, n: number): Batch => ({
  length: n,
  columns: batch.columns.map((v) => gather(ctx, v, list, n, ctx.scratch)),
  ordinal: batch.ordinal,
});

/** `keep` any or first, as a streaming step that passes rows in input order; null for the others. */
export function createDistinctOperator(node: DistinctNode, input: Schema): Operator | null {
  return node.keep === 'any' || node.keep === 'first' ? new FirstRows(node, input) : null;
}

class FirstRows implements Operator {
  readonly #keys: readonly number[];
  readonly #table: GroupTable;

  constructor(node: DistinctNode, input: Schema) {
    this.#keys = distinctKeys(node, input);
    this.#table = new GroupTable(this.#keys.map((i) => input[i]!.type));
  }

  push(ctx: ExecContext, batch: Batch, emit: Emit): void {
    const before = this.#table.count;
    const keys = this.#keys.map((i) => batch.columns[i]!);
    const ids = this.#table.assign(ctx, keys, batch.length);
    const added = this.#table.count - before;
    if (added === 0) return;
    if (added === batch.length) {
      emit(batch);
      return;
    }
    const list = ctx.scratch.alloc((batch.length + 1) * 4);
    ctx.kernels.get('hash').firstRows(ids, batch.length, before, list);
    emit(rowsOf(ctx, batch, list, added));
  }

  finish(ctx: ExecContext): void {
    this.#table.free(ctx);
  }
}

/** Distinct rows as a sink, for every `keep`. Rows come out in input order, which `maintainOrder` asks for. */
export function createDistinctSink(node: DistinctNode, input: Schema): Sink {
  const streaming = createDistinctOperator(node, input);
  return streaming ? new StoredRows(input, streaming) : new ChosenRows(node, input);
}

class StoredRows implements Sink {
  readonly #store: RowStore;
  readonly #operator: Operator;

  constructor(input: Schema, operator: Operator) {
    this.#store = new RowStore(input);
    this.#operator = operator;
  }

  push(ctx: ExecContext, batch: Batch): void {
    this.#operator.push(ctx, batch, (b) => this.#store.append(ctx, b));
  }

  finish(ctx: ExecContext): Source {
    this.#operator.finish?.(ctx, () => {});
    return vectorsSource(this.#store.finish(ctx), this.#store.length);
  }
}

/**
 * `last` and `none`. Kept rows lie in a store; `row` holds for each group where its row lies there, and `count` how
 * many rows it has. A row that another one displaces stays in the store and is passed over at the end.
 */
class ChosenRows implements Sink {
  readonly #keys: readonly number[];
  readonly #wantsLast: boolean;
  readonly #table: GroupTable;
  readonly #store: RowStore;
  readonly #row = new GroupArray(4, fillNoRow);
  readonly #counts = new GroupArray(4);

  constructor(node: DistinctNode, input: Schema) {
    this.#keys = distinctKeys(node, input);
    this.#wantsLast = node.keep === 'last';
    this.#table = new GroupTable(this.#keys.map((i) => input[i]!.type));
    this.#store = new RowStore(input);
  }

  push(ctx: ExecContext, batch: Batch): void {
    const { length } = batch;
    const keys = this.#keys.map((i) => batch.columns[i]!);
    const ids = this.#table.assign(ctx, keys, length);
    this.#row.ensure(ctx, this.#table.count);
    const agg = ctx.kernels.get('agg');
    if (!this.#wantsLast) {
      this.#counts.ensure(ctx, this.#table.count);
      agg.countRows(ids, length, this.#counts.address);
    }
    const list = ctx.scratch.alloc(length * 4);
    const kept = this.#store.length;
    const n = agg.pickRows(this.#wantsLast ? 1 : 0, ids, length, this.#row.address, kept, list);
    if (n > 0) this.#store.append(ctx, rowsOf(ctx, batch, list, n));
  }

  finish(ctx: ExecContext): Source {
    const groups = this.#table.count;
    this.#table.free(ctx);
    const bits = allocZeroed(ctx, bytesFor('bit', this.#store.length), ctx.arena);
    const counts = this.#wantsLast ? 0 : this.#counts.address;
    ctx.kernels.get('agg').markRows(this.#row.address, counts, groups, bits);
    const chosen = ctx.arena.alloc((groups + 8) * 4);
    const n = ctx.kernels.get('core').selectBits(bits, this.#store.length, 0, chosen);
    ctx.arena.free(bits);
    this.#row.free(ctx);
    this.#counts.free(ctx);
    return gatheredSource(this.#store.finish(ctx), chosen, n);
  }
}

/** Rows of `columns` in the order of `list`, gathered morsel by morsel. */
function gatheredSource(columns: readonly Vector[], list: number, length: number): Source {
  let at = 0;
  let ordinal = 0;
  return {
    next(ctx) {
      if (at >= length) return null;
      const n = Math.min(MORSEL_ROWS, length - at);
      const rows = columns.map((v) => gather(ctx, v, list + at * 4, n, ctx.scratch));
      at += n;
      return { length: n, columns: rows, ordinal: ordinal++ };
    },
    close(ctx) {
      ctx.arena.free(list);
    },
  };
}
