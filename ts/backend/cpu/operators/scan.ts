// The scan: files one after another, each opened into units; partition columns are added as constants.
import { SchemaMismatchError, UnsupportedError } from '../../../errors.ts';
import type { FileSpec, ScanNode } from '../../../plan/nodes.ts';
import type { Field, Schema } from '../../../schema/types.ts';
import { partitionValue } from '../../../source/hive.ts';
import { constantVector } from '../columns/constant.ts';
import type { PlacedColumns } from '../columns/placed-columns.ts';
import { headOf } from '../columns/slice.ts';
import type { ExecContext, SyncBytes } from '../context.ts';
import type { Pieces, Shared, Source } from '../pipeline.ts';
import { openerOf } from '../scan/formats.ts';
import { filesThatMayMatch } from '../scan/prune-files.ts';
import type { OpenFile, RowFilter, RowFilters, ScannedFile, UnitReader } from '../scan/scanner.ts';
import { DEFAULT_TUNING } from '../tuning.ts';
import type { Batch } from '../vector.ts';

/** What a scan did, for explain. */
export interface ScanReport {
  note: string;
  /** Rows read. */
  rows: number;
}

/** Units of one file, which one thread reads one after the other. */
type Piece = readonly [file: number, unit: number];

interface SharedScan {
  readonly pieces: readonly Piece[];
  readonly rows: number;
}

/** Pieces whose dictionaries are looked at before the rows are read. */
const SAMPLED_PIECES = 8;
/** Strings stay codes where the dictionaries of the pieces have no more words than that for each row. */
const MOST_WORDS = 1 / 8;

/** Bytes of text that make a row, roughly. */
const TEXT_ROW_BYTES = 50;

/**
 * A scan as the input of a pipeline, on any thread. `report.note` says what pruning skipped. Rows that `filters` drop
 * are not yielded.
 */
export function scanInput(
  node: ScanNode,
  report: ScanReport,
  filters: readonly RowFilter[] = [],
): { open: (ctx: ExecContext) => Source; restore: (ctx: ExecContext, shared: Shared) => Source } {
  return {
    open: () => {
      const scan = new Scan(node, report, filters, (rows) => {
        report.rows += rows;
      });
      const comesInPieces = node.limit === null && isLocal(node);
      return { ...scan.whole(), pieces: (ctx) => (comesInPieces ? scan.pieces(ctx, scan.findPieces(ctx)) : null) };
    },
    restore: (_, shared) => {
      const scan = new Scan(node, { note: '', rows: 0 }, filters, (rows) => {
        report.rows += rows;
      });
      return { ...scan.whole(), pieces: (ctx) => scan.pieces(ctx, shared as SharedScan) };
    },
  };
}

/** Only the engine thread can ask for ranges of URLs. */
const isLocal = (node: ScanNode): boolean => node.files.every((f) => f.source.kind !== 'http');

class Scan {
  readonly #node: ScanNode;
  readonly #report: ScanReport;
  readonly #open: OpenFile;
  readonly #partitions: ReadonlySet<string>;
  readonly #columns: readonly Field[];
  readonly #fileSchema: readonly Field[];
  readonly #files: readonly FileSpec[];
  /** What is to be said of each file that was opened. */
  readonly #notes = new Map<number, string>();
  readonly #filters: RowFilters | null;
  #file: { readonly index: number; readonly bytes: SyncBytes; readonly scanned: ScannedFile } | null = null;

  constructor(node: ScanNode, report: ScanReport, filters: readonly RowFilter[], dropped: (rows: number) => void) {
    this.#node = node;
    this.#report = report;
    this.#open = openerOf(node.format);
    const partitions = new Set(Object.keys(node.files[0]?.partition ?? {}));
    const own = (s: Schema): Field[] => s.filter((f) => !partitions.has(f.name));
    this.#partitions = partitions;
    this.#columns = own(node.schema);
    this.#fileSchema = own(node.fileSchema);
    this.#files = keptFiles(node);
    const none = filters.map(() => 0);
    this.#filters = filters.length === 0 ? null : { filters, seen: none, kept: [...none], dropped };
  }

