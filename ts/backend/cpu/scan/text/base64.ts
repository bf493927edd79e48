// Binary values in text formats are base64.
import { ParseError } from '../../../../errors.ts';
import type { ExecContext } from '../../context.ts';
import { type Vector, VIEW_INLINE_BYTES } from '../../vector.ts';

const BASE64 = /^[A-Za-z0-9+/_-]*={0,2}$/;

/** The bytes of base64 texts, in new memory of `ctx.scratch`. */
export function decodeBase64(ctx: ExecContext, v: Vector, path: string, column: string): Vector {
  const { u32, u8 } = ctx.heap.refresh();
  const decoded: (Buffer | null)[] = [];
  let total = 0;
  for (let i = 0; i < v.length; i++) {
    if (v.validity !== 0 && !(((u8[v.validity + (i >>> 3)] as number) >> (i & 7)) & 1)) {
      decoded.push(null);
      continue;
    }
    const at = v.data + 16 * i;
    const length = u32[at >>> 2] as number;
    const from = length <= VIEW_INLINE_BYTES ? at + 4 : (u32[(at + 12) >>> 2] as number);
    const text = ctx.heap.buffer.toString('latin1', from, from + length);
    if (!BASE64.test(text)) {
      throw new ParseError(
        `${path}, column "${column}": ${JSON.stringify(text.slice(0, 60))} is not base64, which Binary columns of text files hold. Declare the column Utf8.`,
        { path, column, text },
      );
    }
    const bytes = Buffer.from(text, 'base64');
    if (bytes.length > VIEW_INLINE_BYTES) total += bytes.length;
    decoded.push(bytes);
  }
  const data = ctx.scratch.alloc(16 * v.length);
  let to = ctx.scratch.alloc(total);
  const heap = ctx.heap.refresh();
  heap.u8.fill(0, data, data + 16 * v.length);
  decoded.forEach((bytes, i) => {
    if (bytes === null) return;
    const at = data + 16 * i;
    heap.u32[at >>> 2] = bytes.length;
    heap.u8.set(bytes.subarray(0, VIEW_INLINE_BYTES), at + 4);
    if (bytes.length <= VIEW_INLINE_BYTES) return;
    heap.u8.fill(0, at + 12, at + 16);
    heap.u32[(at + 12) >>> 2] = to;
    heap.u8.set(bytes, to);
    to += bytes.length;
  });
  return { ...v, data };
}
