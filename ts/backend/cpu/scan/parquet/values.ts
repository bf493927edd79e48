// The values of one page, taken piece by piece. Nulls are not among them.
import { CorruptFileError, OutOfMemoryError, UnsupportedError } from '../../../../errors.ts';
import type { ExecContext } from '../../context.ts';
import type { Dictionary } from './dictionary.ts';
import { ENCODING } from './page-header.ts';
import { convert, isViews, type Origin, type Target } from './target.ts';

export interface ValueReader {
  /** Whether `codes` may be called: the values are indices of the chunk's dictionary. */
  readonly isDictionary: boolean;
  /** Writes n values of the target's layout from index `at` of `out` on. */
  read(ctx: ExecContext, n: number, out: number, at: number): void;
  /** Writes n dictionary indices, u32, from index `at` of `out` on. */
  codes(ctx: ExecContext, n: number, out: number, at: number): void;
  /**
   * Takes n values and writes those that `some` names from index `at` of `out` on: values, or dictionary indices. Absent
   * or false: nothing was taken.
   */
  pick?(ctx: ExecContext, n: number, some: Some, out: number, at: number, asCodes: boolean): boolean;
  /**
   * Takes the values of n rows, those whose bit from bit `at` of `bits` on is set, and writes them to their rows from
   * `out` on, zero to the others. Absent or false: nothing was taken.
   */
  readRows?(ctx: ExecContext, n: number, bits: number, at: number, out: number): boolean;
  /**
   * Takes the values of n rows, all of them (`bits` 0) or as `readRows`, and writes what `map` has, u32, for their dictionary
   * indices, zero to the other rows. Absent: the values are no indices.
   */
  mapped?(ctx: ExecContext, n: number, bits: number, at: number, map: number, out: number): void;
  skip(ctx: ExecContext, n: number): void;
  close?(ctx: ExecContext): void;
}

/** Some of the next values: those at `u32[sel …] − base`, ascending, `count` of them. */
export interface Some {
  readonly sel: number;
  readonly count: number;
  readonly base: number;
}

/** Where a page's values lie. */
export interface ValueSpec {
  readonly target: Target;
  readonly encoding: number;
  readonly from: number;
  readonly end: number;
  /**
   * A Snappy block of literals that holds the values: `from` and `end` are then places in what it expands to. Only for
   * PLAIN values of fixed width that are ours as they are.
   */
  readonly literals?: number | undefined;
  /** Entries of the page: no more values than that. */
  readonly entries: number;
  readonly dictionary: Dictionary | null;
  /** STATE_BYTES for the decoder. */
  readonly state: number;
  readonly origin: Origin;
}

// What lies where in the state: two delta states, one RLE state, 16 bytes to convert in, a block of 1,024 codes.
const DELTA = 0;
const DELTA_2 = 64;
const RLE = 128;
const TMP = 192;
const CODES = 256;
export const STATE_BYTES = CODES + 1024 * 4;
/** Values that are decoded and thrown away at a time. */
const SKIP_STEP = 4096;

