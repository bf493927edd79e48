// Functions that JavaScript computes once per distinct string.
import type { CallNode } from '../../../expr/nodes.ts';
import { bytesFor, type LogicalType } from '../../../schema/types.ts';
import { gather, gatherOrNull } from '../columns/gather.ts';
import { bitsOf, textsOf, vectorOfTexts } from '../columns/texts.ts';
import type { ExecContext } from '../context.ts';
import { encodeDictionary } from '../host/dictionary.ts';
import type { Vector } from '../vector.ts';
import type { CpuFunction, ElementwiseKernel } from './contracts.ts';

/** One value per word, and for words that have none the error of a row that holds such a word. */
export interface WordResult {
  readonly vector: Vector;
  readonly errors?: ReadonlyMap<number, () => Error>;
}

/**
 * A row whose kernel sees every distinct string of a morsel once: `compute` makes a flat vector of one value per word,
 * with nulls where the function gives null. A dictionary may hold words that no row has, so errors wait for a row.
 */
export function perWord(
  compute: (
    ctx: ExecContext,
    call: CallNode,
    words: readonly string[],
    state: Map<object, unknown>,
  ) => Vector | WordResult,
): CpuFunction {
  const kernel: ElementwiseKernel = (ctx, call, [v], length, state) => {
    const coded = encodeDictionary(ctx, v!, ctx.scratch);
    const result = compute(ctx, call, textsOf(ctx, coded.dict!), state);
    const { vector, errors } = 'vector' in result ? result : { vector: result, errors: undefined };
    if (errors && errors.size > 0) throwForRow(ctx, coded, errors);
    return withNullsOf(ctx, gather(ctx, vector, coded.data, length, ctx.scratch), v!.validity);
  };
  return { kernel, perRow: true };
}

function throwForRow(ctx: ExecContext, coded: Vector, errors: ReadonlyMap<number, () => Error>): void {
  const { u32, u8 } = ctx.heap.refresh();
  for (let i = 0; i < coded.length; i++) {
    if (coded.validity !== 0 && ((u8[coded.validity + (i >> 3)]! >> (i & 7)) & 1) === 0) continue;
    const error = errors.get(u32[(coded.data >>> 2) + i]!);
    if (error) throw error();
  }
}

/** The vector with further nulls; the values under them become zero. */
function withNullsOf(ctx: ExecContext, v: Vector, validity: number): Vector {
  if (validity === 0) return v;
  let both = validity;
  if (v.validity !== 0) {
    both = ctx.scratch.alloc(bytesFor('bit', v.length));
    ctx.kernels.get('core').andBits(v.validity, validity, v.length, both);
  }
  const sel = ctx.scratch.alloc(v.length * 4 + 16);
  // Code 0 stands under nulls: its value must not show. Gathering with "no row" zeroes every layout alike.
  const core = ctx.kernels.get('core');
  core.iota(sel, v.length, 0);
  const { u32, u8 } = ctx.heap.refresh();
  for (let i = 0; i < v.length; i++)
    if (((u8[both + (i >> 3)]! >> (i & 7)) & 1) === 0) u32[(sel >>> 2) + i] = 0xffffffff;
  return gatherOrNull(ctx, v, sel, v.length, ctx.scratch);
}

/** A string per word; null where it is null. */
export function textResult(ctx: ExecContext, texts: readonly (string | null)[]): Vector {
  const validity = texts.includes(null)
    ? bitsOf(
        ctx,
        texts.map((t) => t !== null),
        ctx.scratch,
      )
    : 0;
  return vectorOfTexts(
    ctx,
    { dtype: 'Utf8' },
    texts.map((t) => t ?? ''),
    validity,
    ctx.scratch,
  );
}

/** A boolean per word. */
export function boolResult(ctx: ExecContext, values: readonly boolean[]): Vector {
  return { type: { dtype: 'Bool' }, length: values.length, data: bitsOf(ctx, values, ctx.scratch), validity: 0 };
}

/** 64-bit or 32-bit ticks per word; null where the word gave none. */
export function ticksResult(ctx: ExecContext, type: LogicalType, values: readonly (bigint | number | null)[]): Vector {
  const wide = type.dtype !== 'Date32';
  const data = ctx.scratch.alloc(values.length * 8);
  const validity = values.includes(null)
    ? bitsOf(
        ctx,
        values.map((t) => t !== null),
        ctx.scratch,
      )
    : 0;
  const { i64, i32 } = ctx.heap.refresh();
  values.forEach((t, i) => {
    if (wide) i64[(data >>> 3) + i] = BigInt(t ?? 0);
    else i32[(data >>> 2) + i] = Number(t ?? 0);
  });
  return { type, length: values.length, data, validity };
}
