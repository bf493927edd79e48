// Nodes → one wasm function over the shared memory: a loop of eight rows an iteration, one validity byte each time.
// Addresses and literals come from an argument block, so one module serves every expression of its shape.
import { type Physical, widthOf } from '../../../schema/types.ts';
import { Asm, F32, F64, I32, I64, type Import, moduleOf, V128 } from './asm.ts';
import { type LaneAsm, type LaneKind, type MathCall, type Node, vectorsOf } from './ir.ts';
import { CONVERT, I32X4, I64X2, LANE, V } from './opcodes.ts';
import {
  ARGS,
  BITS_OF_32,
  BITS_OF_64,
  type Check,
  inputAt,
  literalAt,
  type Output,
  outputAt,
  type Program,
  rowGroupBytes,
  splat,
} from './program.ts';

const VALUE_TYPE = { i32: I32, i64: I64, f32: F32, f64: F64 } as const;
const TWO_TO_ONE = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const LOW_HALVES = [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23];
const SWAP_HALVES = [8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7];
const LOAD8_U = 0x2d;
const LOAD32 = 0x28;
const STORE8 = 0x3a;
const STORE32 = 0x36;

/** Emits the module of a program. Its imports are `math` functions by name. */
export function emitModule(program: Program): { bytes: Uint8Array; imports: readonly string[] } {
  return new Emitter(program).run();
}

class Emitter {
  readonly #asm = new Asm(1);
  readonly #program: Program;
  readonly #imports: Import[] = [];
  readonly #dataPointers = new Map<number, number>();
  readonly #validPointers = new Map<number, number>();
  readonly #temps = new Map<string, number>();
  readonly #order: Node[] = [];
  #bits32: number[] = [];
  #bits64: number[] = [];

  constructor(program: Program) {
    this.#program = program;
  }

