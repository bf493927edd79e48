// Comparisons of lanes: NaN equals itself and is above every number, −0 equals 0, unsigned order for unsigned layouts.
import type { Physical } from '../../../schema/types.ts';
import type { Builder, LaneKind, Node } from '../emit/ir.ts';
import { F32X4, F64X2, I32X4, I64X2, V } from '../emit/opcodes.ts';

export type Comparison = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';

const SIGN64 = -(2n ** 63n);

/** Lanes of ones where `a op b`; `aNumber`, `bNumber`: that side is known not to be NaN. */
export function compareLanes(
  b: Builder,
  op: Comparison,
  x: Node,
  y: Node,
  physical: Physical,
  xNumber = false,
  yNumber = false,
): Node {
  const kind = x.kind as LaneKind;
  if (kind === 'f32' || kind === 'f64') return compareFloats(b, op, x, y, kind, xNumber, yNumber);
  if (kind === 'i32') {
    const unsigned = physical === 'u32';
    const code = {
      eq: I32X4.eq,
      ne: I32X4.ne,
      lt: unsigned ? I32X4.ltU : I32X4.ltS,
      le: unsigned ? I32X4.leU : I32X4.leS,
      gt: unsigned ? I32X4.gtU : I32X4.gtS,
      ge: unsigned ? I32X4.geU : I32X4.geS,
    }[op];
    return b.simd('i32', code, x, y);
  }
  const code = { eq: I64X2.eq, ne: I64X2.ne, lt: I64X2.ltS, le: I64X2.leS, gt: I64X2.gtS, ge: I64X2.geS }[op];
  if (physical !== 'u64' || op === 'eq' || op === 'ne') return b.simd('i64', code, x, y);
  // There is no unsigned order of 64-bit lanes: with the top bit flipped the signed one is it.
  const top = b.constant('i64', SIGN64);
  return b.simd('i64', code, b.simd('i64', V.xor, x, top), b.simd('i64', V.xor, y, top));
}

function compareFloats(
  b: Builder,
  op: Comparison,
  x: Node,
  y: Node,
  kind: 'f32' | 'f64',
  xNumber: boolean,
  yNumber: boolean,
): Node {
  const c = kind === 'f32' ? F32X4 : F64X2;
  const lanes = kind === 'f32' ? 'i32' : 'i64';
  const simd = (code: number, ...args: Node[]): Node => b.simd(lanes, code, ...args);
  const nan = (n: Node): Node => simd(c.ne, n, n);
  switch (op) {
    case 'eq':
      return xNumber || yNumber ? simd(c.eq, x, y) : simd(V.or, simd(c.eq, x, y), simd(V.and, nan(x), nan(y)));
    case 'ne':
      return simd(V.not, compareFloats(b, 'eq', x, y, kind, xNumber, yNumber));
    case 'lt':
      // x < y, or y is NaN and x is not.
      if (yNumber) return simd(c.lt, x, y);
      return simd(V.or, simd(c.lt, x, y), xNumber ? nan(y) : simd(V.andNot, nan(y), nan(x)));
    case 'le':
      return yNumber ? simd(c.le, x, y) : simd(V.or, simd(c.le, x, y), nan(y));
    case 'gt':
      return compareFloats(b, 'lt', y, x, kind, yNumber, xNumber);
    case 'ge':
      return compareFloats(b, 'le', y, x, kind, yNumber, xNumber);
  }
}
