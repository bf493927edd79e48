// Equi-joins. One side is kept and indexed by key; the other streams past it. Which rows of the kept side were met is
// remembered where unmet ones are part of the result.
import type { JoinNode } from '../../../plan/nodes.ts';
import { bytesFor, type Schema } from '../../../schema/types.ts';
import { allocZeroed } from '../columns/alloc.ts';
import { flattenWhole } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import { type Chunk, PieceStore } from '../columns/piece-store.ts';
import type { PlacedColumns } from '../columns/placed-columns.ts';
import type { ExecContext } from '../context.ts';
import type { Emit, Operator, Sink, Source, ThreadedOperator, ThreadedSink } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { encodeKeys, type KeyLayout, keyLayout, rangedLayout } from './join-keys.ts';
import { inLeftOrder, needsLeftOrder, rowNumbers } from './join-order.ts';
import { joinedBatch, type OutputColumn, outputColumns, unmatchedBatch } from './join-output.ts';
import { JoinTable, type JoinTableJson } from './join-table.ts';

/** What the probes need of the kept side. */
interface Built {
  readonly table: JoinTable;
  readonly columns: readonly Vector[];
}
/** Rows that outlive the join. */
interface Standing {
  readonly rows: number;
  readonly columns: readonly Vector[];
}
interface SharedBuilt {
  readonly layout: KeyLayout;
  readonly table: JoinTableJson;
  readonly columns: readonly Vector[];
}

/** The kept side: a sink that other pipelines probe after it has finished. */
export class JoinBuildSink implements Sink {
  #layout: KeyLayout;
  readonly #keys: readonly number[];
  readonly #schema: Schema;
  #store: PieceStore;
  /** Rows that lie in memory already: nothing is pushed. */
  readonly #standing: Standing | null;
  readonly #numbered: boolean;
  /** Only whether a key is there is asked. */
  readonly #exists: boolean;
  #built: Built | null = null;

  constructor(node: JoinNode, schema: Schema, standing: Standing | null) {
    this.#layout = keyLayout(node);
    this.#standing = standing;
    const names = node.build === 'left' ? node.leftOn : node.rightOn;
    this.#keys = names.map((name) => schema.findIndex((f) => f.name === name));
    this.#schema = schema;
    this.#store = new PieceStore(schema);
    this.#numbered = needsLeftOrder(node);
    this.#exists = node.build === 'right' && (node.how === 'semi' || node.how === 'anti');
  }

  begin(ctx: ExecContext, piece: number): void {
    this.#store.begin(ctx, piece);
  }

  push(ctx: ExecContext, batch: Batch): void {
    this.#store.append(ctx, batch);
  }

  place(ctx: ExecContext, rows: readonly number[], isExact: boolean): boolean {
    return this.#store.place(ctx, rows, isExact);
  }

  placeClaimed(ctx: ExecContext, pieces: number, mostRows: number): boolean {
    return this.#store.placeClaimed(ctx, pieces, mostRows);
  }

  get into(): PlacedColumns | null {
    return this.#store.into;
  }

  readonly threads: ThreadedSink = {
    unit: () => 1,
    share: () => this.#store.sharePlaces(),
    restore: (_, shared) => this.#store.restorePlaces(shared),
    part: (ctx) => this.#store.part(ctx),
    merge: (_, part) => this.#store.merge(part),
  };

  /** Gives up the rows that have come so far: their chunks, in the arena that they came in. */
  takeRows(ctx: ExecContext): readonly Chunk[] {
    const chunks = this.#store.chunks(ctx);
    this.#store = new PieceStore(this.#schema);
    return chunks;
  }

  get rows(): number {
    return this.#standing?.rows ?? this.#store.length;
  }

