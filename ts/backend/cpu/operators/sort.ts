// Sorting: batches are kept, an argsort gives the order, and the result is gathered morsel by morsel as it is read.
import type { OrderKey } from '../../../expr/nodes.ts';
import type { SortNode } from '../../../plan/nodes.ts';
import { isNested, type Schema } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import { RowStore } from '../columns/row-store.ts';
import { vectorsSource } from '../columns/source.ts';
import type { ExecContext } from '../context.ts';
import type { Sink, Source } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { ComputedColumns } from './computed-columns.ts';
import { orderedSource } from './ordered-source.ts';
import { argsort } from './sort-keys.ts';
import { checkSortable, PART_BYTES, partsOf, type SortKey, writePart } from './sort-parts.ts';
import { PackedRows, type SharedRows } from './sort-rows.ts';

/** Top k keeps this many rows beyond k before it sorts them and drops the rest. */
const TOP_SPARE_ROWS = 2 * MORSEL_ROWS;

/** Sorts its input by the keys of `node`, stable; with a limit it keeps only the first rows at any time. */
export function createSortSink(node: Pick<SortNode, 'keys' | 'limit'>, input: Schema): Sink {
  for (const k of node.keys) checkSortable(k.expr.type);
  const columns = new KeyColumns(node.keys, input);
  return node.limit === null ? sortAll(columns, input) : sortTop(columns, input, node.limit);
}

/** Where the keys' values come from. */
export class KeyColumns {
  readonly keys: readonly OrderKey[];
  readonly #computed: ComputedColumns;

  constructor(keys: readonly OrderKey[], input: Schema) {
    this.keys = keys;
    this.#computed = new ComputedColumns(
      keys.map((k) => k.expr),
      input,
    );
  }

  get schema(): Schema {
    return this.#computed.schema;
  }

  extend(ctx: ExecContext, batch: Batch): Batch {
    return this.#computed.extend(ctx, batch);
  }

  /** The keys over the columns of an extended batch or store. */
  of(columns: readonly Vector[]): SortKey[] {
    return this.over(this.#computed.positions.map((at) => columns[at]!));
  }

  /** The columns of the keys alone. */
  get keySchema(): Schema {
    return this.#computed.positions.map((at) => this.#computed.schema[at]!);
  }

  /** The keys over columns of their own. */
  over(vectors: readonly Vector[]): SortKey[] {
    return this.keys.map((k, i) => ({ vector: vectors[i]!, descending: k.descending, nullsFirst: k.nullsFirst }));
  }
}

/** Inputs of at least this many rows and columns are packed to rows. */
const PACKED_ROWS = 4 * MORSEL_ROWS;
const PACKED_COLUMNS = 3;

function sortAll(keys: KeyColumns, input: Schema): Sink {
  const store = new RowStore(keys.schema);
  const packs = input.filter((f) => !isNested(f.type)).length >= PACKED_COLUMNS;
  // Once there are many rows: their columns as rows, and the keys as columns beside them.
  let packed: { rows: PackedRows; keyStore: RowStore } | null = null;
  const add = (ctx: ExecContext, { rows, keyStore }: NonNullable<typeof packed>, batch: Batch): void => {
    rows.append(ctx, { ...batch, columns: batch.columns.slice(0, input.length) });
    keyStore.append(ctx, { ...batch, columns: keys.of(batch.columns).map((k) => k.vector) });
  };
  return {
    source: (ctx, shared) =>
      'blocks' in (shared as object)
        ? new PackedRows(input).restored(ctx, shared as SharedRows)
        : gathered(shared as SharedGather),
    push(ctx, batch) {
      const extended = keys.extend(ctx, batch);
      if (packed) {
        add(ctx, packed, extended);
        return;
      }
      store.append(ctx, extended);
      if (!packs || store.length < PACKED_ROWS) return;
      packed = { rows: new PackedRows(input), keyStore: new RowStore(keys.keySchema) };
      const kept = vectorsSource(store.finish(ctx), store.length);
      for (let part = kept.next(ctx); part; part = kept.next(ctx)) add(ctx, packed, part);
      store.free(ctx);
    },
    finish(ctx) {
      if (packed) {
        const { rows, keyStore } = packed;
        const order = argsort(ctx, keys.over(keyStore.finish(ctx)), rows.length);
        keyStore.free(ctx);
        return rows.source(ctx, order, rows.length, (c) => c.arena.free(order));
      }
      const columns = store.finish(ctx);
      const rows = argsort(ctx, keys.of(columns), store.length);
      return gatheringSource(columns.slice(0, input.length), rows, store.length, (c) => {
        c.arena.free(rows);
        store.free(c);
      });
    },
  };
}

