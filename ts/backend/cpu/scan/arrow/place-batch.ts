// The buffers of a record batch read to where their rows belong: values that are ours already are not touched again.
// Anything unusual is left to the decoder, which says what is wrong.
import { type Schema, sameType } from '../../../../schema/types.ts';
import type { ArrowBatchHeader, ArrowBuffer } from '../../../../source/arrow-flatbuffer.ts';
import { type ArrowField, schemaOf } from '../../../../source/arrow-schema.ts';
import { placesOf } from '../../../ipc/decode-batch.ts';
import type { PlacedColumns } from '../../columns/placed-columns.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { WINDOW_ROWS } from './windows.ts';

/** A column that is read as it stands: `width` bytes a row, or offsets of strings. */
interface PlaceableColumn {
  readonly kind: 'fixed' | 'text' | 'bytes';
  readonly width: number;
  /** Null: it has none. */
  readonly validity: ArrowBuffer | null;
  readonly values: ArrowBuffer;
  readonly text: ArrowBuffer | null;
  readonly nullable: boolean;
}

/**
 * How to read each wanted column of a batch: null for one that has to be decoded. Null altogether where buffers are
 * compressed or do not fit, or where a column may turn out to have nulls that it must not have.
 */
export function placeableColumns(
  header: ArrowBatchHeader,
  fields: readonly ArrowField[],
  wanted: readonly number[],
  columns: Schema,
  bodyBytes: number,
): readonly (PlaceableColumn | null)[] | null {
  const places = header.compression === null ? placesOf(header, fields) : null;
  if (places === null) return null;
  const schema = schemaOf(fields);
  const found: (PlaceableColumn | null)[] = [];
  for (const [k, i] of wanted.entries()) {
    const { nullable, type } = columns[k]!;
    const field = fields[i]!;
    const node = header.nodes[places.nodes[i]!]!;
    const layout = sameType(schema[i]!.type, type) ? layoutOf(field) : null;
    if (layout === null) {
      if (!nullable) return null;
      found.push(null);
      continue;
    }
    const at = places.buffers[i]!;
    const column: PlaceableColumn = {
      ...layout,
      validity: node.nullCount === 0 ? null : header.buffers[at]!,
      values: header.buffers[at + 1]!,
      text: layout.kind === 'fixed' ? null : header.buffers[at + 2]!,
      nullable,
    };
    if (node.length !== header.length || (column.validity && !nullable)) return null;
    if (!fits(column, header.length, bodyBytes)) return null;
    found.push(column);
  }
  return found;
}

/** Fields whose values are stored as ours are. */
function layoutOf(field: ArrowField): { kind: PlaceableColumn['kind']; width: number } | null {
  const s = field.storage;
  if (field.dictionary) return null;
  switch (s.kind) {
    case 'int':
      return { kind: 'fixed', width: s.bits / 8 };
    case 'float':
      return s.bits === 16 ? null : { kind: 'fixed', width: s.bits / 8 };
    case 'date':
      return { kind: 'fixed', width: s.unit === 'day' ? 4 : 8 };
    case 'timestamp':
    case 'duration':
      return s.unit === 's' ? null : { kind: 'fixed', width: 8 };
    case 'utf8':
      return s.large ? null : { kind: 'text', width: 4 };
    case 'binary':
      return s.large ? null : { kind: 'bytes', width: 4 };
    default:
      return null;
  }
}

function fits({ kind, width, validity, values, text }: PlaceableColumn, rows: number, bodyBytes: number): boolean {
  const inBody = (b: ArrowBuffer, needed: number): boolean =>
    b.offset >= 0 && b.length >= needed && b.offset + b.length <= bodyBytes;
  if (validity && !inBody(validity, Math.ceil(rows / 8))) return false;
  if (!inBody(values, (kind === 'fixed' || rows === 0 ? rows : rows + 1) * width)) return false;
  return text === null || inBody(text, 0);
}

/** Reads the rows of a column, `column` of `into`. Returns how many are null, or -1 when they have to be decoded. */
export function placeColumn(
  ctx: ExecContext,
  bytes: SyncBytes,
  body: number,
  place: PlaceableColumn,
  rows: number,
  column: number,
  into: PlacedColumns,
): number {
  const { kind, width, validity, values } = place;
  const core = ctx.kernels.get('core');
  let nulls = 0;
  for (let row = 0; row < rows; row += WINDOW_ROWS) {
    ctx.control.checkAbort();
    const n = Math.min(WINDOW_ROWS, rows - row);
    const bits = into.bits(column, row);
    let present = 0;
    if (validity) {
      bytes.readInto(bits, body + validity.offset + row / 8, Math.ceil(n / 8));
      const count = core.popcountBits(bits, n);
      nulls += n - count;
      if (count < n) present = bits;
    } else if (bits !== 0) core.appendOnes(n, bits, 0);
    const to = into.data(column, row);
    if (kind === 'fixed') {
      bytes.readInto(to, body + values.offset + row * width, n * width);
      if (present !== 0) core.zeroNulls(to, present, n, width);
    } else if (!placeStrings(ctx, bytes, body, place, row, n, present, to, into)) return -1;
  }
  return nulls;
}

/** Views of n strings from `row` on. False for offsets or text that cannot be right. */
function placeStrings(
  ctx: ExecContext,
  bytes: SyncBytes,
  body: number,
  { kind, values, text }: PlaceableColumn,
  row: number,
  n: number,
  validity: number,
  to: number,
  into: PlacedColumns,
): boolean {
  const strings = ctx.kernels.get('strings');
  const mark = ctx.scratch.mark();
  const offsets = ctx.scratch.alloc((n + 1) * 4);
  bytes.readInto(offsets, body + values.offset + row * 4, (n + 1) * 4);
  if (strings.checkOffsets(offsets, n, text!.length) >= 0) return false;
  const words = ctx.heap.refresh().u32;
  const first = words[offsets >>> 2]!;
  const length = words[(offsets >>> 2) + n]! - first;
  const block = ctx.arena.alloc(length);
  try {
    bytes.readInto(block, body + text!.offset + first, length);
    const base = (block - first) >>> 0;
    if (kind === 'text' && strings.checkUtf8(offsets, n, base, validity) >= 0) return false;
    const room = into.textRoom(ctx, length);
    into.usedText(strings.placeStrings(offsets, n, base, validity, to, room) >>> 0);
  } finally {
    ctx.arena.free(block);
    ctx.scratch.rewind(mark);
  }
  return true;
}
