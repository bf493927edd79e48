// A column of lists, structs and maps: its leaves are read with their levels, then put together.
import { leavesOf, type ParquetLeaf, type ParquetNode } from '../../../../source/parquet-schema.ts';
import { gatherOrNull } from '../../columns/gather.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';
import { type ColumnReader, expandNulls, packedBytes } from './flat-column.ts';
import type { PageStream } from './page-stream.ts';

/** Levels decoded ahead of the records they belong to. */
const WINDOW = 8192;

/** The levels and values of some records of one leaf. */
interface LeafRecords {
  /** Addresses of one byte per entry; `rep` is 0 when the leaf is in no list. */
  readonly rep: number;
  readonly def: number;
  readonly entries: number;
  /** Packed values, in the leaf's layout. */
  readonly values: number;
  readonly count: number;
}

/** A block of the arena that grows. */
class Growing {
  address = 0;
  #capacity = 0;
  ensure(ctx: ExecContext, used: number, bytes: number): void {
    if (bytes <= this.#capacity) return;
    const capacity = Math.max(bytes, this.#capacity * 2, 4096);
    this.address =
      this.address === 0 ? ctx.arena.alloc(capacity) : ctx.arena.grow(ctx.heap, this.address, used, capacity);
    this.#capacity = capacity;
  }
  free(ctx: ExecContext): void {
    if (this.address !== 0) ctx.arena.free(this.address);
    this.address = this.#capacity = 0;
  }
}

class LeafColumn {
  readonly pages: PageStream;
  readonly #leaf: ParquetLeaf;
  readonly #rep = new Growing();
  readonly #def = new Growing();
  readonly #values = new Growing();
  /** Levels of the current page that are decoded and not yet taken. */
  #window = 0;
  #windowAt = 0;
  #windowLeft = 0;
  #found = 0;
  #started = false;

  constructor(pages: PageStream) {
    this.pages = pages;
    this.#leaf = pages.target.leaf;
  }

  /** Reads n records; they exist. */
  read(ctx: ExecContext, n: number): LeafRecords {
    const nested = ctx.kernels.get('parquet-nested');
    const { rep: maxRep, def: maxDef } = this.#leaf;
    if (this.#window === 0) {
      this.#window = ctx.arena.alloc(2 * WINDOW + 64);
      this.#found = ctx.arena.alloc(16);
    }
    let records = 0;
    let entries = 0;
    let count = 0;
    for (;;) {
      if (this.#windowLeft === 0) {
        if (maxRep === 0 && records === n) break;
        if (this.pages.exhausted) {
          if (records < n) this.pages.corrupt('the column chunk has fewer values than its row group has rows');
          break;
        }
        this.#fill(ctx);
      }
      const rep = this.#window + this.#windowAt;
      const def = this.#window + WINDOW + this.#windowAt;
      let take = Math.min(this.#windowLeft, n - records);
      let ended = false;
      if (maxRep === 0) records += take;
      else {
        const end = nested.recordsEnd(rep, this.#windowLeft, n - records, this.#found);
        records += ctx.heap.refresh().i32[this.#found >>> 2]!;
        take = end < 0 ? this.#windowLeft : end;
        ended = end >= 0;
      }
      count += this.#append(ctx, rep, def, take, entries, count);
      entries += take;
      this.#windowAt += take;
      this.#windowLeft -= take;
      if (ended || (maxRep === 0 && records === n)) break;
    }
    const width = this.pages.target.width;
    // zero definition levels still need a buffer to look at
    this.#def.ensure(ctx, entries, entries + 16);
    if (maxDef === 0) ctx.heap.refresh().u8.fill(0, this.#def.address, this.#def.address + entries);
    this.#values.ensure(ctx, packedBytes(width, count), packedBytes(width, count));
    return {
      rep: maxRep === 0 ? 0 : this.#rep.address,
      def: this.#def.address,
      entries,
      values: this.#values.address,
      count,
    };
  }

  /** Decodes more levels of the current page, or of the next one. */
  #fill(ctx: ExecContext): void {
    const kernels = ctx.kernels.get('parquet');
    const { rep: maxRep, def: maxDef } = this.#leaf;
    const page = this.pages.current(ctx);
    const n = Math.min(page.left, WINDOW);
    const bad = (): never =>
      this.pages.corrupt('the levels of a page end before its last value or are too high', page.origin.offset);
    if (maxRep > 0 && kernels.rleLevels(this.pages.repState, n, maxRep, this.#window) < 0) bad();
    if (maxDef > 0 && kernels.rleLevels(this.pages.defState, n, maxDef, this.#window + WINDOW) < 0) bad();
    if (!this.#started) {
      this.#started = true;
      if (maxRep > 0 && ctx.heap.refresh().u8[this.#window] !== 0)
        this.pages.corrupt('the first value continues a record that has not begun', page.origin.offset);
    }
    page.left -= n;
    this.#windowAt = 0;
    this.#windowLeft = n;
  }

  /** Takes entries of the window with their values; returns how many values. */
  #append(ctx: ExecContext, rep: number, def: number, n: number, entries: number, count: number): number {
    const { rep: maxRep, def: maxDef } = this.#leaf;
    if (n === 0) return 0;
    if (maxRep > 0) {
      this.#rep.ensure(ctx, entries, entries + n + 16);
      ctx.kernels.get('parquet').copyBytes(this.#rep.address + entries, rep, n);
    }
    let present = n;
    if (maxDef > 0) {
      this.#def.ensure(ctx, entries, entries + n + 16);
      ctx.kernels.get('parquet').copyBytes(this.#def.address + entries, def, n);
      present = ctx.kernels.get('parquet-nested').countLevels(def, n, maxDef);
    }
    const { width, physical } = this.pages.target;
    if (present === 0 || physical === 'null') return 0;
    this.#values.ensure(ctx, packedBytes(width, count), packedBytes(width, count + present));
    this.pages.page!.values.read(ctx, present, this.#values.address, count);
    return present;
  }

  get exhausted(): boolean {
    return this.#windowLeft === 0 && this.pages.exhausted;
  }

  close(ctx: ExecContext): void {
    this.#rep.free(ctx);
    this.#def.free(ctx);
    this.#values.free(ctx);
    if (this.#window !== 0) {
      ctx.arena.free(this.#window);
      ctx.arena.free(this.#found);
    }
    this.#window = 0;
  }
}

export class NestedColumn implements ColumnReader {
  readonly #node: ParquetNode;
  readonly #leaves: readonly LeafColumn[];
  readonly #byLeaf = new Map<ParquetLeaf, LeafRecords>();

  /** `pages` are those of the node's leaves, in order. */
  constructor(node: ParquetNode, pages: readonly PageStream[]) {
    this.#node = node;
    this.#leaves = pages.map((p) => new LeafColumn(p));
  }

  read(ctx: ExecContext, n: number): Vector {
    this.#byLeaf.clear();
    const leaves = leavesOf(this.#node);
    this.#leaves.forEach((l, i) => {
      this.#byLeaf.set(leaves[i]!, l.read(ctx, n));
    });
    const v = this.#assemble(ctx, this.#node);
    if (v.length !== n) this.#corrupt(this.#node, 'its levels do not add up to its rows');
    return v;
  }

  #corrupt(node: ParquetNode, what: string): never {
    const at = leavesOf(node)[0] ?? leavesOf(this.#node)[0]!;
    const index = leavesOf(this.#node).indexOf(at);
    return this.#leaves[index]!.pages.corrupt(what);
  }

  #assemble(ctx: ExecContext, node: ParquetNode): Vector {
    const first = leavesOf(node)[0]!;
    const records = this.#byLeaf.get(first)!;
    const { rep, def, entries } = records;
    const nested = ctx.kernels.get('parquet-nested');
    const bits = ctx.scratch.alloc((entries >> 3) + 16);
    const found = ctx.scratch.alloc(16);
    const slots = nested.slotBits(rep, def, entries, node.rep, node.slotDef, node.def, bits, found);
    const present = ctx.heap.refresh().i32[found >>> 2]!;
    // a required part of something null is not null itself: what is above it says so
    const validity = node.nullable && present < slots ? bits : 0;
    const { type } = node;
    if (node.kind === 'leaf') return this.#leafVector(ctx, node, records, slots, present, bits);
    if (node.kind === 'struct') {
      const children = node.children.map((c) => this.#assemble(ctx, c));
      for (const [i, c] of children.entries())
        if (c.length !== slots) this.#corrupt(node.children[i]!, 'its levels differ from those of its neighbours');
      return { type, length: slots, data: 0, validity, children };
    }
    const offsets = ctx.scratch.alloc((slots + 1) * 4);
    if (nested.listOffsets(rep, def, entries, node.rep, node.slotDef, node.itemDef, offsets) !== slots)
      this.#corrupt(node, 'its repetition and definition levels contradict each other');
    const item = this.#assemble(ctx, node.item);
    if (item.length !== ctx.heap.refresh().i32[(offsets >>> 2) + slots])
      this.#corrupt(node, 'its levels do not add up to its items');
    if (node.fixedSize === undefined) return { type, length: slots, data: offsets, validity, children: [item] };
    // a list of a fixed size has room for its items also where it, or what it is part of, is null
    const total = slots * node.fixedSize;
    const rows = ctx.scratch.alloc(total * 4);
    if (nested.fixedItems(offsets, present < slots ? bits : 0, slots, node.fixedSize, rows) < 0)
      this.#corrupt(node, `a list has not the ${node.fixedSize} items that its type says`);
    return { type, length: slots, data: 0, validity, children: [gatherOrNull(ctx, item, rows, total, ctx.scratch)] };
  }

  #leafVector(
    ctx: ExecContext,
    leaf: ParquetLeaf,
    records: LeafRecords,
    slots: number,
    present: number,
    bits: number,
  ): Vector {
    const { type } = leaf;
    const target = this.#leaves[leavesOf(this.#node).indexOf(leaf)]!.pages.target;
    if (target.physical === 'null') return { type, length: slots, data: 0, validity: 0 };
    if (present !== records.count) this.#corrupt(leaf, 'it has values that belong to no record');
    const bytes = packedBytes(target.width, present);
    let data = ctx.scratch.alloc(packedBytes(target.width, slots));
    ctx.kernels.get('parquet').copyBytes(data, records.values, bytes);
    if (present < slots) data = expandNulls(ctx, target.width, data, bits, slots, present);
    return { type: target.type, length: slots, data, validity: leaf.nullable && present < slots ? bits : 0 };
  }

  skip(ctx: ExecContext, n: number): void {
    for (const l of this.#leaves) for (let left = n; left > 0; left -= 4096) l.read(ctx, Math.min(left, 4096));
  }

  finish(): void {
    for (const l of this.#leaves)
      if (!l.exhausted) l.pages.corrupt('the column chunk has more values than its row group has rows');
  }

  close(ctx: ExecContext): void {
    for (const l of this.#leaves) l.close(ctx);
  }
}
