// Buckets and calendar arithmetic: truncate, round, offsetBy. With a zone they count in local time.
import { ParameterError } from '../../../errors.ts';
import type { CallNode } from '../../../expr/nodes.ts';
import { exprText } from '../../../expr/text.ts';
import { NANOSECONDS } from '../../../schema/ticks.ts';
import { physicalOf, widthOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { zeroUnderNulls } from './operands.ts';
import { ticksPerDay } from './temporal.ts';
import { LOCAL_TIME, localTicks, utcTicks, zoneOf } from './zones.ts';

interface StepParts {
  readonly months: number;
  readonly days: number;
  readonly nanoseconds: bigint;
  readonly weeks: boolean;
}
const partsOf = (call: CallNode): StepParts => ({
  months: Number(call.options['months']),
  days: Number(call.options['days']),
  nanoseconds: BigInt(call.options['nanoseconds'] as string),
  weeks: call.options['weeks'] === true,
});

/** Nanoseconds in ticks of the argument; a part of a tick is refused. */
function inTicks(call: CallNode, nanoseconds: bigint, perDay: number): number {
  const tick = BigInt(NANOSECONDS.d / perDay);
  if (nanoseconds % tick === 0n) return Number(nanoseconds / tick);
  throw new ParameterError(
    `The step of ${exprText(call)} is finer than the column's unit. Cast the column to Datetime('ns') first.`,
    { expression: exprText(call) },
  );
}

/** Runs `work` over local values and turns its result back into the argument's own. */
function inLocalTime(
  ctx: ExecContext,
  call: CallNode,
  v: Vector,
  length: number,
  work: (src: number, wide: number, dst: number) => void,
): Vector {
  const wide = v.type.dtype === 'Date32' ? 0 : 1;
  const src = localTicks(ctx, v);
  let data = ctx.scratch.alloc(length * widthOf(physicalOf(v.type)));
  work(src, wide, data);
  const zone = zoneOf(v.type);
  if (zone !== null && v.type.dtype === 'Datetime')
    data = utcTicks(ctx, call, zone, v.type.unit, data, length, v.validity, {
      ambiguous: LOCAL_TIME.likeOrigin,
      gap: LOCAL_TIME.raise,
      origin: v.data,
    });
  return zeroUnderNulls(ctx, { type: call.type, length, data, validity: v.validity });
}

const bucket =
  (round: number): ElementwiseKernel =>
  (ctx, call, [v], length) => {
    const { months, days, nanoseconds, weeks } = partsOf(call);
    const perDay = ticksPerDay(v!.type);
    const time = ctx.kernels.get('time');
    let kind = months !== 0 ? 0 : weeks ? 2 : 1;
    let every = months !== 0 ? months : days;
    if (nanoseconds !== 0n) {
      // A date is its own midnight: whole fractions of a day leave it where it is.
      if (v!.type.dtype === 'Date32' && BigInt(NANOSECONDS.d) % nanoseconds === 0n) return v!;
      kind = 3;
      every = inTicks(call, nanoseconds, perDay);
    }
    return inLocalTime(ctx, call, v!, length, (src, wide, dst) =>
      time.truncate(src, wide, length, perDay, kind, every, round, dst),
    );
  };

const offsetBy: ElementwiseKernel = (ctx, call, [v], length) => {
  const { months, days, nanoseconds } = partsOf(call);
  const perDay = ticksPerDay(v!.type);
  const ticks = inTicks(call, nanoseconds, perDay);
  const time = ctx.kernels.get('time');
  const wide = v!.type.dtype === 'Date32' ? 0 : 1;
  const add = (src: number, dst: number, m: number, d: number, t: number): void =>
    time.offsetBy(src, wide, length, perDay, m, d, t, dst);
  const moved =
    months === 0 && days === 0
      ? v!
      : inLocalTime(ctx, call, v!, length, (src, _, dst) => add(src, dst, months, days, 0));
  if (ticks === 0) return moved;
  const data = ctx.scratch.alloc(length * widthOf(physicalOf(v!.type)));
  add(moved.data, data, 0, 0, ticks);
  return zeroUnderNulls(ctx, { type: call.type, length, data, validity: v!.validity });
};

export const stepFunctions: Readonly<Record<string, CpuFunction>> = {
  truncate: { kernel: bucket(0) },
  dtRound: { kernel: bucket(1) },
  offsetBy: { kernel: offsetBy },
};
