// The streams of node:zlib driven synchronously, a bounded piece of output at a time: engine threads have no event loop,
// and zlib's own synchronous functions want whole files in memory.
import zlib from 'node:zlib';

/** What node:zlib's streams have inside; image and archive libraries rely on it too. Checked before use. */
interface ZlibStream {
  readonly _handle: {
    writeSync(
      flush: number,
      input: Uint8Array,
      from: number,
      length: number,
      output: Uint8Array,
      to: number,
      room: number,
    ): void;
    close(): void;
    onerror: (message: string, errno: number, code: string) => void;
  };
  /** After each write: room left in the output, bytes left of the input. */
  readonly _writeState: Uint32Array;
}

export type ZlibKind = 'gunzip' | 'gzip' | 'unzstd' | 'zstd';

const OUTPUT_BYTES = 256 * 1024;
const NOTHING = new Uint8Array(0);

/** node:zlib as far as older types do not know it. */
const lateZlib = zlib as unknown as { createZstdDecompress?: () => unknown; createZstdCompress?: () => unknown };

const MAKERS: Record<ZlibKind, () => unknown> = {
  gunzip: () => zlib.createGunzip(),
  gzip: () => zlib.createGzip(),
  unzstd: () => lateZlib.createZstdDecompress?.(),
  zstd: () => lateZlib.createZstdCompress?.(),
};

/** What zstd calls the end of a frame. */
const ZSTD_END = 2;

/** Whether this Node can do it. */
export function hasZlib(kind: ZlibKind): boolean {
  return !kind.endsWith('zstd') || lateZlib.createZstdDecompress !== undefined;
}

export class SyncZlib {
  readonly #stream: ZlibStream;
  readonly #output = new Uint8Array(OUTPUT_BYTES);
  readonly #finish: number;
  #input: Uint8Array = NOTHING;
  #at = 0;
  #error: string | null = null;
  #ended = false;

  constructor(kind: ZlibKind) {
    const stream = MAKERS[kind]() as ZlibStream;
    if (typeof stream?._handle?.writeSync !== 'function' || !(stream._writeState instanceof Uint32Array))
      throw new Error(`node:zlib of ${process.version} cannot be driven synchronously`);
    stream._handle.onerror = (message) => {
      this.#error = message;
    };
    this.#stream = stream;
    this.#finish = kind.endsWith('zstd') ? ZSTD_END : zlib.constants.Z_FINISH;
  }

  /** Hands over the next input, when `next` has returned null. */
  push(input: Uint8Array): void {
    this.#input = input;
    this.#at = 0;
  }

  /** The next piece of output, good until the next call; null when the input is used up. Throws the message of zlib. */
  next(last = false): Uint8Array | null {
    const left = this.#input.length - this.#at;
    if ((left === 0 && !last) || this.#ended) return null;
    const { _handle, _writeState } = this.#stream;
    _handle.writeSync(last ? this.#finish : 0, this.#input, this.#at, left, this.#output, 0, OUTPUT_BYTES);
    if (this.#error !== null) throw new Error(this.#error);
    const made = OUTPUT_BYTES - (_writeState[0] as number);
    const rest = _writeState[1] as number;
    // Asking once more would begin another frame.
    if (last && made < OUTPUT_BYTES) this.#ended = true;
    this.#at = this.#input.length - rest;
    if (made > 0) return this.#output.subarray(0, made);
    // Neither input taken nor output made: what is left follows the end of the data.
    if (rest === left) this.#at = this.#input.length;
    return last ? null : this.next();
  }

  close(): void {
    this.#stream._handle.close();
  }
}
