// A native resource by its number: released when disposed, or at the latest when it is collected.
import { DisposedError } from '../errors.ts';
import { invoke, type NativeAddon } from './addon.ts';

const forgotten = new FinalizationRegistry<{ addon: NativeAddon; id: number }>(({ addon, id }) => addon.release(id));

/** What the addon holds for us: a booster. */
export class NativeHandle {
  readonly addon: NativeAddon;
  #id: number | undefined;
  readonly #what: string;
  constructor(addon: NativeAddon, id: number, what: string) {
    this.addon = addon;
    this.#id = id;
    this.#what = what;
    forgotten.register(this, { addon, id }, this);
  }
  async call<T>(operation: string, params: object = {}): Promise<T> {
    if (this.#id === undefined) throw new DisposedError(this.#what);
    return invoke<T>(this.addon, operation, { booster: this.#id, ...params });
  }
  dispose(): void {
    if (this.#id === undefined) return;
    forgotten.unregister(this);
    this.addon.release(this.#id);
    this.#id = undefined;
  }
}
