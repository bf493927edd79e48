// Argsort over any number of keys. The kernels are explained in wasm/sort.ts: keys become parts, parts fill words, ties
// of one word are sorted by the next.
import { UnsupportedError } from '../../../errors.ts';
import { type LogicalType, type Physical, physicalOf, typeText } from '../../../schema/types.ts';
import type { Alloc } from '../columns/alloc.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { NUMBER_KINDS } from '../kernel-kinds.ts';
import type { SortKernels } from '../kernels.gen.ts';
import type { Vector } from '../vector.ts';

/** A column to sort by. */
export interface SortKey {
  readonly vector: Vector;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Bytes of a part's description. */
export const PART_BYTES = 64;
/** Counters of all levels of one sort: digits of 13 bits at most, and 64 bits in all. */
const COUNTS_BYTES = 256 * 1024;
/** Bytes of a string in one part. */
const CHUNK_BYTES = 7;

const STRING_KIND = 11;
const KINDS: Partial<Record<Physical, number>> = { ...NUMBER_KINDS, view: STRING_KIND };
const VALIDITY_KIND = 0;

interface Part {
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

/** Sorted rows, and which of them tie in every key. */
export interface SortedRows {
  /** u32 row numbers. */
  readonly rows: number;
  /** Runs of equal rows as u32 pairs [start, end) of positions in `rows`, ascending; runs of one are not listed. */
  readonly ties: number;
  readonly tieCount: number;
}

/** The rows 0 … length − 1 in order of the keys, stable, as u32 row numbers in `ctx.arena`. */
export function argsort(ctx: ExecContext, keys: readonly SortKey[], length: number): number {
  const sorted = sortRows(ctx, keys, length, ctx.arena);
  if (sorted.ties !== 0) ctx.arena.free(sorted.ties);
  return sorted.rows;
}

/** Same, with the ties; `rows` comes from `alloc`, `ties` from the arena. */
export function sortRows(ctx: ExecContext, keys: readonly SortKey[], length: number, alloc: Alloc): SortedRows {
  for (const k of keys) checkSortable(k.vector.type);
  const rows = alloc.alloc(length * 4);
  if (length < 2) {
    ctx.heap.refresh().u32[rows >>> 2] = 0;
    return { rows, ties: 0, tieCount: 0 };
  }
  const run = new SortRun(ctx, length);
  // Dictionaries are resolved into scratch, so that many sorts of one query do not pile up.
  run.sort(keys.map((k) => (k.vector.dict ? { ...k, vector: flatten(ctx, k.vector, ctx.scratch) } : k)));
  ctx.kernels.get('sort').entryRows(run.entries, length, run.rowBits, rows);
  const { segments, count } = run.release();
  return { rows, ties: segments, tieCount: count };
}

/** The state of one argsort. */
class SortRun {
  readonly entries: number;
  readonly rowBits: number;
  readonly #ctx: ExecContext;
  readonly #kernels: SortKernels;
  readonly #length: number;
  readonly #part: number;
  readonly #counts: number;
  #other = 0;
  /** Rows that tie in all words so far; 0 = all of them. */
  #segments = 0;
  #count = 1;
  /** Key bits of the entries that are not sorted yet. */
  #pending = 0;

  constructor(ctx: ExecContext, length: number) {
    this.#ctx = ctx;
    this.#kernels = ctx.kernels.get('sort');
    this.#length = length;
    this.rowBits = 32 - Math.clz32(length - 1);
    this.entries = ctx.arena.alloc(length * 8);
    this.#part = ctx.arena.alloc(PART_BYTES);
    this.#counts = ctx.arena.alloc(COUNTS_BYTES);
    this.#kernels.startEntries(this.entries, length);
  }

  sort(keys: readonly SortKey[]): void {
    for (const key of keys) for (const part of partsOf(key)) if (!this.#addKey(part)) return;
    this.#resolve();
  }

  /** Adds a part, and for a string as many chunks as its tied rows have. False when no rows tie any more. */
  #addKey(part: Part): boolean {
    if (part.kind !== STRING_KIND) return this.#add(part);
    let longest = Number.POSITIVE_INFINITY;
    // Nulls are told apart by the first chunk.
    for (let at = 0; at < longest; at += CHUNK_BYTES) {
      if (!this.#add({ ...part, step: at, validity: at === 0 ? part.validity : 0 })) return false;
      longest = Math.max(1, this.#ctx.heap.refresh().u32[(this.#part + 48) >>> 2]!);
    }
    return true;
  }

  #add(part: Part): boolean {
    this.#describe(part);
    const bits = this.#range();
    if (bits <= 64) return this.#pack(bits);
    // Values fill all 64 bits: nulls are told apart first, and then count as zero.
    this.#describe({ ...part, kind: VALIDITY_KIND, data: part.validity, validity: 0, descending: !part.nullsFirst });
    if (!this.#pack(this.#range())) return false;
    this.#describe({ ...part, validity: 0 });
    return this.#pack(this.#range());
  }

  #describe(part: Part): void {
    writePart(this.#ctx, this.#part, part);
  }
  #range(): number {
    return this.#kernels.partRange(this.#part, this.entries, this.#length, this.rowBits, this.#segments, this.#count);
  }

  /** Moves a part's bits into words, sorting whenever a word is full. False when no rows tie any more. */
  #pack(bits: number): boolean {
    let left = bits;
    while (left > 0) {
      if (this.#pending === 64 - this.rowBits && !this.#resolve()) return false;
      const width = Math.min(left, 64 - this.rowBits - this.#pending);
      left -= width;
      const { entries, rowBits } = this;
      this.#kernels.partPack(this.#part, entries, this.#length, rowBits, this.#segments, this.#count, left, width);
      this.#pending += width;
    }
    return true;
  }

  /** Sorts by the word and finds the rows that still tie. False when none do. */
  #resolve(): boolean {
    if (this.#pending === 0) return this.#count > 0;
    const { entries, rowBits } = this;
    const n = this.#length;
    const arena = this.#ctx.arena;
    this.#ctx.control.checkAbort();
    if (this.#other === 0) this.#other = arena.alloc(n * 8);
    this.#kernels.sortSegments(entries, this.#other, n, rowBits, this.#segments, this.#count, this.#counts);
    // At most half as many runs as rows: they fit where the sort has worked.
    const count = this.#kernels.findTies(entries, n, rowBits, this.#segments, this.#count, this.#other);
    const next = arena.alloc(count * 8);
    this.#ctx.heap.refresh().u8.copyWithin(next, this.#other, this.#other + count * 8);
    if (this.#segments !== 0) arena.free(this.#segments);
    this.#segments = next;
    this.#count = count;
    this.#kernels.clearKeys(entries, rowBits, next, count);
    this.#pending = 0;
    return count > 0;
  }

  /** Frees everything but the ties, which are the caller's. */
  release(): { segments: number; count: number } {
    const arena = this.#ctx.arena;
    if (this.#segments === 0) {
      // Never sorted: no key tells any two rows apart.
      this.#segments = arena.alloc(8);
      const u32 = this.#ctx.heap.refresh().u32;
      u32[this.#segments >>> 2] = 0;
      u32[(this.#segments >>> 2) + 1] = this.#length;
    }
    arena.free(this.entries);
    arena.free(this.#part);
    arena.free(this.#counts);
    if (this.#other !== 0) arena.free(this.#other);
    return { segments: this.#segments, count: this.#count };
  }
}
