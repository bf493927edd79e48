// The schema of a JSON Lines file: the dtypes that hold the values of the first lines, or of all of them.
import { SchemaMismatchError } from '../../../../errors.ts';
import type { Schema } from '../../../../schema/types.ts';
import { jsonlSettings } from '../../../../source/jsonl-options.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { lineAt } from '../text/line-at.ts';
import { openText } from '../text/text-stream.ts';
import { TextWindow } from '../text/text-window.ts';
import { fieldsOfShape, NotJson, newShape, ShapeReader } from './json-shape.ts';
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
  const window = new TextWindow(bytes.name, openText(ctx, bytes, settings), settings.blockBytes);
  const shape = newShape();
  const reader = new ShapeReader();
  let lines = 0;
  try {
    window.begin(ctx, false);
    while (lines < settings.inferRows) {
      const end = ctx.heap.refresh().u8.subarray(window.at, window.end).indexOf(LF);
      if (end < 0) {
        if (!window.more(ctx, 0)) break;
        continue;
      }
      const start = window.at;
      const text = ctx.heap.buffer.toString('utf8', start, start + end);
      window.at += end + 1;
      if (text.trim() === '') continue;
      lines++;
      window.taken(1, end + 1);
      const own = settings.malformed === 'error' ? shape : newShape();
      try {
        reader.line(text, own);
        // A line that turns out to be broken must leave nothing behind.
        if (own !== shape) reader.line(text, shape);
      } catch (error) {
        if (!(error instanceof NotJson)) throw error;
        if (settings.malformed !== 'error') continue;
        const line = lineAt(ctx, bytes, settings, window.offsetOf(start), LF);
        const position = [...text.slice(0, error.at)].length + 1;
        throw malformed({ path: bytes.name, line, position }, error.wanted, text.slice(error.at).trimEnd());
      }
    }
  } finally {
    window.close(ctx);
  }
  const schema = fieldsOfShape(shape);
  if (schema.length === 0) {
    throw new SchemaMismatchError(
      `${bytes.name} has no columns: it holds no object with a key. Declare a schema if that is meant.`,
      { path: bytes.name },
    );
  }
  return schema;
}
