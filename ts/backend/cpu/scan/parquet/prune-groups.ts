// Which row groups of a file, and which rows of a row group, a scan has to read.
import { CorruptFileError } from '../../../../errors.ts';
import type { ExprNode } from '../../../../expr/nodes.ts';
import { columnsOf, conjuncts } from '../../../../expr/nodes.ts';
import { type Schema, sameType } from '../../../../schema/types.ts';
import {
  type ColumnIndex,
  type PageLocation,
  type ParquetFooter,
  parseColumnIndex,
  parseOffsetIndex,
} from '../../../../source/parquet-footer.ts';
import { leavesOf, type ParquetLeaf, type ParquetNode, type ParquetSchema } from '../../../../source/parquet-schema.ts';
import { chunkBounds, pageBounds } from '../../../../source/parquet-stats.ts';
import { type BoundsOf, type ColumnBounds, mayMatch, type RowRange } from '../../../../source/prune.ts';
import type { SyncBytes } from '../../context.ts';

/** Gaps of fewer rows than this are read, not skipped: small batches cost more. */
const SMALLEST_GAP_ROWS = 4096;

/** The flat columns of a file by name; a name that is there twice, or that the plan means otherwise, says nothing. */
function flatLeaves(schema: ParquetSchema, fileSchema: Schema): Map<string, ParquetLeaf> {
  const count = new Map<string, number>();
  for (const c of schema.columns) count.set(c.name, (count.get(c.name) ?? 0) + 1);
  const leaves = new Map<string, ParquetLeaf>();
  for (const c of schema.columns) {
    const isMeant = count.get(c.name) === 1 && fileSchema.some((f) => f.name === c.name);
    if (c.kind === 'leaf' && isMeant) leaves.set(c.name, c);
  }
  return leaves;
}

function groupBounds(footer: ParquetFooter, leaves: ReadonlyMap<string, ParquetLeaf>, group: number): BoundsOf {
  const { rows, columns } = footer.rowGroups[group]!;
  const cache = new Map<string, ColumnBounds | null>();
  return (name, type) => {
    const leaf = leaves.get(name);
    if (!leaf || !sameType(leaf.type, type)) return null;
    let bounds = cache.get(name);
    if (bounds === undefined) {
      const chunk = columns[leaf.index];
      bounds = leaf && chunk ? chunkBounds(leaf, chunk.statistics, footer.columnOrders[leaf.index] ?? 0, rows) : null;
      cache.set(name, bounds);
    }
    return bounds;
  };
}

/** Those of the row groups that may hold a row for which the predicate is true. */
export function keptGroups(
  groups: readonly number[],
  footer: ParquetFooter,
  schema: ParquetSchema,
  fileSchema: Schema,
  predicate: ExprNode,
): number[] {
  const leaves = flatLeaves(schema, fileSchema);
  return groups.filter((group) => mayMatch(predicate, groupBounds(footer, leaves, group)));
}

export interface GroupRows {
  /** Rows to read, ascending. */
  readonly ranges: readonly RowRange[];
  /** Where the pages of the wanted flat columns start, by column chunk. */
  readonly pageStarts: ReadonlyMap<number, readonly PageLocation[]>;
}

/** Narrows a row group to the pages that may match, where the file has a page index. */
export function keptRows(
  bytes: SyncBytes,
  footer: ParquetFooter,
  schema: ParquetSchema,
  fileSchema: Schema,
  group: number,
  nodes: readonly (ParquetNode | null)[],
  predicate: ExprNode,
): GroupRows {
  const meta = footer.rowGroups[group]!;
  const all: GroupRows = { ranges: [{ from: 0, to: meta.rows }], pageStarts: new Map() };
  const leaves = flatLeaves(schema, fileSchema);
  const reader = new PageIndexReader(bytes, footer, group);
  let ranges: readonly RowRange[] = all.ranges;
  for (const part of conjuncts(predicate)) {
    const names = [...columnsOf(part)];
    const leaf = names.length === 1 ? leaves.get(names[0]!) : undefined;
    const index = leaf && reader.index(leaf);
    if (!leaf || !index) continue;
    const found: RowRange[] = [];
    for (const [p, page] of index.pages.entries()) {
      const to = index.pages[p + 1]?.firstRow ?? meta.rows;
      const order = footer.columnOrders[leaf.index] ?? 0;
      const one = pageBounds(leaf, index.columnIndex, p, order, to - page.firstRow);
      const ofPage: BoundsOf = (name, type) => (name === leaf.name && sameType(type, leaf.type) ? one : null);
      if (mayMatch(part, ofPage)) found.push({ from: page.firstRow, to });
    }
    ranges = intersect(ranges, found);
  }
  ranges = withoutSmallGaps(ranges);
  const isWhole = ranges.length === 1 && ranges[0]!.from === 0 && ranges[0]!.to === meta.rows;
  if (isWhole) return all;
  const pageStarts = new Map<number, readonly PageLocation[]>();
  for (const node of nodes) {
    if (node?.kind !== 'leaf') continue;
    const pages = reader.pages(leavesOf(node)[0]!);
    if (pages) pageStarts.set(node.index, pages);
  }
  return { ranges, pageStarts };
}

