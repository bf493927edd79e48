// Kernels of logistic regression: training step by step on a resident table.
import { UnsupportedError } from '../../../errors.ts';
import { readF64, zeros } from './columns.ts';
import type { KernelHandler } from './kernel.ts';
import { firstMatrix, type LbfgsState, lbfgsStep, MEMORY, MOST_FACTORED } from './logistic-lbfgs.ts';
import { type NewtonState, newtonStep } from './logistic-newton.ts';
import { LogisticPass } from './logistic-pass.ts';
import type { LogisticState } from './logistic-state.ts';

/** Newton's method is for problems whose Hessian, of the sample, costs less multiplications than this. */
const NEWTON_WORK = 1.5e8;
/** Coefficients up to which an l1 penalty can be handled: the Hessian is needed. */
const MOST_DENSE = 4096;
/** A sample has at least these rows, and this many for each coefficient. */
const SAMPLE_ROWS = 32768;
const ROWS_PER_COEFFICIENT = 64;
/** Multiplications of one call: about a twentieth of a second. */
const WORK_PER_STEP = 1e8;

export const logisticKernels: Readonly<Record<string, KernelHandler>> = {
  'logistic.create': {
    run(ctx, { params, tables }) {
      const { classes, fitIntercept, weighted, l1, l2, tol, maxIter } = params as {
        classes: number;
        fitIntercept: boolean;
        weighted: boolean;
        l1: number;
        l2: number;
        tol: number;
        maxIter: number;
      };
      const table = tables[0]!;
      const p = table.columns.length - 1 - (weighted ? 1 : 0);
      const q = p + (fitIntercept ? 1 : 0);
      const k = classes === 2 ? 1 : classes;
      const d = k * q;
      const sampled = Math.floor(table.rows / Math.max(SAMPLE_ROWS, ROWS_PER_COEFFICIENT * d));
      const step = sampled < 4 ? 1 : sampled;
      const work = (table.rows / step) * ((k * (k + 1)) / 2) * q * q;
      const newton = l1 > 0 || (work <= NEWTON_WORK && d <= MOST_DENSE);
      if (newton && d > MOST_DENSE)
        throw new UnsupportedError(
          `LogisticRegression with an l1 penalty takes at most ${MOST_DENSE} coefficients (classes × features); this fit has ${d}. Use l1Ratio 0.`,
          { coefficients: d },
        );
      const { keep } = ctx;
      const block = (): number => zeros(ctx, d, keep);
      const shared: LogisticState = {
        ...{ p, q, k, d, weighted, l1, l2, tol, maxIter, newton },
        step: newton ? step : 1,
        coef: block(),
        gradient: block(),
        trial: block(),
        trialGradient: block(),
        direction: block(),
        known: false,
        value: 0,
        nIter: 0,
        length: Number.MAX_VALUE,
        done: false,
        converged: false,
      };
      if (newton) {
        const l1s = block();
        const { f64 } = ctx.heap.refresh();
        for (let c = 0; c < k; c++) f64.fill(l1, (l1s >>> 3) + c * q, (l1s >>> 3) + c * q + p);
        const state: NewtonState = {
          ...shared,
          hessian: zeros(ctx, d * d, keep),
          factor: keep.alloc(8 * d * d),
          point: block(),
          product: block(),
          target: block(),
          l1s,
          zeros: block(),
          out: zeros(ctx, 2, keep),
          stale: true,
          exact: false,
        };
        return { state: { ...state } };
      }
      const factor = q <= MOST_FACTORED ? keep.alloc(8 * q * q) : 0;
      const steps = keep.alloc(8 * d * MEMORY);
      const changes = keep.alloc(8 * d * MEMORY);
      const state: LbfgsState = { ...shared, factor, steps, changes, stored: 0, newest: 0 };
      if (factor !== 0) firstMatrix(ctx, table, state, factor);
      return { state: { ...state } };
    },
  },
  'logistic.step': {
    run(ctx, { tables, states }) {
      const s = { ...(states[0] as NewtonState & LbfgsState) };
      const pass = new LogisticPass(ctx, tables[0]!, s);
      for (let work = 0; !s.done && s.nIter < s.maxIter && work < WORK_PER_STEP; work += pass.rows * s.d * 4) {
        if (s.newton) newtonStep(ctx, pass, s);
        else lbfgsStep(ctx, pass, s);
      }
      return {
        json: { nIter: s.nIter, done: s.done, converged: s.converged, value: s.value },
        arrays: { coef: readF64(ctx, s.coef, s.d) },
        state: { ...s },
      };
    },
  },
};