/** What another thread needs to gather the same rows. */
interface SharedGather {
  readonly columns: readonly Vector[];
  readonly rows: number;
  readonly length: number;
}

/** Rows `u32[rows …]` of the columns, gathered into scratch as they are read: the sorted table never exists as a whole. */
export function gatheringSource(
  columns: readonly Vector[],
  rows: number,
  length: number,
  onClose: (ctx: ExecContext) => void,
): Source {
  const gathered = (ctx: ExecContext, at: number, n: number): Vector[] =>
    columns.map((v) => gather(ctx, v, rows + at * 4, n, ctx.scratch));
  return orderedSource(length, gathered, onClose, (): SharedGather => ({ columns, rows, length }));
}

/** The same source on another thread. */
const gathered = ({ columns, rows, length }: SharedGather): Source => gatheringSource(columns, rows, length, () => {});

/** Keeps candidates only: rows not above the key of the last row that would be kept. */
export function sortTop(keys: KeyColumns, input: Schema, limit: number): Sink {
  let store = new RowStore(keys.schema);
  let threshold = 0;

  /** Sorts the candidates and keeps the first `limit`. */
  const compact = (ctx: ExecContext): void => {
    const columns = store.finish(ctx);
    const rows = argsort(ctx, keys.of(columns), store.length);
    const kept = Math.min(limit, store.length);
    const next = new RowStore(keys.schema);
    for (let at = 0; at < kept; at += MORSEL_ROWS) {
      const n = Math.min(MORSEL_ROWS, kept - at);
      const mark = ctx.scratch.mark();
      next.append(ctx, {
        length: n,
        columns: columns.map((v) => gather(ctx, v, rows + at * 4, n, ctx.scratch)),
        ordinal: 0,
      });
      ctx.scratch.rewind(mark);
    }
    ctx.arena.free(rows);
    store.free(ctx);
    store = next;
    if (kept === limit) setThreshold(ctx);
  };

  /** The first key's code of the last row kept. */
  const setThreshold = (ctx: ExecContext): void => {
    const key = keys.of(store.finish(ctx))[0];
    const part = key && partsOf(key)[0];
    if (!part) return;
    if (threshold === 0) threshold = ctx.arena.alloc(PART_BYTES + 8);
    writePart(ctx, threshold, part);
    ctx.kernels.get('sort').thresholdOf(threshold, store.length - 1, threshold + PART_BYTES);
  };

  /** The rows of a batch that may be among the first. */
  const candidates = (ctx: ExecContext, batch: Batch): Batch => {
    if (threshold === 0) return batch;
    const key = keys.of(batch.columns)[0]!;
    const vector = flatten(ctx, key.vector, ctx.scratch);
    const sel = ctx.scratch.alloc(batch.length * 4 + 4);
    writePart(ctx, threshold, partsOf({ ...key, vector })[0]!);
    // Of rows with equal keys the earlier ones win, but only one key that codes exactly tells that.
    const exact = keys.keys.length === 1 && isExact(keys.keys[0]!);
    const n = ctx.kernels.get('sort').rowsWithin(threshold, batch.length, threshold + PART_BYTES, exact ? 1 : 0, sel);
    if (n === batch.length) return batch;
    return {
      length: n,
      columns: batch.columns.map((v) => gather(ctx, v, sel, n, ctx.scratch)),
      ordinal: batch.ordinal,
    };
  };

  return {
    source: (_, shared) => gathered(shared as SharedGather),
    push(ctx, batch) {
      if (limit === 0) return;
      const extended = candidates(ctx, keys.extend(ctx, batch));
      if (extended.length === 0) return;
      store.append(ctx, extended);
      if (store.length >= limit * 2 + TOP_SPARE_ROWS) compact(ctx);
    },
    finish(ctx) {
      if (threshold !== 0) ctx.arena.free(threshold);
      const columns = store.finish(ctx);
      const rows = argsort(ctx, keys.of(columns), store.length);
      return gatheringSource(columns.slice(0, input.length), rows, Math.min(limit, store.length), (c) => {
        c.arena.free(rows);
        store.free(c);
      });
    },
    done: () => limit === 0,
  };
}

/** Whether no two different values of a key, null included, have one code. */
function isExact({ expr }: OrderKey): boolean {
  const dtype = expr.type.dtype;
  if (['Bool', 'Int8', 'Int16', 'Int32', 'UInt8', 'UInt16', 'UInt32', 'Date32'].includes(dtype)) return true;
  // Where codes fill 64 bits, a null has the code of the least or the greatest value.
  return !expr.nullable && !['Utf8', 'Binary', 'Categorical', 'Decimal'].includes(dtype);
}