  /** The source is empty: the result is the table. */
  finish(ctx: ExecContext): Source {
    const columns = [...(this.#standing?.columns ?? this.#store.finish(ctx))];
    const { rows } = this;
    if (this.#numbered) columns.push(rowNumbers(ctx, rows));
    const keyColumns = this.#keys.map((k) => flattenWhole(ctx, columns[k]!, ctx.arena));
    this.#layout = rangedLayout(ctx, this.#layout, keyColumns, rows);
    const keys = encodeKeys(ctx, this.#layout, keyColumns, rows, ctx.arena);
    this.#built = { table: JoinTable.build(ctx, this.#layout, keys, this.#exists), columns };
    return { next: () => null, close: () => {} };
  }

  /** How keys are encoded; once built, for good. */
  get layout(): KeyLayout {
    return this.#layout;
  }

  get built(): Built {
    if (!this.#built) throw new Error('A join is probed before its build side has finished');
    return this.#built;
  }

  /** Rows of a single key column that may have a partner; null before the table is there. */
  mayMatch(ctx: ExecContext, key: Vector): { sel: number; count: number } | null {
    if (!this.#built) return null;
    const sel = ctx.scratch.alloc(key.length * 4 + 16);
    const keys = encodeKeys(ctx, this.#layout, [key], key.length, ctx.scratch);
    return { sel, count: this.#built.table.select(ctx, keys, sel) };
  }

  /** For the probes of other threads: the table is only read. */
  share(): SharedBuilt {
    const { table, columns } = this.built;
    return { layout: this.#layout, table: table.toJson(), columns };
  }

  restore({ layout, table, columns }: SharedBuilt): void {
    this.#layout = layout;
    this.#built = { table: new JoinTable(layout, table), columns };
  }
}

/**
 * The sink that keeps and indexes the side of `node` that `node.build` names; `standing`: its rows, when they lie in
 * memory and need no copy.
 */
export function createJoinBuild(node: JoinNode, schema: Schema, standing: Standing | null = null): JoinBuildSink {
  return new JoinBuildSink(node, schema, standing);
}

/** The operator that the other side passes. */
export function createJoinProbe(node: JoinNode, build: JoinBuildSink): Operator {
  const output = outputColumns(node);
  if (!needsLeftOrder(node)) return new JoinProbe(node, build, output);
  return inLeftOrder(node, new JoinProbe(node, build, [...output, { probe: -1, build: node.left.schema.length }]));
}

class JoinProbe implements Operator {
  readonly #node: JoinNode;
  readonly #build: JoinBuildSink;
  readonly #output: readonly OutputColumn[];
  readonly #keys: readonly number[];
  /** What a probe row does: give pairs, pairs or itself with nulls, or only decide about itself. */
  readonly #mode: 'pairs' | 'outer' | 'semi' | 'anti' | 'mark';
  /** Which build rows are part of the result at the end. */
  readonly #rest: 'none' | 'unmet' | 'met';
  /** Bitmap of the build rows met; 0 before the first batch. */
  #met = 0;

  constructor(node: JoinNode, build: JoinBuildSink, output: readonly OutputColumn[]) {
    this.#node = node;
    this.#build = build;
    this.#output = output;
    const buildLeft = node.build === 'left';
    const probe = buildLeft ? node.right.schema : node.left.schema;
    this.#keys = (buildLeft ? node.rightOn : node.leftOn).map((name) => probe.findIndex((f) => f.name === name));
    const { how } = node;
    const filters = how === 'semi' || how === 'anti';
    const probeOuter = how === 'full' || how === (buildLeft ? 'right' : 'left');
    this.#mode = filters ? (buildLeft ? 'mark' : how) : probeOuter ? 'outer' : 'pairs';
    const buildOuter = how === 'full' || how === (buildLeft ? 'left' : 'right');
    this.#rest = buildLeft && filters ? (how === 'semi' ? 'met' : 'unmet') : buildOuter ? 'unmet' : 'none';
  }

  readonly threads: ThreadedOperator = {
    share: () => this.#build.share(),
    restore: (_, shared) => this.#build.restore(shared as SharedBuilt),
    part: () => this.#met,
    merge: (ctx, part) => {
      if (part === 0) return;
      const { table } = this.#build.built;
      const bits = this.#marks(ctx, table);
      ctx.kernels.get('core').orBits(bits, part as number, table.rows, bits);
    },
  };

  /** Rows with keys that repeat come out once for each of them. */
  mostRows(rows: number): number | null {
    if (this.#mode === 'mark') return 0;
    return this.#mode === 'semi' || this.#mode === 'anti' || this.#build.built.table.unique ? rows : null;
  }

  mostAtEnd(): number {
    return this.#rest === 'none' ? 0 : this.#build.built.table.rows;
  }

  push(ctx: ExecContext, batch: Batch, emit: Emit): void {
    const { table, columns } = this.#build.built;
    const n = batch.length;
    const heads = this.#lookup(ctx, table, batch);
    const kernels = ctx.kernels.get('join');
    if (this.#rest !== 'none') kernels.markHeads(heads, n, this.#marks(ctx, table));
    if (this.#mode === 'mark') return;
    if (this.#mode === 'semi' || this.#mode === 'anti') {
      const sel = ctx.scratch.alloc(n * 4 + 4);
      const kept = kernels.rowsMatching(heads, n, this.#mode === 'semi' ? 1 : 0, sel);
      if (kept === n) emit(batch);
      else if (kept > 0)
        emit({
          length: kept,
          columns: batch.columns.map((v) => gather(ctx, v, sel, kept, ctx.scratch)),
          ordinal: batch.ordinal,
        });
      return;
    }
    if (!table.unique) {
      this.#pushChains(ctx, batch, heads, emit);
      return;
    }
    if (this.#mode === 'outer') {
      const found = kernels.uniqueRows(heads, n);
      emit(joinedBatch(ctx, this.#output, batch, columns, 0, heads, n, found < n));
      return;
    }
    const rows = ctx.scratch.alloc(n * 4 + 4);
    const builds = ctx.scratch.alloc(n * 4 + 4);
    const found = kernels.uniquePairs(heads, n, rows, builds);
    // Every row matched once: its columns are shared as they are.
    if (found > 0) emit(joinedBatch(ctx, this.#output, batch, columns, found === n ? 0 : rows, builds, found, false));
  }

  /** Keys may repeat: as many batches as the pairs fill. */
  #pushChains(ctx: ExecContext, batch: Batch, heads: number, emit: Emit): void {
    const { table, columns } = this.#build.built;
    const kernels = ctx.kernels.get('join');
    const outer = this.#mode === 'outer';
    const state = allocZeroed(ctx, 8, ctx.scratch);
    const rows = ctx.scratch.alloc(MORSEL_ROWS * 4);
    const builds = ctx.scratch.alloc(MORSEL_ROWS * 4);
    const mark = ctx.scratch.mark();
    for (;;) {
      const n = kernels.chainPairs(heads, table.next, batch.length, outer ? 1 : 0, state, MORSEL_ROWS, rows, builds);
      if (n > 0) emit(joinedBatch(ctx, this.#output, batch, columns, rows, builds, n, outer));
      if (n < MORSEL_ROWS) return;
      ctx.scratch.rewind(mark);
      ctx.control.checkAbort();
    }
  }

  /** The first build row + 1 of each row's key, or 0. */
  #lookup(ctx: ExecContext, table: JoinTable, batch: Batch): number {
    const n = batch.length;
    const heads = ctx.scratch.alloc(n * 4);
    const keys = this.#keys.map((k) => batch.columns[k]!);
    const { layout } = this.#build;
    const dict = keys[0]!.dict;
    if (keys.length === 1 && dict && !layout.nullsEqual && dict.length < n) {
      // Once per distinct string.
      const perCode = ctx.scratch.alloc(dict.length * 4);
      table.lookup(ctx, encodeKeys(ctx, layout, [dict], dict.length, ctx.scratch), perCode);
      ctx.kernels.get('core').gather4(perCode, keys[0]!.data, n, heads);
      if (keys[0]!.validity !== 0) ctx.kernels.get('join').maskHeads(heads, keys[0]!.validity, n);
      return heads;
    }
    table.lookup(ctx, encodeKeys(ctx, layout, keys, n, ctx.scratch), heads);
    return heads;
  }

  #marks(ctx: ExecContext, table: JoinTable): number {
    if (this.#met === 0) this.#met = allocZeroed(ctx, bytesFor('bit', table.rows), ctx.arena);
    return this.#met;
  }

  finish(ctx: ExecContext, emit: Emit): void {
    if (this.#rest === 'none') return;
    const { table, columns } = this.#build.built;
    const bits = this.#marks(ctx, table);
    if (!table.unique) ctx.kernels.get('join').spreadMarks(bits, table.next, table.rows);
    const core = ctx.kernels.get('core');
    if (this.#rest === 'unmet') core.notBits(bits, table.rows, bits);
    const mark = ctx.scratch.mark();
    for (let at = 0; at < table.rows; at += MORSEL_ROWS) {
      const n = Math.min(MORSEL_ROWS, table.rows - at);
      const sel = ctx.scratch.alloc(n * 4 + 16);
      const kept = core.selectBits(bits + (at >>> 3), n, at, sel);
      if (kept > 0) emit(unmatchedBatch(ctx, this.#node, this.#output, columns, sel, kept));
      ctx.scratch.rewind(mark);
      ctx.control.checkAbort();
    }
    ctx.arena.free(bits);
    this.#met = 0;
  }

  done(): boolean {
    return (
      this.#rest === 'none' && (this.#mode === 'pairs' || this.#mode === 'semi') && this.#build.built.table.rows === 0
    );
  }
}

export { createCrossJoin } from './join-cross.ts';
