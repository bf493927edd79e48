// The row scan of a CSV file: its settings in the heap, and the buffers that say where fields lie.
import type { CsvSettings } from '../../../../source/csv-options.ts';
import type { ExecContext } from '../../context.ts';
import type { FieldIndex } from './csv-column.ts';

const SCAN_BYTES = 80;
/** Fields a scan finds at a time: their text and their places stay in the cache until they are converted. */
const TILE_FIELDS = 16 * 1024;
const TILE_ROWS = 2048;
/** Ends that one step of the kernel may write past the last row. */
const SPARE_FIELDS = 80;

const RAGGED = { error: 0, pad: 1, truncate: 2 } as const;

export class RowScan {
  readonly index: FieldIndex;
  /** Rows per scan: a multiple of 64, so that validity bits of tiles start on bytes. */
  readonly tileRows: number;
  readonly #address: number;

  constructor(ctx: ExecContext, columns: number, settings: CsvSettings, newline: number) {
    const rows = Math.min(TILE_ROWS, Math.max(64, (TILE_FIELDS / columns) & ~63));
    this.tileRows = rows;
    this.index = {
      ends: ctx.arena.alloc((rows * columns + SPARE_FIELDS) * 4),
      starts: ctx.arena.alloc(rows * 4),
      columns,
    };
    this.#address = ctx.arena.alloc(SCAN_BYTES);
    ctx.heap
      .refresh()
      .u32.set(
        [
          this.index.ends,
          this.index.starts,
          columns,
          rows,
          settings.delimiter.charCodeAt(0),
          settings.quote?.charCodeAt(0) ?? 0,
          settings.escape?.charCodeAt(0) ?? 0,
          settings.comment?.charCodeAt(0) ?? 0,
          newline,
          RAGGED[settings.ragged],
          ...new Array<number>(10).fill(0),
        ],
        this.#address >>> 2,
      );
  }

  /** Finds at most `most` whole rows of `[from, end)`. */
  scan(ctx: ExecContext, from: number, end: number, most: number): number {
    ctx.heap.refresh().u32[(this.#address >>> 2) + 3] = most;
    return ctx.kernels.get('csv-scan').scanRows(this.#address, from, end);
  }

  /** Where the last scan stopped: the start of a row. */
  consumed(ctx: ExecContext): number {
    return ctx.heap.u32[(this.#address >>> 2) + 10] as number;
  }

  hasNonAscii(ctx: ExecContext): boolean {
    return ctx.heap.u32[(this.#address >>> 2) + 11] !== 0;
  }

  /** 0, or how many fields the row at `consumed` has, which are too few or too many. */
  badFields(ctx: ExecContext): number {
    return ctx.heap.u32[(this.#address >>> 2) + 12] as number;
  }

  /** Start and end of a field of the last scan, quotes included. */
  field(ctx: ExecContext, row: number, column: number): [number, number] {
    const { u32 } = ctx.heap;
    const at = (this.index.ends >>> 2) + row * this.index.columns + column;
    const start = column === 0 ? u32[(this.index.starts >>> 2) + row] : (u32[at - 1] as number) + 1;
    return [start as number, u32[at] as number];
  }

  close(ctx: ExecContext): void {
    for (const address of [this.index.ends, this.index.starts, this.#address]) ctx.arena.free(address);
  }
}
