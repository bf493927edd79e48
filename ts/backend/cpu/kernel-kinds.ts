// The layouts of numbers as kernels of several modules tell them apart.
import type { Physical } from '../../schema/types.ts';

/** Kinds of the kernels that take numbers as they are; layouts of 16 bytes have kernels of their own. */
export const NUMBER_KINDS: Partial<Record<Physical, number>> = {
  bit: 0,
  i8: 1,
  u8: 2,
  i16: 3,
  u16: 4,
  i32: 5,
  u32: 6,
  i64: 7,
  u64: 8,
  f32: 9,
  f64: 10,
};
