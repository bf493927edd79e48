// Which functions ran, on which dtypes.
import type { ExprNode } from '../../ts/expr/nodes.ts';
import type { PlanNode } from '../../ts/plan/nodes.ts';
import { expressionsOf, walkPlan } from '../../ts/plan/walk.ts';
import { REGISTRY_NAMES } from './registry.ts';

export class Coverage {
  readonly #counts = new Map<string, Map<string, number>>();

  add(plan: PlanNode): void {
    walkPlan(plan, (node) => {
      for (const e of expressionsOf(node)) this.#visit(e);
    });
  }

  /** Every object of an expression tree that is a call. */
  #visit(e: ExprNode | readonly unknown[] | unknown): void {
    if (typeof e !== 'object' || e === null) return;
    if (Array.isArray(e)) {
      for (const x of e) this.#visit(x);
      return;
    }
    const node = e as { node?: string; fn?: string; args?: readonly ExprNode[] };
    if (node.node === 'call' && node.fn !== undefined) {
      const dtype = node.args?.[0]?.type.dtype ?? 'none';
      const row = this.#counts.get(node.fn) ?? new Map<string, number>();
      row.set(dtype, (row.get(dtype) ?? 0) + 1);
      this.#counts.set(node.fn, row);
    }
    for (const x of Object.values(e)) if (typeof x === 'object') this.#visit(x);
  }

  missing(excluded: readonly string[]): string[] {
    return REGISTRY_NAMES.filter((name) => !this.#counts.has(name) && !excluded.includes(name));
  }

  report(): string {
    return REGISTRY_NAMES.map((name) => {
      const row = [...(this.#counts.get(name) ?? [])].sort(([a], [b]) => (a < b ? -1 : 1));
      return `${name.padEnd(16)} ${row.map(([t, n]) => `${t} ${n}`).join(', ')}`;
    }).join('\n');
  }
}
