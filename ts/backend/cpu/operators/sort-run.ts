// The state of one argsort. Its steps are kernel calls over slices of the rows, which all threads of the query take from:
// codes and words by ranges of rows, the first sort by its most significant digit, later ones by the rows that tie.
import type { ExecContext } from '../context.ts';
import type { SortKernels } from '../kernels.gen.ts';
import type { Crew, Task } from '../worker/crew.ts';
import { PART_BYTES, type Part, STRING_KIND, writePart } from './sort-parts.ts';

/** Counters of all levels of one sort: digits of 13 bits at most, and 64 bits in all. */
const COUNTS_BYTES = 256 * 1024;
/** Bytes of a string in one part. */
const CHUNK_BYTES = 7;
const VALIDITY_KIND = 0;
/** Slices for each thread: they take unequal times. */
const SLICES_A_THREAD = 4;
/** Bits of the digit by which threads divide the rows: the writes of more buckets would miss the translation cache. */
const FIRST_DIGIT = 11;

/** Rows that one call works on: entries [from, to), or `count` runs of ties at `segments`. */
interface Slice {
  readonly from: number;
  readonly to: number;
  readonly segments: number;
  readonly count: number;
}

export class SortRun {
  readonly entries: number;
  readonly rowBits: number;
  readonly #ctx: ExecContext;
  readonly #kernels: SortKernels;
  readonly #crew: Crew;
  readonly #length: number;
  readonly #most: number;
  /** One part, and behind it one for each slice. */
  readonly #part: number;
  /** Counters for each slice; made when first used. */
  #counts = 0;
  #other = 0;
  #slices: readonly Slice[];
  /** Rows that tie in all words so far; 0 = all of them. */
  #segments = 0;
  #count = 1;
  /** Key bits of the entries that are not sorted yet. */
  #pending = 0;

  constructor(ctx: ExecContext, length: number, crew: Crew) {
    this.#ctx = ctx;
    this.#kernels = ctx.kernels.get('sort');
    this.#crew = crew;
    this.#length = length;
    this.rowBits = 32 - Math.clz32(length - 1);
    this.#most = this.#crew.size === 1 ? 1 : this.#crew.size * SLICES_A_THREAD;
    this.entries = ctx.arena.alloc(length * 8);
    this.#part = ctx.arena.alloc(PART_BYTES * (1 + this.#most));
    this.#slices = this.#ranges();
    this.#run(({ from, to }) => ['sort', 'startEntries', this.entries + from * 8, to - from, from]);
  }

  /** All rows, in slices that begin at whole bytes of bitmaps. */
  #ranges(): Slice[] {
    const step = Math.ceil(this.#length / this.#most / 64) * 64;
    const slices: Slice[] = [];
    for (let from = 0; from < this.#length; from += step)
      slices.push({ from, to: Math.min(from + step, this.#length), segments: 0, count: 1 });
    return slices;
  }

  #run(task: (slice: Slice, i: number) => Task): void {
    this.#ctx.control.checkAbort();
    this.#crew.run(this.#slices.map(task));
  }

  /** Sorts by the parts; of strings there are as many chunks as tied rows have. */
  sort(parts: readonly Part[]): void {
    for (const part of parts) if (!this.#addKey(part)) return;
    this.#resolve();
  }

  /** False when no rows tie any more. */
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
    const bits = this.#range(part);
    if (bits <= 64) return this.#pack(bits);
    // Values fill all 64 bits: nulls are told apart first, and then count as zero.
    const nulls = { ...part, kind: VALIDITY_KIND, data: part.validity, validity: 0, descending: !part.nullsFirst };
    return this.#pack(this.#range(nulls)) && this.#pack(this.#range({ ...part, validity: 0 }));
  }

  /** Describes a part by what its values are among the rows that tie; returns the bits of a code. */
  #range(part: Part): number {
    const { entries, rowBits } = this;
    writePart(this.#ctx, this.#part, part);
    const partOf = (i: number): number => this.#part + PART_BYTES * (1 + i);
    this.#slices.forEach(({ from, segments }, i) => {
      writePart(this.#ctx, partOf(i), segments === 0 ? partFrom(part, from) : part);
    });
    this.#run(({ from, to, segments, count }, i) => {
      const n = segments === 0 ? to - from : this.#length;
      return ['sort', 'partRange', partOf(i), entries, n, rowBits, segments, count];
    });
    return this.#kernels.settlePart(this.#part, partOf(0), this.#slices.length);
  }

