// What a verification found, as report.json holds it. The native twin (native/verify) writes the same shape.

/** The version of the shape. */
export const REPORT_FORMAT = 1;

/** A check that failed. */
export interface CheckFailure {
  readonly name: string;
  readonly message: string;
}
/** Checks that could not run, and why. */
export interface NotRun {
  readonly reason: string;
  readonly count: number;
  /** Names of the first of them. */
  readonly examples: readonly string[];
}
/** Checks of one kind. */
export interface CheckGroup {
  readonly section: string;
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
  readonly notRun: readonly NotRun[];
  readonly ms: number;
  /** The first failures; `failed` counts all. */
  readonly failures: readonly CheckFailure[];
  /** Figures worth keeping: `peak 1.2 GB`. */
  readonly notes: readonly string[];
}

/** One question at one size. Times are medians in milliseconds; null where no time may be claimed. */
export interface BenchReading {
  readonly name: string;
  readonly rows: number;
  readonly cpuMs: number | null;
  /** Rows on the device before, result left there. */
  readonly gpuMs: number | null;
  /** Copying the input to the device. */
  readonly uploadMs: number | null;
  /** Copying the result back. */
  readonly downloadMs: number | null;
  readonly inputBytes: number;
  readonly resultBytes: number;
}
/** The row count from which the GPU wins; null: it does not at any size measured. */
export interface BenchWin {
  readonly name: string;
  /** Rows on the device already. */
  readonly residentRows: number | null;
  /** With both copies. */
  readonly withTransfersRows: number | null;
}

/** Where it ran. */
export interface VerifiedEngine {
  /** `GPU 0: NVIDIA …`, or `host-cudf, not a GPU`; null where there is none. */
  readonly label: string | null;
  /** Not a GPU: nothing here is evidence of one. */
  readonly host: boolean;
  /** Why there is no engine for plans; null where there is one. */
  readonly reason: string | null;
  readonly facts: readonly { readonly name: string; readonly value: string }[];
}

/** Everything of a run. */
export interface VerifyReport {
  readonly format: number;
  /** `warpframe verify-gpu`, or `warpframe_verify` (the native twin). */
  readonly tool: string;
  readonly version: string;
  readonly date: string;
  readonly engine: VerifiedEngine;
  readonly machine: readonly { readonly name: string; readonly value: string }[];
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly totals: { readonly passed: number; readonly failed: number; readonly notRun: number };
  /** Everything that ran passed, and something ran. */
  readonly ok: boolean;
  readonly ms: number;
  readonly groups: readonly CheckGroup[];
  readonly bench: readonly BenchReading[];
  readonly wins: readonly BenchWin[];
}
