// A straightforward interpreter of bound expressions over JavaScript values, one row at a time: what the engine's
// answers are compared with. Values as in `vectorOf`.
import type { CallNode, CastNode, ExprNode } from '../../ts/expr/nodes.ts';
import {
  bitsOf,
  isFloat,
  isInteger,
  isSigned,
  isTemporal,
  type LogicalType,
  physicalOf,
} from '../../ts/schema/types.ts';

export type Row = { readonly [name: string]: unknown };

/** The engine fails the query with this code. */
export class InterpreterError extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

const TICKS: Record<string, bigint> = { ms: 1000n, us: 1_000_000n, ns: 1_000_000_000n };
const secondOf = (t: LogicalType): bigint => ('unit' in t ? TICKS[t.unit]! : TICKS['ns']!);

/** Whether values of a dtype are bigint. */
export const isBig = (t: LogicalType): boolean => ['i64', 'u64', 'i128'].includes(physicalOf(t));

function range(t: LogicalType): [bigint, bigint] {
  const bits = isInteger(t) ? bitsOf(t) : t.dtype === 'Date32' ? 32 : 64;
  const signed = !isInteger(t) || isSigned(t);
  return signed ? [-(1n << BigInt(bits - 1)), (1n << BigInt(bits - 1)) - 1n] : [0n, (1n << BigInt(bits)) - 1n];
}
/** Wraps an integer into a dtype's layout. */
export function wrap(value: bigint, t: LogicalType): unknown {
  const bits = isInteger(t) ? bitsOf(t) : t.dtype === 'Date32' ? 32 : 64;
  const wrapped = isInteger(t) && !isSigned(t) ? BigInt.asUintN(bits, value) : BigInt.asIntN(bits, value);
  return isBig(t) ? wrapped : Number(wrapped);
}
const big = (v: unknown): bigint => (typeof v === 'boolean' ? BigInt(v) : BigInt(v as number | bigint));
const float = (x: number, t: LogicalType): number => (t.dtype === 'Float32' ? Math.fround(x) : x);
export const floorDivide = (a: bigint, b: bigint): bigint => {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
};
/** Half away from zero. */
export const divideRounded = (a: bigint, b: bigint): bigint => {
  const size = a < 0n ? -a : a;
  const q = (size + b / 2n) / b;
  return a < 0n ? -q : q;
};

/** −1, 0 or 1 in the engine's order. */
export function order(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') {
    if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(a)) - Number(Number.isNaN(b));
    return a < b ? -1 : a > b ? 1 : 0;
  }
  if (typeof a === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b as string));
  if (a instanceof Uint8Array) return Buffer.compare(a, b as Uint8Array);
  const x = a as bigint;
  const y = b as bigint;
  return x < y ? -1 : x > y ? 1 : 0;
}

export function interpret(e: ExprNode, row: Row): unknown {
  switch (e.node) {
    case 'col':
      return row[e.name] ?? null;
    case 'lit':
      return e.type.dtype === 'Float32' && typeof e.value === 'number' ? Math.fround(e.value) : e.value;
    case 'cast': {
      const v = interpret(e.expr, row);
      return v === null ? null : castValue(v, e);
    }
    case 'when': {
      // Every branch is computed, so that one that fails does.
      const branches = e.branches.map((b) => [interpret(b.when, row), interpret(b.then, row)] as const);
      const otherwise = interpret(e.otherwise, row);
      const hit = branches.find(([condition]) => condition === true);
      return hit ? hit[1] : otherwise;
    }
    case 'call':
      return callValue(e, row);
    default:
      throw new Error(e.node);
  }
}

