// Which files of a partitioned folder a scan can leave out.
import type { ExprNode, LiteralValue } from '../../../expr/nodes.ts';
import type { FileSpec } from '../../../plan/nodes.ts';
import { partitionValue } from '../../../source/hive.ts';
import { type Bound, mayMatch } from '../../../source/prune.ts';

/** Files whose partition may hold a row for which the predicate is true. */
export function filesThatMayMatch(predicate: ExprNode, files: readonly FileSpec[]): readonly FileSpec[] {
  return files.filter((file) =>
    mayMatch(predicate, (name, type) => {
      const text = file.partition?.[name];
      if (text === undefined) return null;
      const value = partitionValue(text, type);
      const bound = boundOf(value);
      if (value !== null && bound === null) return null;
      return { min: bound, max: bound, nulls: value === null, values: value !== null, nan: false };
    }),
  );
}

const encoder = new TextEncoder();
/** A partition's value in the form that pruning compares. */
function boundOf(value: LiteralValue): Bound | null {
  if (typeof value === 'string') return encoder.encode(value);
  if (typeof value === 'boolean') return value ? 1n : 0n;
  if (typeof value === 'bigint') return value;
  return typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : null;
}
