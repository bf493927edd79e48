// The memory of one group table: its state block (laid out in wasm/_group-table.ts), slots and keys.
import type { ExecContext } from '../context.ts';

const STATE_BYTES = 64;
const NONE = 0xffffffff;
const START_KEYS = 256;
const LARGE_KEYS_BYTES = 1 << 24;
/** How much larger the next slots may be for groups that are only expected. */
const MOST_GROWTH = 16;

/** Words of the state block. */
const SLOTS = 0;
const SHIFT = 1;
const MASK = 2;
const KEYS = 3;
const COUNT = 4;
const LIMIT = 5;
const NULL_ID = 6;
const TOP = 7;
const END = 8;

export class TableMemory {
  /** Address of the state block; 0 before the first use. */
  state = 0;
  /** Groups so far. */
  count = 0;
  /** Groups that will come, as far as anybody knows. */
  expected = 0;
  readonly keyBytes: number;
  #keys = 0;
  #keyCapacity = 0;
  #slots = 0;
  /** Slots of the hash table; 0 while dense. */
  #hashSlots = 0;
  /** Blocks of string bytes, except those whose keys were handed out. */
  #blocks: number[] = [];
  #blockCount = 0;
  /** The keys were handed out: they stay where they are. */
  #lent = false;

  constructor(keyBytes: number) {
    this.keyBytes = keyBytes;
  }

  init(ctx: ExecContext): void {
    if (this.state !== 0) return;
    this.state = ctx.arena.alloc(STATE_BYTES);
    ctx.kernels.get('hash').fillZero(this.state, STATE_BYTES);
    this.#set(ctx, NULL_ID, NONE);
    this.#growKeys(ctx, START_KEYS);
  }

  #set(ctx: ExecContext, word: number, value: number): void {
    ctx.heap.refresh().u32[(this.state >>> 2) + word] = value;
  }
  #get(ctx: ExecContext, word: number): number {
    return ctx.heap.refresh().u32[(this.state >>> 2) + word]!;
  }

  /** Reads the count after a kernel has run. */
  sync(ctx: ExecContext): void {
    this.count = this.#get(ctx, COUNT);
  }
  /** Whether the kernel stopped because there is no room for another group. */
  get isFull(): boolean {
    return this.count >= (this.#hashSlots === 0 ? this.#keyCapacity : Math.min(this.#keyCapacity, this.#hashSlots / 2));
  }
  /** The group of null, or −1. */
  nullId(ctx: ExecContext): number {
    const id = this.state === 0 ? NONE : this.#get(ctx, NULL_ID);
    return id === NONE ? -1 : id;
  }
  /** Address of the keys, one per group. */
  get keys(): number {
    return this.#keys;
  }
  /** The same, for vectors that outlive the table. */
  lendKeys(): number {
    this.#lent = true;
    this.#blocks = [];
    return this.#keys;
  }

  #growKeys(ctx: ExecContext, groups: number): void {
    const kept = this.count * this.keyBytes;
    const next = ctx.arena.alloc(groups * this.keyBytes);
    if (this.#keys !== 0) {
      ctx.heap.refresh().u8.copyWithin(next, this.#keys, this.#keys + kept);
      if (!this.#lent) ctx.arena.free(this.#keys);
    }
    this.#lent = false;
    this.#keys = next;
    this.#keyCapacity = groups;
    this.#set(ctx, KEYS, next);
    this.#setLimit(ctx);
  }
  #setLimit(ctx: ExecContext): void {
    const slots = this.#hashSlots === 0 ? Number.POSITIVE_INFINITY : this.#hashSlots / 2;
    this.#set(ctx, LIMIT, Math.min(this.#keyCapacity, slots));
  }

  /** Makes room for more groups. True when the slots are new and empty: the caller fills them from the keys. */
  grow(ctx: ExecContext): boolean {
    if (this.count >= this.#keyCapacity) {
      // Large arrays grow by half: the old one and the new one are there at once.
      const factor = this.#keyCapacity * this.keyBytes < LARGE_KEYS_BYTES ? 4 : 1.5;
      this.#growKeys(ctx, Math.ceil(this.#keyCapacity * factor));
    }
    if (this.#hashSlots === 0 || this.count < this.#hashSlots / 2) return false;
    this.growHash(ctx);
    return true;
  }

  #newSlots(ctx: ExecContext, bytes: number): void {
    if (this.#slots !== 0) ctx.arena.free(this.#slots);
    this.#slots = 0;
    this.#slots = ctx.arena.alloc(bytes);
    ctx.kernels.get('hash').fillZero(this.#slots, bytes);
    this.#set(ctx, SLOTS, this.#slots);
  }

  /** An empty dense table over keys from `min` on. */
  setDense(ctx: ExecContext, min: bigint, range: number): void {
    this.#newSlots(ctx, range * 4);
    const { i64 } = ctx.heap.refresh();
    i64[(this.state + 40) >>> 3] = BigInt.asIntN(64, min);
    i64[(this.state + 48) >>> 3] = BigInt(range);
  }

  /** A larger, empty hash table, to be filled from the keys: at most half of its slots are used. */
  growHash(ctx: ExecContext): void {
    let slots = Math.max(1024, this.#hashSlots * (this.#hashSlots < 1 << 17 ? 4 : 2));
    while (slots / 2 <= this.count) slots *= 2;
    // Where memory is short, what is only expected takes none.
    if (!ctx.spill?.isOn) {
      const most = slots * MOST_GROWTH;
      while (slots < this.expected * 2 && slots < most) slots *= 2;
    }
    this.#newSlots(ctx, slots * 8);
    this.#hashSlots = slots;
    const bits = Math.log2(slots);
    this.#set(ctx, SHIFT, (this.keyBytes === 4 ? 32 : 64) - bits);
    this.#set(ctx, MASK, slots - 1);
    this.#setLimit(ctx);
  }

  /** Free space for string bytes: at least `bytes`, more as the table grows. */
  growStrings(ctx: ExecContext, bytes: number): void {
    const size = Math.max(bytes, Math.min(1 << 22, 4096 << Math.min(10, 2 * this.#blockCount++)));
    const block = ctx.arena.alloc(size);
    this.#blocks.push(block);
    this.#set(ctx, TOP, block);
    this.#set(ctx, END, block + size);
  }

  /** Gives the slots back: nothing is looked up any more. */
  freeSlots(ctx: ExecContext): void {
    if (this.#slots !== 0) ctx.arena.free(this.#slots);
    this.#slots = 0;
  }

  /** Gives everything back but what was handed out. */
  free(ctx: ExecContext): void {
    if (this.state === 0) return;
    ctx.arena.free(this.state);
    this.freeSlots(ctx);
    if (!this.#lent) ctx.arena.free(this.#keys);
    for (const b of this.#blocks) ctx.arena.free(b);
    this.state = this.count = this.#keys = this.#keyCapacity = this.#hashSlots = 0;
    this.#blocks = [];
    this.#blockCount = 0;
    this.#lent = false;
  }
}
