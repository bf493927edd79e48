// The backends there are: one row each. A row loads its backend at first use, or says why it cannot.
import type { Backend, BackendName } from './backend.ts';
import type { CpuHost } from './cpu/cpu-backend.ts';

/** A backend that cannot run here, with the reason. */
export interface Unavailable {
  readonly name: BackendName;
  readonly reason: string;
}
export type Loaded = { readonly backend: Backend } | { readonly unavailable: Unavailable };

const LOADERS: Record<BackendName, (host: CpuHost) => Promise<Loaded>> = {
  async cpu(host) {
    const [{ CpuBackend }, { Engine }, embedded] = await Promise.all([
      import('./cpu/cpu-backend.ts'),
      import('./cpu/engine.ts'),
      import('./cpu/embedded.gen.ts'),
    ]);
    const wasm = Object.fromEntries(
      Object.entries(embedded.WASM).map(([name, text]) => [name, new Uint8Array(Buffer.from(text, 'base64'))]),
    );
    return { backend: new CpuBackend(new Engine(wasm, embedded.WORKER), host) };
  },
  async cuda() {
    return { unavailable: { name: 'cuda', reason: 'This version of warpframe has no CUDA backend.' } };
  },
  async spark() {
    return { unavailable: { name: 'spark', reason: 'This version of warpframe has no Spark backend.' } };
  },
};

const loaded = new Map<BackendName, Promise<Loaded>>();

/** Loads a backend once per process. */
export function loadBackend(name: BackendName, host: CpuHost): Promise<Loaded> {
  let found = loaded.get(name);
  if (!found) {
    found = LOADERS[name](host);
    loaded.set(name, found);
  }
  return found;
}
