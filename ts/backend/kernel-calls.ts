// The records of every kernel call: what goes in and what comes out, the same on each backend. A kernel whose name ends
// in `.step` changes the state it is given; others only read their inputs.
import type { JsonObject, NumberArray } from './backend.ts';

/** The parts of a call that its kernel declares; what is absent is empty. */
interface CallRecord {
  readonly params?: JsonObject;
  readonly arraysIn?: { readonly [name: string]: NumberArray };
  readonly json?: JsonObject;
  readonly arrays?: { readonly [name: string]: NumberArray };
}

export interface KernelCalls {
  /**
   * Counts what training may not take, per Float64 column of a table `(nRows, nColumns)`: nulls, NaN, infinities.
   */
  'features.check': {
    arrays: { nulls: Float64Array; nans: Float64Array; infinities: Float64Array };
  };
  /**
   * Sums what least squares need, in one pass over a plan whose columns are the features, then the targets, then with
   * `weighted` the weight: all Float64. `cross` is the `(p, p)` matrix of weighted sums of products of all p columns
   * (weight excluded) around their means, `means` their weighted means. Nulls, NaN and infinities are counted per column.
   */
  'linear.moments': {
    params: { weighted: boolean };
    json: { rows: number; weightSum: number };
    arrays: {
      means: Float64Array;
      cross: Float64Array;
      nulls: Float64Array;
      nans: Float64Array;
      infinities: Float64Array;
    };
  };
  /**
   * Gives `intercept + Σ coef × feature` for each row of a table: `values` is `(nRows × nOutputs)`, output by output.
   */
  'linear.predict': {
    params: { outputs: number };
    arraysIn: { coef: Float64Array; intercept: Float64Array };
    arrays: { values: Float64Array };
  };
}

export type KernelName = keyof KernelCalls;
export type ParamsOf<N extends KernelName> = KernelCalls[N] extends { params: infer P } ? P : Record<string, never>;
export type ArraysInOf<N extends KernelName> = KernelCalls[N] extends { arraysIn: infer A } ? A : Record<string, never>;
export type JsonOf<N extends KernelName> = KernelCalls[N] extends { json: infer J } ? J : Record<string, never>;
export type ArraysOf<N extends KernelName> = KernelCalls[N] extends { arrays: infer A } ? A : Record<string, never>;

/** Holds when every record has only the known parts. */
type AllRecords = { [N in KernelName]: KernelCalls[N] extends CallRecord ? true : never };

/** The names, for a backend to say which it has. */
export const KERNEL_NAMES: AllRecords = {
  'features.check': true,
  'linear.moments': true,
  'linear.predict': true,
};
