// An engine context without an engine thread, and vectors from and to JavaScript values: for tests of kernels,
// functions and operators. `npm run build:wasm` makes the kernels it loads.
import fs from 'node:fs';
import type { ExecContext, SyncBytes } from '../../ts/backend/cpu/context.ts';
import { Kernels } from '../../ts/backend/cpu/kernels.ts';
import { Arena, Scratch } from '../../ts/backend/cpu/memory/arena.ts';
import { Heap } from '../../ts/backend/cpu/memory/heap.ts';
import { RegionPool } from '../../ts/backend/cpu/memory/regions.ts';
import type { Batch, Vector } from '../../ts/backend/cpu/vector.ts';
import type { FileSpec } from '../../ts/plan/nodes.ts';
import { bytesFor, type LogicalType, physicalOf } from '../../ts/schema/types.ts';

let kernelBytes: Record<string, Uint8Array> | undefined;
function loadKernels(): Record<string, Uint8Array> {
  if (!kernelBytes) {
    const files = JSON.parse(fs.readFileSync('out/wasm/manifest.json', 'utf8')) as Record<string, string>;
    kernelBytes = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, fs.readFileSync(file)]));
  }
  return kernelBytes;
}

/** A fresh heap, arena and scratch with a memory limit. */
export function testContext(limitBytes = Number.POSITIVE_INFINITY): ExecContext {
  const heap = Heap.create();
  const pool = new RegionPool(heap);
  pool.limitBytes = limitBytes;
  const arena = new Arena(pool);
  arena.onFreeRegion = (r) => pool.release(r);
  return {
    heap,
    kernels: new Kernels(heap, loadKernels()),
    arena,
    scratch: new Scratch(arena),
    control: { checkAbort() {}, progress() {}, open: (source) => openFile(heap, source) },
  };
}

/** A file read synchronously, as the engine thread does. */
export function openFile(heap: Heap, source: FileSpec['source']): SyncBytes {
  if (source.kind !== 'file') throw new Error('tests open files only');
  return fileBytes(heap, source.path);
}
export function fileBytes(heap: Heap, path: string): SyncBytes {
  const fd = fs.openSync(path, 'r');
  const sizeBytes = fs.fstatSync(fd).size;
  return {
    name: path,
    sizeBytes,
    readInto(to, start, length) {
      const n = fs.readSync(fd, heap.refresh().u8, to, length, start);
      if (n !== length) throw new Error(`short read of ${path}`);
    },
    read(start, length) {
      const bytes = new Uint8Array(length);
      const n = fs.readSync(fd, bytes, 0, length, start);
      return bytes.subarray(0, n);
    },
    close() {
      fs.closeSync(fd);
    },
  };
}
/** Bytes in memory as a source. */
export function memoryBytes(heap: Heap, bytes: Uint8Array, name = '<bytes>'): SyncBytes {
  return {
    name,
    sizeBytes: bytes.length,
    readInto(to, start, length) {
      heap.refresh().u8.set(bytes.subarray(start, start + length), to);
    },
    read: (start, length) => bytes.slice(start, start + length),
    close() {},
  };
}

const encoder = new TextEncoder();

/**
 * A vector in the arena. Values by dtype: boolean; number (≤ 32-bit integers, floats, Date32 days); bigint (64-bit
 * integers, ticks, unscaled decimals); string (Utf8) or Uint8Array (Binary); arrays (lists); arrays of field values
 * (structs); null.
 */
export function vectorOf(ctx: ExecContext, type: LogicalType, values: readonly unknown[]): Vector {
  const length = values.length;
  const physical = physicalOf(type);
  const hasNulls = values.some((v) => v === null);
  let validity = 0;
  if (hasNulls && physical !== 'null') {
    validity = ctx.arena.alloc(bytesFor('bit', length));
    const u8 = ctx.heap.refresh().u8;
    u8.fill(0, validity, validity + bytesFor('bit', length));
    values.forEach((v, i) => {
      if (v !== null) u8[validity + (i >> 3)]! |= 1 << (i & 7);
    });
  }
  const bytes = bytesFor(physical, length);
  const data = physical === 'null' ? 0 : ctx.arena.alloc(bytes);
  ctx.heap.refresh().u8.fill(0, data, data + bytes);
  const base = { type, length, data, validity };
  if (type.dtype === 'List') {
    const lists = values as (unknown[] | null)[];
    let total = 0;
    const offsets = ctx.heap.u32;
    lists.forEach((l, i) => {
      offsets[(data >>> 2) + i] = total;
      total += l?.length ?? 0;
    });
    offsets[(data >>> 2) + length] = total;
    return {
      ...base,
      children: [
        vectorOf(
          ctx,
          type.inner.type,
          lists.flatMap((l) => l ?? []),
        ),
      ],
    };
  }
  if (type.dtype === 'FixedSizeList') {
    const lists = values as (unknown[] | null)[];
    const fill = new Array<unknown>(type.length).fill(null);
    return {
      ...base,
      children: [
        vectorOf(
          ctx,
          type.inner.type,
          lists.flatMap((l) => l ?? fill),
        ),
      ],
    };
  }
  if (type.dtype === 'Struct') {
    const rows = values as (unknown[] | null)[];
    return {
      ...base,
      children: type.fields.map((f, k) =>
        vectorOf(
          ctx,
          f.type,
          rows.map((r) => r?.[k] ?? null),
        ),
      ),
    };
  }
  values.forEach((v, i) => {
    if (v !== null) writeValue(ctx, physical, data, i, v);
  });
  return base;
}

