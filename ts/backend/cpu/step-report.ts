import { nodeLabel } from '../../plan/explain.ts';
import type { PlanNode } from '../../plan/nodes.ts';
import type { ScanReport } from './operators/scan.ts';

/** What a step did, for explain. Its name is put together when it is asked for: few traces are read. */
export class StepReport implements ScanReport {
  rows = 0;
  ms = 0;
  note = '';
  readonly #of: PlanNode | string;

  /** @param of - the step's name, or the node that it stands for */
  constructor(of: PlanNode | string) {
    this.#of = of;
  }

  get label(): string {
    return typeof this.#of === 'string' ? this.#of : nodeLabel(this.#of);
  }

  toJSON(): { label: string; rows: number; ms: number; note: string } {
    return { label: this.label, rows: this.rows, ms: this.ms, note: this.note };
  }
}
