// Membership in a list that is too long to compare one by one, or of strings: a hash table, made once per list.
import { EvaluationError } from '../../../errors.ts';
import type { LitNode } from '../../../expr/nodes.ts';
import { bytesFor, type LogicalType, physicalOf } from '../../../schema/types.ts';
import { constantVector } from '../columns/constant.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import { type Vector, VIEW_INLINE_BYTES } from '../vector.ts';
import { textOfValue } from './cast-text.ts';
import type { ElementwiseKernel } from './contracts.ts';
import { wordsOf } from './words.ts';

const WORDS = 0;
const PAIRS = 1;
const VIEWS = 2;

/** A list in the heap, for the length of a query. */
interface ValueSet {
  readonly items: number;
  readonly table: number;
  readonly bits: number;
}

const kindOf = (type: LogicalType): number => {
  const physical = physicalOf(type);
  return physical === 'view' ? VIEWS : physical === 'i128' ? PAIRS : WORDS;
};

function makeSet(ctx: ExecContext, list: LitNode): ValueSet {
  const wanted = list.value as readonly (string | number | bigint | boolean | Uint8Array)[];
  const kind = kindOf(list.type);
  const width = kind === WORDS ? 8 : 16;
  const items = ctx.arena.alloc(Math.max(1, wanted.length) * width);
  wanted.forEach((item, i) => {
    const one = constantVector(ctx, list.type, item, 1, ctx.arena);
    const word = kind === WORDS ? wordsOf(ctx, one) : one;
    ctx.heap.refresh().u8.copyWithin(items + i * width, word.data, word.data + width);
    ctx.arena.free(one.data);
  });
  let bits = 4;
  while (1 << bits < wanted.length * 2) bits++;
  const table = ctx.arena.alloc(4 << bits);
  ctx.heap.refresh();
  ctx.kernels.get('values').buildSet(items, wanted.length, kind, table, bits);
  return { items, table, bits };
}

/** Items that are compared one by one sooner than hashed. */
const FEW = 16;

/** Whether a list has few texts, each of which lies in its view: such views are equal when their bytes are. */
const isFewShort = (items: unknown): items is readonly string[] =>
  Array.isArray(items) &&
  items.length <= FEW &&
  items.every((item) => typeof item === 'string' && Buffer.byteLength(item) <= VIEW_INLINE_BYTES);

export const isInKernel: ElementwiseKernel = (ctx, call, args, length, state) => {
  const list = call.args[1] as LitNode;
  let set = state.get(call) as ValueSet | undefined;
  if (!set) {
    set = makeSet(ctx, list);
    state.set(call, set);
  }
  const flat = flatten(ctx, args[0]!, ctx.scratch);
  const kind = kindOf(list.type);
  const source: Vector = kind === WORDS ? wordsOf(ctx, flat) : flat;
  const data = ctx.scratch.alloc(bytesFor('bit', length));
  ctx.heap.refresh();
  const values = ctx.kernels.get('values');
  const { value } = list;
  if (kind === VIEWS && isFewShort(value)) values.inFew(source.data, length, set.items, value.length, data);
  else values.inSet(source.data, length, set.items, kind, set.table, set.bits, data);
  if (flat.validity !== 0) ctx.kernels.get('core').andBits(data, flat.validity, length, data);
  return { type: call.type, length, data, validity: flat.validity };
};

/** Most characters of a value in a message. */
const MOST_CHARS = 60;

export const lookupKernel: ElementwiseKernel = (ctx, call, args, length, state) => {
  const keys = call.args[1] as LitNode;
  let made = state.get(call) as (ValueSet & { readonly numbers: number }) | undefined;
  if (!made) {
    const list = (call.args[2] as LitNode).value as readonly number[];
    const set = makeSet(ctx, keys);
    const numbers = ctx.arena.alloc(Math.max(1, list.length) * 8);
    ctx.heap.refresh().f64.set(list, numbers >>> 3);
    made = { ...set, numbers };
    state.set(call, made);
  }
  const flat = flatten(ctx, args[0]!, ctx.scratch);
  const kind = kindOf(keys.type);
  const source: Vector = kind === WORDS ? wordsOf(ctx, flat) : flat;
  const data = ctx.scratch.alloc(length * 8);
  const present = ctx.scratch.alloc(bytesFor('bit', length));
  ctx.heap.refresh();
  const unknown = ctx.kernels
    .get('values')
    .lookUp(
      source.data,
      flat.validity,
      length,
      made.items,
      kind,
      made.table,
      made.bits,
      made.numbers,
      data,
      present,
    ) as number;
  const column = call.options['column'] as string | null;
  if (unknown >= 0 && column !== null)
    throw unknownError(ctx, flat, unknown, column, call.options['shown'] as string | null);
  return { type: call.type, length, data, validity: unknown < 0 && flat.validity === 0 ? 0 : present };
};

function unknownError(ctx: ExecContext, v: Vector, row: number, column: string, shown: string | null): EvaluationError {
  let value = shown ?? textOfValue(ctx, v, row);
  if (value.length > MOST_CHARS) value = `${value.slice(0, MOST_CHARS)}…`;
  const isText = v.type.dtype === 'Utf8' || v.type.dtype === 'Categorical';
  return new EvaluationError(
    'ERR_EVALUATION',
    `Column "${column}" holds ${isText ? JSON.stringify(value) : value}, which was not there in fit. Fit on rows that hold it, or let the encoder pass unknown values with its handleUnknown parameter.`,
    { column, value, row },
  );
}
