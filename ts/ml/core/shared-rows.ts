// The rows that the parts of a split have in common: computed once, held until the split is disposed or forgotten.
import { UnsupportedError } from '../../errors.ts';
import { DataFrame } from '../../frame/dataframe.ts';
import { ownedTable, residentPlan, TableOwner } from '../../frame/host-tables.ts';
import { nodeLabel } from '../../plan/explain.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import { walkPlan } from '../../plan/walk.ts';
import { type RunOptions, runToTable } from '../../runner/runner.ts';

/** Frames over tables that one object owns. */
export class SharedRows implements Disposable {
  readonly #owners = new Map<PlanNode, TableOwner>();
  readonly #where: string;
  readonly run: RunOptions;

  constructor(where: string, run: RunOptions) {
    this.#where = where;
    this.run = run;
  }

  /** Runs a frame's plan once and gives a frame over the result. */
  async keep(frame: DataFrame<any>): Promise<DataFrame<any>> {
    const plan = DataFrame.planOf(frame);
    const site = new Error(`${this.#where} runs this plan.`);
    const owner = new TableOwner(await runToTable(await residentPlan(plan, this.run), this.run, site));
    const node = ownedTable(owner, plan.schema);
    this.#owners.set(node, owner);
    return new DataFrame(node);
  }

  /** Frees what a frame made by `keep`, or a selection of its columns, holds, before the rest. */
  drop(frame: DataFrame<any>): void {
    let plan = DataFrame.planOf(frame);
    while (plan.node === 'project') plan = plan.input;
    this.#owners.get(plan)?.dispose();
    this.#owners.delete(plan);
  }

  /** The rows of a frame to take parts of: kept, unless they stand in memory already or `cache` is false. */
  async share(frame: DataFrame<any>, cache: boolean): Promise<{ frame: DataFrame<any>; rows: number }> {
    const plan = DataFrame.planOf(frame);
    const stands = isResident(plan);
    if (!(cache || stands)) checkOrdered(plan, this.#where);
    const shared = cache && !stands ? await this.keep(frame) : frame;
    return { frame: shared, rows: await shared.count(this.run) };
  }

  /** Frees what is kept. Frames over it throw ERR_DISPOSED from then on. */
  [Symbol.dispose](): void {
    for (const owner of this.#owners.values()) owner.dispose();
  }
}

/** Whether a plan only picks columns of a table in memory. */
function isResident(plan: PlanNode): boolean {
  if (plan.node === 'table') return true;
  return plan.node === 'project' && plan.exprs.every((e) => e.expr.node === 'col') && isResident(plan.input);
}

/** Parts are known by row number: a plan that may give its rows in another order each time cannot be run for each part. */
function checkOrdered(plan: PlanNode, where: string): void {
  walkPlan(plan, (node) => {
    const loose =
      node.node === 'host' ||
      ((node.node === 'aggregate' || node.node === 'join' || node.node === 'distinct') && !node.maintainOrder);
    if (!loose) return;
    throw new UnsupportedError(
      `${where} with cache: false runs the plan once per part, so its rows must come in one order, which ${nodeLabel(node)} does not promise. Give it maintainOrder: true, or leave cache on.`,
      { node: nodeLabel(node) },
    );
  });
}