export function openValues(ctx: ExecContext, spec: ValueSpec): ValueReader {
  const { target, encoding } = spec;
  const physical = target.leaf.physical;
  if (target.leaf.conversion === 'null') return new NoValues();
  switch (encoding) {
    case ENCODING.PLAIN:
      if (physical === 'BOOLEAN') return new PlainBits(spec);
      return physical === 'BYTE_ARRAY' ? new PlainStrings(ctx, spec) : new Fixed(spec, plainSource(spec));
    case ENCODING.PLAIN_DICTIONARY:
    case ENCODING.RLE_DICTIONARY:
      return new Indices(spec);
    case ENCODING.RLE:
      if (physical === 'BOOLEAN') return new RleBits(ctx, spec);
      break;
    case ENCODING.DELTA_BINARY_PACKED:
      if (physical === 'INT32' || physical === 'INT64') return new Fixed(spec, deltaSource(ctx, spec));
      break;
    case ENCODING.DELTA_LENGTH_BYTE_ARRAY:
      if (physical === 'BYTE_ARRAY') return new DeltaLengths(ctx, spec);
      break;
    case ENCODING.DELTA_BYTE_ARRAY:
      if (physical === 'BYTE_ARRAY' || physical === 'FIXED_LEN_BYTE_ARRAY') return new DeltaStrings(ctx, spec);
      break;
    case ENCODING.BYTE_STREAM_SPLIT:
      if (physical !== 'BYTE_ARRAY' && physical !== 'BOOLEAN') return new Fixed(spec, splitSource(spec));
      break;
    default:
  }
  const { path } = spec.origin;
  throw new UnsupportedError(
    `The column "${target.leaf.name}" of ${path} has ${physical} values in encoding ${encoding}, which is not supported.`,
    { path, column: target.leaf.name, feature: `parquet encoding ${encoding}` },
  );
}

function corrupt(spec: ValueSpec, what: string): never {
  const { path, offset } = spec.origin;
  throw new CorruptFileError(
    `Corrupt Parquet page in ${path} at byte ${offset}, column "${spec.target.leaf.name}": ${what}.`,
    { path, offset },
  );
}

/** A column of dtype Null stores nothing that matters. */
class NoValues implements ValueReader {
  readonly isDictionary = false;
  read(): void {}
  codes(): void {}
  skip(): void {}
}

/** Stored values of fixed width, in order. */
interface FixedSource {
  /** The address of the next n stored values if they lie there as they are, otherwise 0. */
  direct(n: number): number;
  /** Writes the next n stored values. */
  write(ctx: ExecContext, n: number, out: number): void;
  skip(ctx: ExecContext, n: number): void;
}

class Fixed implements ValueReader {
  readonly isDictionary = false;
  readonly #spec: ValueSpec;
  readonly #source: FixedSource;
  constructor(spec: ValueSpec, source: FixedSource) {
    this.#spec = spec;
    this.#source = source;
  }
  read(ctx: ExecContext, n: number, out: number, at: number): void {
    const { target, state, origin } = this.#spec;
    const to = out + at * target.width;
    if (target.direct) {
      this.#source.write(ctx, n, to);
      return;
    }
    let src = this.#source.direct(n);
    if (src === 0) {
      src = ctx.scratch.alloc(n * target.storedWidth);
      this.#source.write(ctx, n, src);
    }
    convert(ctx, target, src, n, to, state + TMP, origin);
  }
  codes(): never {
    throw new Error('not a dictionary page');
  }
  pick(ctx: ExecContext, n: number, { sel, count, base }: Some, out: number, at: number): boolean {
    const { direct, width } = this.#spec.target;
    const src = direct ? this.#source.direct(n) : 0;
    if (src === 0) return false;
    const core = ctx.kernels.get('core');
    core[`gather${width as 1 | 2 | 4 | 8 | 16}`](src - base * width, sel, count, out + at * width);
    return true;
  }
  skip(ctx: ExecContext, n: number): void {
    this.#source.skip(ctx, n);
  }
}

function plainSource(spec: ValueSpec): FixedSource {
  const width = spec.target.storedWidth;
  let at = spec.from;
  const take = (n: number): number => {
    const from = at;
    if (n * width > spec.end - at) corrupt(spec, 'the page ends before its last value');
    at += n * width;
    return from;
  };
  const { literals } = spec;
  return {
    direct: literals === undefined ? take : () => 0,
    write(ctx, n, out) {
      const from = take(n);
      // A page that was expanded among its rows is there.
      if (literals === undefined) {
        if (from !== out) ctx.kernels.get('parquet').copyBytes(out, from, n * width);
      } else ctx.kernels.get('codecs').snappyCopy(literals, from, n * width, out);
    },
    skip(_, n) {
      take(n);
    },
  };
}

