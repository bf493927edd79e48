// Values of every dtype: edges first, then random ones, always the same for a seed.
import { bitsOf, isInteger, isSigned, type LogicalType, physicalOf } from '../../schema/types.ts';

/** Small deterministic generator of numbers in [0, 1). */
export function random(seed: number): () => number {
  let s = seed >>> 0;
  return () => {
    s = (s + 0x6d2b79f5) >>> 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const FLOAT_EDGES = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  0.49999999999999994,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  5e-324,
  1.7976931348623157e308,
  -1.7976931348623157e308,
  2147483647,
  2147483648,
  -2147483648,
  -2147483649,
  4294967295,
  4294967296,
  2 ** 63,
  -(2 ** 63),
  2 ** 64,
  127.5,
  128,
  -128.5,
  -129,
  255.5,
  256,
  1e-10,
  123456.789,
  2.675,
  1.005,
];
const STRING_EDGES = [
  '',
  'a',
  'ab',
  'abc',
  'hello world!',
  'hello world!!',
  'a string that is longer than a view',
  'ä',
  'ü€𝄞',
  'A',
  'Z',
  'z',
  '12345678901',
  '123456789012',
  '1234567890123',
  'hello world and more',
  'hello world and less',
  '\u0000',
  'a\u0000',
];

/** The interesting values of a dtype. */
export function edges(t: LogicalType): unknown[] {
  switch (t.dtype) {
    case 'Bool':
      return [true, false];
    case 'Float64':
      return FLOAT_EDGES;
    case 'Float32':
      return FLOAT_EDGES.map(Math.fround);
    case 'Utf8':
    case 'Categorical':
      return STRING_EDGES;
    case 'Binary':
      return STRING_EDGES.map((s) => new Uint8Array(Buffer.from(s)));
    case 'Date32':
      return [0, 1, -1, 18000, -800000, 2932896, 11016, 2 ** 31 - 1, -(2 ** 31)];
    case 'Time':
      return [0n, 1n, 86_399_999_999_999n, 43_200_000_000_000n, 3_600_000_000_000n];
    case 'Decimal': {
      const most = 10n ** BigInt(t.precision) - 1n;
      const one = 10n ** BigInt(t.scale);
      return [0n, 1n, -1n, one, -one, one / 2n, -one / 2n, (one * 3n) / 2n, most, -most, most / 2n, most / 10n].filter(
        (v) => v <= most && v >= -most,
      );
    }
    default: {
      const bits = BigInt(isInteger(t) ? bitsOf(t) : 64);
      const signed = !isInteger(t) || isSigned(t);
      const low = signed ? -(1n << (bits - 1n)) : 0n;
      const high = signed ? (1n << (bits - 1n)) - 1n : (1n << bits) - 1n;
      const all = [0n, 1n, 2n, 3n, 7n, 10n, 100n, low, low + 1n, high, high - 1n, high / 2n];
      if (signed) all.push(-1n, -2n, -3n, -7n, -10n, low / 2n);
      return bits === 64n ? all : all.map(Number);
    }
  }
}

/** One value of a dtype, an edge now and then; never null. */
export function sample(t: LogicalType, next: () => number): unknown {
  if (next() < 0.3) {
    const some = edges(t);
    return some[Math.floor(next() * some.length)];
  }
  const integer = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  const long = (): bigint => (BigInt(integer(0, 2 ** 32 - 1)) << 32n) | BigInt(integer(0, 2 ** 32 - 1));
  switch (t.dtype) {
    case 'Bool':
      return next() < 0.5;
    case 'Float64':
      return (next() - 0.5) * 10 ** integer(-3, 6);
    case 'Float32':
      return Math.fround((next() - 0.5) * 10 ** integer(-3, 6));
    case 'Utf8':
    case 'Categorical':
      return Array.from({ length: integer(0, 20) }, () => String.fromCharCode(integer(97, 100))).join('');
    case 'Binary':
      return Uint8Array.from({ length: integer(0, 20) }, () => integer(0, 3));
    case 'Date32':
      return integer(-30000, 60000);
    case 'Time':
      return BigInt(integer(0, 86_399_999)) * 1_000_000n;
    case 'Decimal': {
      const digits = integer(1, t.precision);
      const v = ((long() << 64n) | long()) % 10n ** BigInt(digits);
      return next() < 0.5 ? v : -v;
    }
    default: {
      if (physicalOf(t) === 'i64') {
        if (!isInteger(t)) return BigInt(integer(-4_000_000_000, 4_000_000_000)) * 1_000_003n;
        return next() < 0.5 ? BigInt(integer(-1000, 1000)) : BigInt.asIntN(64, long());
      }
      if (physicalOf(t) === 'u64') return next() < 0.5 ? BigInt(integer(0, 1000)) : long();
      const bits = bitsOf(t);
      const small = next() < 0.5;
      if (isSigned(t)) return small ? integer(-20, 20) : integer(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1);
      return small ? integer(0, 20) : integer(0, 2 ** bits - 1);
    }
  }
}

/** `length` values, edges first, a share of them null. */
export function samples(t: LogicalType, length: number, next: () => number, nulls = 0.15): unknown[] {
  const some = edges(t);
  return Array.from({ length }, (_, i) => {
    if (nulls > 0 && next() < nulls) return null;
    return i < some.length ? some[i] : sample(t, next);
  });
}

/** Every pair of edges, as two columns. */
export function edgePairs(a: LogicalType, b: LogicalType): [unknown[], unknown[]] {
  const left: unknown[] = [];
  const right: unknown[] = [];
  for (const x of [...edges(a), null]) {
    for (const y of [...edges(b), null]) {
      left.push(x);
      right.push(y);
    }
  }
  return [left, right];
}
