// Batches of numbered pieces, kept in chunks on whichever thread they came by and put side by side once, in the order of
// the pieces.
import { bytesFor, physicalOf, type Schema } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Shared } from '../pipeline.ts';
import { type Batch, MORSEL_ROWS, type Vector } from '../vector.ts';
import { crewOf, soloCrew, type Task } from '../worker/crew.ts';
import { PlacedColumns, type PlacedPart, type SharedPlaces } from './placed-columns.ts';
import { GrowingColumn, RowStore } from './row-store.ts';

/** Room is made for rows that may not come, as long as it is no more than this share of what is left. */
const MOST_HEADROOM = 0.5;

/** From so many rows on, placing them is shared. */
const SHARED_ROWS = 4 * MORSEL_ROWS;

/** Rows that lie together. Of a flat column only the addresses are kept. */
export interface Chunk {
  readonly rows: number;
  readonly columns: readonly Vector[];
}

/** As JSON: a flat column is [data, validity]. */
type ChunkJson = readonly [rows: number, columns: readonly (Vector | readonly [number, number])[]];
type PiecesJson = readonly (readonly [piece: number, chunks: readonly ChunkJson[]])[];

export class PieceStore {
  readonly #schema: Schema;
  /** Finished chunks by piece. */
  #pieces = new Map<number, Chunk[]>();
  #piece = 0;
  /** The chunk that grows. */
  #open: RowStore | null = null;
  #rows = 0;
  #columns: Vector[] | null = null;
  #placed: PlacedColumns | null = null;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  get length(): number {
    return this.#placed ? this.#placed.length : this.#rows;
  }

  /**
   * Makes the columns for pieces of so many rows, or of at most so many, some of them as codes; false: there is no room,
   * or no need for it.
   */
  place(ctx: ExecContext, rows: readonly number[], isExact: boolean, coded: readonly boolean[] = []): boolean {
    if (this.#pieces.size > 0 || this.#open || !PlacedColumns.canHold(this.#schema)) return false;
    if (!isExact && PlacedColumns.bytesOf(this.#schema, rows) > ctx.arena.headroomBytes * MOST_HEADROOM) return false;
    this.#placed = PlacedColumns.make(ctx, this.#schema, rows, isExact, coded);
    return this.#placed !== null;
  }

  /** The same for pieces that claim their rows. */
  placeClaimed(ctx: ExecContext, pieces: number, mostRows: number): boolean {
    if (this.#pieces.size > 0 || this.#open || !PlacedColumns.canHold(this.#schema)) return false;
    if (PlacedColumns.bytesOf(this.#schema, [mostRows]) > ctx.arena.headroomBytes * MOST_HEADROOM) return false;
    this.#placed = PlacedColumns.makeClaimed(ctx, this.#schema, pieces, mostRows);
    return this.#placed !== null;
  }

  /** Where rows are written without being appended. */
  get into(): PlacedColumns | null {
    return this.#placed?.isPushed ? null : this.#placed;
  }

  /** Where the next rows will lie, if that is known. */
  placesFor(rows: number): readonly number[] | null {
    return this.#placed?.placesFor(rows) ?? null;
  }

  sharePlaces(): Shared {
    return this.#placed?.share() ?? null;
  }

  restorePlaces(shared: Shared): void {
    this.#placed = shared === null ? null : new PlacedColumns(this.#schema, shared as SharedPlaces);
  }

  /** What follows belongs to this piece. */
  begin(ctx: ExecContext, piece: number): void {
    this.#placed?.begin(piece);
    if (piece === this.#piece) return;
    this.#close(ctx);
    this.#piece = piece;
  }

  /** Takes over columns that are there in one piece: all rows there will be. */
  adopt(ctx: ExecContext, columns: readonly Vector[], rows: number): void {
    for (const v of columns) trim(ctx, v);
    this.#add(0, [{ rows, columns }]);
    this.#rows = rows;
  }

  append(ctx: ExecContext, batch: Batch): void {
    if (this.#placed) {
      this.#placed.append(ctx, batch);
      return;
    }
    if (this.#open && this.#open.length + batch.length > MORSEL_ROWS) this.#close(ctx);
    this.#open ??= new RowStore(this.#schema);
    this.#open.append(ctx, batch);
    this.#rows += batch.length;
  }

  #close(ctx: ExecContext): void {
    const store = this.#open;
    if (!store) return;
    this.#open = null;
    this.#add(this.#piece, [{ rows: store.length, columns: store.finish(ctx) }]);
  }

  #add(piece: number, chunks: readonly Chunk[]): void {
    const known = this.#pieces.get(piece);
    if (known) known.push(...chunks);
    else this.#pieces.set(piece, [...chunks]);
  }

  /** Everything that is here, for the store of another thread. */
  part(ctx: ExecContext): Shared {
    if (this.#placed) return this.#placed.part(ctx);
    this.#close(ctx);
    const all = [...this.#pieces].map(([piece, chunks]): PiecesJson[number] => [
      piece,
      chunks.map(({ rows, columns }) => [rows, columns.map((v) => (v.children ? v : [v.data, v.validity]))]),
    ]);
    this.#pieces = new Map();
    this.#rows = 0;
    return all;
  }

  merge(part: Shared): void {
    if (this.#placed) {
      this.#placed.merge(part as PlacedPart);
      return;
    }
    for (const [piece, chunks] of part as PiecesJson)
      for (const [rows, columns] of chunks) {
        this.#rows += rows;
        const vectors = columns.map(
          (c, i): Vector =>
            'type' in c ? c : { type: this.#schema[i]!.type, length: rows, data: c[0], validity: c[1] },
        );
        this.#add(piece, [{ rows, columns: vectors }]);
      }
  }

  /** The chunks in order of pieces. */
  chunks(ctx: ExecContext): Chunk[] {
    this.#close(ctx);
    if (this.#pieces.size < 2) return this.#pieces.values().next().value ?? [];
    return [...this.#pieces].sort(([a], [b]) => a - b).flatMap(([, chunks]) => chunks);
  }

  /** All rows as columns, each in one piece. */
  finish(ctx: ExecContext): Vector[] {
    if (this.#columns && !this.#open) return this.#columns;
    if (this.#placed) {
      this.#rows = this.#placed.length;
      this.#add(0, [{ rows: this.#rows, columns: this.#placed.finish(ctx) }]);
      this.#placed = null;
    }
    const chunks = this.chunks(ctx);
    let columns: Vector[];
    if (chunks.length === 0) columns = new RowStore(this.#schema).finish(ctx);
    else if (chunks.length === 1) columns = [...chunks[0]!.columns];
    else {
      // Most of the time goes to memory that is touched first here: several threads do that at once.
      const crew = this.#rows < SHARED_ROWS ? soloCrew(ctx.kernels) : crewOf(ctx);
      columns = this.#schema.map((field, i) => {
        const column = new GrowingColumn(field.type);
        column.reserve(ctx, this.#rows);
        const copies: Task[] = [];
        for (const chunk of chunks) column.appendLater(ctx, chunk.columns[i]!, copies);
        crew.run(copies);
        freeFlat(ctx, chunks, i);
        return column.vector(ctx);
      });
    }
    this.#pieces = new Map([[0, [{ rows: this.#rows, columns }]]]);
    this.#piece = 0;
    this.#columns = columns;
    return columns;
  }

  /** Gives the memory back, as far as it can be reused before the query ends. */
  free(ctx: ExecContext): void {
    this.#close(ctx);
    const chunks = this.chunks(ctx);
    this.#schema.forEach((_, i) => {
      freeFlat(ctx, chunks, i);
    });
    this.#pieces = new Map();
    this.#columns = null;
    this.#rows = 0;
  }
}

/** Gives back what a column's blocks have more than its rows need. */
function trim(ctx: ExecContext, { type, length, data, validity, children }: Vector): void {
  if (data !== 0) ctx.arena.shrink(data, bytesFor(physicalOf(type), length));
  if (validity !== 0) ctx.arena.shrink(validity, bytesFor('bit', length));
  for (const child of children ?? []) trim(ctx, child);
}

/** Frees a flat column's chunks. */
function freeFlat(ctx: ExecContext, chunks: readonly Chunk[], column: number): void {
  for (const { columns } of chunks) {
    const { data, validity, children } = columns[column]!;
    if (children) continue;
    if (data !== 0) ctx.arena.free(data);
    if (validity !== 0) ctx.arena.free(validity);
  }
}