/** Reads page indexes and believes them only when they are consistent. */
class PageIndexReader {
  readonly #bytes: SyncBytes;
  readonly #footer: ParquetFooter;
  readonly #group: number;
  readonly #pages = new Map<number, readonly PageLocation[] | null>();

  constructor(bytes: SyncBytes, footer: ParquetFooter, group: number) {
    this.#bytes = bytes;
    this.#footer = footer;
    this.#group = group;
  }

  #fits(offset: number, length: number): boolean {
    return offset > 0 && length > 0 && offset + length <= this.#bytes.sizeBytes;
  }

  pages(leaf: ParquetLeaf): readonly PageLocation[] | null {
    let pages = this.#pages.get(leaf.index);
    if (pages === undefined) {
      pages = ifReadable(() => this.#readPages(leaf));
      this.#pages.set(leaf.index, pages);
    }
    return pages;
  }

  #readPages(leaf: ParquetLeaf): readonly PageLocation[] | null {
    const group = this.#footer.rowGroups[this.#group]!;
    const chunk = group.columns[leaf.index]!;
    const at = chunk.offsetIndex;
    if (at === null || !this.#fits(at.offset, at.length)) return null;
    const pages = parseOffsetIndex(this.#bytes.read(at.offset, at.length), this.#bytes.name, at.offset);
    if (pages[0]?.firstRow !== 0) return null;
    for (const [i, p] of pages.entries()) {
      const next = pages[i + 1];
      const inChunk = p.offset >= 4 && p.bytes > 0 && p.offset + p.bytes <= at.offset;
      if (!inChunk || (next && (next.firstRow <= p.firstRow || next.offset < p.offset + p.bytes))) return null;
      if (p.firstRow >= group.rows) return null;
    }
    return pages;
  }

  index(leaf: ParquetLeaf): { columnIndex: ColumnIndex; pages: readonly PageLocation[] } | null {
    const at = this.#footer.rowGroups[this.#group]!.columns[leaf.index]!.columnIndex;
    if (at === null || !this.#fits(at.offset, at.length)) return null;
    const pages = this.pages(leaf);
    // with one page the row group's statistics have said it all
    if (pages === null || pages.length < 2) return null;
    const columnIndex = ifReadable(() =>
      parseColumnIndex(this.#bytes.read(at.offset, at.length), this.#bytes.name, at.offset),
    );
    if (columnIndex === null) return null;
    const n = pages.length;
    const fits = columnIndex.nullPages.length === n && columnIndex.mins.length === n && columnIndex.maxes.length === n;
    return fits ? { columnIndex, pages } : null;
  }
}

/** An index that cannot be read is one that is not there: the data does not need it. */
function ifReadable<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch (e) {
    if (e instanceof CorruptFileError) return null;
    throw e;
  }
}

function intersect(a: readonly RowRange[], b: readonly RowRange[]): RowRange[] {
  const out: RowRange[] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const from = Math.max(a[i]!.from, b[j]!.from);
    const to = Math.min(a[i]!.to, b[j]!.to);
    if (from < to) out.push({ from, to });
    if (a[i]!.to < b[j]!.to) i++;
    else j++;
  }
  return out;
}

function withoutSmallGaps(ranges: readonly RowRange[]): RowRange[] {
  const out: { from: number; to: number }[] = [];
  for (const r of ranges) {
    const last = out.at(-1);
    if (last && r.from - last.to < SMALLEST_GAP_ROWS) last.to = r.to;
    else out.push({ ...r });
  }
  return out;
}
