// Zstandard: node:zlib where it has it (Node 22.15 and later), otherwise the reference library as WebAssembly with a
// memory of its own, started synchronously from bytes that travel with the kernels.
import zlib from 'node:zlib';
import type { Kernels } from '../kernels.ts';
import type { Heap } from '../memory/heap.ts';

/** Compresses and expands between places of the heap. */
export interface Zstd {
  /** Expands into exactly `dstBytes`; false when the data is not that. */
  decompress(heap: Heap, src: number, srcBytes: number, dst: number, dstBytes: number): boolean;
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /** Expands frames of unknown total size, at most `limitBytes`; null when the data is not that. */
  decompressBytes(bytes: Uint8Array, limitBytes: number): Uint8Array | null;
}

interface NativeZstd {
  zstdDecompressSync(bytes: Uint8Array, options?: { maxOutputLength?: number }): Buffer;
  zstdCompressSync(bytes: Uint8Array, options?: { params?: Record<number, number> }): Buffer;
  constants: { ZSTD_c_compressionLevel: number };
}

const cache = new WeakMap<Kernels, Zstd>();

/** The codec of this thread. */
export function zstdOf(kernels: Kernels): Zstd {
  let codec = cache.get(kernels);
  if (!codec) {
    const native = zlib as unknown as Partial<NativeZstd>;
    codec =
      typeof native.zstdDecompressSync === 'function'
        ? nativeZstd(native as NativeZstd)
        : wasmZstd(kernels.bytesOf('zstd'));
    cache.set(kernels, codec);
  }
  return codec;
}

function nativeZstd(native: NativeZstd): Zstd {
  const expand = (bytes: Uint8Array, limitBytes: number): Buffer | null => {
    try {
      return native.zstdDecompressSync(bytes, { maxOutputLength: Math.max(1, limitBytes) });
    } catch {
      return null;
    }
  };
  return {
    decompress(heap, src, srcBytes, dst, dstBytes) {
      const out = expand(heap.refresh().u8.subarray(src, src + srcBytes), dstBytes);
      if (out === null || out.length !== dstBytes) return false;
      heap.u8.set(out, dst);
      return true;
    },
    compress: (bytes, level) =>
      native.zstdCompressSync(bytes, { params: { [native.constants.ZSTD_c_compressionLevel]: level } }),
    decompressBytes: expand,
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
    decompress(heap, src, srcBytes, dst, dstBytes) {
      return (
        withRoom(srcBytes, dstBytes, (from, to) => {
          const own = memory();
          own.set(heap.refresh().u8.subarray(src, src + srcBytes), from);
          if (exports.q(reader, to, dstBytes, from, srcBytes, 0, 0) >>> 0 !== dstBytes) return false;
          heap.u8.set(own.subarray(to, to + dstBytes), dst);
          return true;
        }) ?? false
      );
    },
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
