// The wanted columns as the kernels see them: a tree of nodes in the heap, each with the buffers of one vector.
import { type Field, type LogicalType, physicalOf, type Schema, widthOf } from '../../../../schema/types.ts';
import type { ExecContext } from '../../context.ts';
import type { Vector } from '../../vector.ts';

// As in wasm/jsonl.ts.
const NODE_BYTES = 64;
const N = {
  kind: 0,
  out: 4,
  validity: 8,
  capacity: 12,
  count: 16,
  a: 20,
  b: 24,
  children: 28,
  childCount: 32,
  key: 36,
  keyBytes: 40,
  plain: 44,
  negative: 48,
  positive: 56,
} as const;
const KIND = {
  bool: 0,
  integer: 1,
  float: 2,
  date: 3,
  datetime: 4,
  time: 5,
  decimal: 6,
  string: 7,
  null: 8,
  list: 9,
  fixedList: 10,
  struct: 11,
} as const;
const DIGITS = { ms: 3, us: 6, ns: 9 } as const;
/** Items there is room for at first, below a list. */
const FIRST_ITEMS = 4096;

interface Shape {
  readonly kind: number;
  readonly a?: number;
  readonly b?: number;
  readonly negative?: bigint;
  readonly positive?: bigint;
  readonly fields?: Schema;
}

const integer = (bits: number, signed: boolean): Shape => ({
  kind: KIND.integer,
  a: bits / 8,
  negative: signed ? 1n << BigInt(bits - 1) : 0n,
  positive: (1n << BigInt(signed ? bits - 1 : bits)) - 1n,
});

function shapeOf(t: LogicalType): Shape {
  switch (t.dtype) {
    case 'Bool':
      return { kind: KIND.bool };
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'Int64':
      return integer(Number(t.dtype.slice(3)), true);
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
    case 'UInt64':
      return integer(Number(t.dtype.slice(4)), false);
    case 'Duration':
      return integer(64, true);
    case 'Float32':
      return { kind: KIND.float, a: 4 };
    case 'Float64':
      return { kind: KIND.float, a: 8 };
    case 'Date32':
      return { kind: KIND.date };
    case 'Datetime':
      return { kind: KIND.datetime, a: DIGITS[t.unit], b: t.zone === null ? 0 : t.zone === 'UTC' ? 1 : 2 };
    case 'Time':
      return { kind: KIND.time };
    case 'Decimal':
      return { kind: KIND.decimal, a: t.precision, b: t.scale };
    case 'Utf8':
    case 'Categorical':
    case 'Binary':
      return { kind: KIND.string };
    case 'Null':
      return { kind: KIND.null };
    case 'List':
      return { kind: KIND.list, fields: [{ name: '[]', ...t.inner }] };
    case 'FixedSizeList':
      return { kind: KIND.fixedList, a: t.length, fields: [{ name: '[]', ...t.inner }] };
    case 'Struct':
      return { kind: KIND.struct, fields: t.fields };
  }
}

export class JsonNode {
  readonly address: number;
  readonly field: Field;
  readonly children: readonly JsonNode[];
  /** The column and fields above, for messages: `user.tags[]`. */
  readonly path: string;
  readonly #belowList: boolean;

  constructor(ctx: ExecContext, field: Field, address: number, path: string, belowList: boolean, blocks: number[]) {
    this.field = field;
    this.address = address;
    this.path = path;
    this.#belowList = belowList;
    const shape = shapeOf(field.type);
    const fields = shape.fields ?? [];
    const childBlock = fields.length > 0 ? ctx.arena.alloc(NODE_BYTES * fields.length) : 0;
    const key = Buffer.from(field.name);
    const keyAt = ctx.arena.alloc(key.length + 8);
    blocks.push(keyAt);
    if (childBlock !== 0) blocks.push(childBlock);
    const { u8, u32, u64 } = ctx.heap.refresh();
    u8.fill(0, address, address + NODE_BYTES);
    u8.set(key, keyAt);
    const set = (offset: number, value: number): void => {
      u32[(address + offset) >>> 2] = value;
    };
    set(N.kind, shape.kind);
    set(N.a, shape.a ?? 0);
    set(N.b, shape.b ?? 0);
    set(N.children, childBlock);
    set(N.childCount, fields.length);
    set(N.key, keyAt);
    set(N.keyBytes, key.length);
    set(N.plain, JSON.stringify(field.name) === `"${field.name}"` ? 1 : 0);
    u64[(address + N.negative) >>> 3] = shape.negative ?? 0n;
    u64[(address + N.positive) >>> 3] = shape.positive ?? 0n;
    const isList = shape.kind === KIND.list || shape.kind === KIND.fixedList;
    this.children = fields.map((child, i) => {
      const name = isList ? `${path}[]` : path === '' ? child.name : `${path}.${child.name}`;
      return new JsonNode(ctx, child, childBlock + NODE_BYTES * i, name, belowList || isList, blocks);
    });
  }

