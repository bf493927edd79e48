// A finished result taken out of its query's arena: few regions that one table owns.
import { bytesFor, physicalOf } from '../../../schema/types.ts';
import type { ExecContext } from '../context.ts';
import type { Vector } from '../vector.ts';
import type { Region } from './regions.ts';

/** Columns and the regions that hold all their bytes. */
export interface PackedColumns {
  readonly columns: readonly Vector[];
  readonly regions: readonly Region[];
}

const align = (bytes: number): number => (bytes + 16 + 63) & ~63;

/**
 * Packs vectors whose buffers are blocks of `ctx.arena`, each used once: large blocks change their owner, small ones
 * and all long strings are copied side by side into one region.
 */
export function packColumns(ctx: ExecContext, columns: readonly Vector[]): PackedColumns {
  const core = ctx.kernels.get('core');
  const regions: Region[] = [];
  const detached = new Set<number>();
  let copiedBytes = 0;
  /** Takes over the blocks of a column's long strings, if they are known and none is part of something else. */
  const ownsStrings = (v: Vector): boolean => {
    if (!v.strings) return false;
    for (const address of v.strings) {
      if (detached.has(address)) continue;
      const region = ctx.arena.detach(address);
      if (!region) return false;
      regions.push(region);
      detached.add(address);
    }
    keptStrings.add(v);
    return true;
  };
  const keptStrings = new Set<Vector>();
  const measure = (v: Vector): void => {
    const physical = v.dict ? 'u32' : physicalOf(v.type);
    if (v.dict) measure(v.dict);
    const buffers = [
      [v.data, bytesFor(physical, v.length)],
      [v.validity, bytesFor('bit', v.length)],
    ] as const;
    for (const [address, bytes] of buffers) {
      if (address === 0) continue;
      const region = ctx.arena.detach(address);
      if (region) {
        regions.push(region);
        detached.add(address);
      } else copiedBytes += align(bytes);
    }
    if (physical === 'view' && !ownsStrings(v)) copiedBytes += align(core.longViewBytes(v.data, v.length));
    for (const c of v.children ?? []) measure(c);
  };
  for (const v of columns) measure(v);

  let top = 0;
  if (copiedBytes > 0) {
    const region = ctx.arena.takeRegion(copiedBytes);
    top = region.address;
    regions.push(region);
  }
  const place = (address: number, bytes: number): number => {
    if (address === 0 || detached.has(address)) return address;
    const to = top;
    core.copyBytes(to, address, bytes);
    top += align(bytes);
    return to;
  };
  const move = (v: Vector): Vector => {
    const physical = v.dict ? 'u32' : physicalOf(v.type);
    const data = place(v.data, bytesFor(physical, v.length));
    const validity = place(v.validity, bytesFor('bit', v.length));
    if (physical === 'view' && !keptStrings.has(v)) {
      const end = core.relocateViews(data, v.length, top) >>> 0;
      top += align(end - top);
    }
    return {
      type: v.type,
      length: v.length,
      data,
      validity,
      ...(v.dict ? { dict: move(v.dict) } : {}),
      ...(v.children ? { children: v.children.map(move) } : {}),
    };
  };
  return { columns: columns.map(move), regions };
}
