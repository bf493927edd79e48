// Casts from and to strings. Text: integers in decimal, floats as the shortest text that reads back with a point or an
// exponent, `true`, ISO 8601 for dates and times, `PT1.5S` for durations.
import { bytesFor, isSigned, type LogicalType, physicalOf, type TimeUnit, widthOf } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { powersInHeap } from '../scan/text/powers.ts';
import type { Vector } from '../vector.ts';

const KIND = { integer: 0, float: 1, bool: 2, decimal: 3, date: 4, datetime: 5, time: 6 } as const;
const DIGITS: Record<TimeUnit, number> = { ms: 3, us: 6, ns: 9 };
const TEXT_BYTES = 48;

/** How the kernels name a dtype: what it is and two numbers about it. */
function describe(type: LogicalType): { what: number; a: number; b: number } {
  switch (type.dtype) {
    case 'Float32':
    case 'Float64':
      return { what: KIND.float, a: 0, b: 0 };
    case 'Bool':
      return { what: KIND.bool, a: 0, b: 0 };
    case 'Decimal':
      return { what: KIND.decimal, a: type.scale, b: 0 };
    case 'Date32':
      return { what: KIND.date, a: 0, b: 0 };
    case 'Datetime':
      return { what: KIND.datetime, a: DIGITS[type.unit], b: type.zone === null ? 0 : 1 };
    case 'Time':
      return { what: KIND.time, a: 9, b: 0 };
    default:
      return { what: KIND.integer, a: 0, b: isSigned(type) ? 1 : 0 };
  }
}

/** Under which an evaluator keeps the address of the powers of ten. */
const POWERS = Object.freeze({});
function powersOf(ctx: ExecContext, state: Map<object, unknown>): number {
  let table = state.get(POWERS) as number | undefined;
  if (table === undefined) {
    table = powersInHeap(ctx);
    state.set(POWERS, table);
  }
  return table;
}

/** A flat vector as strings. */
export function toText(ctx: ExecContext, v: Vector, type: LogicalType, state: Map<object, unknown>): Vector {
  const { length } = v;
  const views = ctx.scratch.alloc(length * 16);
  const result = { type, length, data: views, validity: v.validity };
  if (v.type.dtype === 'Duration') {
    writeTexts(ctx, views, length, (i) => (isNullAt(ctx, v, i) ? '' : textOfValue(ctx, v, i)));
    return result;
  }
  const { what, a, b } = describe(v.type);
  const table = what === KIND.float ? powersOf(ctx, state) : 0;
  const bytes = ctx.scratch.alloc(length * TEXT_BYTES + 256) + 16;
  const width = widthOf(physicalOf(v.type));
  ctx.heap.refresh();
  ctx.kernels.get('cast').writeViews(v.data, v.validity, length, what, width, a, b, table, views, bytes);
  return result;
}

const encoder = new TextEncoder();

/** Views of texts made one by one. */
export function writeTexts(ctx: ExecContext, views: number, length: number, textOf: (row: number) => string): void {
  let block = 0;
  let end = 0;
  let { u8, u32 } = ctx.heap.refresh();
  for (let i = 0; i < length; i++) {
    const bytes = encoder.encode(textOf(i));
    const at = views + i * 16;
    u8.fill(0, at, at + 16);
    u32[at >>> 2] = bytes.length;
    if (bytes.length <= 12) {
      u8.set(bytes, at + 4);
      continue;
    }
    if (block + bytes.length > end) {
      const size = Math.max(bytes.length, 1 << 16);
      block = ctx.scratch.alloc(size);
      end = block + size;
      ({ u8, u32 } = ctx.heap.refresh());
    }
    u8.set(bytes, block);
    u8.set(bytes.subarray(0, 8), at + 4);
    u32[(at + 12) >>> 2] = block;
    block += bytes.length;
  }
}

const isNullAt = (ctx: ExecContext, v: Vector, row: number): boolean =>
  v.validity !== 0 && ((ctx.heap.u8[v.validity + (row >>> 3)]! >> (row & 7)) & 1) === 0;

/** The text of one value of a flat or dictionary-encoded vector, as a cast to Utf8 gives it. */
export function textOfValue(ctx: ExecContext, v: Vector, row: number): string {
  const heap = ctx.heap.refresh();
  if (v.dict) return textOfValue(ctx, v.dict, heap.u32[(v.data >>> 2) + row]!);
  switch (v.type.dtype) {
    case 'Float64':
      return floatText(heap.f64[(v.data >>> 3) + row]!, false);
    case 'Float32':
      return floatText(heap.f32[(v.data >>> 2) + row]!, true);
    case 'Duration':
      return durationText(heap.i64[(v.data >>> 3) + row]!, DIGITS[v.type.unit]);
    case 'Utf8':
    case 'Categorical':
    case 'Binary':
      return viewText(ctx, v.data + row * 16);
    case 'Bool':
      return (heap.u8[v.data + (row >>> 3)]! >> (row & 7)) & 1 ? 'true' : 'false';
    default: {
      // One row, through the kernel that writes columns.
      const one = { ...v, length: 1, validity: 0, data: v.data + row * widthOf(physicalOf(v.type)) };
      return viewText(ctx, toText(ctx, one, { dtype: 'Utf8' }, new Map()).data);
    }
  }
}

