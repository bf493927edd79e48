// Work shared by threads inside one kernel: a list of kernel calls that any thread may take from, in any order. Each
// call writes memory of its own, so the result does not depend on who ran it. Helpers park in Atomics.wait; whoever
// wakes too late finds the job closed.
import { DeviceError } from '../../../errors.ts';
import type { ExecContext } from '../context.ts';
import type { KernelModules } from '../kernels.gen.ts';
import type { Kernels } from '../kernels.ts';
import type { Heap } from '../memory/heap.ts';
import { busyWord, CREW, closeJob, JOB, openJob } from './crew-words.ts';

/** One call: module, export, and up to 14 numbers. */
export type Task = readonly [module: keyof KernelModules, fn: string, ...args: number[]];

export interface Crew {
  /** Threads, this one included. */
  readonly size: number;
  /** Returns when all calls are done. */
  run(tasks: readonly Task[]): void;
}

const MAX_ARGS = 14;
/** Function number, argument count, arguments: f64 each. */
const TASK_WORDS = 2 + MAX_ARGS;

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
    // A stage may be running: what it feeds comes here too, and helpers have one job at a time.
    if (tasks.length < 2 || Atomics.load(heap.refresh().i32, CREW.open) === 1) {
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
    openJob(heap, { kind: JOB.calls, helpers, count: tasks.length, table });
    let failure: unknown;
    try {
      takeTasks(heap, kernels, table, tasks.length);
    } catch (error) {
      failure = error;
      // Nobody takes more; those at work finish.
      Atomics.store(heap.refresh().i32, CREW.next, tasks.length);
    }
    if (closeJob(heap, helpers))
      throw new DeviceError('ERR_ENGINE_DIED', 'A helper thread died in the middle of a kernel. Run it again.');
    alloc.free(table);
    if (failure !== undefined) throw failure;
    if (Atomics.load(heap.refresh().i32, CREW.failed) === 1)
      throw new DeviceError('ERR_DEVICE', `A kernel failed on a helper thread: ${names.join(', ')}.`);
  };
  return { size: helpers + 1, run };
}

/** A query's helpers as a crew; alone where it has none, or while they run a stage. */
export function crewOf({ heap, kernels, arena, team }: ExecContext): Crew {
  return team ? createCrew(heap, kernels, team.helpers, arena) : soloCrew(kernels);
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

/** What a helper does in a stage of a query: `text` is the job. */
export type RunStage = (text: string) => void;

/** A helper's life; `number` counts helpers from 0. */
export function serveCrew(heap: Heap, kernels: Kernels, number: number, runStage: RunStage): void {
  const words = heap.refresh().i32;
  for (;;) {
    const seen = Atomics.load(words, CREW.job);
    // Inside from here: the engine thread closes the job first and then waits until nobody is.
    Atomics.store(words, busyWord(number), 1);
    if (Atomics.load(words, CREW.open) === 1 && number < Atomics.load(words, CREW.helpers)) {
      const table = Atomics.load(words, CREW.table) >>> 0;
      const count = Atomics.load(words, CREW.count);
      if (Atomics.load(words, CREW.kind) === JOB.stage) {
        const end = table + Atomics.load(words, CREW.length);
        if (end > heap.refresh().u8.length) heap.memory.grow(0);
        runStage(heap.refresh().buffer.toString('utf8', table, end));
      } else {
        try {
          takeTasks(heap, kernels, table, count);
        } catch {
          Atomics.store(words, CREW.failed, 1);
          Atomics.store(words, CREW.next, count);
        }
      }
    }
    Atomics.store(words, busyWord(number), 0);
    Atomics.notify(words, busyWord(number));
    Atomics.wait(words, CREW.job, seen);
  }
}
