// Rows of ours and of DuckDB brought to one form and compared: exact, but for floats (relative 1e-9).

/** A cell as text or number. */
export type Cell = string | number | boolean | null;

/** A value of `toRecords` in the form that DuckDB's JSON rows have. */
export function cellOf(value: unknown): Cell {
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return value;
  if (value instanceof Date) return value.toISOString().slice(0, 10);
  return String(value);
}

const numeric = (c: Cell): number | null =>
  typeof c === 'number' ? c : typeof c === 'string' && /^-?\d+(\.\d+)?$/.test(c) ? Number(c) : null;

function sameCell(a: Cell, b: Cell): boolean {
  if (a === b) return true;
  const x = numeric(a);
  const y = numeric(b);
  if (x === null || y === null) return false;
  // Text on both sides is exact: 1.50 and 1.5 are equal, 1.50 and 1.51 are not.
  const tolerance = typeof a === 'number' || typeof b === 'number' ? 1e-9 * Math.max(1, Math.abs(x)) : 0;
  return Math.abs(x - y) <= tolerance;
}

/** The first difference, in words; null when the rows are the same. */
export function firstDifference(ours: readonly Cell[][], theirs: readonly Cell[][]): string | null {
  if (ours.length !== theirs.length) return `${ours.length} rows, expected ${theirs.length}`;
  for (const [i, row] of ours.entries()) {
    const other = theirs[i]!;
    if (row.length !== other.length) return `${row.length} columns, expected ${other.length}`;
    for (const [k, cell] of row.entries())
      if (!sameCell(cell, other[k]!)) return `row ${i}, column ${k}: ${String(cell)}, expected ${String(other[k])}`;
  }
  return null;
}
