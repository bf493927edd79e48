// Batch prediction from file to file, in bounded memory.
import { ParameterError } from '../errors.ts';
import type { DataFrame } from '../frame/dataframe.ts';
import { readArrow } from '../frame/read.ts';
import type { FileFormat } from '../plan/nodes.ts';
import type { RunOptions } from '../runner/runner.ts';
import type { PredictionStats } from './latencies.ts';
import type { PredictBatchOptions, Predictor } from './predictor.ts';
import { batchesOf, Scratch } from './windows.ts';

/** Formats that predictions are written in, by the endings of files. */
const ENDINGS: readonly (readonly [RegExp, FileFormat])[] = [
  [/\.(parquet|pq)$/i, 'parquet'],
  [/\.(csv|tsv)(\.gz|\.zst)?$/i, 'csv'],
  [/\.(jsonl|ndjson)(\.gz|\.zst)?$/i, 'jsonl'],
  [/\.(arrow|arrows|feather|ipc)$/i, 'arrow'],
];

/** The format of a file by its ending, or null. */
export const formatOfFile = (path: string): FileFormat | null => ENDINGS.find(([end]) => end.test(path))?.[1] ?? null;

/** Options of `predictToFile`. */
export interface PredictToFileOptions extends PredictBatchOptions {
  /** Format of the output (default: by its ending). */
  readonly format?: FileFormat;
}

/** What a prediction into a file did. */
export interface FilePrediction extends PredictionStats {
  /** Time of everything: reading, predicting, writing. */
  readonly totalMs: number;
}

/**
 * Predicts the rows of a frame into a file. They stream: memory holds a few batches at a time. The predictions pass through
 * temporary files beside the output, which are removed whatever happens; the output appears when it is complete.
 *
 * @throws {ERR_PARAMETER} an ending that names no format
 * @throws {ERR_IO} a file that cannot be written, a full disk
 * @example
 * ```ts
 * const df = fromColumns({ x: [1, 2, 3, 4], y: [2, 4, 6, 8] });
 * using model = await new LinearRegression().fit(df, 'y');
 * using predictor = new Predictor(model);
 * const { rows, batches } = await predictToFile(predictor, df.drop('y'), `${tmp}/out.csv`, { as: 'guess' });
 * console.log(rows, batches, (await readCsv(`${tmp}/out.csv`)).columns);
 * // 4 1 [ 'x', 'guess' ]
 * ```
 */
export async function predictToFile(
  predictor: Predictor,
  frame: DataFrame<any>,
  output: string,
  options: PredictToFileOptions = {},
): Promise<FilePrediction> {
  const { format = formatOfFile(output), ...batchOptions } = options;
  if (format === null)
    throw new ParameterError(
      `The ending of ${output} names no format. Say it with 'format': parquet, csv, jsonl or arrow.`,
    );
  const { as, probabilities, keep, onProgress, ...run } = batchOptions;
  const started = performance.now();
  predictor.resetStats();
  await using scratch = new Scratch(output);
  const files: string[] = [];
  let done = 0;
  for await (const rows of batchesOf(frame, predictor.batchSize, run)) {
    // A part file a batch: no more than one batch of predictions waits in memory.
    const file = await scratch.file(`${String(files.length).padStart(6, '0')}.arrow`);
    using batch = await predictor.predicted(rows, { ...batchOptions, ...run });
    await batch.lazy().writeArrow(file, run);
    files.push(file);
    done += batch.height;
    onProgress?.({ phase: 'predict', doneRows: done });
  }
  await writeAll(await readArrow(files), format, output, run);
  return { ...predictor.stats, totalMs: performance.now() - started };
}

function writeAll(frame: DataFrame<any>, format: FileFormat, path: string, run: RunOptions): Promise<number> {
  switch (format) {
    case 'parquet':
      return frame.writeParquet(path, run);
    case 'csv':
      return frame.writeCsv(path, run);
    case 'jsonl':
      return frame.writeJsonl(path, run);
    case 'arrow':
      return frame.writeArrow(path, run);
  }
}