/** The string behind a view. */
export function viewText(ctx: ExecContext, view: number): string {
  const { u32, buffer } = ctx.heap.refresh();
  const length = u32[view >>> 2]!;
  const from = length <= 12 ? view + 4 : u32[(view + 12) >>> 2]!;
  return buffer.toString('utf8', from, from + length);
}

/** Shortest text of a float that reads back as itself. */
export function floatText(x: number, single: boolean): string {
  if (Number.isNaN(x)) return 'NaN';
  if (!Number.isFinite(x)) return x > 0 ? 'Infinity' : '-Infinity';
  let text = String(x);
  if (single) {
    for (let digits = 6; digits <= 9; digits++) {
      const short = Number(x.toPrecision(digits));
      if (Math.fround(short) === x) {
        text = String(short);
        break;
      }
    }
  }
  if (Object.is(x, -0)) text = '-0';
  return /[.e]/.test(text) ? text : `${text}.0`;
}

/** `PT1.5S`, `-P1DT2H`: days, hours, minutes and seconds, each unless it is zero. */
export function durationText(ticks: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const size = ticks < 0n ? -ticks : ticks;
  const seconds = size / perSecond;
  const fraction = (size % perSecond).toString().padStart(digits, '0').replace(/0+$/, '');
  const part = (n: bigint, unit: string): string => (n === 0n ? '' : `${n}${unit}`);
  const second = seconds % 60n;
  const clock =
    part((seconds / 3600n) % 24n, 'H') +
    part((seconds / 60n) % 60n, 'M') +
    (fraction !== '' ? `${second}.${fraction}S` : part(second, 'S'));
  const days = part(seconds / 86400n, 'D');
  if (days === '' && clock === '') return 'PT0S';
  return `${ticks < 0n ? '-' : ''}P${days}${clock === '' ? '' : `T${clock}`}`;
}

const DURATION = /^([+-]?)P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d+))?S)?)?$/;

/** Ticks of an ISO 8601 duration without months and years; null when the text is not one or is finer than the unit. */
export function parseDuration(text: string, digits: number): bigint | null {
  const m = DURATION.exec(text);
  if (!m || /[PT]$/.test(text)) return null;
  const n = (i: number): bigint => BigInt(m[i] ?? 0);
  const seconds = n(2) * 604800n + n(3) * 86400n + n(4) * 3600n + n(5) * 60n + n(6);
  const fraction = (m[7] ?? '').replace(/0+$/, '');
  if (fraction.length > digits) return null;
  const ticks = seconds * 10n ** BigInt(digits) + BigInt(fraction.padEnd(digits, '0') || 0);
  const signed = m[1] === '-' ? -ticks : ticks;
  return BigInt.asIntN(64, signed) === signed ? signed : null;
}

const INT_LIMITS = (type: LogicalType): [bigint, bigint] => {
  const bits = BigInt(widthOf(physicalOf(type)) * 8);
  return isSigned(type) ? [1n << (bits - 1n), (1n << (bits - 1n)) - 1n] : [0n, (1n << bits) - 1n];
};
const HARD = 3;
/** Strings read as a dtype. `fail` is told the rows that do not read; it throws, or the row becomes null. */
export function fromText(
  ctx: ExecContext,
  source: Vector,
  type: LogicalType,
  state: Map<object, unknown>,
  fail: (row: number) => void,
): Vector {
  const v = flatten(ctx, source, ctx.scratch);
  const { length } = v;
  const physical = physicalOf(type);
  const width = widthOf(physical);
  const data = ctx.scratch.alloc(bytesFor(physical, length));
  const cleared: number[] = [];
  const reject = (row: number): void => {
    fail(row);
    cleared.push(row);
  };
  if (type.dtype === 'Duration') {
    const digits = DIGITS[type.unit];
    for (let i = 0; i < length; i++) {
      const ticks = isNullAt(ctx, v, i) ? 0n : parseDuration(viewText(ctx, v.data + i * 16), digits);
      if (ticks === null) reject(i);
      ctx.heap.i64[(data >>> 3) + i] = ticks ?? 0n;
    }
    return withNulls(ctx, { type, length, data, validity: v.validity }, cleared);
  }
  const how = describe(type);
  let { a, b } = how;
  if (type.dtype === 'Decimal') [a, b] = [type.precision, type.scale];
  if (type.dtype === 'Datetime') b = type.zone === null ? 0 : type.zone === 'UTC' ? 1 : 2;
  const status = ctx.scratch.alloc(length);
  const spare = ctx.scratch.alloc(256);
  const limits = ctx.scratch.alloc(16);
  const table = how.what === KIND.float ? powersOf(ctx, state) : 0;
  const heap = ctx.heap.refresh();
  if (how.what === KIND.integer) heap.u64.set(INT_LIMITS(type), limits >>> 3);
  const failed = ctx.kernels
    .get('cast')
    .readViews(v.data, v.validity, length, how.what, width, limits, a, b, table, data, status, spare);
  if (failed > 0) {
    for (let i = 0; i < length; i++) {
      const code = ctx.heap.u8[status + i]!;
      if (code === 0) continue;
      if (code !== HARD || !readHard(ctx, viewText(ctx, v.data + i * 16), type, data, i)) reject(i);
    }
  }
  return withNulls(ctx, { type, length, data, validity: v.validity }, cleared);
}

