// One way for a process or a worker to end while a GPU's engine works, or to use it twice. argv: what to do.
import fs from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { fromColumns } from '../../ts/index.ts';

const what = (isMainThread ? process.argv[2] : workerData) as string;
const engine = 'cuda';
const n = 30_000;
const frame = () =>
  fromColumns({
    k: Int32Array.from({ length: n }, (_, i) => i % 97),
    x: Float64Array.from({ length: n }, (_, i) => i),
    s: Array.from({ length: n }, (_, i) => `word ${i % 50}`),
  });
const df = frame();

/** A few terminals, checked. */
async function work(): Promise<void> {
  using sums = await df
    .groupBy('k')
    .agg({ t: (c) => c.x.sum() })
    .sort('k')
    .collect({ engine });
  if (sums.height !== 97) throw new Error(`${sums.height} groups`);
  let rows = 0;
  for await (const batch of df.filter((c) => c.x.lt(1000)).batches({ engine })) rows += batch.height;
  if (rows !== 1000) throw new Error(`${rows} rows`);
  using joined = await df
    .join(df.head(10).select('k', 's').rename({ s: 'o' }), { on: 'k' })
    .sort('x')
    .collect({ engine });
  if (joined.toColumns()['x']!.length === 0) throw new Error('no rows');
}

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
/** A worker of this file; each registers the loader of TypeScript anew. */
const worker = (task: string): Worker => {
  const [api, file] = [import.meta.resolve('tsx/esm/api'), import.meta.url].map((url) => JSON.stringify(url));
  const start = `import(${api}).then(({ register }) => { register(); return import(${file}); })`;
  return new Worker(start, { eval: true, workerData: task, execArgv: [] });
};
const ended = (w: Worker): Promise<unknown> =>
  new Promise((resolve, reject) => {
    w.on('error', reject);
    w.on('exit', resolve);
  });

const ways: Record<string, () => Promise<unknown>> = {
  work,
  // Workers of one process share the device; each frees what it had.
  workers: async () => {
    await Promise.all([work(), ...Array.from({ length: 3 }, () => ended(worker('work')))]);
    await work();
  },
  // A worker that is stopped at whatever it is doing: starting, uploading, running, reading.
  terminate: async () => {
    await work();
    for (const ms of [0, 1, 5, 20, 60, 150, 300]) {
      const one = worker('forever');
      await new Promise((resolve) => one.once('message', resolve));
      await wait(ms);
      await one.terminate();
      await work();
    }
  },
  forever: async () => {
    parentPort!.postMessage('ready');
    for (;;) await work();
  },
  // The process ends at work.
  exit: async () => {
    await work();
    void work().catch(() => {});
    setTimeout(() => process.exit(7), Number(process.argv[3] ?? 0));
  },
  throw: async () => {
    await work();
    void work().catch(() => {});
    process.on('uncaughtException', () => process.exit(7));
    setTimeout(() => {
      throw new Error('on purpose');
    }, 5);
  },
  // The files of the addon and of its libraries a second time, from another folder: two packages that bring one each.
  twice: async () => {
    await work();
    const addonFile = process.env['WARPFRAME_NATIVE_ADDON'] as string;
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-twice-'));
    for (const name of fs.readdirSync(path.dirname(addonFile)))
      if (/\.(node|so)$/.test(name) && name !== 'libcudf.so')
        fs.copyFileSync(path.join(path.dirname(addonFile), name), path.join(folder, name));
    // libcudf and the device's runtime are there once: the engine library finds them where they are.
    for (const name of ['libcudf.so', 'libcuda.so.1'])
      fs.symlinkSync(path.join(path.dirname(addonFile), name), path.join(folder, name));
    const again = createRequire(import.meta.url)(path.join(folder, 'warpframe.node'));
    const library = path.join(folder, 'libwarpframe_cudf.so');
    const opened = await again.invoke('engine.open', { libraries: [], path: library, options: '{}' });
    const column = { length: n, validity: null, values: Float64Array.from({ length: n }, (_, i) => i) };
    const schema = JSON.stringify([{ name: 'x', type: { dtype: 'Float64' }, nullable: false }]);
    const batches = [{ length: n, columns: [column] }];
    const made = await again.invoke('engine.upload', { engine: opened.engine, run: {}, schema, batches });
    await work();
    const { buffer, layout } = await again.invoke('engine.download', { table: made.table, run: {} });
    const [offset] = JSON.parse(layout)[0].values;
    if (new Float64Array(buffer, offset, n)[n - 1] !== n - 1) throw new Error('other values came back');
    again.release(made.table);
    await work();
    fs.rmSync(folder, { recursive: true });
  },
  // Work that is cancelled once it is under way on the device's thread: it must stop between its launches.
  cancel: async () => {
    const { cudaBackend, figures } = await import('../support/gpu-tables.ts');
    const backend = await cudaBackend();
    using base = await df.select('k', 'x').collect({ engine });
    let long: typeof df = base.lazy() as never;
    for (let i = 0; i < 300; i++) long = long.withColumns({ x: (c) => c.x.add(i).mul(0.5) }).sort('x') as never;
    await wait(50);
    const before = figures(backend)['usedBytes']!;
    const control = new AbortController();
    const reason = new Error('enough');
    let steps = 0;
    const running = long.collect({ engine, signal: control.signal, onProgress: () => void steps++ }).then(
      () => 'it ran to its end',
      (error) => (error === reason ? 'stopped' : error),
    );
    // More is in use: it has begun.
    for (let i = 0; figures(backend)['usedBytes'] === before && i < 5000; i++) await wait(1);
    control.abort(reason);
    const end = await running;
    if (end !== 'stopped') throw new Error(`cancelled, and yet: ${end}`);
    for (let i = 0; figures(backend)['usedBytes'] !== before; i++) {
      if (i > 200) throw new Error(`${figures(backend)['usedBytes']} bytes are in use, before ${before}`);
      await wait(10);
    }
    await work();
  },
};

await ways[what]!();
if (isMainThread && what !== 'exit' && what !== 'throw') console.log('done');