  /** Makes a file the open one. */
  #openFile(ctx: ExecContext, index: number, limit: number | null, isSplit: boolean): ScannedFile {
    if (this.#file?.index === index) return this.#file.scanned;
    this.#closeFile(ctx);
    const bytes = ctx.control.open(this.#files[index]!.source);
    try {
      const scanned = this.#open(ctx, {
        bytes,
        columns: this.#columns,
        fileSchema: this.#fileSchema,
        options: this.#node.options,
        predicate: this.#node.predicate,
        filters: this.#filters,
        limit,
        pieceBytes: isSplit ? (ctx.tuning ?? DEFAULT_TUNING).pieceBytes : null,
      });
      this.#file = { index, bytes, scanned };
      return scanned;
    } catch (error) {
      bytes.close();
      throw error;
    }
  }

  #closeFile(ctx: ExecContext): void {
    if (this.#file) {
      const { index, scanned, bytes } = this.#file;
      if (scanned.note) this.#notes.set(index, scanned.note);
      scanned.close(ctx);
      bytes.close();
      this.#file = null;
    }
    const all = this.#node.files.length;
    const files = this.#files.length < all ? [`${this.#files.length} of ${all} files`] : [];
    const notes = [...this.#notes].sort(([a], [b]) => a - b).map(([, note]) => note);
    this.#report.note = [...files, ...notes].join('; ');
  }

  /** Looks at all files for their units. */
  findPieces(ctx: ExecContext): SharedScan {
    const pieces: Piece[] = [];
    let rows = 0;
    this.#files.forEach((file, index) => {
      const scanned = this.#openFile(ctx, index, null, true);
      for (let unit = 0; unit < scanned.unitCount; unit++) pieces.push([index, unit]);
      rows += file.rows ?? file.source.sizeBytes / TEXT_ROW_BYTES;
    });
    return { pieces, rows };
  }

  pieces(ctx: ExecContext, shared: SharedScan): Pieces {
    return {
      count: shared.pieces.length,
      rows: shared.rows,
      isCostly: true,
      share: () => shared,
      mostRows: () => this.#rowsOf(ctx, shared.pieces),
      placed: {
        rows: () => (this.#yieldsAll ? this.#rowsOf(ctx, shared.pieces) : null),
        mostClaimed: (c) => (this.#yieldsAll ? this.#mostClaimed(c) : null),
        coded: (c) => this.#coded(c, shared.pieces),
        read: (c, piece, into) => this.#readInto(c, shared.pieces[piece]!, into),
      },
      open: (c, piece) => {
        const [index, unit] = shared.pieces[piece]!;
        const reader = this.#openFile(c, index, null, true).openUnit(c, unit);
        let seenRows = 0;
        let ordinal = 0;
        return {
          next: (at) => {
            const found = reader.next(at);
            if (!found) return null;
            const batch = this.#finished(at, found, index, seenRows);
            seenRows += found.length;
            at.control.progress(batch.length);
            return { ...batch, ordinal: ordinal++ };
          },
          close: (at) => reader.close(at),
        };
      },
    };
  }

  /** Whether rows come as the units have them. */
  get #yieldsAll(): boolean {
    return this.#partitions.size === 0 && this.#node.predicate === null && this.#filters === null;
  }

  /** Rows of units, where they are known before they are read. */
  #rowsOf(ctx: ExecContext, pieces: readonly Piece[]): number[] | null {
    const rows: number[] = [];
    for (const [index, unit] of pieces) {
      const n = this.#openFile(ctx, index, null, true).unitRows?.(unit) ?? null;
      if (n === null) return null;
      rows.push(n);
    }
    return rows;
  }

  /** Columns of codes of few words: none where a unit says nothing about it. */
  #coded(ctx: ExecContext, pieces: readonly Piece[]): boolean[] {
    const columns = this.#columns.map(() => ({ words: 0, isCoded: true }));
    const step = Math.max(1, pieces.length / SAMPLED_PIECES);
    let rows = 0;
    for (let at = 0; at < pieces.length; at += step) {
      const [index, unit] = pieces[Math.floor(at)]!;
      const file = this.#openFile(ctx, index, null, true);
      const words = file.unitWords?.(unit) ?? [];
      rows += file.unitRows?.(unit) ?? 0;
      for (const [i, column] of columns.entries()) {
        const count = words[i] ?? null;
        if (count === null) column.isCoded = false;
        else column.words += count;
      }
    }
    return columns.map(({ words, isCoded }) => isCoded && words <= rows * MOST_WORDS);
  }

  /** The most rows of all files, where all claim their places. */
  #mostClaimed(ctx: ExecContext): number | null {
    let rows = 0;
    for (const index of this.#files.keys()) {
      const most = this.#openFile(ctx, index, null, true).mostClaimed?.(ctx) ?? null;
      if (most === null) return null;
      rows += most;
    }
    return rows;
  }

  /** Reads a unit of a file to where its rows belong. */
  #readInto(ctx: ExecContext, [index, unit]: Piece, into: PlacedColumns): number {
    const file = this.#openFile(ctx, index, null, true);
    const placed = file.placeUnit?.(ctx, unit, into) ?? null;
    if (placed !== null) {
      if (into.isClaimed) into.endClaimed(placed);
      ctx.control.progress(placed);
      return placed;
    }
    let rows = 0;
    const reader = file.openUnit(ctx, unit);
    try {
      for (;;) {
        ctx.control.checkAbort();
        const batch = reader.next(ctx);
        if (!batch) return rows;
        into.put(ctx, rows, this.#finished(ctx, batch, index, rows));
        ctx.control.progress(batch.length);
        ctx.scratch.reset();
        rows += batch.length;
      }
    } finally {
      reader.close(ctx);
    }
  }

  /** All files from front to back, as far as the limit says. */
  whole(): Source {
    let fileIndex = 0;
    let unit = 0;
    let file: ScannedFile | null = null;
    let reader: UnitReader | null = null;
    let left = this.#node.limit ?? Number.POSITIVE_INFINITY;
    let ordinal = 0;
    let seenRows = 0;
    const next = (ctx: ExecContext): Batch | null => {
      while (left > 0) {
        if (reader) {
          const batch = reader.next(ctx);
          if (batch) return batch;
          reader.close(ctx);
          reader = null;
        } else if (file && unit < file.unitCount) reader = file.openUnit(ctx, unit++);
        else {
          if (fileIndex === this.#files.length) {
            this.#closeFile(ctx);
            return null;
          }
          unit = 0;
          file = this.#openFile(ctx, fileIndex++, Number.isFinite(left) ? left : null, false);
        }
      }
      return null;
    };
    return {
      next: (ctx) => {
        const found = next(ctx);
        if (!found) return null;
        const batch = headOf(this.#finished(ctx, found, fileIndex - 1, seenRows), left);
        seenRows += found.length;
        left -= batch.length;
        ctx.control.progress(batch.length);
        return { ...batch, ordinal: ordinal++ };
      },
      close: (ctx) => {
        left = 0;
        reader?.close(ctx);
        reader = null;
        this.#closeFile(ctx);
      },
    };
  }

  /** A batch of a file with its partition columns, checked. */
  #finished(ctx: ExecContext, batch: Batch, index: number, seenRows: number): Batch {
    const { schema } = this.#node;
    const spec = this.#files[index]!;
    const whole = withPartitions(ctx, batch, spec, schema, this.#partitions);
    return keepPromises(ctx, whole, schema, spec, seenRows);
  }
}

