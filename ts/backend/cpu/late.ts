// Engine modules that the calling thread loads when a plan first asks for one. An engine thread loads such a module on
// the spot (worker/boot.ts); here modules load asynchronously, so the plan stops, and is run again when it is there.

type Module = Readonly<Record<string, unknown>>;

const LOADERS: Readonly<Record<string, () => Promise<Module>>> = {
  arrow: () => import('./scan/arrow/open-arrow.ts'),
  csv: () => import('./scan/csv/open-csv.ts'),
  encode: () => import('./operators/encode-groups.ts'),
  infer: () => import('./scan/infer.ts'),
  join: () => import('./operators/join.ts'),
  jsonl: () => import('./scan/jsonl/open-jsonl.ts'),
  ml: () => import('./ml/run-kernel.ts'),
  nested: () => import('./scan/parquet/nested-column.ts'),
  prune: () => import('./scan/parquet/prune-groups.ts'),
  re2: () => import('./functions/re2.ts'),
  sink: () => import('./operators/write.ts'),
  spill: () => import('./spill/operators.ts'),
  strftime: () => import('./functions/strftime.ts'),
  texts: () => import('./functions/cast-text.ts'),
  window: () => import('./operators/window.ts'),
  windows: () => import('./operators/window-stream.ts'),
  write: () => import('./write/formats.ts'),
};
const loaded = new Map<string, Module>();

/** Thrown where a plan needs a module that is not loaded; no error of the user's. */
export class ModuleWanted extends Error {
  readonly module: string;

  constructor(module: string) {
    super(`The module ${module} is not loaded.`);
    this.module = module;
  }
}

/** A function or class of a late module, as the bundler puts it in place of an import (scripts/late.mjs). */
export function wanted(module: string, name: string): unknown {
  const target = (): object => {
    const found = loaded.get(module);
    if (!found) throw new ModuleWanted(module);
    return found[name] as object;
  };
  return new Proxy(function late() {}, {
    apply: (_, self, args) => Reflect.apply(target() as () => unknown, self, args),
    construct: (_, args) => Reflect.construct(target() as new () => object, args),
    get: (_, key) => Reflect.get(target(), key),
  });
}

/** Runs `work`, again whenever a module that it needs has been loaded. It must leave nothing behind when it throws. */
export function withLate<T>(work: () => T): T | Promise<T> {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ModuleWanted)) throw error;
    const { module } = error;
    return LOADERS[module]!().then((exports) => {
      loaded.set(module, exports);
      return withLate(work);
    });
  }
}
