// Rows by descending score: sorted here when they are few, in the engine when they are many.
import type { RecordBatch } from '../../backend/arrow.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { ownedTable, TableOwner } from '../../frame/host-tables.ts';
import { type RunOptions, uploadBatches } from '../../runner/runner.ts';
import type { Schema } from '../../schema/types.ts';
import { descendingOrder } from './core/sort-order.ts';
import { runSliced } from './core/steps.ts';
import type { ScoredRows } from './core/threshold-counts.ts';

/** Below this many rows the sort here takes less than the way to the engine and back. */
const ENGINE_ROWS = 100_000;
/** Rows given to the engine between two turns of the event loop. */
const BATCH = 131_072;

/** Rows to be ranked: those of a threshold's counts without an order. */
export type UnrankedRows = Omit<ScoredRows, 'order'>;

/** Lends the rows by descending score. */
export async function withRanked<T>(
  rows: UnrankedRows,
  run: RunOptions,
  use: (ranked: ScoredRows) => Promise<T>,
): Promise<T> {
  if (rows.scores.length < ENGINE_ROWS) {
    return use({ ...rows, order: await runSliced(descendingOrder(rows.scores), run.signal) });
  }
  const { weight } = rows;
  const schema: Schema = [
    { name: 'score', type: { dtype: 'Float64' }, nullable: false },
    { name: 'code', type: { dtype: 'Int32' }, nullable: false },
    ...(weight === null ? [] : [{ name: 'weight', type: { dtype: 'Float64' as const }, nullable: false }]),
  ];
  const owner = new TableOwner(await uploadBatches(batchesOf(rows, schema), schema, run));
  try {
    const frame = new DataFrame<any>(ownedTable(owner, schema));
    using sorted = await frame.sort({ by: 'score', descending: true }).collect(run);
    return await sorted.borrowArrow(async (batch: RecordBatch) => {
      const [scores, codes, weights] = batch.columns.map((c) => c.values?.subarray(0, batch.length));
      return use({
        yTrue: codes as Int32Array,
        positive: rows.positive,
        scores: scores as Float64Array,
        weight: (weights as Float64Array | undefined) ?? null,
        order: null,
      });
    });
  } finally {
    owner.dispose();
  }
}

async function* batchesOf(rows: UnrankedRows, schema: Schema): AsyncGenerator<RecordBatch> {
  const arrays = [rows.scores, rows.yTrue, ...(rows.weight === null ? [] : [rows.weight])];
  for (let start = 0; start < rows.scores.length; start += BATCH) {
    const end = Math.min(rows.scores.length, start + BATCH);
    const columns = arrays.map((values, i) => ({
      type: (schema[i] as Schema[number]).type,
      length: end - start,
      validity: null,
      values: values.subarray(start, end),
    }));
    yield { schema, length: end - start, columns };
    await new Promise<void>((resolve) => setImmediate(resolve));
  }
}