function callValue(e: CallNode, row: Row): unknown {
  const args = e.args.map((a) => (a.node === 'lit' && Array.isArray(a.value) ? a.value : interpret(a, row)));
  const [a, b] = args as [unknown, unknown];
  switch (e.fn) {
    case 'and':
      return a === false || b === false ? false : a === null || b === null ? null : true;
    case 'or':
      return a === true || b === true ? true : a === null || b === null ? null : false;
    case 'isNull':
      return a === null;
    case 'isNotNull':
      return a !== null;
    case 'coalesce':
      return args.find((x) => x !== null) ?? null;
    case 'eqMissing':
      return a === null || b === null ? a === b : order(a, b) === 0;
    case 'hash':
      return hashValue(a, e.args[0]!.type, BigInt(e.options['seed'] as string));
    default:
  }
  if (args.some((x) => x === null)) return null;
  return plainCall(e, a, b);
}

function plainCall(e: CallNode, a: unknown, b: unknown): unknown {
  const t = e.type;
  switch (e.fn) {
    case 'not':
      return !a;
    case 'xor':
      return a !== b;
    case 'eq':
      return order(a, b) === 0;
    case 'ne':
      return order(a, b) !== 0;
    case 'lt':
      return order(a, b) < 0;
    case 'le':
      return order(a, b) <= 0;
    case 'gt':
      return order(a, b) > 0;
    case 'ge':
      return order(a, b) >= 0;
    case 'isIn':
      return (b as unknown[]).some((x) => order(a, x) === 0);
    case 'isNan':
      return Number.isNaN(a);
    case 'isFinite':
      return Number.isFinite(a);
    case 'clipMin':
      return typeof a === 'number' && Number.isNaN(a) ? a : (a as number) < (b as number) ? b : a;
    case 'clipMax':
      return typeof a === 'number' && Number.isNaN(a) ? a : (a as number) > (b as number) ? b : a;
    default:
  }
  if (isFloat(t)) return float(floatCall(e, a as number, b as number), t);
  return integerCall(e, big(a), b === undefined ? 0n : big(b));
}

function floatCall(e: CallNode, a: number, b: number): number {
  switch (e.fn) {
    case 'add':
      return a + b;
    case 'sub':
      return a - b;
    case 'mul':
      return a * b;
    case 'div':
      return a / b;
    case 'pow':
      return a === 1 ? 1 : a ** b;
    case 'mod': {
      const r = a % b;
      return r !== 0 && !Number.isNaN(r)
        ? r < 0 !== b < 0
          ? r + b
          : r
        : Number.isNaN(r)
          ? r
          : b < 0 || Object.is(b, -0)
            ? -0
            : 0;
    }
    case 'floorDiv': {
      const plain = a / b;
      if (b === 0 || !Number.isFinite(plain) || !Number.isFinite(a)) return Math.floor(plain);
      const r = a % b;
      let q = (a - r) / b;
      if (r !== 0 && r < 0 !== b < 0) q--;
      if (q === 0) return plain < 0 || Object.is(plain, -0) ? -0 : 0;
      const whole = Math.floor(q);
      return q - whole > 0.5 ? whole + 1 : whole;
    }
    case 'neg':
      return -a;
    case 'abs':
      return Math.abs(a);
    case 'sign':
      return Number.isNaN(a) ? a : a > 0 ? 1 : a < 0 ? -1 : 0;
    case 'floor':
      return Math.floor(a);
    case 'ceil':
      return Math.ceil(a);
    case 'round':
      return roundFloat(a, e.options['decimals'] as number);
    case 'sqrt':
      return Math.sqrt(a);
    case 'exp':
      return Math.exp(a);
    case 'log': {
      const base = e.options['base'] as number | null;
      if (base === 2) return Math.log2(a);
      if (base === 10) return Math.log10(a);
      return base === null ? Math.log(a) : Math.log(a) / Math.log(base);
    }
    case 'log1p':
    case 'sin':
    case 'cos':
    case 'tan':
    case 'asin':
    case 'acos':
    case 'atan':
      return Math[e.fn](a);
    default:
      throw new Error(e.fn);
  }
}

