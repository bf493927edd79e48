// Line numbers, for errors only.
import type { TextSettings } from '../../../../source/text-options.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { openText } from './text-stream.ts';

const STEP_BYTES = 1 << 20;

/** The line, from 1, of a position in the text: counted by reading up to it again. */
export function lineAt(
  ctx: ExecContext,
  bytes: SyncBytes,
  settings: TextSettings,
  offset: number,
  newline: number,
): number {
  const stream = openText(ctx, bytes, settings);
  const block = ctx.arena.alloc(STEP_BYTES);
  let line = 1;
  let left = offset;
  while (left > 0) {
    const got = stream.read(ctx, block, Math.min(STEP_BYTES, left));
    if (got === 0) break;
    left -= got;
    const text = ctx.heap.refresh().u8.subarray(block, block + got);
    for (let at = text.indexOf(newline); at >= 0; at = text.indexOf(newline, at + 1)) line++;
  }
  stream.close();
  ctx.arena.free(block);
  return line;
}