/** Floats with very many digits and decimals with an exponent or too many places, one at a time. */
function readHard(ctx: ExecContext, text: string, type: LogicalType, data: number, row: number): boolean {
  const { f32, f64, i64, u64 } = ctx.heap.refresh();
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return false;
  switch (type.dtype) {
    case 'Float64':
      f64[(data >>> 3) + row] = Number(text);
      return true;
    case 'Float32':
      f32[(data >>> 2) + row] = nearestFloat(text);
      return true;
    case 'Decimal': {
      const unscaled = roundedDecimal(text, type.scale);
      if (unscaled === null || (unscaled < 0n ? -unscaled : unscaled) >= 10n ** BigInt(type.precision)) return false;
      if (physicalOf(type) === 'i64') i64[(data >>> 3) + row] = unscaled;
      else {
        u64[(data >>> 3) + row * 2] = BigInt.asUintN(64, unscaled);
        i64[(data >>> 3) + row * 2 + 1] = unscaled >> 64n;
      }
      return true;
    }
    default:
      return false;
  }
}

/** The float nearest to a text whose double lies exactly between two floats, where rounding twice could err. */
function nearestFloat(text: string): number {
  const wide = Number(text);
  const near = Math.fround(wide);
  if (near === wide || !Number.isFinite(near)) return near;
  const exact = roundedDecimal(text, 400);
  const doubled = roundedDecimal(decimalText(wide), 400);
  if (exact === null || doubled === null || exact === doubled) return near;
  // Off the middle by less than a double shows: to the side the text is on.
  const step = Math.abs(wide) * 2 ** -30;
  return Math.fround(exact > doubled ? wide + step : wide - step);
}

/** All digits of a double. */
function decimalText(x: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, Math.abs(x));
  const bits = view.getBigUint64(0);
  const power = Number(bits >> 52n);
  const mantissa = (bits & 0xfffffffffffffn) | (power === 0 ? 0n : 1n << 52n);
  const shift = (power === 0 ? 1 : power) - 1075;
  const sign = x < 0 ? '-' : '';
  if (shift >= 0) return `${sign}${mantissa << BigInt(shift)}`;
  return `${sign}${mantissa * 5n ** BigInt(-shift)}e${shift}`;
}

/** A number's text as an integer at a scale, half away from zero; null when it is absurdly large. */
function roundedDecimal(text: string, scale: number): bigint | null {
  const m = /^([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d+))?$/i.exec(text);
  if (!m) return null;
  const digits = BigInt(`${m[2]}${m[3]}` || '0');
  const power = Number(m[4] ?? 0) - m[3]!.length + scale;
  if (digits === 0n) return 0n;
  if (power > 2000) return null;
  let result: bigint;
  if (power >= 0) result = digits * 10n ** BigInt(power);
  else {
    if (-power > digits.toString().length + 1) return 0n;
    const divisor = 10n ** BigInt(-power);
    result = (digits + divisor / 2n) / divisor;
  }
  return m[1] === '-' ? -result : result;
}

/** The vector with some rows made null; their values are zero already. */
export function withNulls(ctx: ExecContext, v: Vector, rows: readonly number[]): Vector {
  if (rows.length === 0) return v;
  const bytes = bytesFor('bit', v.length);
  const validity = ctx.scratch.alloc(bytes);
  const { u8 } = ctx.heap.refresh();
  if (v.validity === 0) u8.fill(255, validity, validity + bytes);
  else u8.copyWithin(validity, v.validity, v.validity + bytes);
  for (const r of rows) u8[validity + (r >>> 3)]! &= ~(1 << (r & 7));
  return { ...v, validity };
}
