// The CPU engine with what it is made of, in one file of the package.
import { CpuBackend, type CpuHost } from './cpu-backend.ts';
import { WASM } from './embedded.gen.ts';
import { Engine } from './engine.ts';
import type { KernelBytes } from './kernels.ts';

const decoded = (texts: Readonly<Record<string, string>>): KernelBytes =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, new Uint8Array(Buffer.from(text, 'base64'))]));

/** Makes the backend. Its thread, and the kernels that few queries need, are loaded at their first use. */
export function openCpu(host: CpuHost): CpuBackend {
  const moreKernels = async () => decoded((await import('./more-kernels.gen.ts')).MORE_WASM);
  const program = async () => (await import('./program.gen.ts')).PROGRAM;
  return new CpuBackend(new Engine(decoded(WASM), moreKernels, program), host);
}
