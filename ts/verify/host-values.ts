// Host columns read value by value, the slow and plain way.
import type { ArrowColumn } from '../backend/arrow.ts';
import { physicalOf } from '../schema/types.ts';

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The values of a column, in the forms that `valuesOf` of support/engine.ts gives. */
export function hostValues(c: ArrowColumn): unknown[] {
  return Array.from({ length: c.length }, (_, i) => hostValue(c, i));
}

export function hostValue(c: ArrowColumn, i: number): unknown {
  if (c.type.dtype === 'Null') return null;
  if (c.validity && !((c.validity[i >> 3]! >> (i & 7)) & 1)) return null;
  const values = c.values as (ArrayLike<number | bigint> & Uint8Array) | undefined;
  if (c.dictionary) return hostValue(c.dictionary, Number(values![i]));
  if (c.type.dtype === 'Decimal') {
    const words = c.values as BigInt64Array;
    return (words[2 * i + 1]! << 64n) | BigInt.asUintN(64, words[2 * i]!);
  }
  switch (physicalOf(c.type)) {
    case 'bit':
      return ((values![i >> 3]! >> (i & 7)) & 1) === 1;
    case 'view': {
      const bytes = values!.slice(c.offsets![i]!, c.offsets![i + 1]!);
      return c.type.dtype === 'Binary' ? bytes : decoder.decode(bytes);
    }
    case 'list': {
      const from = c.offsets![i]!;
      return Array.from({ length: c.offsets![i + 1]! - from }, (_, k) => hostValue(c.children![0]!, from + k));
    }
    case 'fixedList': {
      const size = c.type.dtype === 'FixedSizeList' ? c.type.length : 0;
      return Array.from({ length: size }, (_, k) => hostValue(c.children![0]!, i * size + k));
    }
    case 'struct':
      return c.children!.map((child) => hostValue(child, i));
    default:
      return values![i];
  }
}
