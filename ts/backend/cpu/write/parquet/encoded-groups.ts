// Row groups encoded on one thread and put into the file by another: bytes in the order of the file, then what the footer
// has to say of them.
import v8 from 'node:v8';
import type { Schema } from '../../../../schema/types.ts';
import type { ExecContext } from '../../context.ts';
import type { ByteSink } from '../writer.ts';
import type { ChunkInfo } from './chunk-info.ts';
import type { ParquetFileWriter } from './open-writer.ts';
import { type OnGroup, RowGroupWriter } from './row-groups.ts';

/** A text of a batch that is bytes of the file; other texts end a row group of so many rows. */
const FILE_BYTES = -1;

/** As it crosses threads; positions count from the row group's first byte. */
interface EncodedGroup {
  readonly bytes: number;
  readonly columns: readonly Omit<ChunkInfo, 'leaf'>[];
}

/** Passes on heap bytes, and how many rows end with them, or FILE_BYTES. */
type Send = (ctx: ExecContext, address: number, length: number, rows: number) => void;

/** Encodes row groups; all that belongs to them goes to `send`, whose bytes are gone when it returns. */
export function openGroupEncoder(
  ctx: ExecContext,
  schema: Schema,
  options: { readonly [name: string]: unknown },
  send: Send,
  share = 1,
): RowGroupWriter {
  let position = 0;
  const sendCopy = (to: ExecContext, bytes: Uint8Array, rows: number): void => {
    const mark = to.scratch.mark();
    const address = to.scratch.alloc(bytes.length);
    to.heap.refresh().u8.set(bytes, address);
    send(to, address, bytes.length, rows);
    to.scratch.rewind(mark);
  };
  const sink = {
    get position() {
      return position;
    },
    writeHeap(address: number, length: number) {
      send(ctx, address, length, FILE_BYTES);
      position += length;
    },
    write(bytes: Uint8Array) {
      sendCopy(ctx, bytes, FILE_BYTES);
      position += bytes.length;
    },
  };
  const sendGroup: OnGroup = (to, rows, infos) => {
    const group: EncodedGroup = { bytes: position, columns: infos.map(({ leaf: _, ...rest }) => rest) };
    sendCopy(to, v8.serialize(group), rows);
    position = 0;
  };
  return new RowGroupWriter(sink, schema, options, sendGroup, share);
}

/** Puts what an encoder sent into the file; returns the rows that ended with it. */
export function takeEncoded(
  ctx: ExecContext,
  sent: { readonly address: number; readonly length: number; readonly rows: number },
  file: ByteSink,
  writer: ParquetFileWriter,
): number {
  const { address, length, rows } = sent;
  if (rows === FILE_BYTES) {
    file.writeHeap(address, length);
    return 0;
  }
  const { bytes, columns } = v8.deserialize(ctx.heap.refresh().u8.slice(address, address + length)) as EncodedGroup;
  const start = file.position - bytes;
  writer.takeGroup(
    rows,
    columns.map((c, i) => ({
      ...c,
      leaf: writer.leaves[i]!,
      dictionaryOffset: c.dictionaryOffset < 0 ? -1 : c.dictionaryOffset + start,
      dataOffset: c.dataOffset + start,
    })),
  );
  return rows;
}
