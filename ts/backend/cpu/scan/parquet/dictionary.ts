// The dictionary of a column chunk: its values once, as ours.
import { CorruptFileError, UnsupportedError } from '../../../../errors.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import { convert, isViews, type Origin, type Target } from './target.ts';

export interface Dictionary {
  readonly count: number;
  /** Values as the target has them. */
  readonly values: number;
  /** The same as a vector, with at least one slot. */
  readonly vector: Vector;
}

/** Decodes the dictionary page at [from, end). Blocks taken are added to `blocks`. */
export function readDictionary(
  ctx: ExecContext,
  target: Target,
  from: number,
  end: number,
  count: number,
  blocks: number[],
  origin: Origin,
): Dictionary {
  const { leaf, type, width } = target;
  const corrupt = (what: string): never => {
    throw new CorruptFileError(
      `Corrupt Parquet dictionary in ${origin.path} at byte ${origin.offset}, column "${leaf.name}": ${what}.`,
      { path: origin.path, offset: origin.offset },
    );
  };
  if (leaf.physical === 'BOOLEAN')
    throw new UnsupportedError(`The column "${leaf.name}" of ${origin.path} has a dictionary of booleans.`, {
      path: origin.path,
      column: leaf.name,
    });
  if (leaf.conversion === 'null') return { count, values: 0, vector: { type, length: 1, data: 0, validity: 0 } };
  const least = isViews(target) ? 4 : target.storedWidth;
  if (count * least > end - from) corrupt(`${count} values do not fit into ${end - from} bytes`);
  const alloc = (bytes: number): number => {
    const block = ctx.arena.alloc(bytes);
    blocks.push(block);
    return block;
  };
  const kernels = ctx.kernels.get('parquet-values');
  let stored = from;
  if (isViews(target)) {
    stored = alloc(Math.max(1, count) * 16);
    if (kernels.plainViews(from, end, count, stored) === 0) corrupt('a string passes its end');
    if (type.dtype !== 'Binary' && target.leaf.conversion === 'view' && !kernels.isAscii(from, end - from)) {
      const bad = kernels.badUtf8(stored, count);
      if (bad >= 0) corrupt(`string ${bad} is not UTF-8`);
    }
  }
  let values = stored;
  if (!target.direct) {
    values = alloc(Math.max(1, count) * width);
    const tmp = alloc(16);
    convert(ctx, target, stored, count, values, tmp, origin);
  } else if (count === 0) values = alloc(16);
  if (count === 0) ctx.heap.refresh().u8.fill(0, values, values + Math.max(width, 16));
  return { count, values, vector: { type, length: Math.max(1, count), data: values, validity: 0 } };
}
