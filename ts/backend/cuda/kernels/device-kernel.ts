// How a kernel of kernel-calls.ts is put together on a device: from our own kernels, plans of libcudf and a little
// arithmetic on what came back.
import type { PlanNode } from '../../../plan/nodes.ts';
import type { NumberArray, RecordBatch } from '../../arrow.ts';
import type { JsonObject, KernelCall, TableHandle } from '../../backend.ts';

type Arrays = { readonly [name: string]: NumberArray };

/** What a kernel may do with the device, under the run of its call. */
export interface DeviceScope {
  /** Runs one of our own kernels (native/kernels/README.md); results are in host memory. */
  own(name: string, params: JsonObject, tables: readonly TableHandle[], arrays: Arrays): Promise<Arrays>;
  /** Runs a plan; the caller releases the table. */
  execute(plan: PlanNode): Promise<TableHandle>;
  /** Copies rows to the device; the caller releases the table. */
  upload(batch: RecordBatch): Promise<TableHandle>;
  /** Brings a small table to the host. */
  read(table: TableHandle): Promise<RecordBatch>;
  release(table: TableHandle): void;
}

/** What a kernel keeps between calls. */
export interface DeviceState {
  /** The kernel that made it; only kernels of the same family take it. */
  readonly kind: string;
  readonly arrays: Arrays;
  readonly params: JsonObject;
  /** On the device, released with the state. */
  readonly tables: readonly TableHandle[];
}

/** What a call is given: tables of the device, states of this backend. */
export interface DeviceInput {
  readonly params: any;
  readonly arrays: Arrays;
  readonly tables: readonly TableHandle[];
  readonly states: readonly DeviceState[];
}

export interface DeviceOutput {
  readonly json?: JsonObject;
  readonly arrays?: Arrays;
  readonly state?: DeviceState;
}

/** A kernel of kernel-calls.ts on a device. */
export interface DeviceKernel {
  /** Our own kernels that it is made of. */
  readonly needs: readonly string[];
  /** One sentence why these parameters cannot run here; null: they can. */
  whyNot?(call: KernelCall): string | null;
  run(scope: DeviceScope, input: DeviceInput): Promise<DeviceOutput>;
}
