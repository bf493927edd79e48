// Reads CSV files: text in blocks, rows found by a SIMD scan, each wanted column converted by one kernel.
import { type ParseError, SchemaMismatchError } from '../../../../errors.ts';
import { typeText } from '../../../../schema/types.ts';
import { type CsvSettings, csvSettings } from '../../../../source/csv-options.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import type { ExecContext } from '../../context.ts';
import { type Batch, MORSEL_ROWS } from '../../vector.ts';
import type { OpenFile, ScannedFile, ScanRequest, UnitReader } from '../scanner.ts';
import { decodeBase64 } from '../text/base64.ts';
import { lineAt } from '../text/line-at.ts';
import { powersInHeap } from '../text/powers.ts';
import { isPlainText, openText } from '../text/text-stream.ts';
import { type MayBegin, mostLines, partOf, textUnits } from '../text/text-units.ts';
import { TextWindow } from '../text/text-window.ts';
import { C, CODE, CsvColumn, nullTexts } from './csv-column.ts';
import { badFields, badQuote, badText, badValue, type CsvPlace, openQuote, unexpectedNull } from './csv-errors.ts';
import { parseRecord, readHead } from './csv-head.ts';
import { RowScan } from './csv-rows.ts';
import { exactDecimal, exactDouble, exactFloat } from './hard-values.ts';

const LF = 10;

/** How lines end, and the names of the columns. */
interface Head {
  readonly newline: number;
  readonly names: readonly string[];
}

/** Records that are looked at to tell the start of a row from a line end within quotes. */
const LOOK_RECORDS = 3;

/** Opens a CSV file: one unit, or several that begin where rows seem to. */
export const openCsv: OpenFile = (ctx, request) => {
  const settings = csvSettings(request.options);
  const { bytes } = request;
  const whole: ScannedFile = {
    unitCount: 1,
    openUnit: (c) => new CsvReader(c, request, settings, null),
    ...placing(request, settings, (c) => new CsvReader(c, request, settings, null)),
    close() {},
  };
  if (!request.pieceBytes || request.limit !== null || settings.skipRows > 0) return whole;
  let head: Head | null = null;
  const mayBegin: MayBegin = (text, at) => {
    if (settings.quote === null || text.indexOf(settings.quote.charCodeAt(0)) < 0) return true;
    for (let k = 0, from = at; k < LOOK_RECORDS && from < text.length; k++) {
      const record = parseRecord(text, from, text.length, settings, LF);
      if (record === null) return k > 0;
      if (record.fields.length !== head!.names.length && !(record.fields.length === 1 && record.fields[0] === ''))
        return false;
      from = record.next;
    }
    return true;
  };
  const units = textUnits(bytes, settings, request.pieceBytes, mayBegin);
  if (!units) return whole;
  const start = new TextWindow(bytes.name, openText(ctx, bytes, settings), settings.blockBytes);
  try {
    head = { names: readHead(ctx, start, settings, bytes.name), newline: start.newline };
  } finally {
    start.close(ctx);
  }
  if (head.newline !== LF) return whole;
  const openUnit = (c: ExecContext, unit: number): CsvReader => {
    const range = units.range(unit);
    const part = { ...request, bytes: partOf(bytes, range.start, range.end) };
    return new CsvReader(c, part, settings, unit === 0 ? null : head);
  };
  return { unitCount: units.count, openUnit, ...placing(request, settings, openUnit), close() {} };
};

/** Units larger than this are not held as a whole. */
const MOST_PLACED_BYTES = 16 << 20;

/** Reads units to where their rows belong, if they can be held as a whole and their columns written in place. */
function placing(
  request: ScanRequest,
  settings: CsvSettings,
  openUnit: (ctx: ExecContext, unit: number) => CsvReader,
): Pick<ScannedFile, 'mostClaimed' | 'placeUnit'> {
  const { bytes, pieceBytes, limit, columns } = request;
  if (!pieceBytes || limit !== null || !isPlainText(bytes, settings)) return {};
  if (columns.some((f) => f.type.dtype === 'Binary')) return {};
  const largest = Math.min(bytes.sizeBytes, 2 * pieceBytes);
  if (largest > MOST_PLACED_BYTES) return {};
  return {
    mostClaimed: () => mostLines(bytes),
    placeUnit(ctx, unit, into) {
      const reader = openUnit(ctx, unit);
      try {
        return reader.place(ctx, into);
      } finally {
        reader.close(ctx);
      }
    },
  };
}

class CsvReader implements UnitReader {
  readonly #request: ScanRequest;
  readonly #settings: CsvSettings;
  readonly #window: TextWindow;
  readonly #scan: RowScan;
  readonly #names: readonly string[];
  readonly #columns: CsvColumn[];
  readonly #anyText: boolean;
  readonly #blocks: number[] = [];
  /** Where rows go, if not into batches. */
  #into: PlacedColumns | null = null;
  #calls = 0;
  #ordinal = 0;
  /** Rows of earlier batches. */
  #rows = 0;

