// Strings between the heap and JavaScript, in bulk.
import type { LogicalType } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { Alloc } from './alloc.ts';

/** The strings of a flat vector; '' under nulls. */
export function textsOf(ctx: ExecContext, v: Vector): string[] {
  const strings = ctx.kernels.get('strings');
  const n = v.length;
  const bytes = ctx.scratch.alloc(strings.viewBytes(v.data, n) + 16);
  const offsets = ctx.scratch.alloc((n + 1) * 4);
  const total = strings.offsetsFromViews(v.data, n, 0, offsets) >>> 0;
  strings.bytesFromViews(v.data, n, bytes);
  const { buffer, u32 } = ctx.heap.refresh();
  const at = offsets >>> 2;
  const texts = new Array<string>(n);
  // One string for all, cut by offsets, when bytes and characters are the same thing.
  if (ctx.kernels.get('text').hasNonAscii(v.data, n) === 0) {
    const all = buffer.toString('latin1', bytes, bytes + total);
    for (let i = 0; i < n; i++) texts[i] = all.slice(u32[at + i], u32[at + i + 1]);
  } else for (let i = 0; i < n; i++) texts[i] = buffer.toString('utf8', bytes + u32[at + i]!, bytes + u32[at + i + 1]!);
  return texts;
}

/** A vector of strings; null under the zero bits of `validity`, whose texts must be ''. */
export function vectorOfTexts(
  ctx: ExecContext,
  type: LogicalType,
  texts: readonly string[],
  validity: number,
  alloc: Alloc,
): Vector {
  const n = texts.length;
  const all = texts.join('');
  const byteLength = Buffer.byteLength(all);
  const bytes = alloc.alloc(byteLength);
  const offsets = ctx.scratch.alloc((n + 1) * 4);
  const data = alloc.alloc(n * 16);
  const { buffer, u32 } = ctx.heap.refresh();
  buffer.write(all, bytes, byteLength, 'utf8');
  const ascii = byteLength === all.length;
  let at = 0;
  u32[offsets >>> 2] = 0;
  for (let i = 0; i < n; i++) {
    const text = texts[i]!;
    at += ascii ? text.length : Buffer.byteLength(text);
    u32[(offsets >>> 2) + i + 1] = at;
  }
  ctx.kernels.get('strings').viewsFromOffsets(offsets, n, bytes, validity, data);
  return { type, length: n, data, validity };
}

/** Bitmap of the rows where `present` is true. */
export function bitsOf(ctx: ExecContext, present: ArrayLike<boolean>, alloc: Alloc): number {
  const address = alloc.alloc((present.length + 7) >> 3);
  const { u8 } = ctx.heap.refresh();
  u8.fill(0, address, address + ((present.length + 7) >> 3));
  for (let i = 0; i < present.length; i++) if (present[i]) u8[address + (i >> 3)]! |= 1 << (i & 7);
  return address;
}
