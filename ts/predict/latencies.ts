// How long batches took, as percentiles.

/** Milliseconds that batches took. */
export interface Latencies {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly mean: number;
  readonly max: number;
}

/** What predicting cost so far. */
export interface PredictionStats {
  readonly rows: number;
  readonly batches: number;
  /** Time in predictions, without reading and writing. */
  readonly predictMs: number;
  /** Per batch; null before the first. */
  readonly latencyMs: Latencies | null;
  /** Rows predicted per second of predicting; null before the first. */
  readonly throughputRowsPerSecond: number | null;
}

/** Gathers the times of batches. */
export class Stopwatch {
  readonly #times: number[] = [];
  #rows = 0;

  add(rows: number, ms: number): void {
    this.#rows += rows;
    this.#times.push(ms);
  }

  reset(): void {
    this.#rows = 0;
    this.#times.length = 0;
  }

  stats(): PredictionStats {
    const sorted = [...this.#times].sort((a, b) => a - b);
    const predictMs = sorted.reduce((sum, ms) => sum + ms, 0);
    return {
      rows: this.#rows,
      batches: sorted.length,
      predictMs,
      latencyMs:
        sorted.length === 0
          ? null
          : {
              p50: percentile(sorted, 0.5),
              p95: percentile(sorted, 0.95),
              p99: percentile(sorted, 0.99),
              mean: predictMs / sorted.length,
              max: sorted.at(-1) as number,
            },
      throughputRowsPerSecond: sorted.length === 0 || predictMs === 0 ? null : (this.#rows / predictMs) * 1000,
    };
  }
}

/** The nearest-rank percentile of sorted values: a value that was measured. */
export const percentile = (sorted: readonly number[], q: number): number =>
  sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] as number;
