// Files read synchronously into the heap: by the engine thread, or inline.
import fs from 'node:fs';
import { CorruptFileError, IoError } from '../../../errors.ts';
import type { FileSpec } from '../../../plan/nodes.ts';
import type { SyncBytes } from '../context.ts';
import type { Heap } from '../memory/heap.ts';
import type { HeapBytes } from './protocol.ts';

const CHUNK_BYTES = 1 << 30; // Node refuses single reads of 2 GiB and more

/** Opens a local file. A file that changed since it was probed is refused: its footer would no longer fit. */
export function openLocalFile(heap: Heap, source: Extract<FileSpec['source'], { kind: 'file' }>): SyncBytes {
  const { path } = source;
  let fd: number;
  try {
    fd = fs.openSync(path, 'r');
  } catch (error) {
    throw ioError(error, `Cannot open ${path}`, path);
  }
  const stat = fs.fstatSync(fd);
  if (stat.size !== source.sizeBytes) {
    fs.closeSync(fd);
    throw new IoError(
      'ERR_IO',
      `${path} changed between opening and reading: ${source.sizeBytes} bytes then, ${stat.size} now. Open it again.`,
      { path },
    );
  }
  const readAt = (target: Uint8Array, at: number, start: number, length: number): void => {
    for (let done = 0; done < length; ) {
      let n: number;
      try {
        n = fs.readSync(fd, target, at + done, Math.min(length - done, CHUNK_BYTES), start + done);
      } catch (error) {
        throw ioError(error, `Cannot read ${path}`, path);
      }
      if (n === 0)
        throw new CorruptFileError(
          `${path} ends at byte ${start + done}, but ${length - done} more bytes are needed there.`,
          { path, offset: start + done },
        );
      done += n;
    }
  };
  return {
    name: path,
    sizeBytes: stat.size,
    readInto: (to, start, length) => readAt(heap.refresh().u8, to, start, length),
    read(start, length) {
      const bytes = new Uint8Array(Math.max(0, Math.min(length, stat.size - start)));
      readAt(bytes, 0, start, bytes.length);
      return bytes;
    },
    close: () => fs.closeSync(fd),
  };
}

/** Bytes that the coordinator has put into the heap. */
export function openHeapBytes(heap: Heap, bytes: HeapBytes): SyncBytes {
  const check = (start: number, length: number): void => {
    if (start < 0 || start + length > bytes.length)
      throw new CorruptFileError(`The bytes end at ${bytes.length}, but ${length} are needed at ${start}.`, {
        path: '<bytes>',
        offset: start,
      });
  };
  return {
    name: '<bytes>',
    sizeBytes: bytes.length,
    readInto(to, start, length) {
      check(start, length);
      heap.refresh().u8.copyWithin(to, bytes.address + start, bytes.address + start + length);
    },
    read(start, length) {
      const n = Math.max(0, Math.min(length, bytes.length - start));
      return heap.refresh().u8.slice(bytes.address + start, bytes.address + start + n);
    },
    close() {},
  };
}

/** An error of the file system as ours. */
export function ioError(error: unknown, what: string, path: string): IoError {
  const e = error as NodeJS.ErrnoException;
  const reason =
    e.code === 'ENOENT'
      ? 'no such file'
      : e.code === 'EACCES'
        ? 'permission denied'
        : e.code === 'ENOSPC'
          ? 'the disk is full'
          : e.code === 'EISDIR'
            ? 'it is a folder'
            : e.message;
  return new IoError(
    e.code === 'ENOENT' ? 'ERR_FILE_NOT_FOUND' : 'ERR_IO',
    `${what}: ${reason}.`,
    { path, errno: e.code ?? null },
    { cause: error },
  );
}