function deltaSource(ctx: ExecContext, spec: ValueSpec): FixedSource {
  const width = spec.target.storedWidth;
  const kernels = ctx.kernels.get('parquet-values');
  const total = kernels.deltaInit(spec.state + DELTA, spec.from, spec.end);
  if (total < 0 && spec.from < spec.end) corrupt(spec, 'the header of the deltas is wrong');
  const write = (n: number, out: number): void => {
    if (n > 0 && (total < 0 || kernels.deltaNext(spec.state + DELTA, n, width, out) !== n))
      corrupt(spec, 'the page ends before its last value');
  };
  return {
    direct: () => 0,
    write: (_, n, out) => write(n, out),
    skip: (c, n) => skipBySteps(n, (k) => write(k, c.scratch.alloc(k * width))),
  };
}

/** Decodes and drops; what it takes from scratch is small. */
function skipBySteps(n: number, step: (k: number) => void): void {
  for (let done = 0; done < n; done += SKIP_STEP) step(Math.min(SKIP_STEP, n - done));
}

function splitSource(spec: ValueSpec): FixedSource {
  const width = spec.target.storedWidth;
  const bytes = spec.end - spec.from;
  if (bytes % width !== 0) corrupt(spec, `${bytes} bytes do not hold whole values of ${width}`);
  const total = bytes / width;
  let at = 0;
  const take = (n: number): number => {
    const from = at;
    if (n > total - at) corrupt(spec, 'the page ends before its last value');
    at += n;
    return from;
  };
  return {
    direct: () => 0,
    write(ctx, n, out) {
      ctx.kernels.get('parquet-values').splitNext(spec.from, total, take(n), n, width, out);
    },
    skip(_, n) {
      take(n);
    },
  };
}