  /** `head`: of a file that is read from the middle. */
  constructor(ctx: ExecContext, request: ScanRequest, settings: CsvSettings, head: Head | null) {
    this.#request = request;
    this.#settings = settings;
    const path = request.bytes.name;
    this.#window = new TextWindow(path, openText(ctx, request.bytes, settings), settings.blockBytes);
    if (head) this.#window.beginInside(head.newline);
    this.#names = head?.names ?? readHead(ctx, this.#window, settings, path);
    this.#scan = new RowScan(ctx, this.#names.length, settings, this.#window.newline);
    const nulls = nullTexts(ctx, settings.nullValues);
    this.#columns = request.columns.map((field) => {
      const position = this.#names.indexOf(field.name);
      if (position < 0) {
        throw new SchemaMismatchError(
          `${path} has no column "${field.name}". Columns: ${this.#names.slice(0, 20).join(', ')}.`,
          { path, column: field.name },
        );
      }
      return new CsvColumn(ctx, field, position, this.#scan.index, settings, nulls, path);
    });
    this.#anyText = this.#columns.some((c) => c.reader === 'strings');
    this.#blocks.push(nulls, ...this.#columns.map((c) => c.address));
    const floats = this.#columns.filter((c) => c.reader === 'floats');
    if (floats.length > 0) {
      const powers = powersInHeap(ctx);
      this.#blocks.push(powers);
      for (const c of floats) ctx.heap.u32[(c.address + C.table) >>> 2] = powers;
    }
  }

  next(ctx: ExecContext): Batch | null {
    const window = this.#window;
    const wanted = Math.min(MORSEL_ROWS, (this.#request.limit ?? Number.POSITIVE_INFINITY) - this.#rows);
    if (wanted <= 0) return null;
    const call = ++this.#calls;
    let rows = 0;
    let capacity = 0;
    for (;;) {
      if (window.at < window.end) {
        if (capacity === 0) capacity = this.#begin(ctx, wanted);
        rows += this.#readRows(ctx, rows, Math.min(wanted, capacity) - rows);
        if (rows === wanted) break;
      }
      // What is left of the block holds no whole row. A batch's strings lie in one block, so it ends here.
      if (rows > 0) break;
      capacity = 0;
      if (!window.more(ctx, call)) {
        if (window.at < window.end) throw openQuote(this.#place(ctx, this.#rows, window.at));
        return null;
      }
    }
    if (this.#anyText) window.hold(call);
    const columns = this.#columns.map((c) => {
      const v = c.vector(ctx, rows);
      return c.field.type.dtype === 'Binary' ? decodeBase64(ctx, v, this.#request.bytes.name, c.field.name) : v;
    });
    this.#columns.forEach((c, k) => {
      const validity = columns[k]?.validity ?? 0;
      if (!c.field.nullable && validity !== 0 && c.field.type.dtype !== 'Null') this.#refuseNull(ctx, c, validity);
    });
    this.#rows += rows;
    return { length: rows, columns, ordinal: this.#ordinal++ };
  }

  /** Reads all rows to where they belong; returns how many. */
  place(ctx: ExecContext, into: PlacedColumns): number {
    const window = this.#window;
    window.readAll(ctx, this.#request.bytes.sizeBytes);
    const most = ctx.kernels.get('csv-scan').countByte(window.at, window.end, window.newline);
    into.claim(ctx, most);
    this.#into = into;
    this.#columns.forEach((c, i) => {
      c.place(ctx, into, i, most);
    });
    const rows = this.#readRows(ctx, 0, Number.POSITIVE_INFINITY);
    if (window.at < window.end) throw openQuote(this.#place(ctx, rows, window.at));
    this.#columns.forEach((c, i) => {
      const nulls = c.nullCount(ctx);
      into.addNulls(i, nulls);
      if (!c.field.nullable && nulls > 0) this.#refuseNull(ctx, c, into.bits(i, 0));
    });
    return rows;
  }

  /** Makes room for the rows that the block can hold at most; a field has at least its delimiter. */
  #begin(ctx: ExecContext, wanted: number): number {
    const window = this.#window;
    const most = Math.floor((window.end - window.at) / this.#names.length) + 1;
    const capacity = Math.min(wanted, most);
    for (const c of this.#columns) c.begin(ctx, capacity);
    return capacity;
  }

  /** Reads whole rows of the block into rows `outRow + …` of the batch, at most `most`. */
  #readRows(ctx: ExecContext, outRow: number, most: number): number {
    const window = this.#window;
    const scan = this.#scan;
    let rows = 0;
    while (rows < most && window.at < window.end) {
      const from = window.at;
      const room = Math.min(scan.tileRows, most - rows);
      const n = scan.scan(ctx, from, window.end, room);
      if (n > 0) this.#convert(ctx, from, n, outRow + rows);
      window.at = scan.consumed(ctx);
      window.taken(n, window.at - from);
      rows += n;
      const got = scan.badFields(ctx);
      if (got !== 0) {
        const { buffer } = ctx.heap.refresh();
        const stop = buffer.indexOf(window.newline, window.at);
        const text = buffer.toString('utf8', window.at, Math.min(stop, window.at + 200));
        throw badFields(this.#place(ctx, this.#rows + outRow + rows, window.at), got, this.#names.length, text);
      }
      if (n < room) break;
    }
    return rows;
  }

  #convert(ctx: ExecContext, from: number, n: number, outRow: number): void {
    const scan = this.#scan;
    if (this.#anyText && scan.hasNonAscii(ctx) && this.#settings.encoding === 'utf8') {
      const end = scan.consumed(ctx);
      const at = ctx.kernels.get('csv-scan').findInvalidUtf8(from, end) >>> 0;
      if (at < end) throw this.#invalidText(ctx, at, n, outRow);
    }
    const into = this.#into;
    const bytes = scan.consumed(ctx) - from;
    for (const column of this.#columns) {
      const isKept = into !== null && column.reader === 'strings';
      if (isKept) column.setText(ctx, into.textRoom(ctx, bytes));
      let row = column.read(ctx, 0, n, outRow);
      while (row < n) {
        this.#readHard(ctx, column, row, outRow);
        row = column.read(ctx, row + 1, n, outRow);
      }
      if (isKept) into.usedText(column.textAt(ctx));
    }
  }

  /** Reads a value that the kernel left, or throws. */
  #readHard(ctx: ExecContext, column: CsvColumn, row: number, outRow: number): void {
    const { u32, f32, f64, i64 } = ctx.heap.refresh();
    const at = column.address;
    const code = u32[(at + C.code) >>> 2] as number;
    const [start, stop] = this.#scan.field(ctx, row, column.position);
    const place = (): CsvPlace => this.#place(ctx, this.#rows + outRow + row, start);
    if (column.reader === 'strings') throw badQuote(place(), column.field.name, this.#text(ctx, start, stop));
    const text = this.#text(ctx, u32[(at + C.field) >>> 2] as number, u32[(at + C.stop) >>> 2] as number);
    if (code === CODE.hard) {
      const point = this.#settings.decimalComma ? ',' : '.';
      const type = column.field.type;
      if (type.dtype === 'Decimal') {
        const value = exactDecimal(text, point, type.precision, type.scale);
        if (typeof value === 'bigint') {
          const out = u32[(at + C.out) >>> 2] as number;
          if (type.precision <= 18) i64[(out >>> 3) + outRow + row] = value;
          else {
            i64[(out >>> 3) + 2 * (outRow + row)] = BigInt.asIntN(64, value);
            i64[(out >>> 3) + 2 * (outRow + row) + 1] = value >> 64n;
          }
          return;
        }
        throw badValue(place(), column, text, value === null ? CODE.hard : CODE.bad);
      }
      const out = u32[(at + C.out) >>> 2] as number;
      const value = type.dtype === 'Float32' ? exactFloat(text, point) : exactDouble(text, point);
      if (value !== undefined) {
        if (type.dtype === 'Float32') f32[(out >>> 2) + outRow + row] = value;
        else f64[(out >>> 3) + outRow + row] = value;
        return;
      }
    }
    throw badValue(place(), column, text, code);
  }

  #text(ctx: ExecContext, start: number, stop: number): string {
    return ctx.heap.refresh().buffer.toString('utf8', start, stop);
  }

  /** `row` counts from 0 without the header; `address` is in the current block. */
  #place(ctx: ExecContext, row: number, address: number): CsvPlace {
    const { bytes } = this.#request;
    const offset = this.#window.offsetOf(address);
    const line = lineAt(ctx, bytes, this.#settings, offset, this.#window.newline);
    return { path: bytes.name, row: row + 1, line };
  }

  #invalidText(ctx: ExecContext, at: number, n: number, outRow: number): ParseError {
    for (let row = 0; row < n; row++) {
      for (let k = 0; k < this.#names.length; k++) {
        const [start, stop] = this.#scan.field(ctx, row, k);
        if (at < start || at >= stop) continue;
        const place = this.#place(ctx, this.#rows + outRow + row, start);
        return badText(place, this.#names[k] as string, this.#text(ctx, start, stop));
      }
    }
    // In a comment.
    return badText(this.#place(ctx, this.#rows + outRow, at), null, this.#text(ctx, at, at + 20));
  }

  #refuseNull(ctx: ExecContext, column: CsvColumn, validity: number): never {
    const { u8 } = ctx.heap.refresh();
    let row = 0;
    while (((u8[validity + (row >>> 3)] as number) >> (row & 7)) & 1) row++;
    const path = this.#request.bytes.name;
    throw unexpectedNull({ path, row: this.#rows + row + 1 }, column.field.name, typeText(column.field.type));
  }

  close(ctx: ExecContext): void {
    this.#window.close(ctx);
    this.#scan.close(ctx);
    for (const address of this.#blocks) ctx.arena.free(address);
  }
}
