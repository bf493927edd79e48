// In front of a filter that keeps the first k rows of each group by rank: rows that k others of their group are already
// known to be ahead of are dropped before the window keeps, sorts and ranks what is left. Ranks within the first k stay
// the same, so the filter behind decides as if it had seen all rows; each thread may drop by what it has seen itself.
import { mayFail } from '../../../expr/inspect.ts';
import type { ExprNode, OverNode } from '../../../expr/nodes.ts';
import { isFloat, isInteger, physicalOf, type Schema } from '../../../schema/types.ts';
import { flatten } from '../columns/flatten.ts';
import { gather } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import { GroupArray } from '../functions/agg/state.ts';
import { GroupTable } from '../groups/group-table.ts';
import { NUMBER_KINDS } from '../kernel-kinds.ts';
import type { Emit, Operator } from '../pipeline.ts';
import type { Batch } from '../vector.ts';
import type { NamedOver } from '../windows.ts';
import { ComputedColumns } from './computed-columns.ts';
import { PART_BYTES, partsOf, writePart } from './sort-parts.ts';

/** More rows a group are searched too long, one by one. */
const MOST_ROWS = 32;
/** After so many rows it shows whether dropping pays. */
const TRIAL_ROWS = 1 << 20;
const MOST_KEPT = 0.75;
/** More groups are not worth their memory. */
const MOST_BYTES = 64 << 20;

/** Which rows a filter over a rank keeps. */
interface Wanted {
  readonly over: OverNode;
  readonly value: ExprNode;
  readonly rows: number;
  readonly descending: boolean;
  /** A row that ties with the last of the first k is dropped too: it comes later. */
  readonly dropsTies: boolean;
}

/** The step for a predicate and the windows taken out of it; null where it is not one over a rank that it can help. */
export function createTopOfGroups(
  predicate: ExprNode,
  rounds: readonly (readonly NamedOver[])[],
  input: Schema,
): Operator | null {
  const wanted = wantedRows(predicate, rounds);
  return wanted ? new TopOfGroups(wanted, input) : null;
}

function wantedRows(predicate: ExprNode, rounds: readonly (readonly NamedOver[])[]): Wanted | null {
  const [window, ...others] = rounds.flat();
  if (!window || others.length > 0 || predicate.node !== 'call') return null;
  const rows = mostRows(predicate.fn, predicate.args, window.name);
  const { expr: call, partitionBy, orderBy } = window.over;
  if (rows === null || call.node !== 'call' || call.fn !== 'rank') return null;
  const { method, descending } = call.options;
  const value = call.args[0]!;
  const isNumber = NUMBER_KINDS[physicalOf(value.type)] !== undefined;
  // Dense ranks count values: many rows ahead may be one.
  if (method === 'dense' || orderBy.length > 0 || partitionBy.length === 0 || !isNumber) return null;
  return {
    over: window.over,
    value,
    rows,
    descending: descending === true,
    dropsTies: method === 'ordinal',
  };
}

/** The greatest rank that passes, when that is few. */
function mostRows(fn: string, args: readonly ExprNode[], window: string): number | null {
  const [rank, limit] = args;
  const isRank = (e: ExprNode | undefined): boolean =>
    (e?.node === 'col' && e.name === window) ||
    // Other casts change the order, or fail for ranks that would not be there any more.
    (e?.node === 'cast' && (isInteger(e.type) || isFloat(e.type)) && !mayFail(e) && isRank(e.expr));
  if (!isRank(rank) || limit?.node !== 'lit' || !['le', 'lt', 'eq'].includes(fn)) return null;
  const value = Number(limit.value ?? Number.NaN);
  const most = fn === 'lt' ? Math.ceil(value) - 1 : Math.floor(value);
  return most >= 1 && most <= MOST_ROWS ? most : null;
}

class TopOfGroups implements Operator {
  readonly #wanted: Wanted;
  readonly #columns: ComputedColumns;
  readonly #table: GroupTable;
  /** For each group how many codes it has, and the codes of its best rows so far, the least first. */
  readonly #best: GroupArray;
  #seen = 0;
  #kept = 0;
  #isOver = false;

  constructor(wanted: Wanted, input: Schema) {
    this.#wanted = wanted;
    const keys = wanted.over.partitionBy;
    this.#columns = new ComputedColumns([wanted.value, ...keys], input);
    this.#table = new GroupTable(keys.map((k) => k.type));
    this.#best = new GroupArray((wanted.rows + 1) * 8);
  }

  readonly threads = {
    part: (ctx: ExecContext): null => {
      this.#free(ctx);
      return null;
    },
  };

  push(ctx: ExecContext, batch: Batch, emit: Emit): void {
    if (this.#isOver) {
      emit(batch);
      return;
    }
    const { length } = batch;
    const { columns } = this.#columns.extend(ctx, batch);
    const [value, ...keys] = this.#columns.positions.map((p) => columns[p]!);
    const groups = this.#table.assign(ctx, keys, length);
    this.#best.ensure(ctx, this.#table.count);
    const { descending, rows, dropsTies } = this.#wanted;
    const vector = value!.dict ? flatten(ctx, value!, ctx.scratch) : value!;
    const part = ctx.scratch.alloc(PART_BYTES);
    // Codes are turned round for ascending ranks: the greatest come first here.
    writePart(ctx, part, partsOf({ vector, descending: !descending, nullsFirst: false })[0]!);
    const sel = ctx.scratch.alloc((length + 1) * 4);
    const kept = ctx.kernels
      .get('sort')
      .bestRows(part, length, groups, rows, dropsTies ? 1 : 0, this.#best.address, sel);
    this.#seen += length;
    this.#kept += kept;
    const isLarge = this.#table.count * (rows + 1) * 8 > MOST_BYTES;
    if (isLarge || (this.#seen >= TRIAL_ROWS && this.#kept > MOST_KEPT * this.#seen)) this.#free(ctx);
    if (kept === length) emit(batch);
    else if (kept > 0)
      emit({
        length: kept,
        columns: batch.columns.map((v) => gather(ctx, v, sel, kept, ctx.scratch)),
        ordinal: batch.ordinal,
      });
  }

  finish(ctx: ExecContext): void {
    this.#free(ctx);
  }

  /** What follows passes: any row may. */
  #free(ctx: ExecContext): void {
    this.#isOver = true;
    this.#table.free(ctx);
    this.#best.free(ctx);
  }
}
