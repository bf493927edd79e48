// npx tsx native/tests/verify/make-plan-goldens.ts: writes plans.jsonl, plans with what the CPU engine makes of them, for the
// program that verifies a GPU without Node. Lines: { table, schema, columns }, then { name, plan, schema, expected | error }.
import fs from 'node:fs';
import path from 'node:path';
import type { ArrowColumn, RecordBatch } from '../../../ts/backend/arrow.ts';
import { plainColumn } from '../../../ts/backend/arrow-columns.ts';
import { serializeForDevice } from '../../../ts/backend/cuda/zone-tables.ts';
import { DataFrame } from '../../../ts/frame/dataframe.ts';
import { optimize } from '../../../ts/optimize/optimizer.ts';
import { tableNode } from '../../../ts/plan/build.ts';
import { transformPlan } from '../../../ts/plan/walk.ts';
import { type Frame, framesOf } from '../../../ts/verify/cases/frames.ts';
import { PLAN_CASES } from '../../../ts/verify/cases/plan-cases.ts';

const ROWS = 40;
/** Rows come back in one order: what has none is sorted by everything. */
const inOneOrder = (df: Frame): Frame => df.sort(...(df.columns as never[]));

const base64 = (array: ArrayBufferView | null | undefined): string | null =>
  array == null
    ? null
    : Buffer.from(new Uint8Array(array.buffer, array.byteOffset, array.byteLength)).toString('base64');
function columnJson(c: ArrowColumn): object {
  const { length, validity, offsets, values } = plainColumn(c);
  return { length, validity: base64(validity), offsets: base64(offsets), values: base64(values) };
}
const columnsOf = (batch: RecordBatch): object[] => batch.columns.map(columnJson);

/** The file's text. */
export async function planGoldens(): Promise<string> {
  const frames = framesOf(ROWS);
  const lines: object[] = [];
  const numbers = new Map<number, number>();
  for (const [i, frame] of [frames.facts, frames.keys, frames.odd].entries()) {
    const node = DataFrame.planOf(frame);
    if (node.node !== 'table') throw new Error('a frame of the cases is no table');
    numbers.set(node.tableId, i + 1);
    const table = await frame.collect({ engine: 'cpu' });
    lines.push({ table: i + 1, schema: node.schema, columns: table.borrowArrow(columnsOf) });
  }
  for (const { group, name, ordered, frame } of PLAN_CASES) {
    const made = frame(frames);
    if (Object.values(made.schema).some((f) => f.dtype === 'List')) continue;
    const df = ordered ? made : inOneOrder(made);
    const plan = transformPlan(optimize(DataFrame.planOf(df)), (node) =>
      node.node === 'table' ? tableNode(numbers.get(node.tableId)!, node.rows, node.schema) : node,
    );
    const base = {
      name: `${group}: ${name}`,
      plan: JSON.parse(serializeForDevice(plan)) as object,
      schema: plan.schema,
    };
    try {
      const table = await df.collect({ engine: 'cpu', seed: 1 });
      lines.push({ ...base, expected: table.borrowArrow(columnsOf) });
    } catch (error) {
      lines.push({ ...base, error: (error as { code: string }).code });
    }
  }
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

if (process.argv[1] === import.meta.filename)
  fs.writeFileSync(path.join(import.meta.dirname, 'plans.jsonl'), await planGoldens());