  /** Makes room for `rows` values in new memory of the morsel. */
  begin(ctx: ExecContext, rows: number): void {
    const capacity = this.#belowList ? Math.min(FIRST_ITEMS, rows * 4) : rows;
    this.#room(ctx, capacity);
    const { u32 } = ctx.heap.refresh();
    u32[(this.address + N.count) >>> 2] = 0;
    // Where the first list begins.
    if (physicalOf(this.field.type) === 'list') u32[(u32[(this.address + N.out) >>> 2] as number) >>> 2] = 0;
    for (const child of this.children) child.begin(ctx, rows);
  }

  #room(ctx: ExecContext, capacity: number): { out: number; validity: number; was: number } {
    const physical = physicalOf(this.field.type);
    const bytes = bytesOf(physical, capacity);
    const out = bytes === 0 ? 0 : ctx.scratch.alloc(bytes);
    const validity = ctx.scratch.alloc((capacity + 7) >>> 3);
    const { u32 } = ctx.heap.refresh();
    const at = this.address >>> 2;
    const old = {
      out: u32[at + (N.out >>> 2)] as number,
      validity: u32[at + (N.validity >>> 2)] as number,
      was: u32[at + (N.capacity >>> 2)] as number,
    };
    u32[at + (N.out >>> 2)] = out;
    u32[at + (N.validity >>> 2)] = validity;
    u32[at + (N.capacity >>> 2)] = capacity;
    return old;
  }

  /** Doubles the buffers of this node, keeping what they hold. */
  grow(ctx: ExecContext): void {
    const { out, validity, was } = this.#room(
      ctx,
      2 * (ctx.heap.refresh().u32[(this.address + N.capacity) >>> 2] as number) + 64,
    );
    const { u8, u32 } = ctx.heap.refresh();
    const at = this.address >>> 2;
    u8.copyWithin(u32[at + (N.out >>> 2)] as number, out, out + bytesOf(physicalOf(this.field.type), was));
    u8.copyWithin(u32[at + (N.validity >>> 2)] as number, validity, validity + ((was + 7) >>> 3));
  }

  /** The node at an address, this one or below. */
  find(address: number): JsonNode | undefined {
    if (address === this.address) return this;
    for (const child of this.children) {
      const found = child.find(address);
      if (found) return found;
    }
    return undefined;
  }

  /** What has been read, as a vector. */
  vector(ctx: ExecContext): Vector {
    const { u32 } = ctx.heap.refresh();
    const at = this.address >>> 2;
    const length = u32[at + (N.count >>> 2)] as number;
    const bits = u32[at + (N.validity >>> 2)] as number;
    const type = this.field.type;
    if (type.dtype === 'Null') return { type, length, data: 0, validity: 0 };
    const present = ctx.kernels.get('core').popcountBits(bits, length);
    const base = { type, length, data: u32[at + (N.out >>> 2)] as number, validity: present === length ? 0 : bits };
    if (this.children.length === 0) return base;
    return { ...base, children: this.children.map((c) => c.vector(ctx)) };
  }
}

function bytesOf(physical: ReturnType<typeof physicalOf>, rows: number): number {
  if (physical === 'bit') return (rows + 7) >>> 3;
  if (physical === 'list') return (rows + 1) * 4;
  return rows * widthOf(physical);
}

/** The root: a struct of the wanted columns. `blocks` gets every address to free. */
export function rootNode(ctx: ExecContext, columns: Schema, blocks: number[]): JsonNode {
  const address = ctx.arena.alloc(NODE_BYTES);
  blocks.push(address);
  const type: LogicalType = { dtype: 'Struct', fields: columns };
  return new JsonNode(ctx, { name: '', type, nullable: false }, address, '', false, blocks);
}