class PlainBits implements ValueReader {
  readonly isDictionary = false;
  readonly #spec: ValueSpec;
  #bit = 0;
  constructor(spec: ValueSpec) {
    this.#spec = spec;
  }
  #take(n: number): number {
    const from = this.#bit;
    if (from + n > (this.#spec.end - this.#spec.from) * 8) corrupt(this.#spec, 'the page ends before its last value');
    this.#bit += n;
    return from;
  }
  read(ctx: ExecContext, n: number, out: number, at: number): void {
    ctx.kernels.get('parquet').moveBits(this.#spec.from, this.#take(n), n, out, at);
  }
  codes(): never {
    throw new Error('not a dictionary page');
  }
  skip(_: ExecContext, n: number): void {
    this.#take(n);
  }
}

class RleBits implements ValueReader {
  readonly isDictionary = false;
  readonly #spec: ValueSpec;
  readonly #rle: number;
  constructor(ctx: ExecContext, spec: ValueSpec) {
    this.#spec = spec;
    this.#rle = spec.state + RLE;
    const room = spec.end - spec.from;
    const bytes = room >= 4 ? ctx.heap.refresh().view.getUint32(spec.from, true) : 0;
    if (bytes > Math.max(0, room - 4)) corrupt(spec, 'the values pass the end of the page');
    const start = spec.from + Math.min(4, room);
    ctx.kernels.get('parquet').rleInit(this.#rle, start, start + bytes, 1);
  }
  read(ctx: ExecContext, n: number, out: number, at: number): void {
    if (ctx.kernels.get('parquet').rleBits(this.#rle, n, out, at) < 0)
      corrupt(this.#spec, 'the page ends before its last value');
  }
  codes(): never {
    throw new Error('not a dictionary page');
  }
  skip(ctx: ExecContext, n: number): void {
    if (ctx.kernels.get('parquet').rleSkip(this.#rle, n) < 0)
      corrupt(this.#spec, 'the page ends before its last value');
  }
}

/** Dictionary indices: a byte that says their width, then runs. */
class Indices implements ValueReader {
  readonly isDictionary = true;
  readonly #spec: ValueSpec;
  readonly #rle: number;
  #started = false;
  constructor(spec: ValueSpec) {
    this.#spec = spec;
    this.#rle = spec.state + RLE;
  }
  /** A page of nulls only may have no byte at all and a chunk of nulls no dictionary: look when a value is wanted. */
  #start(ctx: ExecContext): Dictionary {
    const { from, end, dictionary } = this.#spec;
    if (dictionary === null) return corrupt(this.#spec, 'the column chunk has no dictionary');
    if (!this.#started) {
      if (from >= end) corrupt(this.#spec, 'the page ends before its last value');
      const width = ctx.heap.refresh().u8[from]!;
      if (width > 32) corrupt(this.#spec, `dictionary indices of ${width} bits`);
      ctx.kernels.get('parquet').rleInit(this.#rle, from + 1, end, width);
      this.#started = true;
    }
    return dictionary;
  }
  read(ctx: ExecContext, n: number, out: number, at: number): void {
    if (n === 0) return;
    const { values, count } = this.#start(ctx);
    const { width } = this.#spec.target;
    const k = ctx.kernels.get('parquet');
    const to = out + at * width;
    const tmp = this.#spec.state + CODES;
    const done =
      width === 8
        ? k.rleGather8(this.#rle, n, values, count, to, tmp)
        : width === 4
          ? k.rleGather4(this.#rle, n, values, count, to, tmp)
          : width === 16
            ? k.rleGather16(this.#rle, n, values, count, to, tmp)
            : width === 2
              ? k.rleGather2(this.#rle, n, values, count, to, tmp)
              : k.rleGather1(this.#rle, n, values, count, to, tmp);
    if (done !== n) this.#bad(count);
  }
  readRows(ctx: ExecContext, n: number, bits: number, at: number, out: number): boolean {
    const { width } = this.#spec.target;
    if (width < 4) return false;
    const { values, count } = this.#start(ctx);
    const tmp = this.#spec.state + CODES;
    if (ctx.kernels.get('parquet').rleGatherRows(this.#rle, n, width, bits, at, values, count, out, tmp) !== n)
      this.#bad(count);
    return true;
  }
  mapped(ctx: ExecContext, n: number, bits: number, at: number, map: number, out: number): void {
    const { count } = this.#start(ctx);
    const kernels = ctx.kernels.get('parquet');
    const tmp = this.#spec.state + CODES;
    const done =
      bits === 0
        ? kernels.rleGather4(this.#rle, n, map, count, out, tmp)
        : kernels.rleGatherRows(this.#rle, n, 4, bits, at, map, count, out, tmp);
    if (done !== n) this.#bad(count);
  }
  codes(ctx: ExecContext, n: number, out: number, at: number): void {
    if (n === 0) return;
    const { count } = this.#start(ctx);
    if (ctx.kernels.get('parquet').rleCodes(this.#rle, n, count, out + at * 4) !== n) this.#bad(count);
  }
  pick(ctx: ExecContext, n: number, some: Some, out: number, at: number, asCodes: boolean): boolean {
    const { values, count } = this.#start(ctx);
    const width = asCodes ? 4 : this.#spec.target.width;
    const kernels = ctx.kernels.get('parquet');
    const tmp = this.#spec.state + CODES;
    const dict = asCodes ? 0 : values;
    const to = out + at * width;
    const done = kernels.rlePick(this.#rle, n, width, dict, count, some.sel, some.count, some.base, to, tmp);
    if (done !== n) this.#bad(count);
    return true;
  }
  skip(ctx: ExecContext, n: number): void {
    if (n === 0) return;
    const { count } = this.#start(ctx);
    if (ctx.kernels.get('parquet').rleSkip(this.#rle, n) !== n) this.#bad(count);
  }
  #bad(count: number): never {
    corrupt(this.#spec, `an index is outside the dictionary of ${count} values, or the page ends too early`);
  }
}

/** Readers of strings write views; decimals and the like are converted from them. */
abstract class Strings implements ValueReader {
  readonly isDictionary = false;
  protected readonly spec: ValueSpec;
  protected readonly check: boolean;
  constructor(spec: ValueSpec, check: boolean) {
    this.spec = spec;
    this.check = check && spec.target.leaf.conversion === 'view' && spec.target.type.dtype !== 'Binary';
  }
  protected abstract views(ctx: ExecContext, n: number, out: number): void;
  abstract skip(ctx: ExecContext, n: number): void;
  read(ctx: ExecContext, n: number, out: number, at: number): void {
    const { target, state, origin } = this.spec;
    const kernels = ctx.kernels.get('parquet-values');
    const to = out + at * target.width;
    if (target.leaf.conversion === 'view') {
      this.views(ctx, n, to);
      if (target.leaf.physical === 'FIXED_LEN_BYTE_ARRAY' && n > 0) {
        const tmp = ctx.scratch.alloc(n * target.storedWidth);
        if (kernels.packViews(to, n, target.storedWidth, tmp) !== n) corrupt(this.spec, 'a value has a wrong length');
      }
      const bad = this.check ? kernels.badUtf8(to, n) : -1;
      if (bad >= 0) corrupt(this.spec, 'a string is not UTF-8');
      return;
    }
    const views = ctx.scratch.alloc(n * 16);
    this.views(ctx, n, views);
    if (isViews(target)) {
      convert(ctx, target, views, n, to, state + TMP, origin);
      return;
    }
    const packed = ctx.scratch.alloc(n * target.storedWidth);
    if (kernels.packViews(views, n, target.storedWidth, packed) !== n) corrupt(this.spec, 'a value has a wrong length');
    convert(ctx, target, packed, n, to, state + TMP, origin);
  }
  codes(): never {
    throw new Error('not a dictionary page');
  }
}

const hasText = (ctx: ExecContext, from: number, end: number): boolean =>
  end > from && ctx.kernels.get('parquet-values').isAscii(from, end - from) === 0;

class PlainStrings extends Strings {
  #at: number;
  constructor(ctx: ExecContext, spec: ValueSpec) {
    // lengths may look like text: then every string is looked at, which is only slower
    super(spec, hasText(ctx, spec.from, spec.end));
    this.#at = spec.from;
  }
  protected views(ctx: ExecContext, n: number, out: number): void {
    this.#move(ctx.kernels.get('parquet-values').plainViews(this.#at, this.spec.end, n, out));
  }
  pick(ctx: ExecContext, n: number, { sel, count, base }: Some, out: number, at: number): boolean {
    const { leaf, width } = this.spec.target;
    if (leaf.conversion !== 'view' || leaf.physical !== 'BYTE_ARRAY') return false;
    const kernels = ctx.kernels.get('parquet-values');
    const to = out + at * width;
    this.#move(kernels.pickViews(this.#at, this.spec.end, n, sel, count, base, to));
    if (this.check && kernels.badUtf8(to, count) >= 0) corrupt(this.spec, 'a string is not UTF-8');
    return true;
  }
  skip(ctx: ExecContext, n: number): void {
    this.#move(ctx.kernels.get('parquet-values').skipPlain(this.#at, this.spec.end, n));
  }
  #move(next: number): void {
    if (next === 0) corrupt(this.spec, 'a string passes the end of the page');
    this.#at = next >>> 0;
  }
}

/** All lengths, then all bytes. */
class DeltaLengths extends Strings {
  #at: number;
  constructor(ctx: ExecContext, spec: ValueSpec) {
    super(spec, hasText(ctx, spec.from, spec.end));
    this.#at = deltaBlock(ctx, spec, spec.from, spec.state + DELTA);
  }
  protected views(ctx: ExecContext, n: number, out: number): void {
    const kernels = ctx.kernels.get('parquet-values');
    const lengths = ctx.scratch.alloc(n * 4);
    if (n > 0 && kernels.deltaNext(this.spec.state + DELTA, n, 4, lengths) !== n)
      corrupt(this.spec, 'the page ends before its last value');
    const next = kernels.lengthViews(lengths, n, this.#at, this.spec.end, out);
    if (next === 0) corrupt(this.spec, 'a string passes the end of the page');
    this.#at = next >>> 0;
  }
  skip(ctx: ExecContext, n: number): void {
    skipBySteps(n, (k) => this.views(ctx, k, ctx.scratch.alloc(k * 16)));
  }
}

/** Starts a block of deltas at `from` and returns where it ends. An empty page has none. */
function deltaBlock(ctx: ExecContext, spec: ValueSpec, from: number, state: number): number {
  const kernels = ctx.kernels.get('parquet-values');
  if (kernels.deltaInit(state, from, spec.end) < 0) {
    if (from < spec.end) corrupt(spec, 'the header of the lengths is wrong');
    return from;
  }
  const end = kernels.deltaEnd(state);
  if (end === 0) corrupt(spec, 'the lengths pass the end of the page');
  kernels.deltaInit(state, from, spec.end);
  return end >>> 0;
}

/** Every string as the number of bytes it shares with the one before, and the rest. */
class DeltaStrings extends Strings {
  #at: number;
  /** A copy of the last string. */
  #previous = 0;
  #previousLength = 0;
  #capacity = 0;
  constructor(ctx: ExecContext, spec: ValueSpec) {
    super(spec, hasText(ctx, spec.from, spec.end));
    const suffixes = deltaBlock(ctx, spec, spec.from, spec.state + DELTA);
    this.#at = deltaBlock(ctx, spec, suffixes, spec.state + DELTA_2);
  }
  protected views(ctx: ExecContext, n: number, out: number): void {
    if (n === 0) return;
    const kernels = ctx.kernels.get('parquet-values');
    const prefixes = ctx.scratch.alloc(n * 8);
    const suffixes = prefixes + n * 4;
    if (
      kernels.deltaNext(this.spec.state + DELTA, n, 4, prefixes) !== n ||
      kernels.deltaNext(this.spec.state + DELTA_2, n, 4, suffixes) !== n
    )
      corrupt(this.spec, 'the page ends before its last value');
    const total = kernels.prefixedBytes(prefixes, suffixes, n);
    if (total < 0) corrupt(this.spec, 'a string has a negative length');
    if (total > 2 ** 31)
      throw new OutOfMemoryError({ requestedBytes: total, usedBytes: 0, limitBytes: 2 ** 31, device: 'cpu' });
    const bytes = ctx.scratch.alloc(total + 16);
    const next = kernels.prefixedViews(
      prefixes,
      suffixes,
      n,
      this.#at,
      this.spec.end,
      this.#previous,
      this.#previousLength,
      bytes,
      out,
    );
    if (next === 0) corrupt(this.spec, 'a string passes the end of the page, or shares more than there is');
    this.#at = next >>> 0;
    const length = ctx.heap.refresh().u32[(out + (n - 1) * 16) >>> 2]!;
    if (length > this.#capacity) {
      if (this.#capacity > 0) ctx.arena.free(this.#previous);
      this.#previous = ctx.arena.alloc(length);
      this.#capacity = length;
    }
    ctx.kernels.get('parquet').copyBytes(this.#previous, bytes + total - length, length);
    this.#previousLength = length;
  }
  skip(ctx: ExecContext, n: number): void {
    skipBySteps(n, (k) => this.views(ctx, k, ctx.scratch.alloc(k * 16)));
  }
  close(ctx: ExecContext): void {
    if (this.#capacity > 0) ctx.arena.free(this.#previous);
    this.#capacity = 0;
  }
}
