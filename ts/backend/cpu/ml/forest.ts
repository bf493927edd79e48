// Predicting with trees: rows go through in tiles of Float32, a chunk of rows a task.
import type { ResidentTable } from '../planner.ts';
import type { Task } from '../worker/crew.ts';
import type { HeapArray } from '../worker/protocol.ts';
import { LINK_CODES, type Link } from './boost-objective.ts';
import { chunks, float64Data } from './columns.ts';
import type { KernelContext, KernelHandler, KernelInput } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Trees laid out for the `forest` module: addresses in the heap. */
export interface ForestBlocks {
  /** 16 bytes a node: { f32 threshold, u32 feature and flags, u32 left, f32 value }. */
  readonly nodes: number;
  /** Sets of categories (u32), or 0. */
  readonly sets: number;
  /** First node of each tree (u32). */
  readonly roots: number;
  /** Output each tree adds to (u32). */
  readonly groups: number;
}

/** Rows of one pass: what is in memory twice is this much of the features. */
const PASS_VALUES = 1 << 22;

/** Copies rows [from, to) of Float64 columns to row-major Float32. */
export function fillTile(ctx: KernelContext, table: ResidentTable, from: number, to: number, tile: number): void {
  const stride = 4 * table.columns.length;
  const tasks: Task[] = [];
  for (const piece of chunks(to - from)) {
    const first = from + piece.from;
    table.columns.forEach((v, f) => {
      // Chunks begin at multiples of 8, so a bitmap begins on a byte.
      tasks.push([
        'forest',
        'fillTile',
        float64Data(v) + 8 * first,
        v.validity === 0 ? 0 : v.validity + (first >>> 3),
        piece.to - piece.from,
        tile + stride * piece.from + 4 * f,
        stride,
      ]);
    });
  }
  runTasks(ctx, tasks, (to - from) * table.columns.length);
}

/** Sets every row's margins to the `outputs` values at `base` (f32). */
export function fillMargins(ctx: KernelContext, margins: number, rows: number, outputs: number, base: number): void {
  runTasks(
    ctx,
    chunks(rows).map(({ from, to }) => [
      'boost',
      'fillMargins',
      margins + 4 * outputs * from,
      to - from,
      outputs,
      base,
    ]),
    rows * outputs,
  );
}

/** Adds the leaves of trees [from, to) to Float32 margins, `outputs` a row. */
export function addTrees(
  ctx: KernelContext,
  forest: ForestBlocks,
  trees: { readonly from: number; readonly to: number },
  tile: { readonly address: number; readonly rows: number; readonly features: number },
  margins: number,
  outputs: number,
): void {
  const stride = 4 * tile.features;
  runTasks(
    ctx,
    // Shorter than a chunk: a tree's nodes stay in the cache, and few rows still make work for every thread.
    pieces(tile.rows, 8192).map(({ from, to }) => [
      'forest',
      'addTrees',
      tile.address + stride * from,
      stride,
      to - from,
      forest.nodes,
      forest.sets,
      forest.roots,
      forest.groups,
      trees.from,
      trees.to,
      margins + 4 * outputs * from,
      4 * outputs,
    ]),
    tile.rows * (trees.to - trees.from) * 10,
  );
}

const pieces = (rows: number, size: number): { from: number; to: number }[] =>
  Array.from({ length: Math.ceil(rows / size) }, (_, k) => ({ from: k * size, to: Math.min(rows, (k + 1) * size) }));

const blocksOf = (arrays: KernelInput['arrays']): ForestBlocks => ({
  nodes: arrays['nodes']!.address,
  sets: arrays['sets']!.length === 0 ? 0 : arrays['sets']!.address,
  roots: arrays['roots']!.address,
  groups: arrays['groups']!.address,
});

/** The ranges of rows that go through at a time; multiples of 8. */
function passes(rows: number, features: number): { from: number; to: number }[] {
  return pieces(rows, Math.max(65536, Math.floor(PASS_VALUES / features) & ~65535));
}

const floats = (address: number, length: number): HeapArray => ({ dtype: 'Float32Array', length, address });

export const forestKernels: Readonly<Record<string, KernelHandler>> = {
  'forest.margins': {
    run(ctx, { params, tables, arrays }) {
      const { from, to, outputs, link } = params as { from: number; to: number; outputs: number; link: Link };
      const table = tables[0]!;
      const features = table.columns.length;
      const forest = blocksOf(arrays);
      const margins = ctx.arena.alloc(4 * table.rows * outputs + 16);
      const tile = ctx.arena.alloc(4 * features * Math.min(table.rows, passes(table.rows, features)[0]?.to ?? 0) + 16);
      const base = arrays['base']!.address;
      for (const pass of passes(table.rows, features)) {
        ctx.control.checkAbort();
        const at = margins + 4 * outputs * pass.from;
        const rows = pass.to - pass.from;
        fillMargins(ctx, at, rows, outputs, base);
        fillTile(ctx, table, pass.from, pass.to, tile);
        addTrees(ctx, forest, { from, to }, { address: tile, rows, features }, at, outputs);
        if (link !== 'identity')
          runTasks(
            ctx,
            chunks(rows).map((c) => [
              'boost',
              'transform',
              LINK_CODES[link],
              at + 4 * outputs * c.from,
              c.to - c.from,
              outputs,
            ]),
            rows * outputs * 10,
          );
      }
      return { arrays: { values: floats(margins, table.rows * outputs) } };
    },
  },
  'forest.leaves': {
    run(ctx, { params, tables, arrays }) {
      const { from, to } = params as { from: number; to: number };
      const table = tables[0]!;
      const features = table.columns.length;
      const forest = blocksOf(arrays);
      const trees = to - from;
      const out = ctx.arena.alloc(4 * table.rows * trees + 16);
      const tile = ctx.arena.alloc(4 * features * Math.min(table.rows, passes(table.rows, features)[0]?.to ?? 0) + 16);
      for (const pass of passes(table.rows, features)) {
        ctx.control.checkAbort();
        fillTile(ctx, table, pass.from, pass.to, tile);
        runTasks(
          ctx,
          chunks(pass.to - pass.from).map((c) => [
            'forest',
            'leafNumbers',
            tile + 4 * features * c.from,
            4 * features,
            c.to - c.from,
            forest.nodes,
            forest.sets,
            forest.roots,
            from,
            to,
            arrays['numbers']!.address,
            out + 4 * trees * (pass.from + c.from),
          ]),
          (pass.to - pass.from) * trees * 10,
        );
      }
      return { arrays: { leaves: { dtype: 'Uint32Array', length: table.rows * trees, address: out } } };
    },
  },
};
