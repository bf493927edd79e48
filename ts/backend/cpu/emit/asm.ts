// Bytes of a WebAssembly module. Everything is written into one buffer that is kept: building lists of numbers and
// joining them costs twenty times what the compiler does.

/** Value types. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;

let shared = new Uint8Array(1 << 16);

/** Writes the code of one function. Not re-entrant: one at a time uses the buffer. */
export class Asm {
  #buffer = shared;
  #at = 0;
  /** Types of the locals after the parameters. */
  readonly locals: number[] = [];
  readonly #params: number;

  constructor(params: number) {
    this.#params = params;
  }

  get length(): number {
    return this.#at;
  }
  get bytes(): Uint8Array {
    return this.#buffer.subarray(0, this.#at);
  }

  /** A new local of a value type. */
  local(type: number): number {
    this.locals.push(type);
    return this.#params + this.locals.length - 1;
  }

  byte(value: number): void {
    if (this.#at === this.#buffer.length) {
      shared = new Uint8Array(this.#buffer.length * 2);
      shared.set(this.#buffer);
      this.#buffer = shared;
    }
    this.#buffer[this.#at++] = value;
  }
  unsigned(value: number): void {
    let n = value >>> 0;
    while (n > 127) {
      this.byte((n & 127) | 128);
      n >>>= 7;
    }
    this.byte(n);
  }
  signed(value: number): void {
    let n = value | 0;
    for (;;) {
      const b = n & 127;
      n >>= 7;
      if ((n === 0 && !(b & 64)) || (n === -1 && b & 64)) {
        this.byte(b);
        return;
      }
      this.byte(b | 128);
    }
  }
  signed64(value: bigint): void {
    let n = BigInt.asIntN(64, value);
    for (;;) {
      const b = Number(n & 127n);
      n >>= 7n;
      if ((n === 0n && !(b & 64)) || (n === -1n && b & 64)) {
        this.byte(b);
        return;
      }
      this.byte(b | 128);
    }
  }

  get(local: number): void {
    this.byte(0x20);
    this.unsigned(local);
  }
  set(local: number): void {
    this.byte(0x21);
    this.unsigned(local);
  }
  tee(local: number): void {
    this.byte(0x22);
    this.unsigned(local);
  }
  /** One-byte instructions. */
  op(code: number): void {
    this.byte(code);
  }
  i32(value: number): void {
    this.byte(0x41);
    this.signed(value);
  }
  i64(value: bigint): void {
    this.byte(0x42);
    this.signed64(value);
  }
  f32(value: number): void {
    this.byte(0x43);
    for (const b of new Uint8Array(Float32Array.of(value).buffer)) this.byte(b);
  }
  f64(value: number): void {
    this.byte(0x44);
    for (const b of new Uint8Array(Float64Array.of(value).buffer)) this.byte(b);
  }
  call(index: number): void {
    this.byte(0x10);
    this.unsigned(index);
  }
  /** A SIMD instruction without immediates. */
  simd(code: number): void {
    this.byte(0xfd);
    this.unsigned(code);
  }
  /** A SIMD instruction with one lane number. */
  lane(code: number, lane: number): void {
    this.simd(code);
    this.byte(lane);
  }
  /** A 16-byte constant or shuffle. */
  simd16(code: number, bytes: Uint8Array | readonly number[]): void {
    this.simd(code);
    for (const b of bytes) this.byte(b);
  }
  /** A load or store at a constant offset. */
  memory(code: number, offset: number): void {
    this.byte(code);
    this.byte(0);
    this.unsigned(offset);
  }
  simdMemory(code: number, offset: number): void {
    this.simd(code);
    this.byte(0);
    this.unsigned(offset);
  }
  /** The prefixed saturating truncations. */
  truncSat(code: number): void {
    this.byte(0xfc);
    this.unsigned(code);
  }
}

const uleb = (value: number, into: number[]): void => {
  let n = value;
  while (n > 127) {
    into.push((n & 127) | 128);
    n >>>= 7;
  }
  into.push(n);
};
const text = (value: string, into: number[]): void => {
  uleb(value.length, into);
  for (let i = 0; i < value.length; i++) into.push(value.charCodeAt(i));
};
const section = (id: number, body: readonly number[], into: number[]): void => {
  into.push(id);
  uleb(body.length, into);
  for (const b of body) into.push(b);
};

/** A function of another module that the code calls: value types of its parameters and its result. */
export interface Import {
  readonly name: string;
  readonly params: readonly number[];
  readonly result: number;
}

/** The module: one function `f(args: i32)` over the shared memory, calling `imports` by their position. */
export function moduleOf(code: Asm, imports: readonly Import[]): Uint8Array {
  const types: number[] = [];
  uleb(imports.length + 1, types);
  types.push(0x60, 1, I32, 0);
  for (const f of imports) types.push(0x60, f.params.length, ...f.params, 1, f.result);

  const imported: number[] = [];
  uleb(imports.length + 1, imported);
  text('env', imported);
  text('memory', imported);
  imported.push(2, 3, 1);
  uleb(65536, imported);
  imports.forEach((f, i) => {
    text('env', imported);
    text(f.name, imported);
    imported.push(0);
    uleb(i + 1, imported);
  });

  const exported: number[] = [1];
  text('f', exported);
  exported.push(0);
  uleb(imports.length, exported);

  const runs: [number, number][] = [];
  for (const t of code.locals) {
    const last = runs[runs.length - 1];
    if (last && last[1] === t) last[0]++;
    else runs.push([1, t]);
  }
  const locals: number[] = [];
  uleb(runs.length, locals);
  for (const [n, t] of runs) {
    uleb(n, locals);
    locals.push(t);
  }

  const head = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  section(1, types, head);
  section(2, imported, head);
  section(3, [1, 0], head);
  section(7, exported, head);
  const body: number[] = [1];
  uleb(locals.length + code.length, body);
  for (const b of locals) body.push(b);
  head.push(10);
  uleb(body.length + code.length, head);
  for (const b of body) head.push(b);

  const bytes = new Uint8Array(head.length + code.length);
  bytes.set(head);
  bytes.set(code.bytes, head.length);
  return bytes;
}
