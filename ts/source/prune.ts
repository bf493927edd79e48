/** Rows [from, to). */
export interface RowRange {
  readonly from: number;
  readonly to: number;
}
