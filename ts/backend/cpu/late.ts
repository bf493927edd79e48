// Engine modules that the calling thread loads when a plan first asks for one. An engine thread loads such a module on
// the spot (worker/boot.ts); here modules load asynchronously, so the plan stops, and is run again when it is there.

type Exports = Readonly<Record<string, unknown>>;

/** A module that is loaded when it is first asked for. */
export interface LateModule {
  readonly load: () => Promise<Exports>;
  exports: Exports | null;
}

export const lateModule = (load: () => Promise<Exports>): LateModule => ({ load, exports: null });

/** Thrown where a plan needs a module that is not loaded; no error of the user's. */
export class ModuleWanted extends Error {
  readonly module: LateModule;

  constructor(module: LateModule) {
    super('A module of the engine is not loaded yet.');
    this.module = module;
  }
}

/** What a late module exports; stops the plan where it is not loaded. */
export function exportsOf(module: LateModule): Exports {
  if (!module.exports) throw new ModuleWanted(module);
  return module.exports;
}

/** A function or class of a late module, as the bundler puts it in place of an import (scripts/late.mjs). */
export function wanted(module: LateModule, name: string): unknown {
  const target = (): object => exportsOf(module)[name] as object;
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
    return module.load().then((exports) => {
      module.exports = exports;
      return withLate(work);
    });
  }
}
