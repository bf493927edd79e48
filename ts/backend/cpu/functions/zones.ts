// Wall-clock time in a zone: UTC ticks to local ticks and back.
import { EvaluationError } from '../../../errors.ts';
import type { CallNode } from '../../../expr/nodes.ts';
import { exprText } from '../../../expr/text.ts';
import { TICKS_PER_SECOND } from '../../../schema/ticks.ts';
import type { LogicalType, TimeUnit } from '../../../schema/types.ts';
import { isUtc, zoneTable } from '../../../util/zone-table.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import { firstFailure } from './operands.ts';

/** What to do with local times that happen twice or never; the numbers of the kernel. */
export const LOCAL_TIME = { raise: 0, earliest: 1, latest: 2, null: 3, likeOrigin: 4 } as const;

/** The zone that shifts a column's wall clock, if any. */
export function zoneOf(type: LogicalType): string | null {
  return type.dtype === 'Datetime' && type.zone !== null && !isUtc(type.zone) ? type.zone : null;
}

interface Table {
  readonly address: number;
  readonly count: number;
}

/** The zone's table in scratch, wide enough for these ticks. */
function tableFor(ctx: ExecContext, zone: string, unit: TimeUnit, ticks: number, length: number): Table {
  const range = ctx.scratch.alloc(16);
  ctx.kernels.get('time').minMaxI64(ticks, length, range);
  const at = ctx.heap.refresh().i64;
  const per = BigInt(TICKS_PER_SECOND[unit]);
  const second = (word: number): number => Number(at[(range >>> 3) + word]! / per);
  const table = length === 0 ? zoneTable(zone) : zoneTable(zone, second(0) - 200_000, second(1) + 200_000);
  const count = table.fromSeconds.length;
  const address = ctx.scratch.alloc(count * 16);
  const { i64 } = ctx.heap.refresh();
  table.fromSeconds.forEach((from, k) => {
    i64[(address >>> 3) + 2 * k] = from === -Infinity ? -(2n ** 62n) : BigInt(from);
    i64[(address >>> 3) + 2 * k + 1] = BigInt(table.offsetSeconds[k]!);
  });
  return { address, count };
}

/** Local ticks of a flat Datetime vector: the data itself without a zone. */
export function localTicks(ctx: ExecContext, v: Vector): number {
  const zone = zoneOf(v.type);
  if (zone === null || v.type.dtype !== 'Datetime') return v.data;
  const table = tableFor(ctx, zone, v.type.unit, v.data, v.length);
  const local = ctx.scratch.alloc(v.length * 8);
  const per = TICKS_PER_SECOND[v.type.unit];
  ctx.kernels.get('time').toLocal(v.data, v.length, per, table.address, table.count, local);
  return local;
}

/** How `utcTicks` treats local times that are not exactly one instant. */
export interface LocalRule {
  readonly ambiguous: number;
  readonly gap: number;
  /** UTC ticks whose offset is preferred (`likeOrigin`). */
  readonly origin?: number;
}

/** UTC ticks of local ones in place of a zoned Datetime vector; `validity` is a copy that may lose bits. */
export function utcTicks(
  ctx: ExecContext,
  call: CallNode,
  zone: string,
  unit: TimeUnit,
  local: number,
  length: number,
  validity: number,
  rule: LocalRule,
): number {
  const table = tableFor(ctx, zone, unit, local, length);
  const out = ctx.scratch.alloc(length * 8);
  const per = TICKS_PER_SECOND[unit];
  const time = ctx.kernels.get('time');
  const row = firstFailure(ctx, validity, length, (from) =>
    time.fromLocal(
      local,
      from,
      length,
      per,
      table.address,
      table.count,
      rule.ambiguous,
      rule.gap,
      rule.origin ?? 0,
      out,
      validity,
    ),
  );
  if (row >= 0) throw localTimeError(ctx, call, zone, unit, local, row);
  return out;
}

function localTimeError(
  ctx: ExecContext,
  call: CallNode,
  zone: string,
  unit: TimeUnit,
  local: number,
  row: number,
): EvaluationError {
  const ticks = ctx.heap.refresh().i64[(local >>> 3) + row]!;
  const seconds = Number(ticks / BigInt(TICKS_PER_SECOND[unit]));
  const wall = new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ');
  const table = zoneTable(zone, seconds - 200_000, seconds + 200_000);
  const twice = table.offsetSeconds.filter((offset, k) => {
    const utc = seconds - offset;
    return utc >= table.fromSeconds[k]! && utc < (table.fromSeconds[k + 1] ?? Infinity);
  });
  const expression = exprText(call);
  const [what, option] =
    twice.length > 1 ? ['happens twice', "{ ambiguous: 'earliest' }"] : ['does not exist', "{ nonExistent: 'null' }"];
  return new EvaluationError(
    'ERR_EVALUATION',
    `The local time ${wall} ${what} in ${zone} (row ${row} of ${expression}). Say what to take with replaceTimeZone(zone, ${option}).`,
    { expression, row },
  );
}
