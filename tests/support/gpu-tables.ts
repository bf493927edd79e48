// Host batches of every dtype, and the device's backend, for tests of what moves between host and device.
import type { ArrowColumn, RecordBatch } from '../../ts/backend/arrow.ts';
import type { RunContext, TableHandle } from '../../ts/backend/backend.ts';
import { downloadVector } from '../../ts/backend/cpu/host/download.ts';
import type { CudaBackend } from '../../ts/backend/cuda/cuda-backend.ts';
import { loadBackend } from '../../ts/backend/registry.ts';
import { cpuHost } from '../../ts/runner/cpu-host.ts';
import type { Schema } from '../../ts/schema/types.ts';
import { testContext, vectorOf } from './engine.ts';
import { EVERY_TYPE, everySchema } from './frames.ts';
import { hostValues } from './host-columns.ts';

export const RUN: RunContext = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 1, threads: 1 };
export const SCHEMA: Schema = everySchema();

/** Which rows of a batch are null. */
export type Nulls = 'some' | 'none' | 'all';
const isNull: Record<Nulls, (i: number) => boolean> = {
  some: (i) => i % 7 < 2,
  none: () => false,
  all: () => true,
};

const ctx = testContext();
/** Rows `from` on of every dtype, under `SCHEMA`. */
export function everyBatch(rows: number, nulls: Nulls = 'some', from = 0): RecordBatch {
  const columns = EVERY_TYPE.map(([type, at], k): ArrowColumn => {
    const values = Array.from({ length: rows }, (_, i) => (isNull[nulls](from + i) ? null : at(from + i)));
    return downloadVector(ctx, vectorOf(ctx, type, values), SCHEMA[k]!.name, true, ctx.arena);
  });
  return { schema: SCHEMA, length: rows, columns };
}

export const batchValues = (batch: RecordBatch): unknown[][] => batch.columns.map(hostValues);

/** The rows of a table of the device, copied to the host. */
export async function tableValues(table: TableHandle): Promise<unknown[][]> {
  await table.prefetch(undefined, RUN);
  return batchValues(table.toHost());
}

/** The device's backend, once it is open. */
export async function cudaBackend(): Promise<CudaBackend> {
  const loaded = await loadBackend('cuda', cpuHost);
  if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
  return loaded.backend as CudaBackend;
}

/** Figures of the device's memory; see native/engine/engine.h. */
export const figures = (backend: CudaBackend): Record<string, number> => backend.memoryInfo() as Record<string, number>;
