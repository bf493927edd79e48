// How many threads a call gets.
import os from 'node:os';
import { ParameterError } from '../errors.ts';

/** Below this many cells (rows × features) one thread is faster than several. */
const CELLS_FOR_THREADS = 1e5;

/** The given number, checked; without one, one thread for little work and all of the machine's for much. */
export function threadsFor(cells: number, given: number | undefined): number {
  if (given === undefined) return cells < CELLS_FOR_THREADS ? 1 : os.availableParallelism();
  if (!Number.isInteger(given) || given < 1)
    throw new ParameterError(`Expected a whole number of at least 1 for threads but received ${given}.`);
  return given;
}
