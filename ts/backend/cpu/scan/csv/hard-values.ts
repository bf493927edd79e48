// The few values that kernels leave to JavaScript: floats whose rounding needs all their digits, decimals with
// exponents.

const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/** The middle between the largest float and the next one, were there one. */
const BEYOND_FLOATS = 2 ** 128 - 2 ** 103;

/** A decimal text as the nearest double; `point` is its decimal separator. Undefined when it is not a number. */
export function exactDouble(text: string, point: string): number | undefined {
  const plain = point === '.' ? text : text.replace(point, '.');
  return NUMBER.test(plain) ? Number(plain) : undefined;
}

/** The nearest float, rounded once: rounding to a double first errs when that lies between two floats. */
export function exactFloat(text: string, point: string): number | undefined {
  const double = exactDouble(text, point);
  if (double === undefined) return undefined;
  const float = Math.fround(double);
  if (!Number.isFinite(double) || float === double) return float;
  // The double is inexact: compare the text itself with the middle between the two floats around it.
  const other = neighbour(float, double);
  const low = Math.min(float, other);
  const high = Math.max(float, other);
  const middle = Number.isFinite(high) && Number.isFinite(low) ? (low + high) / 2 : Math.sign(double) * BEYOND_FLOATS;
  if (middle !== double) return float;
  const order = compare(scaled(point === '.' ? text : text.replace(point, '.')), scaledDouble(middle));
  if (order === 0) return float;
  return order < 0 ? low : high;
}

/** The float next to `float` on the side of `double`. */
function neighbour(float: number, double: number): number {
  const bits = new Int32Array(1);
  const view = new Float32Array(bits.buffer);
  view[0] = float;
  if (float === 0) bits[0] = double < 0 ? -0x7fffffff : 1;
  else bits[0] = (bits[0] as number) + (double > float === float > 0 ? 1 : -1);
  return view[0] as number;
}

/** value = units × 10^exponent. */
interface Scaled {
  readonly units: bigint;
  readonly exponent: number;
}

function scaled(text: string): Scaled {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().replace('+', '').split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  const negative = whole.startsWith('-');
  const units = BigInt(whole.replace('-', '') + fraction || '0');
  return { units: negative ? -units : units, exponent: Number(exponent) - fraction.length };
}

/** A finite double exactly: every one is an integer over a power of two. */
function scaledDouble(value: number): Scaled {
  let exponent = 0;
  let v = value;
  while (!Number.isInteger(v)) {
    v *= 2;
    exponent++;
  }
  return { units: BigInt(v) * 5n ** BigInt(exponent), exponent: -exponent };
}

function compare(a: Scaled, b: Scaled): number {
  const least = Math.min(a.exponent, b.exponent);
  const x = a.units * 10n ** BigInt(a.exponent - least);
  const y = b.units * 10n ** BigInt(b.exponent - least);
  return x < y ? -1 : x > y ? 1 : 0;
}

/** A decimal text as units of 10^-scale; undefined when it is no number, null when it does not fit exactly. */
export function exactDecimal(text: string, point: string, precision: number, scale: number): bigint | null | undefined {
  const plain = point === '.' ? text : text.replace(point, '.');
  if (!NUMBER.test(plain)) return undefined;
  const { units, exponent } = scaled(plain);
  const shift = exponent + scale;
  if (shift > 80) return units === 0n ? 0n : null;
  const result = shift >= 0 ? units * 10n ** BigInt(shift) : units / 10n ** BigInt(Math.min(-shift, 400));
  if (shift < 0 && result * 10n ** BigInt(Math.min(-shift, 400)) !== units) return null;
  return result < 10n ** BigInt(precision) && result > -(10n ** BigInt(precision)) ? result : null;
}
