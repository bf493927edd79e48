// JavaScript functions that plans refer to by number.
import type { RecordBatch } from '../backend/arrow.ts';

export type HostFunction = (batch: RecordBatch) => RecordBatch | Promise<RecordBatch>;

const functions = new Map<number, HostFunction>();
let nextId = 1;

/** Keeps a function for plans; the number stands for it in this process. */
export function registerHostFunction(fn: HostFunction): number {
  const id = nextId++;
  functions.set(id, fn);
  return id;
}
export const hostFunction = (id: number): HostFunction => functions.get(id)!;
