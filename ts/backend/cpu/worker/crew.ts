// Work shared by threads inside one kernel: a list of kernel calls that any thread may take from, in any order. Each
// call writes memory of its own, so the result does not depend on who ran it. Helpers park in Atomics.wait; whoever
// wakes too late finds the job closed.
import { DeviceError } from '../../../errors.ts';
import type { KernelModules } from '../kernels.gen.ts';
import type { Kernels } from '../kernels.ts';
import type { Heap } from '../memory/heap.ts';

/** One call: module, export, and up to 14 numbers. */
export type Task = readonly [module: keyof KernelModules, fn: string, ...args: number[]];

export interface Crew {
  /** Threads, this one included. */
  readonly size: number;
  /** Returns when all calls are done. */
  run(tasks: readonly Task[]): void;
}

const BASE = 256 >> 2;
/** Index of each word in `heap.i32`. */
export const CREW = {
  /** Number of the job; helpers wait on it. */
  job: BASE,
  /** 1 while calls may be taken. */
  open: BASE + 1,
  /** The next call to take. */
  next: BASE + 2,
  count: BASE + 3,
  /** Helpers inside the job; the engine thread waits on it. */
  active: BASE + 4,
  /** Address of the job's block. */
  table: BASE + 5,
  /** Helpers that died. */
  lost: BASE + 6,
  /** 1 when a call failed. */
  failed: BASE + 7,
  /** Helpers that may join: those with a lower number. */
  helpers: BASE + 8,
} as const;

const MAX_ARGS = 14;
/** Function number, argument count, arguments: f64 each. */
const TASK_WORDS = 2 + MAX_ARGS;
const LOST_CHECK_MS = 50;

type AnyKernel = (...args: number[]) => unknown;

const kernelOf = (kernels: Kernels, module: string, fn: string): AnyKernel => {
  const found = (kernels.get(module as keyof KernelModules) as unknown as Record<string, AnyKernel>)[fn];
  if (!found) throw new DeviceError('ERR_DEVICE', `The kernel ${module}.${fn} does not exist.`);
  return found;
};

/** A crew of one: the calls in order. */
export function soloCrew(kernels: Kernels): Crew {
  return {
    size: 1,
    run(tasks) {
      for (const [module, fn, ...args] of tasks) kernelOf(kernels, module, fn)(...args);
    },
  };
}

/** The engine thread's side of a crew with helpers. */
export function createCrew(
  heap: Heap,
  kernels: Kernels,
  helpers: number,
  alloc: { alloc(bytes: number): number; free(address: number): void },
): Crew {
  const solo = soloCrew(kernels);
  if (helpers === 0) return solo;
  const run = (tasks: readonly Task[]): void => {
    if (tasks.length < 2) {
      solo.run(tasks);
      return;
    }
    const names: string[] = [];
    const numbers = new Map<string, number>();
    const rows = new Float64Array(tasks.length * TASK_WORDS);
    tasks.forEach(([module, fn, ...args], i) => {
      const name = `${module}.${fn}`;
      let number = numbers.get(name);
      if (number === undefined) {
        number = names.push(name) - 1;
        numbers.set(name, number);
      }
      if (args.length > MAX_ARGS)
        throw new DeviceError('ERR_DEVICE', `${name} has ${args.length} arguments; a shared call takes ${MAX_ARGS}.`);
      rows[i * TASK_WORDS] = number;
      rows[i * TASK_WORDS + 1] = args.length;
      rows.set(args, i * TASK_WORDS + 2);
    });
    const text = new TextEncoder().encode(names.join(' '));
    const table = alloc.alloc(rows.byteLength + 8 + text.length);
    heap.refresh().f64.set(rows, table >>> 3);
    heap.u32[(table + rows.byteLength) >>> 2] = text.length;
    heap.u8.set(text, table + rows.byteLength + 4);
    const i32 = heap.i32;
    Atomics.store(i32, CREW.table, table | 0);
    Atomics.store(i32, CREW.count, tasks.length);
    Atomics.store(i32, CREW.next, 0);
    Atomics.store(i32, CREW.failed, 0);
    Atomics.store(i32, CREW.helpers, helpers);
    Atomics.store(i32, CREW.open, 1);
    Atomics.add(i32, CREW.job, 1);
    Atomics.notify(i32, CREW.job);
    let failure: unknown;
    try {
      takeTasks(heap, kernels, table, tasks.length);
    } catch (error) {
      failure = error;
      // Nobody takes more; those at work finish.
      Atomics.store(heap.refresh().i32, CREW.next, tasks.length);
    }
    const words = heap.refresh().i32;
    Atomics.store(words, CREW.open, 0);
    for (let active = Atomics.load(words, CREW.active); active > 0; active = Atomics.load(words, CREW.active)) {
      Atomics.wait(words, CREW.active, active, LOST_CHECK_MS);
      if (Atomics.load(words, CREW.lost) > 0)
        throw new DeviceError('ERR_ENGINE_DIED', 'A helper thread died in the middle of a kernel. Run it again.');
    }
    alloc.free(table);
    if (failure !== undefined) throw failure;
    if (Atomics.load(words, CREW.failed) === 1)
      throw new DeviceError('ERR_DEVICE', `A kernel failed on a helper thread: ${names.join(', ')}.`);
  };
  return { size: helpers + 1, run };
}

/** Takes calls until none is left. */
function takeTasks(heap: Heap, kernels: Kernels, table: number, count: number): void {
  const end = table + count * TASK_WORDS * 8;
  // Another thread may have grown the memory just now: growing by nothing makes this thread see it.
  if (end + 4 > heap.refresh().u8.length) heap.memory.grow(0);
  const { f64, i32, u32, buffer } = heap.refresh();
  let functions: AnyKernel[] | null = null;
  for (let i = Atomics.add(i32, CREW.next, 1); i < count; i = Atomics.add(i32, CREW.next, 1)) {
    functions ??= buffer
      .toString('latin1', end + 4, end + 4 + u32[end >>> 2]!)
      .split(' ')
      .map((name) => kernelOf(kernels, name.slice(0, name.indexOf('.')), name.slice(name.indexOf('.') + 1)));
    const at = (table >>> 3) + i * TASK_WORDS;
    functions[f64[at]!]!(...f64.subarray(at + 2, at + 2 + f64[at + 1]!));
  }
}

/** A helper's life; `number` counts helpers from 0. */
export function serveCrew(heap: Heap, kernels: Kernels, number: number): void {
  const words = heap.refresh().i32;
  for (;;) {
    const seen = Atomics.load(words, CREW.job);
    // Inside from here: the engine thread closes the job first and then waits until nobody is.
    Atomics.add(words, CREW.active, 1);
    if (Atomics.load(words, CREW.open) === 1 && number < Atomics.load(words, CREW.helpers)) {
      const table = Atomics.load(words, CREW.table) >>> 0;
      const count = Atomics.load(words, CREW.count);
      try {
        takeTasks(heap, kernels, table, count);
      } catch {
        Atomics.store(words, CREW.failed, 1);
        Atomics.store(words, CREW.next, count);
      }
    }
    Atomics.sub(words, CREW.active, 1);
    Atomics.notify(words, CREW.active);
    Atomics.wait(words, CREW.job, seen);
  }
}
