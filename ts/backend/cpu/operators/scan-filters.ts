// What a scan may drop by itself: rows that the filter above it drops, and rows without a partner in joins that they
// stream through.
import { allOf, hasOver, mayFail } from '../../../expr/inspect.ts';
import { columnsOf, conjuncts, type ExprNode, type NamedExpr } from '../../../expr/nodes.ts';
import type { JoinNode, ScanNode } from '../../../plan/nodes.ts';
import type { Schema } from '../../../schema/types.ts';
import { createSelector } from '../evaluate.ts';
import type { Operator } from '../pipeline.ts';
import type { RowFilter } from '../scan/scanner.ts';
import type { JoinBuildSink } from './join.ts';
import { outputColumns } from './join-output.ts';

/** A column of which only values matter that are keys of a join's kept side. */
export interface KeyHint {
  readonly column: string;
  readonly build: JoinBuildSink;
}

/** Whether the format can leave out rows, and no one counts those that it reads. */
export const canDrop = (node: ScanNode): boolean =>
  node.format === 'parquet' && node.limit === null && node.files.every((f) => !f.partition);

/** The predicate as filters, one for each set of columns; null when it must see all rows at once. */
export function predicateFilters(predicate: ExprNode, schema: Schema): RowFilter[] | null {
  if (hasOver(predicate) || mayFail(predicate)) return null;
  const sets = new Map<string, { columns: number[]; parts: ExprNode[] }>();
  for (const part of conjuncts(predicate)) {
    const names = columnsOf(part);
    if (names.size === 0) return null;
    const columns = schema.flatMap((f, i) => (names.has(f.name) ? [i] : []));
    const key = columns.join();
    const known = sets.get(key);
    if (known) known.parts.push(part);
    else sets.set(key, { columns, parts: [part] });
  }
  return [...sets.values()].map(({ columns, parts }): RowFilter => {
    const fields = columns.map((c) => schema[c]!);
    const selector = createSelector(allOf(parts)!, fields);
    return {
      columns,
      isHint: false,
      select: (ctx, vectors, n) => selector.select(ctx, { length: n, columns: vectors, ordinal: 0 }),
    };
  });
}

/** Hints as filters of a scan. */
export const keyFilters = (hints: readonly KeyHint[], schema: Schema): RowFilter[] =>
  hints.map(({ column, build }) => ({
    columns: [schema.findIndex((f) => f.name === column)],
    isHint: true,
    select: (ctx, [key]) => build.mayMatch(ctx, key!),
  }));

/** Stands where the filter stood that the scan has taken over: its rows are counted there. */
export const passed: () => Operator = () => ({
  threads: {},
  mostRows: (rows) => rows,
  push: (_, batch, emit) => emit(batch),
});

/** Hints by the names of a projection's input; none where it could tell that rows are missing. */
export function hintsBelow(hints: readonly KeyHint[], exprs: readonly NamedExpr[]): KeyHint[] {
  if (hints.length === 0 || exprs.some(({ expr }) => hasOver(expr) || mayFail(expr))) return [];
  const names = new Map(exprs.map(({ name, expr }) => [name, expr.node === 'col' ? expr.name : null]));
  return hints.flatMap(({ column, build }) => {
    const name = names.get(column) ?? null;
    return name === null ? [] : [{ column: name, build }];
  });
}

/** Hints for the side of a join that streams: those from above that it can take, and its own keys. */
export function probeHints(node: JoinNode, build: JoinBuildSink, above: readonly KeyHint[]): KeyHint[] {
  const buildLeft = node.build === 'left';
  const { how } = node;
  const filters = how === 'semi' || how === 'anti';
  const probe = buildLeft ? node.right.schema : node.left.schema;
  // Rows of the kept side that are met, or not, are part of the result: then all rows have to come by.
  const marks = how === 'full' || how === (buildLeft ? 'left' : 'right') || (buildLeft && filters);
  const output = marks ? [] : outputColumns(node);
  const passing =
    output.length === 0
      ? []
      : above.flatMap((hint) => {
          const { probe: at, build: other } = output[node.schema.findIndex((f) => f.name === hint.column)]!;
          return at >= 0 && other < 0 ? [{ ...hint, column: probe[at]!.name }] : [];
        });
  const keys = buildLeft ? node.rightOn : node.leftOn;
  const needsAll = how === 'full' || how === (buildLeft ? 'right' : 'left') || (!buildLeft && how === 'anti');
  return keys.length === 1 && !needsAll ? [...passing, { column: keys[0]!, build }] : passing;
}