/** Files whose partition may hold a row for which the predicate is true. */
function keptFiles({ predicate, files }: ScanNode): readonly FileSpec[] {
  return predicate === null || !files[0]?.partition ? files : filesThatMayMatch(predicate, files);
}

/** Columns declared without nulls must have none; a bitmap without a zero is dropped. */
function keepPromises(ctx: ExecContext, batch: Batch, schema: Schema, spec: FileSpec, before: number): Batch {
  const core = ctx.kernels.get('core');
  const columns = batch.columns.map((v, i) => {
    if (v.validity === 0 || schema[i]!.nullable) return v;
    if (core.popcountBits(v.validity, batch.length) === batch.length) return { ...v, validity: 0 };
    const { name } = schema[i]!;
    const { u8 } = ctx.heap.refresh();
    let row = 0;
    while ((u8[v.validity + (row >> 3)]! >> (row & 7)) & 1) row++;
    const file =
      spec.source.kind === 'file' ? spec.source.path : spec.source.kind === 'http' ? spec.source.url : 'the bytes';
    throw new SchemaMismatchError(
      `Column "${name}" is declared without nulls but ${file} has one in row ${before + row}. Declare it nullable(…), or fill the file.`,
      { column: name, row: before + row },
    );
  });
  return { length: batch.length, columns, ordinal: batch.ordinal };
}

function withPartitions(
  ctx: ExecContext,
  batch: Batch,
  spec: FileSpec,
  schema: Schema,
  partitions: ReadonlySet<string>,
): Batch {
  if (partitions.size === 0) return batch;
  let k = 0;
  const columns = schema.map((f) => {
    if (!partitions.has(f.name)) return batch.columns[k++]!;
    const text = spec.partition?.[f.name];
    if (text === undefined) throw new UnsupportedError(`A file of the scan has no partition value for "${f.name}".`);
    return constantVector(ctx, f.type, partitionValue(text, f.type), batch.length, ctx.scratch);
  });
  return { length: batch.length, columns, ordinal: batch.ordinal };
}
