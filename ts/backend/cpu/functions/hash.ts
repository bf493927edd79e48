// hash: 64 bits of any value that is not nested. The algorithm is part of the function's meaning:
//
//   mix(h)   MurmurHash3's 64-bit finaliser; start = mix(seed + 0x9e3779b97f4a7c15)
//   a value of up to 64 bits is one word w: mix(start ^ w). Integers, Bool, ticks and decimals up to 18 digits
//   sign-extended (UInt64: its bits), floats as the bits of the double, −0 as 0, every NaN as 0x7ff8000000000000
//   a longer decimal is two words, low first: mix(mix(start ^ low) ^ high)
//   a string: mix(start ^ byte length), then each eight bytes, little-endian and the last filled with zeroes, likewise
//   null is the word 0x6e756c6c6e756c6c
import { bytesFor, physicalOf } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import type { Builder, Node } from '../emit/ir.ts';
import { convertNode, type EmitRow, type Value, value } from '../emit/lower.ts';
import { F64X2, I64X2, V } from '../emit/opcodes.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';

const MASK = (1n << 64n) - 1n;
const FIRST = 0xff51afd7ed558ccdn;
const SECOND = 0xc4ceb9fe1a85ec53n;
const NULL_WORD = 0x6e756c6c6e756c6cn;

const mix = (h: bigint): bigint => {
  let x = ((h ^ (h >> 33n)) * FIRST) & MASK;
  x = ((x ^ (x >> 33n)) * SECOND) & MASK;
  return x ^ (x >> 33n);
};
const startOf = (seed: unknown): bigint => mix((BigInt(seed as string) + 0x9e3779b97f4a7c15n) & MASK);

/** The word of a value. */
function wordOf(b: Builder, x: Value): Node {
  switch (x.physical) {
    case 'f32':
    case 'f64': {
      const wide = convertNode(b, x.node, x.physical, 'f64');
      // Adding 0 turns −0 into 0.
      const plain = b.simd('i64', F64X2.add, wide, b.constant('f64', 0));
      const nan = b.simd('i64', F64X2.ne, wide, wide);
      return b.select(nan, b.constant('i64', 0x7ff8000000000000n), plain);
    }
    default:
      return convertNode(b, x.node, x.physical, x.physical === 'u64' ? 'u64' : 'i64');
  }
}

const emit: EmitRow = {
  lower({ b }, [x], call) {
    const c = (n: bigint): Node => b.constant('i64', BigInt.asIntN(64, n));
    const { valid } = x!;
    let word = wordOf(b, x!);
    if (valid !== null) word = b.choose(valid, word, c(NULL_WORD));
    let h = b.simd('i64', V.xor, word, c(startOf(call.options['seed'])));
    for (const factor of [FIRST, SECOND]) {
      h = b.simd('i64', I64X2.mul, b.simd('i64', V.xor, h, b.shift(h, I64X2.shrU, 33)), c(factor));
    }
    return value(b, call.type, b.simd('i64', V.xor, h, b.shift(h, I64X2.shrU, 33)), null);
  },
};

const hashVectors: ElementwiseKernel = (ctx, call, args, length) => {
  const values = ctx.kernels.get('values');
  const v = args[0]!;
  const data = ctx.scratch.alloc(bytesFor('u64', length));
  const start = ctx.scratch.alloc(8);
  ctx.heap.refresh().u64[start >>> 3] = startOf(call.options['seed']);
  const result = { type: call.type, length, data, validity: 0 };
  if (v.type.dtype === 'Null') {
    ctx.heap.u64.fill(mix(startOf(call.options['seed']) ^ NULL_WORD), data >>> 3, (data >>> 3) + length);
    return result;
  }
  const flat = flatten(ctx, v, ctx.scratch);
  if (physicalOf(flat.type) === 'view') values.hashViews(flat.data, flat.validity, length, start, data);
  else values.hashPairs(flat.data, flat.validity, length, start, data);
  return result;
};

export const hashFunctions: Readonly<Record<string, CpuFunction>> = {
  hash: { emit, kernel: hashVectors, perRow: true },
};
