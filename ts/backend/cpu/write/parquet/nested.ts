// Nested columns taken apart: every leaf gets the levels that tell its lists, nulls and structs, and its values.
import { flatten } from '../../columns/flatten.ts';
import { gather } from '../../columns/gather.ts';
import { slice } from '../../columns/slice.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { ChunkWriter } from './chunk-writer.ts';
import { unexpectedNull, type WriteNode } from './columns.ts';

/** Levels, a byte each, and rows in the vector at hand, u32, of `count` entries. */
interface Entries {
  readonly count: number;
  readonly rep: number;
  readonly def: number;
  readonly slots: number;
}

/** Appends rows of a nested column to its leaves; `mostEntries` at a time, where rows are not larger than that. */
export function appendNested(
  ctx: ExecContext,
  node: WriteNode,
  v: Vector,
  chunks: readonly ChunkWriter[],
  mostEntries: number,
): void {
  if (v.length === 0) return;
  if (v.length > 8 && weightOf(ctx, node, v, 0, v.length) > mostEntries) {
    const half = Math.max(8, (v.length >> 1) & ~7);
    appendNested(ctx, node, slice(v, 0, half), chunks, mostEntries);
    appendNested(ctx, node, slice(v, half, v.length - half), chunks, mostEntries);
    return;
  }
  const { scratch } = ctx;
  const mark = scratch.mark();
  const n = v.length;
  const entries = { count: n, rep: scratch.alloc(n), def: scratch.alloc(n), slots: scratch.alloc(n * 4) };
  const { u8 } = ctx.heap.refresh();
  u8.fill(0, entries.rep, entries.rep + n);
  u8.fill(0, entries.def, entries.def + n);
  ctx.kernels.get('core').iota(entries.slots, n, 0);
  walk(ctx, node, v, entries, n, chunks);
  scratch.rewind(mark);
}

/** About how many entries, of a size, rows [from, to) make at most. */
function weightOf(ctx: ExecContext, node: WriteNode, v: Vector, from: number, to: number): number {
  const rows = to - from;
  switch (node.kind) {
    case 'leaf':
      if (node.store !== 'strings' || v.dict) return rows;
      return Math.max(rows, ctx.kernels.get('strings').viewBytes(v.data + from * 16, rows) / 16);
    case 'struct':
      return node.fields.reduce((most, f, i) => Math.max(most, weightOf(ctx, f, v.children![i]!, from, to)), rows);
    case 'fixedList':
      return Math.max(rows, weightOf(ctx, node.item, v.children![0]!, from * node.size, to * node.size));
    case 'list': {
      const { u32 } = ctx.heap.refresh();
      const at = v.data >>> 2;
      return Math.max(rows, weightOf(ctx, node.item, v.children![0]!, u32[at + from]!, u32[at + to]!));
    }
  }
}

function walk(
  ctx: ExecContext,
  node: WriteNode,
  v: Vector,
  above: Entries,
  rows: number,
  chunks: readonly ChunkWriter[],
): void {
  switch (node.kind) {
    case 'leaf': {
      const chunk = chunks[node.index]!;
      if (v.type.dtype === 'Null') {
        chunk.appendNested(ctx, rows, { entries: above.count, rep: above.rep, def: above.def }, v);
        return;
      }
      const entries = endNulls(ctx, node, v, above);
      const sel = ctx.scratch.alloc(entries.count * 4);
      const live = ctx.kernels.get('parquet-write').liveSlots(entries.slots, entries.count, sel);
      const values = gather(ctx, { ...v, validity: 0 }, sel, live, ctx.scratch);
      const { rep, def } = entries;
      chunk.appendNested(ctx, rows, { entries: entries.count, rep, def }, plainUnlessUseful(ctx, chunk, values));
      return;
    }
    case 'struct': {
      const entries = endNulls(ctx, node, v, above);
      node.fields.forEach((field, i) => {
        const mark = ctx.scratch.mark();
        walk(ctx, field, v.children![i]!, entries, rows, chunks);
        ctx.scratch.rewind(mark);
      });
      return;
    }
    default: {
      const entries = openLists(
        ctx,
        node.kind === 'list' ? v.data : 0,
        node.size,
        node.rep,
        endNulls(ctx, node, v, above),
      );
      walk(ctx, node.item, v.children![0]!, entries, rows, chunks);
    }
  }
}

/** Without its dictionary where codes are of no use. */
export function plainUnlessUseful(ctx: ExecContext, chunk: ChunkWriter, v: Vector): Vector {
  if (!v.dict || (chunk.takesCodes && v.dict.length <= v.length * 2)) return v;
  return flatten(ctx, v, ctx.scratch);
}

function endNulls(ctx: ExecContext, node: WriteNode, v: Vector, e: Entries): Entries {
  if (v.validity === 0 && !node.nullable) return e;
  const def = ctx.scratch.alloc(e.count);
  const slots = ctx.scratch.alloc(e.count * 4);
  const ended = ctx.kernels
    .get('parquet-write')
    .endNulls(e.def, e.slots, e.count, v.validity, node.nullable ? 1 : 0, def, slots);
  if (ended > 0 && !node.nullable) throw unexpectedNull(node.path);
  return { ...e, def, slots };
}

function openLists(ctx: ExecContext, offsets: number, size: number, level: number, e: Entries): Entries {
  const kernels = ctx.kernels.get('parquet-write');
  const count = kernels.openLists(e.rep, e.def, e.slots, e.count, offsets, size, level, 0, 0, 0);
  const { scratch } = ctx;
  const opened = { count, rep: scratch.alloc(count), def: scratch.alloc(count), slots: scratch.alloc(count * 4) };
  kernels.openLists(e.rep, e.def, e.slots, e.count, offsets, size, level, opened.rep, opened.def, opened.slots);
  return opened;
}
