// The tables that backends hold, by their numbers in plans; and copies of them on other backends.
import type { Handle, TableHandle } from '../backend/backend.ts';
import { loadBackend } from '../backend/registry.ts';
import { cpuHost } from './cpu-host.ts';

const resident = new Map<number, TableHandle>();
const copies = new Map<number, TableHandle>();

/** Notes a table, so that plans that name it find it. */
export function noteTable(handle: TableHandle): TableHandle {
  resident.set(handle.id, handle);
  return handle;
}

/** The table of a number; undefined where it is released or not resident yet. */
export const residentHandle = (id: number): TableHandle | undefined => resident.get(id);

/** The copy of a table on the other backend. It lives as long as the table. */
export const copyOf = (id: number): TableHandle | undefined => copies.get(id);
export function noteCopy(original: number, copy: TableHandle): void {
  copies.set(original, copy);
}

/** Frees a resident table or a kernel's state. Idempotent. */
export function releaseHandle(handle: Handle): void {
  const copy = handle.kind === 'table' ? copies.get(handle.id) : undefined;
  if (handle.kind === 'table') {
    resident.delete(handle.id);
    copies.delete(handle.id);
  }
  for (const each of copy ? [handle, copy] : [handle])
    void loadBackend(each.backend, cpuHost).then((l) => {
      if ('backend' in l) l.backend.release(each);
    });
}
