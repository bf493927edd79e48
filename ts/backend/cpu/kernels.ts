// The kernel library on one thread: WebAssembly modules over the shared heap, each instantiated at first use.

import type { KernelModules } from './kernels.gen.ts';
import { exportsOf, type LateModule } from './late.ts';
import type { Heap } from './memory/heap.ts';

/** The bytes of every kernel module, by name. */
export type KernelBytes = Readonly<Record<string, Uint8Array>>;

/** Typed access to the kernels: `kernels.get('core').selectBits(…)`. */
export class Kernels {
  readonly #instances = new Map<string, unknown>();
  readonly #bytes: KernelBytes;
  readonly #rest: LateModule | null;
  readonly heap: Heap;

  /** `rest`: kernels that are loaded late. */
  constructor(heap: Heap, bytes: KernelBytes, rest: LateModule | null = null) {
    this.heap = heap;
    this.#bytes = bytes;
    this.#rest = rest;
  }

  get<N extends keyof KernelModules>(name: N): KernelModules[N] {
    let instance = this.#instances.get(name);
    if (instance === undefined) {
      instance = this.instantiate(this.bytesOf(name));
      this.#instances.set(name, instance);
    }
    return instance as KernelModules[N];
  }

  /** The bytes of a module; of one that is not over the shared memory they are all there is. */
  bytesOf(name: string): Uint8Array {
    const bytes = this.#bytes[name] ?? (this.#rest && (exportsOf(this.#rest)[name] as Uint8Array | undefined));
    if (!bytes) throw new Error(`Kernel module ${name} is missing: run npm run build:engine`);
    return bytes;
  }

  /** Instantiates a module over the shared memory; `functions` are wasm exports it may call. */
  instantiate(bytes: Uint8Array, functions: WebAssembly.ModuleImports = {}): Record<string, unknown> {
    const env = { memory: this.heap.memory, ...functions };
    return new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports;
  }
}
