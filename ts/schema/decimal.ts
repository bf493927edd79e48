// Exact decimal values: what a Decimal column holds in rows.
import { ParameterError } from '../errors.ts';

/** The largest precision of a Decimal dtype, in digits. */
export const MAX_PRECISION = 38;

const TEXT = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Ten to the power of `n`, exactly. */
export const tenTo = (n: number): bigint => 10n ** BigInt(n);

/** Decimal digits of an integer, its sign aside; 0 has one. */
export function digitsOf(unscaled: bigint): number {
  return (unscaled < 0n ? -unscaled : unscaled).toString().length;
}

/**
 * An exact decimal number: `unscaled / 10 ** scale`.
 *
 * @example
 * ```ts
 * console.log(DecimalValue.from('19.90').toString());
 * // 19.90
 * ```
 */
export class DecimalValue {
  /** The digits as an integer. */
  readonly unscaled: bigint;
  /** How many of the digits stand after the point. */
  readonly scale: number;

  /** @throws {ERR_PARAMETER} if `scale` is not an integer from 0 to 38. */
  constructor(unscaled: bigint, scale: number) {
    if (!Number.isInteger(scale) || scale < 0 || scale > MAX_PRECISION) {
      throw new ParameterError(`Expected an integer from 0 to ${MAX_PRECISION} for scale but received ${scale}.`, {
        scale,
      });
    }
    this.unscaled = unscaled;
    this.scale = scale;
    Object.freeze(this);
  }

  /**
   * Reads a decimal from text, or from a number by its shortest text, so that `0.1` is exactly one tenth.
   *
   * @param scale - digits after the point of the result; default: as many as the value has.
   * @throws {ERR_PARAMETER} if the value is not a finite decimal, or needs more digits after the point than `scale`.
   */
  static from(value: string | number | bigint | DecimalValue, scale?: number): DecimalValue {
    const exact = parseDecimal(value);
    return scale === undefined ? exact : exact.withScale(scale);
  }

  /**
   * Gives the same number with another scale.
   *
   * @throws {ERR_PARAMETER} if digits other than zero would be lost.
   */
  withScale(scale: number): DecimalValue {
    const moved = rescale(this.unscaled, this.scale, scale);
    if (moved === null) {
      throw new ParameterError(`The value ${this} has more than ${scale} digits after the point. Round it first.`, {
        value: this.toString(),
        scale,
      });
    }
    return new DecimalValue(moved, scale);
  }

  /** Gives the nearest number; digits past the sixteenth or so are lost. */
  toNumber(): number {
    return Number(this.toString());
  }

  /** Writes all digits, trailing zeros of the scale included: `19.90`. */
  toString(): string {
    const negative = this.unscaled < 0n;
    const digits = (negative ? -this.unscaled : this.unscaled).toString().padStart(this.scale + 1, '0');
    const point = digits.length - this.scale;
    const text = this.scale === 0 ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
    return negative ? `-${text}` : text;
  }

  /** Writes all digits as a JSON string. */
  toJSON(): string {
    return this.toString();
  }

  get [Symbol.toStringTag](): string {
    return 'DecimalValue';
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `Decimal(${this.toString()})`;
  }
}

/** Moves the point; null if digits other than zero would be lost. */
export function rescale(unscaled: bigint, from: number, to: number): bigint | null {
  if (to >= from) return unscaled * tenTo(to - from);
  const divisor = tenTo(from - to);
  return unscaled % divisor === 0n ? unscaled / divisor : null;
}

function parseDecimal(value: string | number | bigint | DecimalValue): DecimalValue {
  if (value instanceof DecimalValue) return value;
  if (typeof value === 'bigint') return new DecimalValue(value, 0);
  const text = typeof value === 'number' ? String(value) : value.trim();
  const match = TEXT.exec(text);
  const digits = (match?.[2] ?? '') + (match?.[3] ?? '');
  const exponent = Number(match?.[4] ?? 0);
  const scale = (match?.[3]?.length ?? 0) - exponent;
  // A scale far below zero would only pad zeros without end: no Decimal holds such a number.
  if (match === null || digits === '' || scale < -400) {
    throw new ParameterError(`Expected a decimal number but received "${text}".`, { value: text });
  }
  const unscaled = BigInt(digits) * (match[1] === '-' ? -1n : 1n);
  if (scale < 0) return new DecimalValue(unscaled * tenTo(-scale), 0);
  if (scale <= MAX_PRECISION) return new DecimalValue(unscaled, scale);
  const cut = unscaled === 0n ? 0n : rescale(unscaled, scale, MAX_PRECISION);
  if (cut === null) {
    throw new ParameterError(`The value ${text} has more than ${MAX_PRECISION} digits after the point.`, {
      value: text,
    });
  }
  return new DecimalValue(cut, MAX_PRECISION);
}
