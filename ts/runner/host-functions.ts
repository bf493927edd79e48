// JavaScript functions that plans refer to by key. A function, and all that it holds on to, lives as long as a plan has its
// key.
import type { RecordBatch } from '../backend/arrow.ts';
import { UnsupportedError } from '../errors.ts';
import type { FunctionKey } from '../plan/nodes.ts';

export type HostFunction = (batch: RecordBatch) => RecordBatch | Promise<RecordBatch>;

const functions = new WeakMap<FunctionKey, HostFunction>();
let nextId = 1;

/** Keeps a function for plans; the key stands for it in this process. */
export function registerHostFunction(fn: HostFunction): FunctionKey {
  const key = Object.freeze({ id: nextId++ });
  functions.set(key, fn);
  return key;
}

/** The function of a key. */
export function hostFunction(key: FunctionKey): HostFunction {
  const found = functions.get(key);
  if (!found)
    throw new UnsupportedError(`This plan calls a JavaScript function of another process. Build the plan here.`, {
      id: key.id,
    });
  return found;
}