function writeValue(ctx: ExecContext, physical: string, data: number, i: number, v: unknown): void {
  const { view, u8 } = ctx.heap;
  switch (physical) {
    case 'bit':
      if (v) u8[data + (i >> 3)]! |= 1 << (i & 7);
      break;
    case 'i8':
    case 'u8':
      view.setUint8(data + i, Number(v));
      break;
    case 'i16':
    case 'u16':
      view.setUint16(data + i * 2, Number(v), true);
      break;
    case 'i32':
    case 'u32':
      view.setUint32(data + i * 4, Number(v), true);
      break;
    case 'i64':
    case 'u64':
      view.setBigUint64(data + i * 8, BigInt.asUintN(64, v as bigint), true);
      break;
    case 'f32':
      view.setFloat32(data + i * 4, v as number, true);
      break;
    case 'f64':
      view.setFloat64(data + i * 8, v as number, true);
      break;
    case 'i128':
      view.setBigUint64(data + i * 16, BigInt.asUintN(64, v as bigint), true);
      view.setBigUint64(data + i * 16 + 8, BigInt.asUintN(64, (v as bigint) >> 64n), true);
      break;
    case 'view': {
      const bytes = typeof v === 'string' ? encoder.encode(v) : (v as Uint8Array);
      const at = data + i * 16;
      view.setUint32(at, bytes.length, true);
      if (bytes.length <= 12) u8.set(bytes, at + 4);
      else {
        const to = ctx.arena.alloc(bytes.length);
        const heap = ctx.heap.refresh();
        heap.u8.set(bytes, to);
        heap.u8.set(bytes.subarray(0, 8), at + 4);
        heap.view.setUint32(at + 12, to, true);
      }
      break;
    }
    default:
      throw new Error(`vectorOf does not write ${physical}`);
  }
}

/** A dictionary-encoded vector of strings: `codes` into `words`, null allowed. */
export function dictVectorOf(ctx: ExecContext, words: readonly string[], codes: readonly (number | null)[]): Vector {
  const plain = vectorOf(ctx, { dtype: 'UInt32' }, codes);
  return { ...plain, type: { dtype: 'Utf8' }, dict: vectorOf(ctx, { dtype: 'Utf8' }, words.length > 0 ? words : ['']) };
}

/** The values of a vector, in the forms that `vectorOf` takes. */
export function valuesOf(ctx: ExecContext, v: Vector): unknown[] {
  ctx.heap.refresh();
  return Array.from({ length: v.length }, (_, i) => valueAt(ctx, v, i));
}

function valueAt(ctx: ExecContext, v: Vector, i: number): unknown {
  const { view, u8 } = ctx.heap;
  if (v.type.dtype === 'Null') return null;
  if (v.validity !== 0 && !((u8[v.validity + (i >> 3)]! >> (i & 7)) & 1)) return null;
  if (v.dict) return valueAt(ctx, v.dict, view.getUint32(v.data + i * 4, true));
  const at = v.data;
  switch (physicalOf(v.type)) {
    case 'bit':
      return ((u8[at + (i >> 3)]! >> (i & 7)) & 1) === 1;
    case 'i8':
      return view.getInt8(at + i);
    case 'u8':
      return view.getUint8(at + i);
    case 'i16':
      return view.getInt16(at + i * 2, true);
    case 'u16':
      return view.getUint16(at + i * 2, true);
    case 'i32':
      return view.getInt32(at + i * 4, true);
    case 'u32':
      return view.getUint32(at + i * 4, true);
    case 'i64':
      return view.getBigInt64(at + i * 8, true);
    case 'u64':
      return view.getBigUint64(at + i * 8, true);
    case 'f32':
      return view.getFloat32(at + i * 4, true);
    case 'f64':
      return view.getFloat64(at + i * 8, true);
    case 'i128':
      return (view.getBigInt64(at + i * 16 + 8, true) << 64n) | view.getBigUint64(at + i * 16, true);
    case 'view': {
      const length = view.getUint32(at + i * 16, true);
      const from = length <= 12 ? at + i * 16 + 4 : view.getUint32(at + i * 16 + 12, true);
      const bytes = u8.slice(from, from + length);
      return v.type.dtype === 'Binary' ? bytes : Buffer.from(bytes).toString('utf8');
    }
    case 'list': {
      const from = view.getInt32(at + i * 4, true);
      const to = view.getInt32(at + i * 4 + 4, true);
      return Array.from({ length: to - from }, (_, k) => valueAt(ctx, v.children![0]!, from + k));
    }
    case 'fixedList': {
      const size = v.type.dtype === 'FixedSizeList' ? v.type.length : 0;
      return Array.from({ length: size }, (_, k) => valueAt(ctx, v.children![0]!, i * size + k));
    }
    case 'struct':
      return (v.children ?? []).map((c) => valueAt(ctx, c, i));
    default:
      return null;
  }
}

/** A batch of vectors. */
export function batchOf(columns: readonly Vector[], ordinal = 0): Batch {
  return { length: columns[0]?.length ?? 0, columns, ordinal };
}
