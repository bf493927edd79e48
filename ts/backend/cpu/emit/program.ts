// What a module computes and where its arguments lie: shared by the emitter and those who call its modules.
import { type Physical, widthOf } from '../../../schema/types.ts';
import type { LaneKind, Node } from './ir.ts';

/** One result column; `valid` null: never null. */
export interface Output {
  readonly value: Node;
  readonly valid: Node | null;
  readonly physical: Physical;
  /** False: the caller does not ask for the bitmap (a predicate is zero under null anyway). */
  readonly storeValid: boolean;
}
/** Rows at which the query fails: `mask` has bits of valid rows only. */
export interface Check {
  readonly mask: Node;
  readonly id: number;
}
export interface Program {
  readonly outputs: readonly Output[];
  readonly checks: readonly Check[];
  readonly inputs: readonly Physical[];
  readonly literals: number;
}

/** Where things lie in the argument block. All addresses and counts are u32. */
export const ARGS = {
  /** Groups of eight rows. */
  groups: 0,
  /** Which of the last group's rows exist, as a mask. */
  lastRows: 4,
  /** Set on failure: groups left (the failing one included), check id + 1, rows. */
  faultLeft: 8,
  faultId: 12,
  faultRows: 16,
  outputs: 32,
} as const;
export const outputAt = (i: number): number => ARGS.outputs + i * 8;
export const inputAt = (outputs: number, i: number): number => ARGS.outputs + (outputs + i) * 8;
export const literalAt = (outputs: number, inputs: number, i: number): number =>
  ARGS.outputs + (outputs + inputs + i) * 8;

/** Row r's bit in lane r, for each vector of a bundle. */
export const BITS_OF_32 = [0, 1].map(
  (k) => new Uint8Array(Int32Array.from([0, 1, 2, 3], (i) => 1 << (k * 4 + i)).buffer),
);
export const BITS_OF_64 = [0, 1, 2, 3].map(
  (k) => new Uint8Array(BigInt64Array.from([0, 1], (i) => 1n << BigInt(k * 2 + i)).buffer),
);

/** Bytes of eight rows. */
export const rowGroupBytes = (physical: Physical): number => (physical === 'bit' ? 1 : widthOf(physical) * 8);

/** A number in all lanes. */
export function splat(kind: LaneKind, value: number | bigint): Uint8Array {
  switch (kind) {
    case 'i32':
      return new Uint8Array(Int32Array.from([0, 1, 2, 3], () => Number(value)).buffer);
    case 'i64':
      return new Uint8Array(BigInt64Array.from([0, 1], () => BigInt.asIntN(64, BigInt(value))).buffer);
    case 'f32':
      return new Uint8Array(Float32Array.from([0, 1, 2, 3], () => Number(value)).buffer);
    case 'f64':
      return new Uint8Array(Float64Array.from([0, 1], () => Number(value)).buffer);
  }
}