  /** Moves a part's bits into words, sorting whenever a word is full. False when no rows tie any more. */
  #pack(bits: number): boolean {
    let left = bits;
    while (left > 0) {
      if (this.#pending === 64 - this.rowBits && !this.#resolve()) return false;
      const width = Math.min(left, 64 - this.rowBits - this.#pending);
      left -= width;
      const { entries, rowBits } = this;
      this.#run(({ from, to, segments, count }) => {
        const [at, n] = segments === 0 ? [entries + from * 8, to - from] : [entries, this.#length];
        return ['sort', 'partPack', this.#part, at, n, rowBits, segments, count, left, width];
      });
      this.#pending += width;
    }
    return true;
  }

  /** Sorts by the word and finds the rows that still tie. False when none do. */
  #resolve(): boolean {
    if (this.#pending === 0) return this.#count > 0;
    const { entries, rowBits } = this;
    const { arena } = this.#ctx;
    if (this.#other === 0) this.#other = arena.alloc(this.#length * 8);
    if (this.#counts === 0) this.#counts = arena.alloc(COUNTS_BYTES * this.#most);
    if (this.#segments === 0 && this.#slices.length > 1) this.#slices = this.#sortByDigit();
    else
      this.#run(({ segments, count }, i) => {
        const counts = this.#counts + COUNTS_BYTES * i;
        return ['sort', 'sortSegments', entries, this.#other, this.#length, rowBits, segments, count, counts];
      });
    const left = this.#findTies();
    this.#run(({ segments, count }) => ['sort', 'clearKeys', entries, rowBits, segments, count]);
    this.#pending = 0;
    return left;
  }

  /** The first sort, by several threads: rows change places by a digit, then buckets are sorted. New slices: of whole keys. */
  #sortByDigit(): Slice[] {
    const { entries, rowBits } = this;
    const kernels = this.#kernels;
    const n = this.#length;
    if (kernels.isRising(entries, n)) {
      const starts = this.#slices.map(({ from }) => (from === 0 ? 0 : kernels.nextKey(entries, from, n, rowBits)));
      return slicesFrom([...starts, n]);
    }
    const digit = Math.min(FIRST_DIGIT, this.#pending);
    const low = rowBits + this.#pending - digit;
    const width = 4 << digit;
    const runs = this.#slices.length;
    const places = this.#ctx.arena.alloc(width * runs);
    this.#run(({ from, to }, i) => {
      const at = entries + from * 8;
      return ['sort', 'countDigits', at, to - from, low, digit, places + width * i];
    });
    kernels.digitPlaces(places, runs, digit);
    this.#run(({ from, to }, i) => {
      const at = entries + from * 8;
      return ['sort', 'moveDigits', at, to - from, low, digit, places + width * i, this.#other];
    });
    const ends = places + width * (runs - 1);
    const behind = this.#ctx.heap.refresh().u32.slice(ends >>> 2, (ends + width) >>> 2);
    // Buckets in groups of about as many rows.
    const buckets: number[] = [0];
    for (let b = 0; b + 1 < behind.length && buckets.length < runs; b++)
      if (behind[b]! >= (n / runs) * buckets.length) buckets.push(b + 1);
    buckets.push(behind.length);
    const ranges = buckets.slice(1).map((last, i): [number, number] => [buckets[i]!, last]);
    this.#ctx.control.checkAbort();
    this.#crew.run(
      ranges.map(([first, last], i): Task => {
        const counts = this.#counts + COUNTS_BYTES * i;
        return ['sort', 'sortBuckets', this.#other, entries, ends, first, last, rowBits, counts];
      }),
    );
    this.#ctx.arena.free(places);
    return slicesFrom([0, ...ranges.map(([, last]) => behind[last - 1]!)]);
  }

  /** Replaces the slices by those of the rows that tie in the word too; false when none do. */
  #findTies(): boolean {
    const { entries, rowBits } = this;
    const { arena, heap } = this.#ctx;
    const before = this.#slices;
    // At most half as many runs as rows: they fit where the sort has worked.
    const outs = before.map(
      ({ from, segments }) => this.#other + (segments === 0 ? from : heap.refresh().u32[segments >>> 2]!) * 8,
    );
    this.#run(({ from, to, segments, count }, i) => {
      const end = segments === 0 ? to : this.#length;
      return ['sort', 'tiesWithin', entries, from, end, rowBits, segments, count, outs[i]!, this.#counts + i * 8];
    });
    const { u32 } = heap.refresh();
    const counts = before.map((_, i) => u32[(this.#counts + i * 8) >>> 2]!);
    const count = counts.reduce((sum, n) => sum + n, 0);
    const next = arena.alloc(count * 8);
    let at = next;
    const slices: Slice[] = [];
    counts.forEach((n, i) => {
      heap.refresh().u8.copyWithin(at, outs[i]!, outs[i]! + n * 8);
      if (n > 0) slices.push({ from: 0, to: 0, segments: at, count: n });
      at += n * 8;
    });
    if (this.#segments !== 0) arena.free(this.#segments);
    this.#segments = next;
    this.#count = count;
    this.#slices = slices;
    return count > 0;
  }

  /** Stores the row numbers. */
  rowsTo(rows: number): void {
    const { entries, rowBits } = this;
    this.#slices = this.#ranges();
    this.#run(({ from, to }) => ['sort', 'entryRows', entries + from * 8, to - from, rowBits, rows + from * 4]);
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
    for (const address of [this.entries, this.#part, this.#counts, this.#other]) if (address !== 0) arena.free(address);
    return { segments: this.#segments, count: this.#count };
  }
}

/** Slices between the bounds, which do not fall; empty ones are left out. */
const slicesFrom = (bounds: readonly number[]): Slice[] =>
  bounds.slice(1).flatMap((to, i) => (to > bounds[i]! ? [{ from: bounds[i]!, to, segments: 0, count: 1 }] : []));

/** A part of the rows from `row` on, a multiple of 64. */
function partFrom(part: Part, row: number): Part {
  const step = part.kind === STRING_KIND ? 16 : part.step;
  return {
    ...part,
    data: part.data + (part.kind === VALIDITY_KIND ? row >> 3 : row * step),
    validity: part.validity === 0 ? 0 : part.validity + (row >> 3),
  };
}
