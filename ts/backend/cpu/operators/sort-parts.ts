// Sort keys as the kernels read them: parts, each with codes of up to 64 bits (wasm/sort.ts).
import { UnsupportedError } from '../../../errors.ts';
import { type LogicalType, type Physical, physicalOf, typeText } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { NUMBER_KINDS } from '../kernel-kinds.ts';
import type { Vector } from '../vector.ts';

/** A column to sort by. */
export interface SortKey {
  readonly vector: Vector;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Bytes of a part's description. */
export const PART_BYTES = 64;
export const STRING_KIND = 11;
const KINDS: Partial<Record<Physical, number>> = { ...NUMBER_KINDS, view: STRING_KIND };

export interface Part {
  readonly kind: number;
  readonly data: number;
  readonly validity: number;
  readonly step: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Throws for a dtype that has no order. */
export function checkSortable(type: LogicalType): void {
  const physical = physicalOf(type);
  if (KINDS[physical] === undefined && physical !== 'i128' && physical !== 'null')
    throw new UnsupportedError(
      `Sorting by a column of type ${typeText(type)} is not supported. Sort by a part of it.`,
      {
        backend: 'cpu',
      },
    );
}

/** Writes a part's description to the heap. */
export function writePart(ctx: ExecContext, address: number, part: Part): void {
  const u32 = ctx.heap.refresh().u32;
  const at = address >>> 2;
  u32[at] = part.kind;
  u32[at + 1] = part.data;
  u32[at + 2] = part.validity;
  u32[at + 3] = part.descending ? 1 : 0;
  u32[at + 4] = part.nullsFirst ? 1 : 0;
  u32[at + 5] = part.step;
}

/** The parts of a flat key, most significant first; the chunks of a string after its first are found as they come. */
export function partsOf({ vector: v, descending, nullsFirst }: SortKey): Part[] {
  const physical = physicalOf(v.type);
  const part = (kind: number, data: number, step: number, validity: number): Part => ({
    kind,
    data,
    validity,
    step,
    descending,
    nullsFirst,
  });
  if (physical === 'null') return [];
  // Under a null both halves are zero.
  if (physical === 'i128') return [part(KINDS.i64!, v.data + 8, 16, v.validity), part(KINDS.u64!, v.data, 16, 0)];
  const kind = KINDS[physical]!;
  return [part(kind, v.data, kind === STRING_KIND ? 0 : kind === 8 || kind === 7 ? 8 : bytesOf(kind), v.validity)];
}
const bytesOf = (kind: number): number => [0, 1, 1, 2, 2, 4, 4, 8, 8, 4, 8, 0][kind]!;
