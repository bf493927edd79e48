// Sizes from which on threads share work. Tests make them small, so that small frames take every path.
import { MORSEL_ROWS } from './vector.ts';

export interface Tuning {
  /** Inputs of fewer rows are quicker on one thread. */
  readonly minRows: number;
  /** Rows of a piece, a multiple of 64. The number of threads must not show in results, so it depends on nothing else. */
  readonly pieceRows: number;
  /** Bytes of a piece of a text file. */
  readonly pieceBytes: number;
  /** Bytes that a step may hold before it spills, from the first try on; absent: what follows from the memory limit. */
  readonly spillBytes?: number;
}

export const DEFAULT_TUNING: Tuning = { minRows: 200_000, pieceRows: 2 * MORSEL_ROWS, pieceBytes: 8 << 20 };
