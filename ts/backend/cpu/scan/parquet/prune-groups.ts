// Which row groups, and which rows of them, a scan has to read.
import type { ParquetFooter } from '../../../../source/parquet-footer.ts';
import type { ParquetSchema } from '../../../../source/parquet-schema.ts';
import type { RowRange } from '../../../../source/prune.ts';
import type { ScanRequest } from '../scanner.ts';

/** A row group that may hold wanted rows. */
export interface KeptGroup {
  readonly index: number;
  readonly ranges: readonly RowRange[];
  /** Rows in the ranges. */
  readonly rows: number;
  readonly pageStarts: ReadonlyMap<number, readonly { readonly offset: number; readonly firstRow: number }[]>;
}

export function pruneGroups(
  _request: ScanRequest,
  footer: ParquetFooter,
  _schema: ParquetSchema,
): { groups: KeptGroup[]; note: string | null } {
  const groups = footer.rowGroups
    .map((g, index) => ({ index, ranges: [{ from: 0, to: g.rows }], rows: g.rows, pageStarts: new Map() }))
    .filter((g) => g.rows > 0);
  return { groups, note: null };
}
