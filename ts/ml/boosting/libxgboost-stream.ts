// Rows for libxgboost as they come from files: it bins them in passes over the plan, and they are never all in memory.
import type { ArrowColumn } from '../../backend/arrow.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { residentPlan } from '../../frame/host-tables.ts';
import type { XgboostData, XgboostStream } from '../../native/xgboost-data.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { walkPlan } from '../../plan/walk.ts';
import { runToBatches } from '../../runner/runner.ts';
import { checkWeights } from '../core/training-data.ts';
import type { BoostSetup } from './engine.ts';
import { dataOf, featureTypesOf } from './libxgboost-data.ts';

/** Cells below which rows are read once into memory: passes over files cost more than they save. */
const LEAST_CELLS = 4_000_000;

/**
 * The training rows as a stream, where they come from files in one order and are many; null where they should be, or are, in
 * memory. Queries of a ranking are not streamed.
 */
export async function streamOf(setup: BoostSetup): Promise<XgboostStream | null> {
  if (setup.train.query) return null;
  const plan = await residentPlan(DataFrame.planOf(setup.train.frame), setup.run);
  if (!flows(plan) || cellsOfFiles(plan, setup.featureNames.length) < LEAST_CELLS) return null;
  let first = true;
  return {
    featureNames: setup.featureNames,
    featureTypes: featureTypesOf(setup),
    async *batches() {
      const counts = first ? new Counts(setup) : null;
      first = false;
      const site = new Error(`${setup.estimator}.fit runs this plan.`);
      for await (const batch of runToBatches(plan, setup.run, site)) {
        if (batch.length === 0) continue;
        setup.run.signal?.throwIfAborted();
        counts?.add(batch.columns, batch.length);
        yield dataOf(setup, setup.train, batch.columns, false) satisfies XgboostData;
      }
      counts?.check();
    },
  };
}

/** Rows that every run gives in the same order, without work that is dear to repeat. */
function flows(plan: PlanNode): boolean {
  let scans = 0;
  let all = true;
  walkPlan(plan, (node) => {
    if (node.node === 'scan') scans++;
    else if (!['project', 'filter', 'slice'].includes(node.node)) all = false;
  });
  return all && scans > 0;
}

/** Cells of files; those of text formats are not known before they are read, and counted by their bytes. */
function cellsOfFiles(plan: PlanNode, features: number): number {
  let cells = 0;
  walkPlan(plan, (node) => {
    if (node.node !== 'scan') return;
    for (const file of node.files) cells += file.rows === undefined ? file.source.sizeBytes / 8 : file.rows * features;
  });
  return cells;
}

/** What the first pass finds in the values. */
class Counts {
  readonly #setup: BoostSetup;
  readonly #nulls: Float64Array;
  readonly #nans: Float64Array;
  readonly #infinities: Float64Array;
  #rows = 0;
  #weights = 0;

  constructor(setup: BoostSetup) {
    this.#setup = setup;
    const width = setup.featureNames.length + 1 + (setup.train.weight ? 1 : 0);
    this.#nulls = new Float64Array(width);
    this.#nans = new Float64Array(width);
    this.#infinities = new Float64Array(width);
  }

  add(columns: readonly ArrowColumn[], rows: number): void {
    const features = this.#setup.featureNames.length;
    columns.forEach((column, j) => {
      const values = column.values as Float64Array;
      const behind = j >= features;
      for (let i = 0; i < rows; i++) {
        const x = values[i]!;
        // 0 for ordinary numbers, NaN for others.
        if (x - x === 0) continue;
        if (Number.isNaN(x)) {
          if (behind) this.#nans[j]!++;
        } else this.#infinities[j]!++;
      }
      if (behind && column.validity) this.#nulls[j]! += nullsOf(column.validity, rows);
    });
    if (this.#setup.train.weight) this.#addWeights(columns[features + 1]!.values as Float64Array, rows);
    this.#rows += rows;
    // XGBoost looks at labels as they come, and its words are not for users.
    const found = [this.#nulls, this.#nans, this.#infinities].some((list) => list.some((n) => n > 0));
    if (found) this.#refuse();
  }

  #addWeights(weights: Float64Array, rows: number): void {
    for (let i = 0; i < rows; i++) {
      const w = weights[i]!;
      if (w < 0) checkWeights(this.#setup.estimator, weights);
      this.#weights += w;
    }
  }

  #refuse(): void {
    this.#setup.check(this.#rows, { nulls: this.#nulls, nans: this.#nans, infinities: this.#infinities });
  }

  check(): void {
    this.#refuse();
    if (this.#setup.train.weight && this.#weights === 0) checkWeights(this.#setup.estimator, [0]);
  }
}

function nullsOf(validity: Uint8Array, rows: number): number {
  let nulls = 0;
  for (let i = 0; i < rows; i++) if (((validity[i >>> 3]! >> (i & 7)) & 1) === 0) nulls++;
  return nulls;
}
