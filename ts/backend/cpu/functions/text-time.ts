// Dates and times from text and to text.
import { ParseError } from '../../../errors.ts';
import type { CallNode } from '../../../expr/nodes.ts';
import { exprText } from '../../../expr/text.ts';
import { NANOSECONDS, TICKS_PER_SECOND } from '../../../schema/ticks.ts';
import { typeText } from '../../../schema/types.ts';
import { isUtc, zoneTable } from '../../../util/zone-table.ts';
import { vectorOfTexts } from '../columns/texts.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';
import { perWord, ticksResult } from './per-word.ts';
import {
  clockNanoseconds,
  compileFormat,
  dayNumber,
  type Fields,
  isoDatetime,
  isoTime,
  type TimeFormat,
} from './strftime.ts';
import { ticksPerDay } from './temporal.ts';
import { localTicks } from './zones.ts';

function formatOf(call: CallNode, state: Map<object, unknown>, iso: () => TimeFormat): TimeFormat {
  const format = call.options['format'] as string | null;
  if (format === null) return iso();
  let found = state.get(call) as TimeFormat | undefined;
  if (!found) {
    found = compileFormat(format);
    state.set(call, found);
  }
  return found;
}

/** A row that reads text; what does not parse is an error, or null when not strict. */
function parsing(
  iso: () => TimeFormat,
  toTicks: (fields: Fields, call: CallNode) => bigint | number | null,
): CpuFunction {
  return perWord((ctx, call, words, state) => {
    const format = formatOf(call, state, iso);
    const strict = call.options['strict'] !== false;
    const errors = new Map<number, () => Error>();
    const ticks = words.map((w, i) => {
      const fields = format.read(w);
      const value = fields === null ? null : toTicks(fields, call);
      if (value === null && strict) errors.set(i, () => failure(call, w));
      return value;
    });
    return { vector: ticksResult(ctx, call.type, ticks), errors };
  });
}

function failure(call: CallNode, text: string): ParseError {
  const format = call.options['format'] as string | null;
  const wanted = format === null ? 'ISO 8601' : `the format "${format}"`;
  return new ParseError(
    `Expected ${typeText(call.type)} in ${wanted} in ${exprText(call)} but found "${text}". Give another format, or { strict: false } to make it null.`,
    { text },
  );
}

const toDatetime = parsing(
  () => isoDatetime,
  (f, call) => {
    if (call.type.dtype !== 'Datetime') return null;
    const { unit, zone } = call.type;
    const per = BigInt(TICKS_PER_SECOND[unit]);
    const tickNanos = BigInt(NANOSECONDS.s) / per;
    const nanos = clockNanoseconds(f);
    let seconds = BigInt(dayNumber(f)) * 86_400n + nanos / 1_000_000_000n;
    if (f.offsetSeconds !== null) seconds -= BigInt(f.offsetSeconds);
    else if (zone !== null && !isUtc(zone)) {
      const utc = onlyInstant(zone, Number(seconds));
      if (utc === null) return null;
      seconds = BigInt(utc);
    }
    const ticks = seconds * per + (nanos % 1_000_000_000n) / tickNanos;
    return ticks === BigInt.asIntN(64, ticks) ? ticks : null;
  },
);

/** The one UTC second of a local time; null when it happens twice or never. */
function onlyInstant(zone: string, local: number): number | null {
  const table = zoneTable(zone, local - 200_000, local + 200_000);
  const found = table.offsetSeconds.flatMap((offset, k) => {
    const utc = local - offset;
    return utc >= table.fromSeconds[k]! && utc < (table.fromSeconds[k + 1] ?? Infinity) ? [utc] : [];
  });
  return found.length === 1 ? found[0]! : null;
}

const format: ElementwiseKernel = (ctx, call, [v], length, state) => {
  const compiled = formatOf(call, state, () => isoDatetime);
  const type = v!.type;
  const zone = type.dtype === 'Datetime' ? type.zone : null;
  const local = localTicks(ctx, v!);
  const perDay = BigInt(ticksPerDay(type));
  const { i64, i32, u8 } = ctx.heap.refresh();
  const known = new Map<bigint | number, string>();
  const texts = new Array<string>(length);
  for (let i = 0; i < length; i++) {
    if (v!.validity !== 0 && ((u8[v!.validity + (i >> 3)]! >> (i & 7)) & 1) === 0) {
      texts[i] = '';
      continue;
    }
    const ticks = type.dtype === 'Date32' ? i32[(local >>> 2) + i]! : i64[(local >>> 3) + i]!;
    // Two instants with one wall clock differ in their offset, so the instant itself is the key.
    const key = zone === null ? ticks : i64[(v!.data >>> 3) + i]!;
    let text = known.get(key);
    if (text === undefined) {
      text = compiled.write(fieldsOf(BigInt(ticks), perDay, zone, zone === null ? null : BigInt(ticks) - BigInt(key)));
      known.set(key, text);
    }
    texts[i] = text;
  }
  return vectorOfTexts(ctx, call.type, texts, v!.validity, ctx.scratch);
};

function fieldsOf(ticks: bigint, perDay: bigint, zone: string | null, offsetTicks: bigint | null): Fields {
  let days = ticks / perDay;
  if (days * perDay > ticks) days -= 1n;
  const rest = ticks - days * perDay;
  const nanos = Number((rest * BigInt(NANOSECONDS.d)) / perDay);
  const date = new Date(Number(days) * 86_400_000);
  const seconds = Math.floor(nanos / 1e9);
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: Math.floor(seconds / 3600),
    minute: Math.floor(seconds / 60) % 60,
    second: seconds % 60,
    nanosecond: nanos % 1e9,
    offsetSeconds: offsetTicks === null ? null : Number((offsetTicks * 86_400n) / perDay),
    zone,
  };
}

export const textTimeFunctions: Readonly<Record<string, CpuFunction>> = {
  toDatetime,
  toDate: parsing(
    () => isoDatetime,
    (f) => dayNumber(f),
  ),
  toTime: parsing(
    () => isoTime,
    (f) => clockNanoseconds(f),
  ),
  format: { kernel: format },
};
