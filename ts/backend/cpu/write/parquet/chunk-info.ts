// What a column chunk is made from, and what is known of it when it is written.
import type { Bounds } from './bounds.ts';
import type { WriteLeaf } from './columns.ts';

/** Levels of a nested column: a byte per entry at each address. */
export interface EntryLevels {
  readonly entries: number;
  readonly rep: number;
  readonly def: number;
}

/** A page of a chunk as the indexes and the footer need it. */
export interface PageInfo {
  /** From the beginning of the first data page. */
  readonly offset: number;
  /** In the file, header included. */
  readonly bytes: number;
  readonly firstRow: number;
  readonly entries: number;
  readonly nulls: number;
  readonly bounds: Bounds;
}

/** A finished chunk. */
export interface ChunkInfo {
  readonly leaf: WriteLeaf;
  readonly entries: number;
  readonly compressedBytes: number;
  readonly uncompressedBytes: number;
  /** Position in the file, or -1. */
  readonly dictionaryOffset: number;
  readonly dataOffset: number;
  readonly pages: readonly PageInfo[];
  /** How many data pages hold codes; the others hold plain values. */
  readonly codedPages: number;
  readonly bounds: Bounds;
}
