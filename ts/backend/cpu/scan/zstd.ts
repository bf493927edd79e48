// Zstandard: node:zlib where it has it (Node 22.15 and later). Otherwise a kernel of ours expands inside the heap, and
// the reference library as WebAssembly, with a memory of its own, compresses; it starts synchronously from bytes that
// travel with the kernels.
import zlib from 'node:zlib';
import type { ExecContext } from '../context.ts';
import type { Kernels } from '../kernels.ts';

/** Compresses and expands bytes outside the heap. */
export interface Zstd {
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /** Expands frames of unknown total size, at most `limitBytes`; null when the data is not that. */
  decompressBytes(bytes: Uint8Array, limitBytes: number): Uint8Array | null;
}

interface NativeZstd {
  zstdDecompressSync(bytes: Uint8Array, options?: { maxOutputLength?: number }): Buffer;
  zstdCompressSync(bytes: Uint8Array, options?: { params?: Record<number, number> }): Buffer;
  constants: { ZSTD_c_compressionLevel: number };
}

const nativeCodec = (): NativeZstd | null => {
  const native = zlib as unknown as Partial<NativeZstd>;
  return typeof native.zstdDecompressSync === 'function' ? (native as NativeZstd) : null;
};

/** Expands heap bytes into exactly `dstBytes` at `dst`; false when the data is not that. */
export function zstdExpand(ctx: ExecContext, src: number, srcBytes: number, dst: number, dstBytes: number): boolean {
  const native = nativeCodec();
  if (native === null) return zstdExpandHere(ctx, src, srcBytes, dst, dstBytes);
  const out = expandNative(native, ctx.heap.refresh().u8.subarray(src, src + srcBytes), dstBytes);
  if (out === null || out.length !== dstBytes) return false;
  ctx.heap.refresh().u8.set(out, dst);
  return true;
}

/** The same by the kernel. */
export function zstdExpandHere(
  ctx: ExecContext,
  src: number,
  srcBytes: number,
  dst: number,
  dstBytes: number,
): boolean {
  const kernels = ctx.kernels.get('zstd');
  const work = ctx.arena.alloc(kernels.zstdWorkBytes());
  const wrote = kernels.zstdDecode(src, srcBytes, dst, dstBytes, work);
  ctx.arena.free(work);
  return wrote === dstBytes;
}

function expandNative(native: NativeZstd, bytes: Uint8Array, limitBytes: number): Buffer | null {
  try {
    return native.zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, limitBytes) });
  } catch {
    return null;
  }
}

const cache = new WeakMap<Kernels, Zstd>();

/** The codec of this thread. */
export function zstdOf(kernels: Kernels): Zstd {
  let codec = cache.get(kernels);
  if (!codec) {
    const native = nativeCodec();
    codec = native ? nativeZstd(native) : wasmZstd(kernels.bytesOf('zstd-library'));
    cache.set(kernels, codec);
  }
  return codec;
}

function nativeZstd(native: NativeZstd): Zstd {
  return {
    compress: (bytes, level) =>
      native.zstdCompressSync(bytes, { params: { [native.constants.ZSTD_c_compressionLevel]: level } }),
    decompressBytes: (bytes, limitBytes) => expandNative(native, bytes, limitBytes),
  };
}

/** The exports of the package's build, whose names are shortened; the version is pinned and a test compares results. */
interface CodecExports {
  readonly f: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  g(): void;
  h(code: number): number;
  i(bytes: number): number;
  j(): number;
  l(ctx: number, dst: number, room: number, src: number, n: number, dict: number, dictBytes: number, l: number): number;
  n(): number;
  q(ctx: number, dst: number, room: number, src: number, n: number, dict: number, dictBytes: number): number;
  s(bytes: number): number;
  t(address: number): void;
}

const PAGE_BYTES = 65536;
/** Most memory the codec's own heap may take. */
const MAX_BYTES = 2 ** 31 - PAGE_BYTES;

/** The library as WebAssembly. */
export function wasmZstd(wasm: Uint8Array): Zstd {
  const grow = (wanted: number): number => {
    const memory = exports.f;
    const missing = (wanted >>> 0) - memory.buffer.byteLength;
    if (wanted >>> 0 > MAX_BYTES) return 0;
    try {
      memory.grow(Math.max(16, Math.ceil(missing / PAGE_BYTES)));
      return 1;
    } catch {
      return 0;
    }
  };
  const stop = (): never => {
    throw new Error('the zstd module stopped');
  };
  // in this order: exit, keep-alive, abort, timer, grow
  const imports = { a: { a: stop, b: () => {}, c: stop, d: () => 0, e: grow } };
  const exports = new WebAssembly.Instance(new WebAssembly.Module(wasm), imports).exports as unknown as CodecExports;
  exports.g();
  const reader = exports.n();
  const writer = exports.j();

  /** Runs with room for input and output in the codec's memory. */
  function withRoom<T>(srcBytes: number, dstBytes: number, run: (src: number, dst: number) => T): T | null {
    const src = exports.s(Math.max(1, srcBytes)) >>> 0;
    const dst = exports.s(Math.max(1, dstBytes)) >>> 0;
    try {
      return src === 0 || dst === 0 ? null : run(src, dst);
    } finally {
      if (src !== 0) exports.t(src);
      if (dst !== 0) exports.t(dst);
    }
  }
  const memory = (): Uint8Array => new Uint8Array(exports.f.buffer);

  return {
    compress(bytes, level) {
      const room = exports.i(bytes.length);
      const out = withRoom(bytes.length, room, (from, to) => {
        memory().set(bytes, from);
        const n = exports.l(writer, to, room, from, bytes.length, 0, 0, level);
        return exports.h(n) ? null : memory().slice(to, to + (n >>> 0));
      });
      if (out === null) throw new Error('zstd compression failed');
      return out;
    },
    decompressBytes(bytes, limitBytes) {
      // The frames' headers need not say how much they hold: try with more and more room.
      for (let room = Math.max(65536, bytes.length * 4); ; room *= 4) {
        const capacity = Math.min(room, limitBytes, MAX_BYTES / 2);
        const out = withRoom(bytes.length, capacity, (from, to) => {
          memory().set(bytes, from);
          const n = exports.q(reader, to, capacity, from, bytes.length, 0, 0);
          return exports.h(n) ? null : memory().slice(to, to + (n >>> 0));
        });
        if (out !== null || capacity < room) return out;
      }
    },
  };
}