function roundFloat(x: number, decimals: number): number {
  const half = (y: number): number => {
    const whole = Math.trunc(y);
    return Math.abs(y - whole) >= 0.5 ? whole + Math.sign(y) : whole;
  };
  if (decimals === 0) return half(x);
  const power = 10 ** Math.abs(decimals);
  const y = decimals > 0 ? half(x * power) / power : half(x / power) * power;
  return Number.isFinite(y) ? y : x;
}

function integerCall(e: CallNode, a: bigint, b: bigint): unknown {
  const t = e.type;
  if (t.dtype === 'Decimal') return decimalCall(e, a, b, t);
  switch (e.fn) {
    case 'add':
      return wrap(a + b, t);
    case 'sub':
      return wrap(a - b, t);
    case 'mul':
      return wrap(a * b, t);
    case 'floorDiv':
      return b === 0n ? null : wrap(floorDivide(a, b), t);
    case 'mod':
      return b === 0n ? null : wrap(a - floorDivide(a, b) * b, t);
    case 'neg':
      return wrap(-a, t);
    case 'abs':
      return wrap(a < 0n ? -a : a, t);
    case 'sign':
      return wrap(a > 0n ? 1n : a < 0n ? -1n : 0n, t);
    case 'round': {
      const decimals = e.options['decimals'] as number;
      if (decimals >= 0) return wrap(a, t);
      const most = isSigned(t) ? 18 : 19;
      if (-decimals > most) return wrap(0n, t);
      const step = 10n ** BigInt(-decimals);
      return wrap(divideRounded(a, step) * step, t);
    }
    default:
      throw new Error(e.fn);
  }
}

function decimalCall(e: CallNode, a: bigint, b: bigint, t: Extract<LogicalType, { dtype: 'Decimal' }>): unknown {
  const fits = (v: bigint): bigint => {
    if ((v < 0n ? -v : v) >= 10n ** BigInt(t.precision)) throw new InterpreterError('ERR_OVERFLOW');
    return v;
  };
  const multiple = (places: number, q: (step: bigint) => bigint): bigint => {
    if (places <= 0) return a;
    const step = 10n ** BigInt(places);
    return fits(q(step) * step);
  };
  switch (e.fn) {
    case 'add':
      return fits(a + b);
    case 'sub':
      return fits(a - b);
    case 'mul':
      return fits(a * b);
    case 'floorDiv':
      return b === 0n ? null : floorDivide(a, b);
    case 'mod':
      return b === 0n ? null : a - floorDivide(a, b) * b;
    case 'neg':
      return -a;
    case 'abs':
      return a < 0n ? -a : a;
    case 'sign':
      return fits((a > 0n ? 1n : a < 0n ? -1n : 0n) * 10n ** BigInt(t.scale));
    case 'round':
      return multiple(t.scale - (e.options['decimals'] as number), (step) => divideRounded(a, step));
    case 'floor':
      return multiple(t.scale, (step) => floorDivide(a, step));
    case 'ceil':
      return multiple(t.scale, (step) => -floorDivide(-a, step));
    default:
      throw new Error(e.fn);
  }
}

function castValue(v: unknown, e: CastNode): unknown {
  const result = castPlain(v, e.expr.type, e.type);
  if (result === null && e.strict) throw new InterpreterError('ERR_CAST');
  return result;
}

const within = (v: bigint, t: LogicalType): unknown => {
  const [low, high] = range(t);
  return v < low || v > high ? null : isBig(t) ? v : Number(v);
};

