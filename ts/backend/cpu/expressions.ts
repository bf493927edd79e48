// Computes expressions that are more than columns: a list of bound expressions is compiled once to steps, each step is one
// fused wasm module or one kernel of a function, and a batch runs through them.
import { EvaluationError } from '../../errors.ts';
import type { CallNode, ExprNode, LitNode, WhenNode } from '../../expr/nodes.ts';
import { physicalOf, type Schema, widthOf } from '../../schema/types.ts';
import { nullVector } from './columns/alloc.ts';
import { constantVector } from './columns/constant.ts';
import { flatten } from './columns/flatten.ts';
import { gather } from './columns/gather.ts';
import type { ExecContext } from './context.ts';
import type { FusedStep } from './emit/fused.ts';
import { type Entry, isList } from './emit/graph.ts';
import { planSteps, type StepPlan } from './emit/plan.ts';
import type { Evaluator } from './evaluate.ts';
import { castVector } from './functions/cast.ts';
import { faultError } from './functions/faults.ts';
import { bothValid } from './functions/operands.ts';
import { whenVectors } from './functions/when.ts';
import { Scratch } from './memory/arena.ts';
import type { Batch, Vector } from './vector.ts';

/** Stands for an argument that a kernel reads from its call. */
const NOT_GIVEN: Vector = Object.freeze({ type: Object.freeze({ dtype: 'Null' }), length: 0, data: 0, validity: 0 });

/** A kernel's results on a dictionary, kept while the dictionary is the same. */
interface DictionaryResult {
  dict: Vector | null;
  result: Vector | null;
  scratch: Scratch | null;
}

/** Compiled expressions over the columns of `input`. `storeValid` false: one predicate, whose bitmap is not wanted. */
export class Program implements Evaluator {
  readonly #plan: StepPlan;
  readonly #input: Schema;
  readonly #state = new Map<object, unknown>();
  readonly #dictionaries = new Map<Entry, DictionaryResult>();
  /** Rows of earlier batches: errors count from the first one. */
  #rowsBefore = 0;

  constructor(exprs: readonly ExprNode[], input: Schema, storeValid: boolean) {
    this.#input = input;
    this.#plan = planSteps(exprs, input, storeValid);
  }

  evaluate(ctx: ExecContext, batch: Batch, places: readonly number[] | null = null): Vector[] {
    const { roots, stages, slots } = this.#plan;
    const run = new Run(batch, slots);
    try {
      for (const { fused, kernels } of stages) {
        for (const step of fused) this.#runFused(ctx, step, run, places);
        for (const e of kernels) run.slots[e.slot] = this.#runKernel(ctx, e, run);
      }
    } catch (error) {
      throw this.#rowsBefore === 0 ? error : inLaterRow(error, this.#rowsBefore);
    }
    this.#rowsBefore += batch.length;
    ctx.heap.refresh();
    return roots.map((e) => this.#vectorOf(ctx, e, run, batch.length));
  }

  #runFused(ctx: ExecContext, step: FusedStep, run: Run, places: readonly number[] | null): void {
    const n = run.batch.length;
    const inputs = step.inputs.map((e, i) => {
      const v = e.slot >= 0 ? run.slots[e.slot]! : run.batch.columns[e.column]!;
      return v.dict && step.readsData(i) ? run.flat(ctx, v) : v;
    });
    const at = places && step.roots.map((e) => places[this.#plan.roots.indexOf(e)] ?? 0);
    const result = step.run(ctx, inputs, n, at);
    if (!Array.isArray(result)) throw this.#failure(ctx, result.entry, result.row, run.batch);
    step.roots.forEach((e, i) => {
      run.slots[e.slot] = result[i]!;
    });
  }

  /** The error of a failing row; the value that failed is computed once more. */
  #failure(ctx: ExecContext, entry: Entry, row: number, batch: Batch): EvaluationError {
    const operand = entry.expr.node === 'cast' ? entry.expr.expr : null;
    const value = operand && new Program([operand], this.#input, true).evaluate(ctx, batch)[0]!;
    return faultError(ctx, entry.origin, row, value);
  }

  /** The vector of an entry whose stage is over. */
  #vectorOf(ctx: ExecContext, e: Entry, run: Run, length: number): Vector {
    if (e.how === 'column') return run.batch.columns[e.column]!;
    if (e.how === 'literal') return literalVector(ctx, e.expr as LitNode, length);
    return run.slots[e.slot]!;
  }

  #runKernel(ctx: ExecContext, e: Entry, run: Run): Vector {
    const n = run.batch.length;
    if (n === 0) return nullVector(ctx, e.expr.type, 0, ctx.scratch);
    const columns = e.children.filter((c) => c.how !== 'literal');
    if (columns.length === 1 && !e.row?.perRow && e.expr.node !== 'when') {
      const v = this.#vectorOf(ctx, columns[0]!, run, n);
      const onDictionary = v.dict && this.#onDictionary(ctx, e, v);
      if (onDictionary) return this.#spread(ctx, v, onDictionary);
    }
    return this.#apply(ctx, e, n, (c) => this.#vectorOf(ctx, c, run, n));
  }

