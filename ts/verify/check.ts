// A check: a name, and a run that passes, fails or says why it could not run. Sections hand them out one by one.
import { UnsupportedError } from '../errors.ts';
import type { BenchReading } from './report.ts';

/** The parts of a verification, in the order they run. */
export const SECTIONS = [
  'addon',
  'kernels',
  'cases',
  'plans',
  'random',
  'drills',
  'sanitizer',
  'suites',
  'bench',
] as const;
export type SectionName = (typeof SECTIONS)[number];

/** What a check found. Throwing is failing. */
export type Outcome =
  | { readonly status: 'passed'; readonly note?: string; readonly reading?: BenchReading }
  | { readonly status: 'failed'; readonly message: string }
  | { readonly status: 'not run'; readonly reason: string };

export const PASSED: Outcome = { status: 'passed' };
export const passed = (note: string): Outcome => ({ status: 'passed', note });
export const failed = (message: string): Outcome => ({ status: 'failed', message });
export const notRun = (reason: string): Outcome => ({ status: 'not run', reason });

/** One check. */
export interface Check {
  readonly group: string;
  readonly name: string;
  run(): Promise<Outcome> | Outcome;
  /** How long it may be silent; a stuck device never answers. */
  readonly limitMs?: number;
}

/** How much is verified. */
export interface VerifySettings {
  /** Rows of plans and drills. */
  readonly rows: number;
  /** Rows of the benchmark, ascending. */
  readonly benchRows: readonly number[];
  /** Every how many cases of functions over rows one is taken; 1: all. */
  readonly every: number;
  /** Random trees of expressions, and random plans. */
  readonly trees: number;
  readonly plans: number;
  readonly seed: number;
  /** Queries of the drill that looks for leaks. */
  readonly queries: number;
  /** A section was named, so it runs where it would be left to other tools. */
  readonly named: readonly SectionName[];
}

/** Whether an error says that libcudf cannot run a plan. */
export const isRefusal = (error: unknown): error is UnsupportedError =>
  error instanceof UnsupportedError && error.detail['engine'] === 'cuda';

/** Runs a check; throwing is failing, a plan that libcudf cannot run is not run. */
export async function outcomeOf(check: Check): Promise<Outcome> {
  try {
    return await check.run();
  } catch (error) {
    if (isRefusal(error)) return notRun(error.message);
    const { code, message } = error as { code?: string; message?: string };
    return failed(`${code === undefined ? '' : `${code}: `}${message ?? String(error)}`);
  }
}
