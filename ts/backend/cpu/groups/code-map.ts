// Dictionary codes → groups: each entry of a dictionary is looked up once, when its first row comes by.
import { gatherOrNull } from '../columns/gather.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { ColumnTable } from './column-table.ts';

/** Dictionaries remembered; those of one file's row groups come one after another. */
const KEPT = 4;
/** Entries that are not groups (wasm/hash.ts): not in the table when last asked, never asked. */
const ABSENT = 0xfffffffe;
const NEVER_ASKED = 0xffffffff;

/** Rows looked at before all others. */
const FIRST_ROWS = 1024;

interface CodeMap {
  readonly dict: Vector;
  /** One u32 per code, then one for null. */
  readonly address: number;
  /** Groups in the table when entries were last found absent. */
  askedAt: number;
  /** No entry has been looked up. */
  isNew: boolean;
}

/**
 * Maps of the dictionaries last seen. They are told apart by the identity of the `dict` object, since an address may
 * be used again: whoever makes vectors keeps one object per dictionary.
 */
export class CodeMaps {
  #maps: CodeMap[] = [];

  #mapOf(ctx: ExecContext, dict: Vector): CodeMap {
    const found = this.#maps.findIndex((m) => m.dict === dict);
    if (found === 0) return this.#maps[0]!;
    let map: CodeMap;
    if (found > 0) map = this.#maps.splice(found, 1)[0]!;
    else {
      const bytes = (dict.length + 1) * 4;
      map = { dict, address: ctx.arena.alloc(bytes), askedAt: 0, isNew: true };
      ctx.kernels.get('hash').fillOnes(map.address, bytes);
      if (this.#maps.length === KEPT) ctx.arena.free(this.#maps.pop()!.address);
    }
    this.#maps.unshift(map);
    return map;
  }

  /** As ColumnTable.assign, for a vector with a dictionary. */
  assign(ctx: ExecContext, table: ColumnTable, v: Vector, length: number, out: number, insert: boolean): void {
    const dict = v.dict!;
    const hash = ctx.kernels.get('hash');
    const map = this.#mapOf(ctx, dict);
    const nullCode = dict.length;
    const unknown = insert ? ABSENT : NEVER_ASKED;
    if (!insert && map.askedAt !== table.count) hash.forgetAbsent(map.address, dict.length + 1);
    /** Looks up the entries of the first rows. */
    const learn = (rows: number): void => {
      const list = ctx.scratch.alloc(Math.min(rows, dict.length + 1) * 4);
      const n = hash.unknownCodes(v.data, v.validity, rows, map.address, nullCode, unknown, list);
      const entries = gatherOrNull(ctx, dict, list, n, ctx.scratch);
      const ids = ctx.scratch.alloc(n * 4);
      table.assign(ctx, entries, n, ids, insert);
      hash.learnCodes(list, ids, n, map.address, nullCode);
    };
    // Of a small dictionary the first rows show all there is: the morsel is not gone through again.
    if (map.isNew && dict.length < FIRST_ROWS) learn(Math.min(length, FIRST_ROWS));
    map.isNew = false;
    if (hash.mapCodes(v.data, v.validity, length, map.address, nullCode, unknown, out) !== 0) {
      learn(length);
      hash.mapCodes(v.data, v.validity, length, map.address, nullCode, unknown, out);
    }
    if (!insert) map.askedAt = table.count;
  }

  free(ctx: ExecContext): void {
    for (const m of this.#maps) ctx.arena.free(m.address);
    this.#maps = [];
  }
}
