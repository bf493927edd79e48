// What kernels keep between calls: JSON and the regions that are theirs.
import { DeviceError, DisposedError } from '../../errors.ts';
import type { JsonObject, StateHandle } from '../backend.ts';
import type { Region, RegionPool } from './memory/regions.ts';

interface Entry {
  json: JsonObject;
  regions: Region[];
  /** A call that changes it failed half way. */
  broken: boolean;
}

/** The states of one engine, by id. Any thread can go on with one: nothing of it is in a thread. */
export class States {
  readonly #pool: RegionPool;
  readonly #entries = new Map<number, Entry>();
  #nextId = 1;

  constructor(pool: RegionPool) {
    this.#pool = pool;
  }

  add(json: JsonObject, regions: readonly Region[]): StateHandle {
    const id = this.#nextId++;
    const entry = { json, regions: [...regions], broken: false };
    this.#entries.set(id, entry);
    return {
      kind: 'state',
      id,
      backend: 'cpu',
      get sizeBytes() {
        return entry.regions.reduce((sum, r) => sum + r.bytes, 0);
      },
    };
  }

  json(id: number): JsonObject {
    const entry = this.#get(id);
    if (entry.broken)
      throw new DeviceError('ERR_DEVICE', 'An earlier call on this state failed half way. Start again from fit.');
    return entry.json;
  }

  /** A call went on with a state: its new JSON, if any, and the memory added. */
  update(id: number, json: JsonObject | undefined, regions: readonly Region[]): void {
    const entry = this.#get(id);
    if (json) entry.json = json;
    entry.regions.push(...regions);
  }

  markBroken(id: number): void {
    const entry = this.#entries.get(id);
    if (entry) entry.broken = true;
  }

  /** Frees a state. Idempotent. */
  release(id: number): void {
    const entry = this.#entries.get(id);
    if (!entry) return;
    this.#entries.delete(id);
    for (const region of entry.regions) this.#pool.release(region);
  }

  #get(id: number): Entry {
    const entry = this.#entries.get(id);
    if (!entry) throw new DisposedError('state');
    return entry;
  }
}