  #apply(ctx: ExecContext, e: Entry, length: number, vectorOf: (c: Entry) => Vector): Vector {
    const { expr } = e;
    if (expr.node === 'cast') return castVector(ctx, expr, e.origin, vectorOf(e.children[0]!), length, this.#state);
    if (expr.node === 'when') {
      return whenVectors(
        ctx,
        expr as WhenNode,
        e.children.map((c) => (c.how === 'literal' ? literalVector(ctx, c.expr as LitNode, length) : vectorOf(c))),
        length,
      );
    }
    const call = expr as CallNode;
    const row = e.row!;
    let next = 0;
    const args = call.args.map((a, i) => {
      if (isList(a)) return NOT_GIVEN;
      const c = e.children[next++]!;
      const isLiteral = c.how === 'literal';
      if (isLiteral && (row.literals === 'all' || (row.literals && i > 0))) return NOT_GIVEN;
      const v = isLiteral ? literalVector(ctx, c.expr as LitNode, length) : vectorOf(c);
      return row.perRow ? v : flatten(ctx, v, ctx.scratch);
    });
    return row.kernel!(ctx, call, args, length, this.#state);
  }

  /** Results for a dictionary's entries; null when rows are cheaper, or needed to tell which entry fails. */
  #onDictionary(ctx: ExecContext, e: Entry, v: Vector): Vector | null {
    const dict = v.dict!;
    let known = this.#dictionaries.get(e);
    if (known?.dict === dict) return known.result;
    // An entry costs as much as a row, and the results are kept for the morsels to come.
    if (dict.length > 4 * v.length) return null;
    if (!known) {
      known = { dict: null, result: null, scratch: null };
      this.#dictionaries.set(e, known);
    }
    known.scratch?.reset();
    known.scratch ??= new Scratch(ctx.arena);
    known.dict = dict;
    known.result = null;
    try {
      const kept: ExecContext = { ...ctx, scratch: known.scratch };
      const result = this.#apply(kept, e, dict.length, () => dict);
      known.result = flatten(kept, result, known.scratch);
    } catch (error) {
      // Perhaps of an entry that no row has: the rows decide.
      if (!(error instanceof EvaluationError)) throw error;
    }
    ctx.heap.refresh();
    return known.result;
  }

  /** Results of a dictionary's entries as rows: again a dictionary for strings, gathered by code otherwise. */
  #spread(ctx: ExecContext, v: Vector, result: Vector): Vector {
    const { length } = v;
    const physical = physicalOf(result.type);
    const core = ctx.kernels.get('core');
    if (physical === 'view') {
      const dict = { ...result, validity: 0 };
      if (result.validity === 0) return { ...v, type: result.type, dict };
      const present = ctx.scratch.alloc((length + 7) >> 3);
      core.gatherBits(result.validity, v.data, length, present);
      const validity = bothValid(ctx, [present, v.validity], length);
      const codes = ctx.scratch.alloc(length * 4);
      ctx.heap.refresh().u8.copyWithin(codes, v.data, v.data + length * 4);
      core.zeroNulls(codes, validity, length, 4);
      return { type: result.type, length, data: codes, validity, dict };
    }
    const rows = gather(ctx, result, v.data, length, ctx.scratch);
    if (v.validity === 0) return rows;
    const validity = bothValid(ctx, [rows.validity, v.validity], length);
    ctx.heap.refresh();
    const width = widthOf(physical);
    if (physical === 'bit') core.andBits(rows.data, validity, length, rows.data);
    else if (width > 0 && physical !== 'list') core.zeroNulls(rows.data, validity, length, width);
    return { ...rows, validity };
  }
}

/** An error of a row of a batch, with the row of the whole input. */
function inLaterRow(error: unknown, rowsBefore: number): unknown {
  if (!(error instanceof EvaluationError)) return error;
  const { row } = error.detail;
  if (typeof row !== 'number') return error;
  const message = error.message.replace(`in row ${row}`, `in row ${row + rowsBefore}`);
  return new EvaluationError(error.code as 'ERR_EVALUATION', message, { ...error.detail, row: row + rowsBefore });
}

/** The vectors of one batch. */
class Run {
  readonly batch: Batch;
  readonly slots: Vector[];
  #flat: Map<Vector, Vector> | null = null;

  constructor(batch: Batch, slots: number) {
    this.batch = batch;
    this.slots = new Array<Vector>(slots);
  }

  /** A dictionary-encoded vector made flat, once. */
  flat(ctx: ExecContext, v: Vector): Vector {
    this.#flat ??= new Map();
    let flat = this.#flat.get(v);
    if (!flat) {
      flat = flatten(ctx, v, ctx.scratch);
      this.#flat.set(v, flat);
    }
    return flat;
  }
}

/** A literal for `length` rows. A string is a dictionary of one entry. */
function literalVector(ctx: ExecContext, lit: LitNode, length: number): Vector {
  const { type, value } = lit;
  if (value === null) return nullVector(ctx, type, length, ctx.scratch);
  if (physicalOf(type) !== 'view') return constantVector(ctx, type, value, length, ctx.scratch);
  const dict = constantVector(ctx, type, value, 1, ctx.scratch);
  const data = ctx.scratch.alloc(length * 4);
  ctx.heap.refresh().u8.fill(0, data, data + length * 4);
  return { type, length, data, validity: 0, dict };
}
