// Frames over data of the calling thread: a table node whose rows go to the engine when a plan first reads it. Also who
// owns resident tables: a handle lives as long as a Table or a plan refers to it.
import type { RecordBatch } from '../backend/arrow.ts';
import type { TableHandle } from '../backend/backend.ts';
import { DisposedError } from '../errors.ts';
import { tableNode } from '../plan/build.ts';
import type { PlanNode, TableNode } from '../plan/nodes.ts';
import { transformPlan, walkPlan } from '../plan/walk.ts';
import { type RunOptions, releaseHandle, uploadBatches } from '../runner/runner.ts';
import type { Schema } from '../schema/types.ts';

const forgotten = new FinalizationRegistry<TableHandle>(releaseHandle);

/** A resident table with one owner. */
export class TableOwner {
  readonly handle: TableHandle;
  #disposed = false;

  constructor(handle: TableHandle) {
    this.handle = handle;
    forgotten.register(this, handle, this);
  }

  get disposed(): boolean {
    return this.#disposed;
  }

  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    forgotten.unregister(this);
    releaseHandle(this.handle);
  }
}

/** Owners of the tables that plans refer to: alive as long as the node is. */
const owners = new WeakMap<TableNode, TableOwner>();

/** A table node that keeps its table alive. */
export function ownedTable(owner: TableOwner, schema: Schema): TableNode {
  const node = tableNode(owner.handle.id, owner.handle.rows, schema);
  owners.set(node, owner);
  return node;
}

interface Waiting {
  batches: readonly RecordBatch[] | null;
  uploaded: Promise<TableNode> | null;
}
const waiting = new WeakMap<TableNode, Waiting>();
let nextId = -1;

/** A table node over host batches, which nobody may change any more. */
export function hostTable(batches: readonly RecordBatch[], schema: Schema): TableNode {
  const rows = batches.reduce((sum, b) => sum + b.length, 0);
  const node = tableNode(nextId--, rows, schema);
  waiting.set(node, { batches, uploaded: null });
  return node;
}

const ready = new WeakMap<PlanNode, PlanNode>();

/** The plan with its host tables uploaded. Throws when it reads a disposed table. */
export async function residentPlan(plan: PlanNode, options: RunOptions | undefined): Promise<PlanNode> {
  const pending: TableNode[] = [];
  walkPlan(plan, (node) => {
    if (node.node !== 'table') return;
    if (owners.get(node)?.disposed) throw new DisposedError('table');
    if (waiting.has(node)) pending.push(node);
  });
  if (pending.length === 0) return plan;
  const known = ready.get(plan);
  if (known !== undefined) return known;
  const uploaded = new Map<PlanNode, PlanNode>();
  for (const node of pending) uploaded.set(node, await upload(node, options));
  const result = transformPlan(plan, (node) => uploaded.get(node) ?? node);
  ready.set(plan, result);
  return result;
}

/** The plan that last stood for this one in the engine. */
export const readyPlan = (plan: PlanNode): PlanNode => ready.get(plan) ?? plan;

function upload(node: TableNode, options: RunOptions | undefined): Promise<TableNode> {
  const wait = waiting.get(node) as Waiting;
  wait.uploaded ??= uploadBatches(wait.batches as readonly RecordBatch[], node.schema, options).then(
    (handle) => {
      wait.batches = null;
      return ownedTable(new TableOwner(handle), node.schema);
    },
    (error) => {
      wait.uploaded = null;
      throw error;
    },
  );
  return wait.uploaded;
}
