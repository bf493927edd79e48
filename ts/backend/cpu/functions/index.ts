// Every elementwise function of the CPU engine, gathered from its family's file.
import type { CpuFunction } from './contracts.ts';

const FAMILIES: readonly Readonly<Record<string, CpuFunction>>[] = [];

const ROWS: ReadonlyMap<string, CpuFunction> = new Map(FAMILIES.flatMap((f) => Object.entries(f)));

/** The row of an elementwise function, if the engine has one. */
export const elementwiseOf = (fn: string): CpuFunction | undefined => ROWS.get(fn);

/** The names of all elementwise functions. */
export const elementwiseNames = (): string[] => [...ROWS.keys()];
