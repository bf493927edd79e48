// Parts of dates and times, conversions between them, and changes of zone.
import { DTypeError } from '../../../errors.ts';
import type { CallNode } from '../../../expr/nodes.ts';
import { NANOSECONDS, SECONDS_PER_DAY, TICKS_PER_SECOND } from '../../../schema/ticks.ts';
import { bytesFor, type LogicalType, physicalOf, typeText } from '../../../schema/types.ts';
import { allocVector } from '../columns/alloc.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { firstFailure, overflowError, zeroUnderNulls } from './operands.ts';
import { LOCAL_TIME, localTicks, utcTicks, zoneOf } from './zones.ts';

/** Ticks of a day; 1 for Date32. */
export function ticksPerDay(type: LogicalType): number {
  switch (type.dtype) {
    case 'Date32':
      return 1;
    case 'Time':
      return NANOSECONDS.d;
    case 'Datetime':
    case 'Duration':
      return TICKS_PER_SECOND[type.unit] * SECONDS_PER_DAY;
    default:
      throw new DTypeError(`${typeText(type)} is not a time.`);
  }
}

/** A result of `type` with the argument's nulls. */
function resultLike(ctx: ExecContext, type: LogicalType, v: Vector): Vector {
  return { ...allocVector(ctx, type, v.length, ctx.scratch, false), validity: v.validity };
}

const calendar =
  (part: number): ElementwiseKernel =>
  (ctx, call, [v], length) => {
    const wide = v!.type.dtype === 'Date32' ? 0 : 1;
    const src = localTicks(ctx, v!);
    const out = resultLike(ctx, call.type, v!);
    ctx.kernels.get('time').calendarPart(src, wide, length, ticksPerDay(v!.type), part, out.data);
    return zeroUnderNulls(ctx, out);
  };

/** (value mod period) / unit × times, in nanoseconds; `times` scales up where a tick is longer than the unit. */
const clock =
  (period: number, unit: number): ElementwiseKernel =>
  (ctx, call, [v], length) => {
    const tick = NANOSECONDS.d / ticksPerDay(v!.type);
    const src = localTicks(ctx, v!);
    const out = resultLike(ctx, call.type, v!);
    const width = physicalOf(call.type) === 'i8' ? 1 : 4;
    const time = ctx.kernels.get('time');
    time.clockPart(src, length, period / tick, Math.max(unit / tick, 1), Math.max(tick / unit, 1), width, out.data);
    return zeroUnderNulls(ctx, out);
  };

const epoch: ElementwiseKernel = (ctx, call, [v], length) => {
  const wide = v!.type.dtype === 'Date32' ? 0 : 1;
  const tick = NANOSECONDS.d / ticksPerDay(v!.type);
  const unit = NANOSECONDS[call.options['unit'] as 's' | 'ms' | 'us' | 'ns'];
  return rescaled(ctx, call, v!, wide, tick, unit, length, false);
};

const total: ElementwiseKernel = (ctx, call, [v], length) => {
  const tick = NANOSECONDS.d / ticksPerDay(v!.type);
  const unit = NANOSECONDS[call.options['unit'] as keyof typeof NANOSECONDS];
  return rescaled(ctx, call, v!, 1, tick, unit, length, true);
};

function rescaled(
  ctx: ExecContext,
  call: CallNode,
  v: Vector,
  wide: number,
  from: number,
  to: number,
  length: number,
  towardsZero: boolean,
): Vector {
  const out = resultLike(ctx, call.type, v);
  const mul = Math.max(from / to, 1);
  const div = Math.max(to / from, 1);
  const time = ctx.kernels.get('time');
  const row = firstFailure(ctx, v.validity, length, (at) =>
    time.rescale(v.data, wide, at, length, mul, div, towardsZero ? 1 : 0, out.data),
  );
  if (row >= 0) throw overflowError(call, call.type, row, 'Int64');
  return zeroUnderNulls(ctx, out);
}

const date: ElementwiseKernel = (ctx, call, [v], length) => {
  const out = resultLike(ctx, call.type, v!);
  ctx.kernels.get('time').daysOf(localTicks(ctx, v!), length, ticksPerDay(v!.type), out.data);
  return zeroUnderNulls(ctx, out);
};

const time: ElementwiseKernel = (ctx, call, [v], length) => {
  const perDay = ticksPerDay(v!.type);
  const out = resultLike(ctx, call.type, v!);
  ctx.kernels.get('time').timesOf(localTicks(ctx, v!), length, perDay, NANOSECONDS.d / perDay, out.data);
  return zeroUnderNulls(ctx, out);
};

const replaceTimeZone: ElementwiseKernel = (ctx, call, [v], length) => {
  const local = localTicks(ctx, v!);
  const zone = zoneOf(call.type);
  if (zone === null || call.type.dtype !== 'Datetime') return { ...v!, type: call.type, data: local };
  const ambiguous = LOCAL_TIME[call.options['ambiguous'] as 'raise' | 'earliest' | 'latest' | 'null'];
  const gap = LOCAL_TIME[call.options['nonExistent'] as 'raise' | 'null'];
  let validity = v!.validity;
  if (ambiguous === LOCAL_TIME.null || gap === LOCAL_TIME.null) {
    const bytes = bytesFor('bit', length);
    const copy = ctx.scratch.alloc(bytes);
    const { u8 } = ctx.heap.refresh();
    if (validity === 0) u8.fill(255, copy, copy + bytes);
    else u8.copyWithin(copy, validity, validity + bytes);
    validity = copy;
  }
  const data = utcTicks(ctx, call, zone, call.type.unit, local, length, validity, { ambiguous, gap });
  return zeroUnderNulls(ctx, { type: call.type, length, data, validity });
};

const row = (kernel: ElementwiseKernel): CpuFunction => ({ kernel });
const { d: DAY, h: HOUR, m: MINUTE, s: SECOND, ms, us, ns } = NANOSECONDS;

export const temporalFunctions: Readonly<Record<string, CpuFunction>> = {
  year: row(calendar(0)),
  quarter: row(calendar(1)),
  month: row(calendar(2)),
  week: row(calendar(3)),
  day: row(calendar(4)),
  weekday: row(calendar(5)),
  ordinalDay: row(calendar(6)),
  hour: row(clock(DAY, HOUR)),
  minute: row(clock(HOUR, MINUTE)),
  second: row(clock(MINUTE, SECOND)),
  millisecond: row(clock(SECOND, ms)),
  microsecond: row(clock(SECOND, us)),
  nanosecond: row(clock(SECOND, ns)),
  epoch: row(epoch),
  total: row(total),
  date: row(date),
  time: row(time),
  replaceTimeZone: row(replaceTimeZone),
};
