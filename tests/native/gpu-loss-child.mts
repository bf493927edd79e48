// A device that fails in the middle of a process: what is said, by whom, and what goes on. argv: the number of the error,
// what is under way, and how many calls of the CUDA runtime still succeed. HOSTCUDF_FAULT names the file whose appearance is
// the failure.
import fs from 'node:fs';
import { loadBackend } from '../../ts/backend/registry.ts';
import { configure, fromColumns } from '../../ts/index.ts';
import { cpuHost } from '../../ts/runner/cpu-host.ts';

const [number, moment, calls = '0'] = process.argv.slice(2) as [string, string, string?];
const file = process.env['HOSTCUDF_FAULT']!;
const fail = (): void => fs.writeFileSync(file, `${number} ${calls}`);
const said: Record<string, unknown> = {};
const note = async (what: string, run: () => Promise<unknown>): Promise<void> => {
  try {
    said[what] = await run();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    said[what] = { code, message };
  }
};
const warnings: string[] = [];
process.on('warning', ({ message }) => warnings.push(message));

const n = 5000;
const engine = 'cuda';
const frame = () =>
  fromColumns({ k: Int32Array.from({ length: n }, (_, i) => i % 10), x: new Float64Array(n).fill(1) });
const df = frame();
const sums = async (from: typeof df, options: object): Promise<unknown> => {
  const sorted = from
    .groupBy('k')
    .agg({ total: (c) => c.x.sum() })
    .sort('k');
  return (await sorted.head(2).collect(options)).toRecords();
};

if (moment === 'start') fail();
await note('first', () => sums(df, { engine }));
const resident = moment === 'start' ? undefined : await df.collect({ engine });

/** What is under way when the device fails. */
const moments: Record<string, () => Promise<unknown>> = {
  start: async () => undefined,
  run: () => sums(df, { engine }),
  upload: () => fromColumns({ y: new Float64Array(n) }).collect({ engine }),
  download: async () => {
    const loaded = await loadBackend('cuda', cpuHost);
    if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
    const { backend } = loaded;
    const run = { memoryLimitBytes: Number.POSITIVE_INFINITY, seed: 1, threads: 1 };
    const schema = [{ name: 'y', type: { dtype: 'Float64' }, nullable: false }] as const;
    const column = { type: schema[0].type, length: n, validity: null, values: new Float64Array(n) };
    const table = await backend.upload([{ schema, length: n, columns: [column] }], schema, run);
    fail();
    await table.prefetch(undefined, run);
  },
  stream: async () => {
    for await (const batch of df.batches({ engine })) if (batch.height > 0) fail();
  },
};
if (moment === 'run' || moment === 'upload') fail();
await note('failing', moments[moment]!);
await note('again', () => sums(df, { engine }));
await note('again, else cpu', () => sums(frame(), { engine, fallback: 'cpu' }));
// Rows that were on the GPU only are lost with it.
await note('its rows, on cpu', () => sums(df, { engine: 'cpu' }));
await note('on cpu', () => sums(frame(), { engine: 'cpu' }));
if (resident) {
  await note(
    'its tables',
    async () =>
      (
        await resident
          .lazy()
          .filter((c) => c.k.eq(1))
          .collect({ engine: 'cpu' })
      ).height,
  );
  // What was read before stays.
  await note('its values', async () => resident.toColumns()['x']!.length);
}
await note('configured', () => configure({ memoryLimitBytes: 2 ** 30 }));
await note('told', async () => {
  const loaded = await loadBackend('cuda', cpuHost);
  return 'backend' in loaded ? loaded.backend.info().reason : loaded.unavailable.reason;
});
resident?.dispose();
await new Promise((resolve) => setTimeout(resolve, 50));
console.log(JSON.stringify({ ...said, warnings }));
