// Sources of a scan: what a user names → files with sizes, and their bytes for probing.
import { close as closeFile, open, read, type Stats, stat } from 'node:fs';
import { CorruptFileError, IoError } from '../errors.ts';
import type { FileSpec } from '../plan/nodes.ts';
import type { ByteSource } from './byte-source.ts';

type BytesSource = Extract<FileSpec['source'], { kind: 'bytes' }>;

/** Bytes in memory, held by the source that names them: they go when the last plan over it goes. */
const held = new WeakMap<BytesSource, Uint8Array>();
let nextId = 1;

/** Bytes as a source. */
export function bytesSource(bytes: Uint8Array): BytesSource {
  const source: BytesSource = Object.freeze({ kind: 'bytes', id: nextId++, sizeBytes: bytes.length });
  held.set(source, bytes);
  return source;
}

/** The bytes of a source of this process. */
export function bytesOf(source: BytesSource): Uint8Array {
  const bytes = held.get(source);
  if (!bytes) throw new IoError('ERR_IO', 'The plan reads bytes of another process. Give them to the reader here.', {});
  return bytes;
}

/** A local file as a source. `known`: what was found out of it just now. */
export async function fileSource(path: string, known?: Stats): Promise<Extract<FileSpec['source'], { kind: 'file' }>> {
  try {
    const found = known ?? (await statFile(path));
    if (!found.isFile())
      throw new IoError(
        'ERR_IO',
        `Expected a file but ${path} is a folder or device. Name a file or a glob like "${path}/**/*.parquet".`,
        { path },
      );
    return { kind: 'file', path, sizeBytes: found.size, modifiedMs: Math.round(found.mtimeMs) };
  } catch (error) {
    if (error instanceof IoError) throw error;
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT')
      throw new IoError('ERR_FILE_NOT_FOUND', `No file ${path} (in ${process.cwd()}).`, { path }, { cause: error });
    throw new IoError('ERR_IO', `Cannot read ${path}: ${(error as Error).message}.`, { path }, { cause: error });
  }
}

/** Opens a source for probing on the calling thread. */
export async function openSource(source: FileSpec['source']): Promise<ByteSource> {
  if (source.kind === 'bytes') {
    const bytes = bytesOf(source);
    return {
      name: '<bytes>',
      sizeBytes: bytes.length,
      read: async (start, end) => bytes.slice(start, end),
      close: async () => {},
    };
  }
  if (source.kind === 'http') {
    const { openHttp } = await import('./http-source.ts');
    return openHttp(source);
  }
  const fd = await openFile(source.path);
  return {
    name: source.path,
    sizeBytes: source.sizeBytes,
    async read(start, end) {
      const bytes = Buffer.allocUnsafeSlow(Math.max(0, Math.min(end, source.sizeBytes) - start));
      let done = 0;
      while (done < bytes.length) {
        const bytesRead = await readFile(fd, bytes, done, start + done);
        if (bytesRead === 0)
          throw new CorruptFileError(
            `${source.path} ends at byte ${start + done}; it was ${source.sizeBytes} bytes long when it was opened.`,
            { path: source.path, offset: start + done },
          );
        done += bytesRead;
      }
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length);
    },
    // What was read is there: closing is not waited for.
    close: async () => closeFile(fd, () => {}),
  };
}

// Handles of `node:fs/promises` take twice as long as these, and opening a file is half of a small query. Loading that
// module takes longer still.

/** What is known of a file. */
export const statFile = (path: string): Promise<Stats> =>
  new Promise((resolve, reject) => {
    stat(path, (error, found) => (error ? reject(error) : resolve(found)));
  });

const openFile = (path: string): Promise<number> =>
  new Promise((resolve, reject) => {
    open(path, 'r', (error, fd) => (error ? reject(error) : resolve(fd)));
  });

const readFile = (fd: number, bytes: Uint8Array, at: number, position: number): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, bytes, at, bytes.length - at, position, (error, n) => (error ? reject(error) : resolve(n)));
  });
