// The buffers of a message, read from the file straight into the heap.
import { CorruptFileError } from '../../../../errors.ts';
import type { ArrowBatchHeader } from '../../../../source/arrow-flatbuffer.ts';
import type { BatchBody } from '../../../ipc/decode-batch.ts';
import { expandLz4Frame } from '../../../ipc/lz4.ts';
import type { ExecContext, SyncBytes } from '../../context.ts';
import { decompress, plausibleSize } from '../codecs.ts';

/** What a batch's body is made of. `blocks` owns the memory. */
interface HeapBodyOptions {
  readonly ctx: ExecContext;
  readonly bytes: SyncBytes;
  readonly header: ArrowBatchHeader;
  readonly offset: number;
  readonly bodyOffset: number;
  readonly bodyBytes: number;
  readonly blocks: number[];
}

/** A body whose buffers are views of shared memory, each in a place of its own. */
export interface HeapBody extends BatchBody {
  /** Reads buffers [from, to) at once where they lie in order, as they do in every known writer's files. */
  load(from: number, to: number): void;
}

export function heapBody(o: HeapBodyOptions): HeapBody {
  const { ctx, header } = o;
  const loaded = new Map<number, Uint8Array>();

  function fail(what: string): never {
    throw new CorruptFileError(
      `${o.bytes.name} is corrupt: ${what} in the Arrow batch at byte ${o.offset}. Write the file again.`,
      { path: o.bytes.name, offset: o.offset },
    );
  }
  function take(bytes: number): number {
    const address = ctx.arena.alloc(bytes);
    o.blocks.push(address);
    return address;
  }
  const viewOf = (address: number, bytes: number): Uint8Array =>
    ctx.heap.refresh().u8.subarray(address, address + bytes);

  /** Bytes [start, end) of the body, in the heap. */
  function readBody(start: number, end: number): number {
    if (end > o.bodyBytes) fail(`a buffer up to byte ${end} of a body of ${o.bodyBytes}`);
    const address = take(end - start);
    if (end > start) o.bytes.readInto(address, o.bodyOffset + start, end - start);
    return address;
  }

  function load(from: number, to: number): void {
    const parts = header.buffers.slice(from, to);
    const start = parts[0]?.offset ?? 0;
    let end = start;
    const inOrder = parts.every((b) => {
      const follows = b.offset >= end && b.offset - end < 4096;
      end = b.offset + b.length;
      return follows;
    });
    // Buffers that overlap get places of their own: what is zeroed under nulls of one must not reach another.
    if (!inOrder || header.compression !== null) return;
    const address = readBody(start, end);
    parts.forEach((b, i) => {
      loaded.set(from + i, viewOf(address + b.offset - start, b.length));
    });
  }

  function expand(start: number, length: number): Uint8Array {
    if (length === 0) return viewOf(take(0), 0);
    if (length < 8) fail(`a compressed buffer of ${length} bytes`);
    const src = readBody(start, start + length);
    const declared = Number(ctx.heap.refresh().view.getBigInt64(src, true));
    const srcBytes = length - 8;
    // Not made smaller by compression, so stored as it is.
    if (declared === -1) return viewOf(src + 8, srcBytes);
    const codec = header.compression === 'lz4' ? 'LZ4' : 'ZSTD';
    if (declared < 0 || !plausibleSize(codec, srcBytes, declared))
      fail(`a buffer said to expand from ${srcBytes} to ${declared} bytes`);
    const dst = take(declared);
    const good =
      header.compression === 'lz4'
        ? expandFrame(ctx, src + 8, srcBytes, dst, declared)
        : declared === 0 || decompress(ctx, codec, { src: src + 8, srcBytes, dst, dstBytes: declared });
    if (!good) fail(`a buffer that is not ${header.compression} data`);
    ctx.arena.free(src);
    o.blocks.splice(o.blocks.indexOf(src), 1);
    return viewOf(dst, declared);
  }

  return {
    path: o.bytes.name,
    offset: o.offset,
    load,
    buffer(index) {
      let bytes = loaded.get(index);
      if (!bytes) {
        const { offset, length } = header.buffers[index]!;
        bytes =
          header.compression === null
            ? viewOf(readBody(offset, offset + length), length)
            : expand(offset, checkEnd(offset, length));
        loaded.set(index, bytes);
      }
      return bytes;
    },
    room(bytes) {
      return viewOf(take(bytes), bytes).fill(0);
    },
  };

  function checkEnd(offset: number, length: number): number {
    if (offset + length > o.bodyBytes) fail(`a buffer up to byte ${offset + length} of a body of ${o.bodyBytes}`);
    return length;
  }
}

function expandFrame(ctx: ExecContext, src: number, srcBytes: number, dst: number, dstBytes: number): boolean {
  const kernels = ctx.kernels.get('codecs');
  const { u8 } = ctx.heap.refresh();
  return expandLz4Frame(u8.subarray(src, src + srcBytes), u8.subarray(dst, dst + dstBytes), (at, end, start, floor) =>
    kernels.lz4Decode(src + at, end - at, dst + start, dstBytes - start, dst + floor),
  );
}
