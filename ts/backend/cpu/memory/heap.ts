// The shared heap: one WebAssembly.Memory and typed-array views of it that are made again after it has grown.

/** Where the arena starts: below are the null page, control blocks and the kernels' static data. */
export const ARENA_START = 4 << 20;
/** Where threads that share a query keep their free regions (shared-regions.ts); kernels' static data ends below. */
export const SHARED_REGIONS_AT = ARENA_START - (512 << 10);
/** Most a 32-bit wasm memory can hold, in pages of 64 KiB. */
export const MAX_PAGES = 65536;
export const PAGE_BYTES = 65536;

/**
 * Typed views of the shared memory. Growing leaves old views valid but short, and reading past their end gives
 * `undefined` without an error: call `refresh()` after anything that may allocate, and never keep a view.
 */
export class Heap {
  u8!: Uint8Array;
  i8!: Int8Array;
  u16!: Uint16Array;
  i16!: Int16Array;
  u32!: Uint32Array;
  i32!: Int32Array;
  f32!: Float32Array;
  f64!: Float64Array;
  i64!: BigInt64Array;
  u64!: BigUint64Array;
  view!: DataView;
  /** Latin-1 and UTF-8 decoding without a copy. */
  buffer!: Buffer;
  #seen: SharedArrayBuffer | null = null;
  readonly memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.memory = memory;
    this.refresh();
  }

  static create(): Heap {
    return new Heap(
      new WebAssembly.Memory({ initial: (2 * ARENA_START) / PAGE_BYTES, maximum: MAX_PAGES, shared: true }),
    );
  }

  /** Makes the views again if the memory has grown; one getter and a compare otherwise. */
  refresh(): this {
    const b = this.memory.buffer;
    if (b === this.#seen) return this;
    this.#seen = b;
    this.u8 = new Uint8Array(b);
    this.i8 = new Int8Array(b);
    this.u16 = new Uint16Array(b);
    this.i16 = new Int16Array(b);
    this.u32 = new Uint32Array(b);
    this.i32 = new Int32Array(b);
    this.f32 = new Float32Array(b);
    this.f64 = new Float64Array(b);
    this.i64 = new BigInt64Array(b);
    this.u64 = new BigUint64Array(b);
    this.view = new DataView(b);
    this.buffer = Buffer.from(b as unknown as ArrayBuffer);
    return this;
  }

  /** `refresh`, and no view is too short for what another thread has grown: growing by nothing makes this one see it. */
  catchUp(): this {
    this.memory.grow(0);
    return this.refresh();
  }

  get sizeBytes(): number {
    return this.memory.buffer.byteLength;
  }
}
