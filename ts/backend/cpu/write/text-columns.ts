// Columns as the kernels of the text writers see them: a block of numbers each, filled anew for every batch.
import { UnsupportedError } from '../../../errors.ts';
import { type Field, type LogicalType, physicalOf, type Schema, typeText } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';

// As in wasm/_format.ts.
const BLOCK_BYTES = 48;
const F = {
  kind: 0,
  data: 4,
  validity: 8,
  codes: 12,
  a: 16,
  b: 20,
  children: 24,
  childCount: 28,
  key: 32,
  keyBytes: 36,
};
const KIND = {
  bool: 0,
  signed: 1,
  unsigned: 2,
  float: 3,
  double: 4,
  date: 5,
  datetime: 6,
  time: 7,
  decimal: 8,
  string: 9,
  binary: 10,
  null: 11,
  list: 12,
  fixedList: 13,
  struct: 14,
} as const;
const DIGITS = { ms: 3, us: 6, ns: 9 } as const;

interface Shape {
  readonly kind: number;
  readonly a?: number;
  readonly b?: number;
  readonly children?: readonly { readonly name: string; readonly type: LogicalType }[];
}

function shapeOf(t: LogicalType): Shape {
  switch (t.dtype) {
    case 'Bool':
      return { kind: KIND.bool };
    case 'Int8':
    case 'Int16':
    case 'Int32':
    case 'Int64':
      return { kind: KIND.signed, a: Number(t.dtype.slice(3)) / 8 };
    case 'UInt8':
    case 'UInt16':
    case 'UInt32':
    case 'UInt64':
      return { kind: KIND.unsigned, a: Number(t.dtype.slice(4)) / 8 };
    case 'Duration':
      return { kind: KIND.signed, a: 8 };
    case 'Float32':
      return { kind: KIND.float };
    case 'Float64':
      return { kind: KIND.double };
    case 'Date32':
      return { kind: KIND.date };
    case 'Datetime':
      return { kind: KIND.datetime, a: DIGITS[t.unit], b: t.zone === null ? 0 : 1 };
    case 'Time':
      return { kind: KIND.time };
    case 'Decimal':
      return { kind: KIND.decimal, a: t.scale, b: physicalOf(t) === 'i128' ? 1 : 0 };
    case 'Utf8':
    case 'Categorical':
      return { kind: KIND.string };
    case 'Binary':
      return { kind: KIND.binary };
    case 'Null':
      return { kind: KIND.null };
    case 'List':
      return { kind: KIND.list, children: [{ name: '', type: t.inner.type }] };
    case 'FixedSizeList':
      return { kind: KIND.fixedList, a: t.length, children: [{ name: '', type: t.inner.type }] };
    case 'Struct':
      return { kind: KIND.struct, children: t.fields };
  }
}

/** The blocks of some columns, one after the other, those of nested values behind pointers. */
export class TextColumns {
  readonly address: number;
  readonly count: number;
  readonly #children: (TextColumns | null)[];

  /** `keyOf` makes the text of a column's key, for formats that repeat it. */
  constructor(
    ctx: ExecContext,
    columns: readonly { readonly name: string; readonly type: LogicalType }[],
    keyOf: ((name: string) => Uint8Array) | null,
  ) {
    this.count = columns.length;
    const address = ctx.arena.alloc(BLOCK_BYTES * columns.length);
    this.address = address;
    ctx.heap.refresh().u8.fill(0, address, address + BLOCK_BYTES * columns.length);
    this.#children = columns.map((column, i) => {
      const shape = shapeOf(column.type);
      const children = shape.children ? new TextColumns(ctx, shape.children, keyOf) : null;
      const key = keyOf?.(column.name) ?? new Uint8Array(0);
      const keyAt = ctx.arena.alloc(key.length);
      const { u8, u32 } = ctx.heap.refresh();
      u8.set(key, keyAt);
      const at = address + BLOCK_BYTES * i;
      u32[(at + F.kind) >>> 2] = shape.kind;
      u32[(at + F.a) >>> 2] = shape.a ?? 0;
      u32[(at + F.b) >>> 2] = shape.b ?? 0;
      u32[(at + F.children) >>> 2] = children?.address ?? 0;
      u32[(at + F.childCount) >>> 2] = children?.count ?? 0;
      u32[(at + F.key) >>> 2] = keyAt;
      u32[(at + F.keyBytes) >>> 2] = key.length;
      return children;
    });
  }

  /** Points the blocks at a batch. */
  set(ctx: ExecContext, vectors: readonly Vector[]): void {
    const { u32 } = ctx.heap.refresh();
    vectors.forEach((v, i) => {
      const at = this.address + BLOCK_BYTES * i;
      u32[(at + F.data) >>> 2] = v.dict ? v.dict.data : v.data;
      u32[(at + F.validity) >>> 2] = v.validity;
      u32[(at + F.codes) >>> 2] = v.dict ? v.data : 0;
      this.#children[i]?.set(ctx, v.children ?? []);
    });
  }
}

/** Refuses dtypes that a format has no text for. */
export function refuseNested(schema: Schema, format: string, advice: string): void {
  const nested = schema.find((f: Field) => shapeOf(f.type).children !== undefined);
  if (nested === undefined) return;
  throw new UnsupportedError(
    `Column "${nested.name}" is ${typeText(nested.type)}, and ${format} has no nested values. ${advice}`,
    { column: nested.name, dtype: typeText(nested.type) },
  );
}
