// Reads whole Parquet files through the scanner, as JavaScript values.
import fs from 'node:fs';
import type { ExecContext, SyncBytes } from '../../ts/backend/cpu/context.ts';
import { openParquet } from '../../ts/backend/cpu/scan/parquet/open-parquet.ts';
import type { ScanRequest } from '../../ts/backend/cpu/scan/scanner.ts';
import type { Batch } from '../../ts/backend/cpu/vector.ts';
import type { LogicalType, Schema } from '../../ts/schema/types.ts';
import type { ByteSource } from '../../ts/source/byte-source.ts';
import { probeParquet } from '../../ts/source/probe-parquet.ts';
import { memoryBytes, testContext, valuesOf } from './engine.ts';

/** Bytes in memory as an asynchronous source. */
export function bytesSource(bytes: Uint8Array, name: string): ByteSource {
  return {
    name,
    sizeBytes: bytes.length,
    read: async (start, end) => bytes.subarray(start, end),
    close: async () => {},
  };
}

export interface ScanOptions extends Partial<Pick<ScanRequest, 'columns' | 'predicate' | 'limit' | 'options'>> {
  readonly ctx?: ExecContext;
  /** Called with each batch, before its memory is reused. */
  readonly onBatch?: (ctx: ExecContext, batch: Batch) => void;
  /** Counts what is read, or makes reading fail. */
  readonly wrap?: (bytes: SyncBytes) => SyncBytes;
}

/** Scans a file batch by batch. */
export async function scanParquet(
  bytes: Uint8Array,
  name: string,
  options: ScanOptions = {},
): Promise<{ schema: Schema; rows: number; note: string | undefined; units: number; ctx: ExecContext }> {
  const { schema } = await probeParquet(bytesSource(bytes, name));
  const ctx = options.ctx ?? testContext();
  const source = memoryBytes(ctx.heap, bytes, name);
  const file = openParquet(ctx, {
    bytes: options.wrap ? options.wrap(source) : source,
    columns: options.columns ?? schema,
    fileSchema: schema,
    options: options.options ?? {},
    predicate: options.predicate ?? null,
    limit: options.limit ?? null,
  });
  let rows = 0;
  try {
    for (let u = 0; u < file.unitCount; u++) {
      const unit = file.openUnit(ctx, u);
      try {
        for (let batch = unit.next(ctx); batch !== null; batch = unit.next(ctx)) {
          options.onBatch?.(ctx, batch);
          rows += batch.length;
          ctx.scratch.reset();
        }
      } finally {
        unit.close(ctx);
      }
    }
  } finally {
    file.close(ctx);
  }
  return { schema, rows, note: file.note, units: file.unitCount, ctx };
}

export interface ReadFile {
  readonly schema: Schema;
  readonly rows: number;
  /** One array of values per column, as `valuesOf` gives them. */
  readonly columns: readonly unknown[][];
}

/** Reads everything. */
export async function readParquetValues(
  bytes: Uint8Array | string,
  name = typeof bytes === 'string' ? bytes : '<bytes>',
  options: ScanOptions = {},
): Promise<ReadFile & { note: string | undefined; units: number }> {
  const data = typeof bytes === 'string' ? fs.readFileSync(bytes) : bytes;
  const columns: unknown[][] = [];
  const { schema, rows, note, units } = await scanParquet(data, name, {
    ...options,
    onBatch(ctx, batch) {
      batch.columns.forEach((v, i) => {
        const to = (columns[i] ??= []);
        for (const value of valuesOf(ctx, v)) to.push(value);
      });
    },
  });
  const wanted = options.columns ?? schema;
  return { schema: wanted, rows, columns: wanted.map((_, i) => columns[i] ?? []), note, units };
}

const scratch = new DataView(new ArrayBuffer(8));

/** A value as the golden files write it. */
export function goldenValue(value: unknown, type: LogicalType): unknown {
  if (value === null) return null;
  switch (type.dtype) {
    case 'Bool':
    case 'Utf8':
    case 'Categorical':
      return value;
    case 'Binary':
      return Buffer.from(value as Uint8Array).toString('hex');
    case 'Float32':
    case 'Float64': {
      if (Number.isNaN(value)) return 'nan';
      const isDouble = type.dtype === 'Float64';
      if (isDouble) scratch.setFloat64(0, value as number);
      else scratch.setFloat32(0, value as number);
      return Buffer.from(scratch.buffer, 0, isDouble ? 8 : 4).toString('hex');
    }
    case 'List':
    case 'FixedSizeList':
      return (value as unknown[]).map((v) => goldenValue(v, type.inner.type));
    case 'Struct':
      return (value as unknown[]).map((v, i) => goldenValue(v, type.fields[i]!.type));
    case 'Null':
      return null;
    default:
      return String(value);
  }
}
