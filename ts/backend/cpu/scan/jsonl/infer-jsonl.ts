// The schema of a JSON Lines file: the dtypes that hold the values of the first lines, or of all of them.
import { SchemaMismatchError } from '../../../../errors.ts';
import type { Schema } from '../../../../schema/types.ts';
import { type JsonlSettings, jsonlSettings } from '../../../../source/jsonl-options.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { lineAt } from '../text/line-at.ts';
import { openText } from '../text/text-stream.ts';
import { TextWindow } from '../text/text-window.ts';
import { rootNode } from './json-nodes.ts';
import { fieldsOfShape, NotJson, newShape, type Shape, ShapeReader } from './json-shape.ts';
import { JsonState, S, STOP } from './json-state.ts';
import { malformed } from './jsonl-errors.ts';

const LF = 10;

/**
 * The columns of a JSON Lines file, in the order their keys are first seen: the declared schema where there is one; else
 * dtypes that hold the first `inferRows` lines, or every line when mismatches shall widen. Integers within 64 bits stay
 * integers; integers and fractions make Float64; values of different kinds make Utf8.
 */
export function inferJsonl(ctx: ExecContext, bytes: SyncBytes, options: { readonly [name: string]: unknown }): Schema {
  const settings = jsonlSettings(options);
  if (settings.schema !== null) return settings.schema;
  const shape = shapeOfLines(ctx, bytes, settings, SAMPLE_LINES) ?? shapeOfLines(ctx, bytes, settings)!;
  const schema = fieldsOfShape(shape);
  if (schema.length === 0) {
    throw new SchemaMismatchError(
      `${bytes.name} has no columns: it holds no object with a key. Declare a schema if that is meant.`,
      { path: bytes.name },
    );
  }
  return schema;
}

/** Lines looked at one by one before the kernel checks the rest. */
const SAMPLE_LINES = 256;
/** Lines the kernel checks at a time. */
const CHECK_ROWS = 4096;

/** What the lines hold, of which `sample` are looked at one by one. Null: it cannot be told from so few. */
function shapeOfLines(
  ctx: ExecContext,
  bytes: SyncBytes,
  settings: JsonlSettings,
  sample = Number.POSITIVE_INFINITY,
): Shape | null {
  const { blockBytes, inferRows } = settings;
  const window = new TextWindow(bytes.name, openText(ctx, bytes, settings), blockBytes, inferRows);
  const lines: Lines = { bytes, settings, window, shape: newShape(), reader: new ShapeReader() };
  try {
    window.begin(ctx, false);
    for (let n = Math.min(inferRows, sample); n > 0; n--) if (!lookAtLine(ctx, lines)) return lines.shape;
    return checkLines(ctx, lines, inferRows - sample) ? lines.shape : null;
  } finally {
    window.close(ctx);
  }
}

interface Lines {
  readonly bytes: SyncBytes;
  readonly settings: JsonlSettings;
  readonly window: TextWindow;
  readonly shape: Shape;
  readonly reader: ShapeReader;
}

/** Adds the next line that is not blank to the shape. False at the end. */
function lookAtLine(ctx: ExecContext, { bytes, settings, window, shape, reader }: Lines): boolean {
  for (;;) {
    const end = ctx.heap.refresh().u8.subarray(window.at, window.end).indexOf(LF);
    if (end < 0) {
      if (!window.more(ctx, 0)) return false;
      continue;
    }
    const start = window.at;
    const text = ctx.heap.buffer.toString('utf8', start, start + end);
    window.at += end + 1;
    window.taken(1, end + 1);
    if (text.trim() === '') continue;
    const own = settings.malformed === 'error' ? shape : newShape();
    try {
      reader.line(text, own);
      // A line that turns out to be broken must leave nothing behind.
      if (own !== shape) reader.line(text, shape);
    } catch (error) {
      if (!(error instanceof NotJson)) throw error;
      if (settings.malformed === 'error') {
        const line = lineAt(ctx, bytes, settings, window.offsetOf(start), LF);
        const position = [...text.slice(0, error.at)].length + 1;
        throw malformed({ path: bytes.name, line, position }, error.wanted, text.slice(error.at).trimEnd());
      }
    }
    return true;
  }
}

/**
 * Goes through `left` more lines by reading them as the shape says so far, at the reader's speed; only a line that does
 * not fit is looked at closely, and may widen the shape. False: integers beyond Int64 came behind others, of which nobody
 * knows whether they were negative.
 */
function checkLines(ctx: ExecContext, lines: Lines, left: number): boolean {
  const { window, shape } = lines;
  const kernels = ctx.kernels.get('jsonl');
  const state = new JsonState(ctx, true);
  // A place without a value yet is Null, so that the first one is noticed.
  const columnsNow = (): Schema => fieldsOfShape(shape, 0, { dtype: 'Null' });
  let blocks: number[] = [];
  let columns = columnsNow();
  let root = rootNode(ctx, columns, blocks);
  const unsigned = countUnsigned(shape);
  while (left > 0) {
    const last = ctx.heap.refresh().u8.subarray(window.at, window.end).lastIndexOf(LF);
    if (last < 0) {
      if (!window.more(ctx, 0)) break;
      continue;
    }
    const end = window.at + last + 1;
    while (window.at < end && left > 0) {
      const mark = ctx.scratch.mark();
      root.begin(ctx, CHECK_ROWS);
      state.begin(ctx);
      let held = 0;
      while (left > 0) {
        const from = window.at;
        const rows = kernels.readLines(state.address, root.address, from, end, Math.min(CHECK_ROWS, held + left));
        window.at = state.get(ctx, S.next);
        window.taken(rows - held, window.at - from);
        left -= rows - held;
        held = rows;
        const stop = state.get(ctx, S.stop);
        if (stop === STOP.end) break;
        if (stop === STOP.grow) root.find(state.get(ctx, S.node))?.grow(ctx);
        else if (stop === STOP.side) state.makeSide(ctx, end - window.at);
        else {
          lookAtLine(ctx, lines);
          left--;
          const wider = columnsNow();
          if (JSON.stringify(wider) === JSON.stringify(columns)) continue;
          for (const address of blocks) ctx.arena.free(address);
          blocks = [];
          columns = wider;
          root = rootNode(ctx, columns, blocks);
          break;
        }
      }
      ctx.scratch.rewind(mark);
    }
  }
  for (const address of blocks) ctx.arena.free(address);
  state.free(ctx);
  return countUnsigned(shape) === unsigned;
}

/** Places with integers beyond Int64. */
function countUnsigned({ unsigned, list, fields }: Shape): number {
  let count = unsigned ? 1 : 0;
  if (list) count += countUnsigned(list);
  for (const field of fields?.values() ?? []) count += countUnsigned(field);
  return count;
}
