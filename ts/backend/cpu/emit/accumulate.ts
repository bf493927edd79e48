// The loop that adds the rows of a morsel to states of several aggregates that lie together: group numbers are read, and
// the entry of a group found, once for all of them.
import type { Physical } from '../../../schema/types.ts';
import { Asm, F64, I32, I64, moduleOf, V128 } from './asm.ts';
import { CONVERT, I64X2, S, V } from './opcodes.ts';
import { splat } from './program.ts';

/** One sum: the values' layout and where in an entry it lies. */
export interface SumField {
  readonly physical: Physical;
  readonly at: number;
}
/** What an entry of `stride` bytes holds; `rows` is where rows are counted, −1: nowhere. */
export interface EntryShape {
  readonly stride: number;
  readonly sums: readonly SumField[];
  readonly rows: number;
}

/** Argument block: rows, group numbers, entries, then the values of each sum; u32 each. */
export const ACCUMULATE_ARGS = { rows: 0, gids: 4, entries: 8, values: 12 } as const;

/** Loads of one value as the i64 or f64 that is added, and the bytes of one as a shift. */
const LOADS: Partial<Record<Physical, readonly [code: number, shift: number]>> = {
  i8: [S.i64Load8S, 0],
  bit: [S.i64Load8U, 0],
  u8: [S.i64Load8U, 0],
  i16: [S.i64Load16S, 1],
  u16: [S.i64Load16U, 1],
  i32: [S.i64Load32S, 2],
  u32: [S.i64Load32U, 2],
  i64: [V.load64Zero, 3],
  u64: [V.load64Zero, 3],
  f32: [S.f32Load, 2],
  f64: [S.f64Load, 3],
  i128: [S.i64Load, 4],
};

/** Bytes of a sum: small integers in 64 bits; {sum, error} of floats; 128 bits, or sums of both halves, of others. */
export const sumBytes = (physical: Physical): number =>
  ['i8', 'bit', 'u8', 'i16', 'u16', 'i32', 'u32'].includes(physical) ? 8 : 16;

/** Whether there is a sum for values of a layout. */
export const canAccumulate = (physical: Physical): boolean => LOADS[physical] !== undefined;

/** The bytes of a module with `f(args)`. */
export function emitAccumulate({ stride, sums, rows }: EntryShape): Uint8Array {
  const a = new Asm(1);
  const args = 0;
  const [end, gids, entries, i, p] = [a.local(I32), a.local(I32), a.local(I32), a.local(I32), a.local(I32)];
  const values = sums.map(() => a.local(I32));
  const x = a.local(F64);
  const s = a.local(F64);
  const t = a.local(F64);
  const b = a.local(F64);
  const low = a.local(I64);
  const old = a.local(I64);
  const at = a.local(I32);
  const halves = a.local(V128);

  const argument = (offset: number, local: number): void => {
    a.get(args);
    a.memory(S.i32Load, offset);
    a.set(local);
  };
  argument(ACCUMULATE_ARGS.rows, end);
  argument(ACCUMULATE_ARGS.gids, gids);
  argument(ACCUMULATE_ARGS.entries, entries);
  values.forEach((local, k) => {
    argument(ACCUMULATE_ARGS.values + 4 * k, local);
  });

  /** Pushes the address of row i's value of a sum. */
  const valueAddress = (k: number, shift: number): void => {
    a.get(values[k]!);
    a.get(i);
    if (shift > 0) {
      a.i32(shift);
      a.op(S.i32Shl);
    }
    a.op(S.i32Add);
  };
  const addInteger = (k: number, field: number, code: number, shift: number): void => {
    a.get(p);
    a.get(p);
    a.memory(S.i64Load, field);
    valueAddress(k, shift);
    a.memory(code, 0);
    a.op(S.i64Add);
    a.memory(S.i64Store, field);
  };
  /** {sum, error}: what the sum lost to rounding is kept (Knuth's two-sum), as in wasm/_sums.ts. */
  const addFloat = (k: number, field: number, code: number, shift: number): void => {
    valueAddress(k, shift);
    a.memory(code, 0);
    if (code === S.f32Load) a.op(S.f64FromF32);
    a.set(x);
    a.get(p);
    a.get(p);
    a.memory(S.f64Load, field);
    a.tee(s);
    a.get(x);
    a.op(S.f64Add);
    a.tee(t);
    a.memory(S.f64Store, field);
    a.get(t);
    a.get(s);
    a.op(S.f64Sub);
    a.set(b);
    a.get(p);
    a.get(p);
    a.memory(S.f64Load, field + 8);
    // (s − (t − b)) + (x − b)
    a.get(s);
    a.get(t);
    a.get(b);
    a.op(S.f64Sub);
    a.op(S.f64Sub);
    a.get(x);
    a.get(b);
    a.op(S.f64Sub);
    a.op(S.f64Add);
    a.op(S.f64Add);
    a.memory(S.f64Store, field + 8);
  };
  /** Sums of the lower and of the upper halves: no carry. Signed values are moved up by 2^63 first. */
  const addHalves = (k: number, field: number, isSigned: boolean): void => {
    a.get(p);
    a.get(p);
    a.simdMemory(V.load, field);
    valueAddress(k, 3);
    a.simdMemory(V.load64Zero, 0);
    if (isSigned) {
      a.get(halves);
      a.simd(V.xor);
    }
    a.simd(CONVERT.i64FromI32LowU);
    a.simd(I64X2.add);
    a.simdMemory(V.store, field);
  };
  const addWide = (k: number, field: number): void => {
    valueAddress(k, 4);
    a.set(at);
    a.get(p);
    a.get(p);
    a.memory(S.i64Load, field);
    a.tee(old);
    a.get(at);
    a.memory(S.i64Load, 0);
    a.op(S.i64Add);
    a.tee(low);
    a.memory(S.i64Store, field);
    a.get(p);
    a.get(p);
    a.memory(S.i64Load, field + 8);
    a.get(at);
    a.memory(S.i64Load, 8);
    a.op(S.i64Add);
    a.get(low);
    a.get(old);
    a.op(S.i64LtU);
    a.op(S.i64ExtendI32U);
    a.op(S.i64Add);
    a.memory(S.i64Store, field + 8);
  };

  if (sums.some((f) => f.physical === 'i64')) {
    a.simd16(V.const, splat('i64', 1n << 63n));
    a.set(halves);
  }
  a.op(S.loop);
  a.op(S.noResult);
  a.get(entries);
  a.get(gids);
  a.get(i);
  a.i32(2);
  a.op(S.i32Shl);
  a.op(S.i32Add);
  a.memory(S.i32Load, 0);
  a.i32(stride);
  a.op(S.i32Mul);
  a.op(S.i32Add);
  a.set(p);
  if (rows >= 0) {
    a.get(p);
    a.get(p);
    a.memory(S.i32Load, rows);
    a.i32(1);
    a.op(S.i32Add);
    a.memory(S.i32Store, rows);
  }
  sums.forEach(({ physical, at: field }, k) => {
    const [code, shift] = LOADS[physical]!;
    if (physical === 'i64' || physical === 'u64') addHalves(k, field, physical === 'i64');
    else if (physical === 'i128') addWide(k, field);
    else if (physical === 'f64' || physical === 'f32') addFloat(k, field, code, shift);
    else addInteger(k, field, code, shift);
  });
  a.get(i);
  a.i32(1);
  a.op(S.i32Add);
  a.tee(i);
  a.get(end);
  a.op(S.i32LtU);
  a.op(S.brIf);
  a.unsigned(0);
  a.op(S.end);
  a.op(S.end);
  return moduleOf(a, []);
}