/** The value in the other dtype, or null when it does not fit. */
function castPlain(v: unknown, from: LogicalType, to: LogicalType): unknown {
  if (to.dtype === 'Bool') return from.dtype === 'Bool' ? v : typeof v === 'bigint' ? v !== 0n : v !== 0;
  if (to.dtype === 'Decimal') return castDecimal(v, from, to);
  if (from.dtype === 'Decimal') {
    if (isFloat(to)) return float(decimalNumber(v as bigint, from.scale), to);
    return within((v as bigint) / 10n ** BigInt(from.scale), to);
  }
  if (isTemporal(from) && isTemporal(to)) return castTemporal(v, from, to);
  if (isFloat(to)) return float(Number(v), to);
  if (isFloat(from)) return Number.isFinite(v) ? within(BigInt(Math.trunc(v as number)), to) : null;
  return within(big(v), to);
}

/** The double of an integer divided by the double of a power of ten. */
const decimalNumber = (v: bigint, scale: number): number => Number(v) / 10 ** scale;

function castDecimal(v: unknown, from: LogicalType, to: Extract<LogicalType, { dtype: 'Decimal' }>): unknown {
  let unscaled: bigint;
  if (from.dtype === 'Decimal') {
    const up = to.scale - from.scale;
    unscaled = up >= 0 ? (v as bigint) * 10n ** BigInt(up) : divideRounded(v as bigint, 10n ** BigInt(-up));
  } else if (isFloat(from)) {
    const y = (v as number) * 10 ** to.scale;
    if (!Number.isFinite(y)) return null;
    const whole = Math.trunc(y);
    unscaled = BigInt(Math.abs(y - whole) >= 0.5 ? whole + Math.sign(y) : whole);
  } else unscaled = big(v) * 10n ** BigInt(to.scale);
  return (unscaled < 0n ? -unscaled : unscaled) >= 10n ** BigInt(to.precision) ? null : unscaled;
}

function castTemporal(v: unknown, from: LogicalType, to: LogicalType): unknown {
  const day = 86400n;
  if (from.dtype === 'Date32' && to.dtype === 'Date32') return v;
  if (from.dtype === 'Date32') return within(big(v) * day * secondOf(to), to);
  if (to.dtype === 'Date32') return within(floorDivide(v as bigint, day * secondOf(from)), to);
  const ticks = v as bigint;
  if (from.dtype === 'Datetime' && to.dtype === 'Time') {
    const perDay = day * secondOf(from);
    return ((((ticks % perDay) + perDay) % perDay) * TICKS['ns']!) / secondOf(from);
  }
  if (to.dtype === 'Time' && (ticks < 0n || ticks >= day * secondOf(from))) return null;
  const a = secondOf(from);
  const b = secondOf(to);
  return b >= a ? within(ticks * (b / a), to) : floorDivide(ticks, a / b);
}

const MASK = (1n << 64n) - 1n;
const mix = (h: bigint): bigint => {
  let x = ((h ^ (h >> 33n)) * 0xff51afd7ed558ccdn) & MASK;
  x = ((x ^ (x >> 33n)) * 0xc4ceb9fe1a85ec53n) & MASK;
  return x ^ (x >> 33n);
};
function hashValue(v: unknown, t: LogicalType, seed: bigint): bigint {
  const start = mix((seed + 0x9e3779b97f4a7c15n) & MASK);
  const word = (w: bigint): bigint => mix(start ^ (w & MASK));
  if (v === null) return word(0x6e756c6c6e756c6cn);
  if (isFloat(t)) {
    if (Number.isNaN(v)) return word(0x7ff8000000000000n);
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, v === 0 ? 0 : (v as number));
    return word(view.getBigUint64(0));
  }
  if (typeof v === 'string' || v instanceof Uint8Array) {
    const bytes = Buffer.from(v as string);
    let h = mix(start ^ BigInt(bytes.length));
    for (let i = 0; i < bytes.length; i += 8) {
      const part = Buffer.alloc(8);
      bytes.copy(part, 0, i, Math.min(i + 8, bytes.length));
      h = mix(h ^ part.readBigUInt64LE());
    }
    return h;
  }
  if (physicalOf(t) === 'i128') return mix(word(v as bigint) ^ (((v as bigint) >> 64n) & MASK));
  return word(big(v));
}
