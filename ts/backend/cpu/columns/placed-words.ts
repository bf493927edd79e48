// Columns of strings that are placed as codes. Every thread has one dictionary for each of them, of the words that its
// pieces have; at the end those of other threads are added to the engine thread's, and the codes of their pieces mapped.
import { bytesFor, type LogicalType } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import { WordEncoder, type WordList } from '../host/dictionary.ts';
import { MORSEL_ROWS, type Vector } from '../vector.ts';
import { crewOf, type Task } from '../worker/crew.ts';
import type { Alloc } from './alloc.ts';

/** What another thread has: the words of its columns, and the pieces whose codes stand for them. */
export interface WordsPart {
  readonly pieces: readonly number[];
  readonly columns: readonly (readonly [column: number, words: WordList])[];
}

/** The codes of a piece. */
export interface CodedPiece {
  readonly codes: number;
  readonly rows: number;
  /** 0: there are no nulls. */
  readonly validity: number;
}

const TYPE: LogicalType = { dtype: 'Utf8' };

interface CodedColumn {
  readonly encoder: WordEncoder;
  /** The dictionary that came last, and the codes of its words here. */
  dict: Vector | null;
  map: number;
}

export class PlacedWords {
  readonly #columns = new Map<number, CodedColumn>();
  readonly #pieces: number[] = [];
  readonly #parts: WordsPart[] = [];

  /** The codes that follow belong to this piece. */
  begin(piece: number): void {
    this.#pieces.push(piece);
  }

  #column(column: number): CodedColumn {
    let found = this.#columns.get(column);
    if (!found) {
      found = { encoder: new WordEncoder(), dict: null, map: 0 };
      this.#columns.set(column, found);
    }
    return found;
  }

  /** The address of the code, u32, of each word of a dictionary. */
  mapOf(ctx: ExecContext, column: number, dict: Vector): number {
    const own = this.#column(column);
    if (own.dict === dict) return own.map;
    if (own.map !== 0) ctx.arena.free(own.map);
    own.map = this.encode(ctx, column, dict, ctx.arena);
    own.dict = dict;
    return own.map;
  }

  /** The address of the codes of any strings; 0 under nulls. */
  encode(ctx: ExecContext, column: number, v: Vector, alloc: Alloc): number {
    const { encoder } = this.#column(column);
    const codes = encoder.encode(ctx, v, alloc);
    encoder.keep(ctx);
    return codes;
  }

  part(ctx: ExecContext): WordsPart {
    const columns = [...this.#columns].map(([column, { encoder, map }]) => {
      if (map !== 0) ctx.arena.free(map);
      return [column, encoder.handOver(ctx)] as const;
    });
    this.#columns.clear();
    return { pieces: this.#pieces, columns };
  }

  merge(part: WordsPart): void {
    this.#parts.push(part);
  }

  /** Words of a column on all threads, those that several have counted for each. */
  count(column: number): number {
    const listsOf = ({ columns }: WordsPart): number =>
      columns.reduce((sum, [c, list]) => sum + (c === column ? list.count : 0), 0);
    return this.#parts.reduce((sum, part) => sum + listsOf(part), this.#columns.get(column)?.encoder.count ?? 0);
  }

  /** Makes all codes of a column codes of one dictionary, which is returned. */
  join(ctx: ExecContext, column: number, pieceOf: (piece: number) => CodedPiece): Vector {
    const { encoder } = this.#column(column);
    const maps: number[] = [];
    const tasks: Task[] = [];
    for (const { pieces, columns } of this.#parts) {
      const list = columns.find(([c]) => c === column)?.[1];
      if (!list || list.count === 0) continue;
      const map = encoder.encode(ctx, vectorOf(list), ctx.arena);
      maps.push(map);
      if (isIdentity(ctx, map, list.count)) continue;
      for (const piece of pieces) {
        const { codes, rows, validity } = pieceOf(piece);
        for (const { row, n, bits } of morselsOf(rows, validity))
          tasks.push(['core', 'mapCodes', codes + row * 4, n, map, bits]);
      }
    }
    crewOf(ctx).run(tasks);
    for (const map of maps) ctx.arena.free(map);
    return keptWords(ctx, encoder.words());
  }

  /** The strings of a column in place of its codes: `length` views, and the blocks that they point into. */
  spread(
    ctx: ExecContext,
    column: number,
    length: number,
    pieceOf: (piece: number) => CodedPiece,
  ): { readonly data: number; readonly strings: readonly number[] } {
    const own = this.#column(column).encoder.handOver(ctx);
    const parts: WordsPart[] = [{ pieces: this.#pieces, columns: [[column, own]] }, ...this.#parts];
    const data = ctx.arena.alloc(bytesFor('view', length));
    const first = pieceOf(0).codes;
    const tasks: Task[] = [];
    const strings: number[] = [];
    for (const { pieces, columns } of parts) {
      const list = columns.find(([c]) => c === column)?.[1];
      if (list) strings.push(...list.strings);
      for (const piece of pieces) {
        const { codes, rows, validity } = pieceOf(piece);
        const to = data + (codes - first) * 4;
        for (const { row, n, bits } of morselsOf(rows, validity)) {
          // Without a word there are only nulls.
          if (!list || list.count === 0) tasks.push(['core', 'zeroNulls', to + row * 16, bits, n, 16]);
          else tasks.push(['core', 'spreadWords', codes + row * 4, n, list.words, bits, to + row * 16]);
        }
      }
    }
    crewOf(ctx).run(tasks);
    ctx.arena.free(own.words);
    return { data, strings };
  }

  /** Gives everything back; `spread`: columns whose long strings stay. */
  free(ctx: ExecContext, spread: ReadonlySet<number>): void {
    for (const { encoder, map } of this.#columns.values()) {
      if (map !== 0) ctx.arena.free(map);
      encoder.free(ctx);
    }
    this.#columns.clear();
    for (const { columns } of this.#parts)
      for (const [column, { words, strings }] of columns) {
        if (words !== 0) ctx.arena.free(words);
        if (!spread.has(column)) for (const block of strings) ctx.arena.free(block);
      }
  }
}

const vectorOf = ({ words, count }: WordList): Vector => ({ type: TYPE, length: count, data: words, validity: 0 });

function* morselsOf(rows: number, validity: number): Generator<{ row: number; n: number; bits: number }> {
  for (let row = 0; row < rows; row += MORSEL_ROWS)
    yield { row, n: Math.min(MORSEL_ROWS, rows - row), bits: validity === 0 ? 0 : validity + (row >>> 3) };
}

function isIdentity(ctx: ExecContext, map: number, count: number): boolean {
  const { u32 } = ctx.heap.refresh();
  const at = map >>> 2;
  for (let i = 0; i < count; i++) if (u32[at + i] !== i) return false;
  return true;
}

/** A copy of words with their long strings; a dictionary has at least one slot. */
function keptWords(ctx: ExecContext, words: Vector): Vector {
  const core = ctx.kernels.get('core');
  const length = Math.max(1, words.length);
  const data = ctx.arena.alloc(length * 16);
  ctx.heap.refresh().u8.fill(0, data, data + 16);
  core.copyBytes(data, words.data, words.length * 16);
  const bytes = core.longViewBytes(data, words.length);
  const strings: number[] = [];
  if (bytes > 0) {
    const block = ctx.arena.alloc(bytes);
    core.relocateViews(data, words.length, block);
    strings.push(block);
  }
  return { type: TYPE, length, data, validity: 0, strings };
}
