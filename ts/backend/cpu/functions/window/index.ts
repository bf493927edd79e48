// Every window function of the CPU engine.
import type { WindowKernel } from '../contracts.ts';
import { backwardFill, cumMax, cumMin, forwardFill, rollingMax, rollingMin, shift } from './moving.ts';
import { random, rank, rowIndex } from './rank.ts';
import { rollingMean, rollingMedian, rollingSum, rollingVar } from './rolling.ts';
import { cumCount, cumProd, cumSum, ewmMean } from './running.ts';

const KERNELS: ReadonlyMap<string, WindowKernel> = new Map(
  Object.entries({
    cumSum,
    cumProd,
    cumMin,
    cumMax,
    cumCount,
    shift,
    forwardFill,
    backwardFill,
    rank,
    rollingSum,
    rollingMean,
    rollingMin,
    rollingMax,
    rollingVar,
    rollingMedian,
    ewmMean,
    rowIndex,
    random,
  }),
);

/** How a window function is computed, if the engine has it. */
export const windowOf = (fn: string): WindowKernel | undefined => KERNELS.get(fn);

/** The names of all window functions. */
export const windowNames = (): string[] => [...KERNELS.keys()];
