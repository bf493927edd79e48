// Brings to a backend what a plan reads and it does not hold: tables of the other backend, and scans it cannot read.
import type { Backend, RunContext, TableHandle } from '../backend/backend.ts';
import { loadBackend } from '../backend/registry.ts';
import { tableNode } from '../plan/build.ts';
import { nodeLabel } from '../plan/explain.ts';
import type { PlanNode, TableNode } from '../plan/nodes.ts';
import { transformPlan, walkPlan } from '../plan/walk.ts';
import { cpuBackend, foreignScans } from './choose.ts';
import { cpuHost } from './cpu-host.ts';
import { copyOf, noteCopy, residentHandle } from './resident.ts';

/** A plan that a backend can run, and what was made for it alone. */
export interface Moved {
  readonly plan: PlanNode;
  readonly made: readonly TableHandle[];
}

/** Copies what is elsewhere; each copy is a line of the trace. */
export async function moveTo(backend: Backend, plan: PlanNode, run: RunContext): Promise<Moved> {
  const replaced = new Map<PlanNode, PlanNode>();
  const made: TableHandle[] = [];
  const tables: TableNode[] = [];
  walkPlan(plan, (node) => {
    if (node.node === 'table' && !tables.includes(node)) tables.push(node);
  });
  try {
    for (const node of tables) {
      const handle = residentHandle(node.tableId);
      if (!handle || handle.backend === backend.name) continue;
      const copy = await copiedTable(handle, backend, run, made);
      replaced.set(node, tableNode(copy.id, copy.rows, node.schema));
    }
    for (const scan of foreignScans(plan, backend)) {
      const started = performance.now();
      const { trace: _, onProgress: __, ...quiet } = run;
      const cpu = await cpuBackend();
      const table = await backend.upload(cpu.stream(scan, quiet), scan.schema, { ...quiet, checked: true });
      made.push(table);
      note(run, nodeLabel(scan), table.rows, started, `decoded on cpu, copied to ${backend.name}`);
      replaced.set(scan, tableNode(table.id, table.rows, scan.schema));
    }
  } catch (error) {
    for (const table of made) backend.release(table);
    throw error;
  }
  return { plan: replaced.size === 0 ? plan : transformPlan(plan, (n) => replaced.get(n) ?? n), made };
}

/**
 * A table on another backend, copied once and kept with the original.
 * @param made - takes a copy that cannot be kept: the caller releases it
 */
export async function copiedTable(
  handle: TableHandle,
  backend: Backend,
  run: RunContext,
  made: TableHandle[],
): Promise<TableHandle> {
  const known = copyOf(handle.id);
  if (known?.backend === backend.name) return known;
  const started = performance.now();
  const { trace: _, onProgress: __, ...quiet } = run;
  const checked = { ...quiet, checked: true };
  const from = await loadBackend(handle.backend, cpuHost);
  if (!('backend' in from)) throw new Error(`The ${handle.backend} backend of a resident table is gone.`);
  // The CPU's columns are read where they lie.
  const copy =
    handle.backend === 'cpu'
      ? await handle.borrow(undefined, (batch) => backend.upload([batch], handle.schema, checked))
      : await backend.upload(
          from.backend.stream(tableNode(handle.id, handle.rows, handle.schema), quiet),
          handle.schema,
          checked,
        );
  // It may have been released meanwhile, or copied by another run.
  if (residentHandle(handle.id) === handle && copyOf(handle.id) === undefined) noteCopy(handle.id, copy);
  else made.push(copy);
  note(
    run,
    nodeLabel(tableNode(handle.id, handle.rows, handle.schema)),
    copy.rows,
    started,
    `copied from ${handle.backend} to ${backend.name}`,
  );
  return copy;
}

function note(run: RunContext, label: string, rows: number, started: number, text: string): void {
  run.trace?.nodes.push({ label: `COPY ${label}`, rows, ms: performance.now() - started, note: text });
}
