// Parts of vectors without copying.
import { physicalOf, widthOf } from '../../../schema/types.ts';
import type { Batch, Vector } from '../vector.ts';

/** Rows [offset, offset + length) sharing the buffers; `offset` is a multiple of 8. */
export function slice(v: Vector, offset: number, length: number): Vector {
  if (offset === 0 && length === v.length) return v;
  const validity = v.validity === 0 ? 0 : v.validity + (offset >>> 3);
  if (v.dict) return { ...v, length, data: v.data + offset * 4, validity };
  const physical = physicalOf(v.type);
  switch (physical) {
    case 'bit':
      return { ...v, length, data: v.data + (offset >>> 3), validity };
    case 'null':
      return { ...v, length };
    case 'list':
      return { ...v, length, data: v.data + offset * 4, validity };
    case 'fixedList': {
      const size = v.type.dtype === 'FixedSizeList' ? v.type.length : 0;
      return {
        ...v,
        length,
        validity,
        children: (v.children ?? []).map((c) => slice(c, offset * size, length * size)),
      };
    }
    case 'struct':
      return { ...v, length, validity, children: (v.children ?? []).map((c) => slice(c, offset, length)) };
    default:
      return { ...v, length, data: v.data + offset * widthOf(physical), validity };
  }
}

/** The first rows of a batch. */
export function headOf(batch: Batch, length: number): Batch {
  if (length >= batch.length) return batch;
  return { length, columns: batch.columns.map((v) => slice(v, 0, length)), ordinal: batch.ordinal };
}
