// Every elementwise function of the CPU engine, gathered from its family's file.
import { affineFunctions } from './affine.ts';
import { compareFunctions } from './compare.ts';
import type { CpuFunction } from './contracts.ts';
import { hashFunctions } from './hash.ts';
import { logicFunctions } from './logic.ts';
import { mathFunctions } from './math.ts';
import { nestedFunctions } from './nested.ts';
import { nullFunctions } from './null.ts';
import { numericFunctions } from './numeric.ts';
import { regexFunctions } from './regex.ts';
import { roundFunctions } from './round.ts';
import { stringFunctions } from './string.ts';
import { temporalFunctions } from './temporal.ts';
import { stepFunctions } from './temporal-steps.ts';
import { textTimeFunctions } from './text-time.ts';

const FAMILIES: readonly Readonly<Record<string, CpuFunction>>[] = [
  numericFunctions,
  roundFunctions,
  mathFunctions,
  logicFunctions,
  compareFunctions,
  nullFunctions,
  hashFunctions,
  nestedFunctions,
  stringFunctions,
  regexFunctions,
  textTimeFunctions,
  temporalFunctions,
  stepFunctions,
  affineFunctions,
];

const ROWS: ReadonlyMap<string, CpuFunction> = new Map(FAMILIES.flatMap((f) => Object.entries(f)));

/** The row of an elementwise function, if the engine has one. */
export const elementwiseOf = (fn: string): CpuFunction | undefined => ROWS.get(fn);

/** The names of all elementwise functions. */
export const elementwiseNames = (): string[] => [...ROWS.keys()];
