// The present values of a vector as the file stores them, but decimals in 16 bytes and strings as views: bounds and
// dictionaries work on these.
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import type { WriteLeaf } from './columns.ts';

/** Values at `address`: bits, fixed width or views. With `codes`, u32 numbers among `distinct` views. */
export interface StoredValues {
  readonly count: number;
  readonly address: number;
  readonly codes: number;
  readonly distinct: number;
}

/** Bytes of a value in `StoredValues`; of bits 0. */
export function widthInHeap(leaf: WriteLeaf): 0 | 4 | 8 | 16 {
  if (leaf.store === 'be' || leaf.store === 'strings') return 16;
  return leaf.width as 0 | 4 | 8; // the other widths that columns.ts gives
}

const NARROW_KIND: Readonly<Record<string, number>> = { Int8: 0, UInt8: 1, Int16: 2, UInt16: 3 };

/** `present` of the vector's rows have a value; what is made lies in scratch. Dictionaries: of strings only. */
export function storedValues(ctx: ExecContext, leaf: WriteLeaf, v: Vector, present: number): StoredValues {
  const plain = (address: number): StoredValues => ({ count: present, address, codes: 0, distinct: 0 });
  const kernels = ctx.kernels.get('parquet-write');
  const { scratch } = ctx;
  const bits = present === v.length ? 0 : v.validity;
  const packed = (src: number, width: 1 | 2 | 4 | 8 | 16): number => {
    if (bits === 0) return src;
    const to = scratch.alloc(present * width);
    kernels[`compact${width}`](src, bits, v.length, to);
    return to;
  };
  switch (leaf.store) {
    case 'nothing':
      return plain(0);
    case 'bits': {
      if (bits === 0) return plain(v.data);
      const to = scratch.alloc((present >> 3) + 8);
      kernels.compactBits(v.data, bits, v.length, to, 0);
      return plain(to);
    }
    case 'copy4':
      return plain(packed(v.data, 4));
    case 'copy8':
      return plain(packed(v.data, 8));
    case 'be':
      return plain(packed(v.data, 16));
    case 'narrow': {
      const to = scratch.alloc(present * 4);
      kernels.narrowLongs(packed(v.data, 8), present, to);
      return plain(to);
    }
    case 'widen': {
      const kind = NARROW_KIND[leaf.type.dtype]!;
      const to = scratch.alloc(present * 4);
      kernels.widenIntegers(packed(v.data, kind < 2 ? 1 : 2), kind, present, to);
      return plain(to);
    }
    case 'strings':
      return v.dict ? distinctWords(ctx, v.dict, packed(v.data, 4), present) : plain(packed(v.data, 16));
  }
}

function distinctWords(ctx: ExecContext, dict: Vector, codes: number, n: number): StoredValues {
  const { scratch } = ctx;
  const map = scratch.alloc(dict.length * 4);
  const list = scratch.alloc(Math.min(n, dict.length) * 4);
  const numbers = scratch.alloc(n * 4);
  ctx.heap.refresh().u8.fill(255, map, map + dict.length * 4);
  const distinct = ctx.kernels.get('parquet-write').distinctCodes(codes, n, map, list, numbers);
  const views = scratch.alloc(distinct * 16);
  ctx.kernels.get('core').gather16(dict.data, list, distinct, views);
  return { count: n, address: views, codes: numbers, distinct };
}
