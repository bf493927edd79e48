// Membership in a list that is too long to compare one by one, or of strings: a hash table, made once per list.
import type { LitNode } from '../../../expr/nodes.ts';
import { bytesFor, type LogicalType, physicalOf } from '../../../schema/types.ts';
import { constantVector } from '../columns/constant.ts';
import { flatten } from '../columns/flatten.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
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
  values.inSet(source.data, length, set.items, kind, set.table, set.bits, data);
  if (flat.validity !== 0) ctx.kernels.get('core').andBits(data, flat.validity, length, data);
  return { type: call.type, length, data, validity: flat.validity };
};
