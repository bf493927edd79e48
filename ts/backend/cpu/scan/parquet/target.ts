// How the stored values of a leaf become values of the dtype that is wanted.
import { CorruptFileError, EvaluationError } from '../../../../errors.ts';
import { type LogicalType, type Physical, physicalOf, widthOf } from '../../../../schema/types.ts';
import type { ParquetLeaf } from '../../../../source/parquet-schema.ts';
import type { ExecContext } from '../../context.ts';

export interface Target {
  readonly leaf: ParquetLeaf;
  readonly type: LogicalType;
  readonly physical: Physical;
  /** Bytes of one of our values; 0 for bits. */
  readonly width: number;
  /** Bytes of one stored value in memory; 16 for views of BYTE_ARRAY, 0 for bits. */
  readonly storedWidth: number;
  /** Stored values are our values. */
  readonly direct: boolean;
}

const STORED_WIDTH = { BOOLEAN: 0, INT32: 4, INT64: 8, INT96: 12, FLOAT: 4, DOUBLE: 8, BYTE_ARRAY: 16 } as const;

/** `type` is the leaf's own, or another unit for INT96. */
export function targetOf(leaf: ParquetLeaf, type: LogicalType): Target {
  const physical = physicalOf(type);
  const isFixed = leaf.physical === 'FIXED_LEN_BYTE_ARRAY';
  return {
    leaf,
    type,
    physical,
    width: widthOf(physical),
    storedWidth: leaf.physical === 'FIXED_LEN_BYTE_ARRAY' ? leaf.typeLength : STORED_WIDTH[leaf.physical],
    direct: leaf.conversion === 'copy' || leaf.conversion === 'bool' || (leaf.conversion === 'view' && !isFixed),
  };
}

export const isViews = (t: Target): boolean => t.leaf.physical === 'BYTE_ARRAY';

const NANOS = { ms: 1_000_000, us: 1_000, ns: 1 } as const;

/** Where a conversion happens, for its errors. */
export interface Origin {
  readonly path: string;
  readonly offset: number;
}

/**
 * Converts n stored values at `src` to ours at `out`; `tmp` has 16 bytes. For views of fixed-width values the bytes
 * at `src` must stay.
 */
export function convert(
  ctx: ExecContext,
  t: Target,
  src: number,
  n: number,
  out: number,
  tmp: number,
  from: Origin,
): void {
  const kernels = ctx.kernels.get('parquet-values');
  const { leaf } = t;
  switch (leaf.conversion) {
    case 'narrow':
      kernels.narrow(src, n, t.width, out);
      return;
    case 'widen':
      kernels.widen(src, n, t.storedWidth, t.width, out);
      return;
    case 'mul':
      kernels.multiply(src, n, t.storedWidth, leaf.factor, out);
      return;
    case 'half':
      kernels.halves(src, n, out);
      return;
    case 'view':
      kernels.fixedViews(src, t.storedWidth, n, out);
      return;
    case 'int96': {
      const unit = t.type.dtype === 'Datetime' ? t.type.unit : 'ns';
      if (kernels.int96(src, n, NANOS[unit], out) >= 0)
        throw new EvaluationError(
          'ERR_OVERFLOW',
          `The column "${leaf.name}" of ${from.path} holds an INT96 time that 64 bits of ${unit} cannot hold. Leave the column out, or rewrite the file with timestamps in microseconds.`,
          { column: leaf.name },
        );
      return;
    }
    case 'be': {
      const bad = isViews(t)
        ? kernels.viewDecimals(src, n, t.width, out, tmp)
        : kernels.fixedDecimals(src, t.storedWidth, n, t.width, out, tmp);
      if (bad >= 0)
        throw new CorruptFileError(
          `Corrupt Parquet page in ${from.path} at byte ${from.offset}: a value of "${leaf.name}" has more digits than its decimal type.`,
          from,
        );
      return;
    }
    default:
      throw new Error(`no conversion for ${leaf.conversion}`);
  }
}
