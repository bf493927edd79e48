// One pass of logistic regression over its rows: loss, gradient, and where asked for the Hessian.
import type { ResidentTable } from '../planner.ts';
import type { Task } from '../worker/crew.ts';
import { float64Data, pointers } from './columns.ts';
import type { KernelContext } from './kernel.ts';
import { runTasks } from './tasks.ts';

/** Rows that a task looks at, and tasks at once: fixed, so that results do not depend on the number of threads. */
const PART_ROWS = 16384;
const TASKS = 8;

/** Sizes of a problem: p features, q coefficients a margin (with the intercept), k margins, d = k q. */
export interface LogisticShape {
  readonly p: number;
  readonly q: number;
  readonly k: number;
  readonly d: number;
  readonly weighted: boolean;
}

/** Rows of a table as a problem: features, then codes, then weights if there are any. */
export class LogisticPass {
  readonly rows: number;
  readonly #ctx: KernelContext;
  readonly #shape: LogisticShape;
  readonly #list: number;
  readonly #codes: number;
  readonly #weights: number;
  readonly #parts: number;
  readonly #scratch: number;
  readonly #scratchBytes: number;
  #hessians = 0;

  constructor(ctx: KernelContext, table: ResidentTable, shape: LogisticShape) {
    this.#ctx = ctx;
    this.#shape = shape;
    this.rows = table.rows;
    this.#list = pointers(ctx, table.columns.slice(0, shape.p));
    this.#codes = float64Data(table.columns[shape.p]!);
    this.#weights = shape.weighted ? float64Data(table.columns[shape.p + 1]!) : 0;
    this.#parts = ctx.arena.alloc(8 * (2 + shape.d) * TASKS);
    this.#scratchBytes = ctx.kernels.get('linear').logisticScratchBytes(shape.k, shape.q);
    this.#scratch = ctx.arena.alloc(this.#scratchBytes * TASKS);
  }

  /**
   * Σ w loss of every `step`-th tile of rows at coefficients `coef`; its derivatives go to `gradient` and, if that is not
   * 0, the second ones to `hessian`, all of the (d, d) matrix. All are scaled to the whole table.
   */
  run(coef: number, step: number, gradient: number, hessian = 0): number {
    const { k, q, d } = this.#shape;
    const { heap, kernels, control } = this.#ctx;
    const { addInto } = kernels.get('matrix');
    const pairs = (k * (k + 1)) / 2;
    const blocks = pairs * q * q;
    // The last block is the sum over parts.
    if (hessian !== 0 && this.#hessians === 0) this.#hessians = this.#ctx.arena.alloc(8 * blocks * (TASKS + 1));
    const sum = this.#hessians + 8 * blocks * TASKS;
    const { f64 } = heap.refresh();
    f64.fill(0, gradient >>> 3, (gradient >>> 3) + d);
    if (hessian !== 0) f64.fill(0, sum >>> 3, (sum >>> 3) + blocks);
    let loss = 0;
    let looked = 0;
    const span = PART_ROWS * step;
    for (let start = 0; start < this.rows; start += span * TASKS) {
      const tasks: Task[] = [];
      let rows = 0;
      for (let from = start; from < this.rows && tasks.length < TASKS; from += span) {
        const to = Math.min(this.rows, from + span);
        rows += (to - from) / step;
        tasks.push(this.#task(coef, from, to, step, hessian !== 0, tasks.length, blocks));
      }
      runTasks(this.#ctx, tasks, rows * (k * 20 + d * 2 + (hessian !== 0 ? (pairs * q * q) / 4 : 0)));
      for (let t = 0; t < tasks.length; t++) {
        const part = this.#parts + 8 * (2 + d) * t;
        loss += f64[part >>> 3]!;
        looked += f64[(part >>> 3) + 1]!;
        addInto(part + 16, gradient, d);
        if (hessian !== 0) addInto(this.#hessians + 8 * blocks * t, sum, blocks);
      }
      control.checkAbort();
    }
    const factor = step === 1 || looked === 0 ? 1 : this.weightSum() / looked;
    if (factor !== 1) for (let j = 0; j < d; j++) f64[(gradient >>> 3) + j]! *= factor;
    if (hessian !== 0) this.#spread(sum, factor, hessian);
    return loss * factor;
  }

  #task(coef: number, from: number, to: number, step: number, second: boolean, slot: number, blocks: number): Task {
    const { p, q, k, d } = this.#shape;
    return [
      'linear',
      'logisticRows',
      this.#list,
      p,
      q,
      k,
      this.#codes,
      this.#weights,
      coef,
      from,
      to,
      step,
      this.#parts + 8 * (2 + d) * slot,
      second ? this.#hessians + 8 * blocks * slot : 0,
      this.#scratch + this.#scratchBytes * slot,
    ];
  }

  #weightSum = 0;
  weightSum(): number {
    if (this.#weights === 0) return this.rows;
    if (this.#weightSum === 0) {
      const { f64 } = this.#ctx.heap.refresh();
      for (let i = 0; i < this.rows; i++) this.#weightSum += f64[(this.#weights >>> 3) + i]!;
    }
    return this.#weightSum;
  }

  /** Upper triangles of the blocks of each pair of classes as one symmetric matrix. */
  #spread(blocks: number, factor: number, hessian: number): void {
    const { k, q, d } = this.#shape;
    const { f64 } = this.#ctx.heap.refresh();
    let from = blocks >>> 3;
    const to = hessian >>> 3;
    for (let a = 0; a < k; a++)
      for (let b = a; b < k; b++) {
        for (let i = 0; i < q; i++)
          for (let j = i; j < q; j++) {
            const value = f64[from + i * q + j]! * factor;
            f64[to + (a * q + i) * d + b * q + j] = value;
            f64[to + (a * q + j) * d + b * q + i] = value;
            f64[to + (b * q + i) * d + a * q + j] = value;
            f64[to + (b * q + j) * d + a * q + i] = value;
          }
        from += q * q;
      }
  }
}
