// What training and prediction may not take, counted by libcudf: one row of aggregates.
import { col } from '../../../expr/builders.ts';
import { selected } from '../../../plan/aggregates.ts';
import { tableNode } from '../../../plan/build.ts';
import { isFloat } from '../../../schema/types.ts';
import type { RecordBatch } from '../../arrow.ts';
import type { TableHandle } from '../../backend.ts';
import type { DeviceKernel, DeviceScope } from './device-kernel.ts';

/** Columns of one plan: each aggregate is a pass over a temporary column of its own. */
const COLUMNS = 64;

/** Sums of a batch of one row; of no rows they are null. */
const numbersOf = (batch: RecordBatch): number[] => batch.columns.map((c) => Number(c.values?.[0] ?? 0));

async function counts(scope: DeviceScope, table: TableHandle, from: number): Promise<number[][]> {
  const fields = table.schema.slice(from, from + COLUMNS);
  const items = fields.flatMap((f, j) => {
    const c = col(f.name) as any;
    const nulls = { [`n${j}`]: c.isNull().sum() };
    return isFloat(f.type) ? [nulls, { [`a${j}`]: c.isNan().sum() }, { [`f${j}`]: c.isFinite().sum() }] : [nulls];
  });
  const made = await scope.execute(selected(tableNode(table.id, table.rows, table.schema), items));
  try {
    const numbers = numbersOf(await scope.read(made));
    let at = 0;
    return fields.map(({ type }) => {
      const nulls = numbers[at++]!;
      if (!isFloat(type)) return [nulls, 0, 0];
      const nans = numbers[at++]!;
      return [nulls, nans, table.rows - nulls - nans - numbers[at++]!];
    });
  } finally {
    scope.release(made);
  }
}

export const featuresKernels: Readonly<Record<string, DeviceKernel>> = {
  'features.check': {
    needs: [],
    async run(scope, { tables }) {
      const table = tables[0]!;
      const all: number[][] = [];
      for (let from = 0; from < table.schema.length; from += COLUMNS) all.push(...(await counts(scope, table, from)));
      const part = (k: number): Float64Array => Float64Array.from(all, (row) => (table.rows === 0 ? 0 : row[k]!));
      return { arrays: { nulls: part(0), nans: part(1), infinities: part(2) } };
    },
  },
};
