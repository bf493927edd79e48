import { describe, expect, test } from 'vitest';
import { createEvaluator, createSelector } from '../../ts/backend/cpu/evaluate.ts';
import { EvaluationError } from '../../ts/errors.ts';
import { childrenOf, type ExprNode } from '../../ts/expr/nodes.ts';
import { exprText } from '../../ts/expr/text.ts';
import { COLUMN_TYPES, RandomExpr } from '../../ts/verify/cases/random-expr.ts';
import { expectValues } from '../support/compare-values.ts';
import { queueForDevice, testOnDevice } from '../support/device-cases.ts';
import { testContext, valuesOf, vectorOf } from '../support/engine.ts';
import { InterpreterError, interpret } from '../support/interpreter.ts';
import { random, samples } from '../support/samples.ts';

// Trees of random expressions, several per evaluator so that they share parts, against the interpreter. A failing seed
// is in the message: RANDOM_EXPR_SEED runs it alone, RANDOM_EXPR_COUNT more of them.
const COUNT = Number(process.env['RANDOM_EXPR_COUNT'] ?? 300);
const ONLY = process.env['RANDOM_EXPR_SEED'];
const seeds = ONLY === undefined ? Array.from({ length: COUNT }, (_, i) => i) : [Number(ONLY)];
const LENGTHS = [0, 1, 7, 8, 9, 33, 200, 1000];

const schema = Object.entries(COLUMN_TYPES).map(([name, type]) => ({ name, type, nullable: true }));

describe('random expressions', () => {
  const ctx = testContext();
  const drawn = new Map<string, number>();
  const note = (e: ExprNode): void => {
    const what = e.node === 'call' ? e.fn : e.node;
    drawn.set(what, (drawn.get(what) ?? 0) + 1);
    for (const c of childrenOf(e)) note(c);
  };

  test(`${seeds.length} seeds`, () => {
    for (const seed of seeds) runSeed(seed);
  });

  function runSeed(seed: number): void {
    const next = random(seed * 7919 + 1);
    const strict = seed % 4 === 0;
    const make = new RandomExpr(next, strict);
    const exprs = Array.from({ length: 1 + Math.floor(next() * 3) }, () => make.any(1 + Math.floor(next() * 5)));
    for (const e of exprs) note(e);
    const length = LENGTHS[seed % LENGTHS.length]!;
    const nulls = seed % 3 === 0 ? 0 : 0.15;
    const lists = schema.map((f) => samples(f.type, length, next, next() < 0.3 ? 0 : nulls));
    const columns = schema.map((f, i) => vectorOf(ctx, f.type, lists[i]!));
    const batch = { length, columns, ordinal: 0 };
    const rows = Array.from({ length }, (_, r) => Object.fromEntries(schema.map((f, i) => [f.name, lists[i]![r]])));
    const text = `seed ${seed}: ${exprs.map(exprText).join(' ; ')}`;

    const codes = new Set<string>();
    const expected = exprs.map((e) =>
      rows.map((row) => {
        try {
          return interpret(e, row);
        } catch (error) {
          if (!(error instanceof InterpreterError)) throw error;
          codes.add(error.code);
          return null;
        }
      }),
    );
    let actual: unknown[][];
    try {
      actual = createEvaluator(exprs, schema)
        .evaluate(ctx, batch)
        .map((v) => valuesOf(ctx, v));
    } catch (error) {
      if (!(error instanceof EvaluationError)) throw new Error(`${text}: ${String(error)}`, { cause: error });
      // Which of several failures comes first is not said.
      if (codes.size === 0) expect.fail(`${text}: ${error.message}`);
      ctx.scratch.reset();
      return;
    }
    if (codes.size > 0) expect.fail(`${text}: expected ${[...codes].join()}`);
    queueForDevice(ctx, exprs, schema, columns, actual);
    exprs.forEach((e, i) => {
      expectValues(actual[i]!, expected[i]!, (r) => `${text} [${i}] of ${JSON.stringify(rows[r], printable)}`);
      if (e.type.dtype !== 'Bool') return;
      const { sel, count } = createSelector(e, schema).select(ctx, batch);
      const wanted = expected[i]!.flatMap((v, r) => (v === true ? [r] : []));
      expect([text, count]).toEqual([text, wanted.length]);
      if (count !== length)
        expect([...ctx.heap.refresh().u32.subarray(sel >>> 2, (sel >>> 2) + count)]).toEqual(wanted);
    });
    ctx.scratch.reset();
  }

  test('draw every kind of node and function that fuses', () => {
    if (ONLY !== undefined) return;
    const wanted =
      'col lit cast when add sub mul floorDiv mod neg abs sign round floor ceil sqrt clipMin clipMax eq ne lt le gt ge eqMissing isIn and or xor not isNull isNotNull isNan isFinite coalesce hash';
    expect(wanted.split(' ').filter((w) => !drawn.has(w))).toEqual([]);
  });
});

const printable = (_: string, v: unknown): unknown =>
  typeof v === 'bigint' ? `${v}n` : typeof v === 'number' && !Number.isFinite(v) ? String(v) : v;

testOnDevice();