  run(): { bytes: Uint8Array; imports: readonly string[] } {
    const { outputs, checks, inputs } = this.#program;
    const asm = this.#asm;
    this.#countDemand();

    // Before the loop: pointers, literals and constants into locals.
    const left = this.#argument(ARGS.groups);
    const live = checks.length > 0 ? asm.local(I32) : -1;
    const lastRows = checks.length > 0 ? this.#argument(ARGS.lastRows) : -1;
    const data = outputs.map((_, i) => this.#argument(outputAt(i)));
    const valid = outputs.map((o, i) => (o.valid && o.storeValid ? this.#argument(outputAt(i) + 4) : -1));
    for (const n of this.#order) this.#prepare(n);
    if (outputs.some((o) => o.valid && o.physical !== 'bit') || this.#order.some((n) => n.op === 'fromMask'))
      this.#laneBits();

    asm.byte(0x02); // block
    asm.byte(0x40);
    asm.byte(0x03); // loop
    asm.byte(0x40);
    asm.get(left);
    asm.op(0x45); // eqz
    asm.byte(0x0d); // br_if 1
    asm.byte(1);

    if (checks.length > 0) {
      asm.get(lastRows);
      asm.i32(255);
      asm.get(left);
      asm.i32(1);
      asm.op(0x46); // eq
      asm.op(0x1b); // select
      asm.set(live);
      for (const c of checks) this.#check(c, left, live);
    }
    outputs.forEach((o, i) => {
      this.#output(o, data[i]!, valid[i]!);
    });

    for (const [input, pointer] of this.#dataPointers) this.#bump(pointer, rowGroupBytes(inputs[input]!));
    for (const pointer of this.#validPointers.values()) this.#bump(pointer, 1);
    outputs.forEach((o, i) => {
      this.#bump(data[i]!, rowGroupBytes(o.physical));
      if (valid[i]! >= 0) this.#bump(valid[i]!, 1);
    });
    this.#bump(left, -1);
    asm.byte(0x0c); // br 0
    asm.byte(0);
    asm.op(0x0b);
    asm.op(0x0b);
    asm.op(0x0b);
    return { bytes: moduleOf(asm, this.#imports), imports: this.#imports.map((i) => i.name) };
  }

  /** How often each value is wanted within one iteration: what is wanted more than once is kept in locals. */
  #countDemand(): void {
    const visit = (n: Node, times: number): void => {
      n.demand += times;
      if (n.demand > times) return;
      this.#order.push(n);
      const each = n.op === 'widen' || n.op === 'lanes' || n.op === 'fromMask' ? 2 : 1;
      for (const a of n.args) visit(a, each);
    };
    for (const c of this.#program.checks) visit(c.mask, 1);
    for (const o of this.#program.outputs) {
      visit(o.value, 1);
      if (o.valid) visit(o.valid, o.physical === 'bit' ? 1 : 2);
    }
  }

  #argument(offset: number): number {
    const l = this.#asm.local(I32);
    this.#asm.get(0);
    this.#asm.memory(LOAD32, offset);
    this.#asm.set(l);
    return l;
  }

  #prepare(n: Node): void {
    const asm = this.#asm;
    const { outputs, inputs } = this.#program;
    switch (n.op) {
      case 'load':
      case 'loadMask':
        if (!this.#dataPointers.has(n.imm))
          this.#dataPointers.set(n.imm, this.#argument(inputAt(outputs.length, n.imm)));
        break;
      case 'valid':
        if (!this.#validPointers.has(n.imm))
          this.#validPointers.set(n.imm, this.#argument(inputAt(outputs.length, n.imm) + 4));
        break;
      case 'litMask':
        n.locals = [this.#argument(literalAt(outputs.length, inputs.length, n.imm))];
        break;
      case 'lit': {
        const l = asm.local(V128);
        asm.get(0);
        asm.simdMemory(
          vectorsOf(n.kind as LaneKind) === 2 ? V.load32Splat : V.load64Splat,
          literalAt(outputs.length, inputs.length, n.imm),
        );
        asm.set(l);
        n.locals = [l];
        break;
      }
      case 'const': {
        const l = asm.local(V128);
        asm.simd16(V.const, splat(n.kind as LaneKind, n.value!));
        asm.set(l);
        n.locals = [l];
        break;
      }
      default:
    }
  }

  /** Constants that pick row r's bit in lane r. */
  #laneBits(): void {
    const make = (bytes: Uint8Array): number => {
      const l = this.#asm.local(V128);
      this.#asm.simd16(V.const, bytes);
      this.#asm.set(l);
      return l;
    };
    this.#bits32 = BITS_OF_32.map(make);
    this.#bits64 = BITS_OF_64.map(make);
  }

  #bump(local: number, by: number): void {
    const asm = this.#asm;
    asm.get(local);
    asm.i32(by);
    asm.op(0x6a);
    asm.set(local);
  }

  #check(c: Check, left: number, live: number): void {
    const asm = this.#asm;
    const rows = asm.local(I32);
    this.#mask(c.mask);
    asm.get(live);
    asm.op(0x71);
    asm.tee(rows);
    asm.byte(0x04); // if
    asm.byte(0x40);
    const store = (offset: number, push: () => void): void => {
      asm.get(0);
      push();
      asm.memory(STORE32, offset);
    };
    store(ARGS.faultLeft, () => asm.get(left));
    store(ARGS.faultId, () => asm.i32(c.id + 1));
    store(ARGS.faultRows, () => asm.get(rows));
    asm.op(0x0f); // return
    asm.op(0x0b);
  }

  #output(o: Output, data: number, valid: number): void {
    const asm = this.#asm;
    if (o.physical === 'bit') {
      asm.get(data);
      this.#mask(o.value);
      asm.memory(STORE8, 0);
    } else {
      const kind = o.value.kind as LaneKind;
      const count = vectorsOf(kind);
      let mask = -1;
      if (o.valid) {
        this.#mask(o.valid);
        mask = o.valid.locals?.[0] ?? asm.local(I32);
        asm.set(mask);
      }
      const narrow = widthOf(o.physical) < 4;
      if (mask < 0 && !narrow) {
        for (let k = 0; k < count; k++) {
          asm.get(data);
          this.#vector(o.value, k);
          asm.simdMemory(V.store, k * 16);
        }
      } else {
        const regs = Array.from({ length: count }, () => asm.local(V128));
        for (let k = 0; k < count; k++) {
          this.#vector(o.value, k);
          asm.set(regs[k]!);
        }
        if (mask >= 0) this.#zeroNulls(kind, regs, mask);
        if (narrow) this.#storeNarrow(o.physical, data, regs);
        else
          for (let k = 0; k < count; k++) {
            asm.get(data);
            asm.get(regs[k]!);
            asm.simdMemory(V.store, k * 16);
          }
      }
    }
    if (valid >= 0) {
      asm.get(valid);
      this.#mask(o.valid!);
      asm.memory(STORE8, 0);
    }
  }

  /** Only where a null is near: most groups of eight have none. */
  #zeroNulls(kind: LaneKind, regs: readonly number[], mask: number): void {
    const asm = this.#asm;
    asm.get(mask);
    asm.i32(255);
    asm.op(0x47); // ne
    asm.byte(0x04);
    asm.byte(0x40);
    regs.forEach((r, k) => {
      asm.get(r);
      this.#lanesOfMask(mask, vectorsOf(kind), k);
      asm.simd(V.and);
      asm.set(r);
    });
    asm.op(0x0b);
  }

  /** Lanes of ones where the mask's bits are set: vector k of a bundle of `count`. */
  #lanesOfMask(mask: number, count: 2 | 4, k: number): void {
    const asm = this.#asm;
    asm.get(mask);
    if (count === 2) {
      asm.simd(LANE.i32.splat);
      asm.get(this.#bits32[k]!);
      asm.simd(V.and);
      asm.get(this.#bits32[k]!);
      asm.simd(I32X4.eq);
    } else {
      asm.op(0xad); // i64.extend_i32_u
      asm.simd(LANE.i64.splat);
      asm.get(this.#bits64[k]!);
      asm.simd(V.and);
      asm.get(this.#bits64[k]!);
      asm.simd(I64X2.eq);
    }
  }

  /** Values are within range, so the saturating instructions only pack. */
  #storeNarrow(physical: Physical, data: number, regs: readonly number[]): void {
    const asm = this.#asm;
    asm.get(data);
    asm.get(regs[0]!);
    asm.get(regs[1]!);
    if (physical === 'i16' || physical === 'u16') {
      asm.simd(physical === 'i16' ? CONVERT.narrowI32ToI16S : CONVERT.narrowI32ToI16U);
      asm.simdMemory(V.store, 0);
      return;
    }
    const both = asm.local(V128);
    asm.simd(CONVERT.narrowI32ToI16S);
    asm.tee(both);
    asm.get(both);
    asm.simd(physical === 'i8' ? CONVERT.narrowI16ToI8S : CONVERT.narrowI16ToI8U);
    asm.simdMemory(V.store64Lane, 0);
    asm.byte(0);
  }

  /** Pushes an eight-bit mask. */
  #mask(n: Node): void {
    const asm = this.#asm;
    if (n.locals) {
      asm.get(n.locals[0]!);
      return;
    }
    switch (n.op) {
      case 'loadMask':
        asm.get(this.#dataPointers.get(n.imm)!);
        asm.memory(LOAD8_U, 0);
        break;
      case 'valid':
        asm.get(this.#validPointers.get(n.imm)!);
        asm.memory(LOAD8_U, 0);
        break;
      case 'constMask':
        asm.i32(n.imm);
        return;
      case 'mask':
        this.#mask(n.args[0]!);
        this.#mask(n.args[1]!);
        asm.op(n.imm);
        break;
      case 'toMask':
        this.#bitsOf(n.args[0]!);
        break;
      default:
        throw new Error(`not a mask: ${n.op}`);
    }
    if (n.demand > 1) {
      n.locals = [asm.local(I32)];
      asm.tee(n.locals[0]!);
    }
  }

  /** Lanes of ones and zeroes, narrowed to 16 bits, give eight sign bits. */
  #bitsOf(n: Node): void {
    const asm = this.#asm;
    if (vectorsOf(n.kind as LaneKind) === 2) {
      this.#vector(n, 0);
      this.#vector(n, 1);
    } else {
      for (const k of [0, 2]) {
        this.#vector(n, k);
        this.#vector(n, k + 1);
        asm.simd16(V.shuffle, TWO_TO_ONE);
      }
    }
    asm.simd(CONVERT.narrowI32ToI16S);
    asm.simd(CONVERT.i16Bitmask);
  }

  /** Pushes vector k of a bundle. */
  #vector(n: Node, k: number): void {
    const asm = this.#asm;
    if (n.op === 'lit' || n.op === 'const') {
      asm.get(n.locals![0]!);
      return;
    }
    const kept = n.locals?.[k];
    if (kept !== undefined && kept >= 0) {
      asm.get(kept);
      return;
    }
    this.#compute(n, k);
    if (n.demand > 1) {
      n.locals ??= new Array<number>(vectorsOf(n.kind as LaneKind)).fill(-1);
      n.locals[k] = asm.local(V128);
      asm.tee(n.locals[k]!);
    }
  }

  /** Computes vector k into its local. */
  #keep(n: Node, k: number): void {
    if (n.op === 'lit' || n.op === 'const') return;
    if ((n.locals?.[k] ?? -1) >= 0) return;
    this.#vector(n, k);
    this.#asm.op(0x1a); // drop
  }

  #compute(n: Node, k: number): void {
    const asm = this.#asm;
    const a = n.args[0];
    switch (n.op) {
      case 'load':
        asm.get(this.#dataPointers.get(n.imm)!);
        this.#load(n.physical!, k);
        return;
      case 'simd':
        for (const x of n.args) this.#vector(x, k);
        asm.simd(n.imm);
        return;
      case 'shift':
        this.#vector(a!, k);
        asm.i32(n.imm2);
        asm.simd(n.imm);
        return;
      case 'widen':
        this.#vector(a!, k >> 1);
        if (k & 1 && n.imm2 < 0) {
          const half = asm.local(V128);
          asm.tee(half);
          asm.get(half);
          asm.simd16(V.shuffle, SWAP_HALVES);
        }
        asm.simd(k & 1 && n.imm2 >= 0 ? n.imm2 : n.imm);
        return;
      case 'narrow':
        this.#vector(a!, 2 * k);
        if (n.imm >= 0) asm.simd(n.imm);
        this.#vector(a!, 2 * k + 1);
        if (n.imm >= 0) asm.simd(n.imm);
        asm.simd16(V.shuffle, n.imm >= 0 ? LOW_HALVES : TWO_TO_ONE);
        return;
      case 'fromMask':
        // The mask is asked for once a vector, so it has a local after the first time.
        this.#mask(a!);
        if (!a!.locals) {
          a!.locals = [asm.local(I32)];
          asm.set(a!.locals[0]!);
        } else asm.op(0x1a);
        this.#lanesOfMask(a!.locals[0]!, vectorsOf(n.kind as LaneKind), k);
        return;
      case 'lanes':
        this.#lanes(n, k);
        return;
      default:
        throw new Error(`not a vector: ${n.op}`);
    }
  }

  #load(physical: Physical, k: number): void {
    const asm = this.#asm;
    switch (physical) {
      case 'i8':
      case 'u8':
        asm.simdMemory(V.load32Zero, k * 4);
        asm.simd(physical === 'i8' ? CONVERT.i16FromI8S : CONVERT.i16FromI8U);
        asm.simd(physical === 'i8' ? CONVERT.i32FromI16S : CONVERT.i32FromI16U);
        return;
      case 'i16':
        asm.simdMemory(V.load16x4S, k * 8);
        return;
      case 'u16':
        asm.simdMemory(V.load16x4U, k * 8);
        return;
      default:
        asm.simdMemory(V.load, k * 16);
    }
  }

  #lanes(n: Node, k: number): void {
    const asm = this.#asm;
    const kind = n.kind as LaneKind;
    const per = 8 / vectorsOf(kind);
    // Arguments first, into locals: computing one within another's code would overwrite its temporaries.
    for (const x of n.args) {
      const argPer = 8 / vectorsOf(x.kind as LaneKind);
      const last = Math.floor((k * per + per - 1) / argPer);
      for (let v = Math.floor((k * per) / argPer); v <= last; v++) this.#keep(x, v);
    }
    const read = n.args.map((x) => (row: number): void => {
      const argKind = x.kind as LaneKind;
      const argPer = 8 / vectorsOf(argKind);
      this.#vector(x, Math.floor(row / argPer));
      asm.lane(LANE[argKind].extract, row % argPer);
    });
    for (let j = 0; j < per; j++) {
      const row = k * per + j;
      const at: LaneAsm = {
        asm,
        arg: (i) => read[i]!(row),
        call: (fn) => asm.call(this.#import(fn)),
        temp: (t, i) => this.#temp(t, i),
      };
      n.code!(at);
      if (j === 0) asm.simd(LANE[kind].splat);
      else asm.lane(LANE[kind].replace, j);
    }
  }

  #temp(kind: LaneKind, index: number): number {
    const key = `${kind}${index}`;
    let l = this.#temps.get(key);
    if (l === undefined) {
      l = this.#asm.local(VALUE_TYPE[kind]);
      this.#temps.set(key, l);
    }
    return l;
  }

  #import(fn: MathCall): number {
    const at = this.#imports.findIndex((i) => i.name === fn.name);
    if (at >= 0) return at;
    this.#imports.push({
      name: fn.name,
      params: fn.params.map((p) => VALUE_TYPE[p]),
      result: VALUE_TYPE[fn.result],
    });
    return this.#imports.length - 1;
  }
}
