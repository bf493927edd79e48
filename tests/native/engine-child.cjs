// One way for a process or worker to end while an engine library works. argv: addon, engine library, what to do.
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const [addonFile, library, what] = isMainThread ? process.argv.slice(2) : workerData;
const addon = require(addonFile);

const ROWS = 50_000;
const run = {};
const open = async () => (await addon.invoke('engine.open', { libraries: [], path: library, options: '{}' })).engine;
const batch = () => {
  const values = Float64Array.from({ length: ROWS }, (_, i) => i);
  return { length: ROWS, columns: [{ length: ROWS, validity: null, values }] };
};
const upload = (engine) => addon.invoke('engine.upload', { engine, run, schema: '[]', batches: [batch()] });
const execute = (engine, plan, tables = []) => addon.invoke('engine.execute', { engine, run, plan, tables });
const read = async (table) => {
  const { buffer } = await addon.invoke('engine.download', { table, run });
  if (new Float64Array(buffer, 0, ROWS)[ROWS - 1] !== ROWS - 1) throw new Error('other values came back');
  return buffer;
};
const queried = async (engine) => {
  const { table } = await upload(engine);
  const made = await execute(engine, 'echo', [[1, table]]);
  await read(made.table);
  const { stream } = await addon.invoke('engine.stream', { engine, run, plan: 'echo', tables: [[1, table]] });
  let batches = 0;
  while (await addon.invoke('engine.next', { stream, run })) batches++;
  if (batches !== 2) throw new Error(`${batches} batches`);
  return [table, made.table, stream];
};
const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const inWorker = (task) => new Worker(__filename, { workerData: [addonFile, library, task] });
const ended = (worker) =>
  new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', resolve);
  });
const terminatedDuring = async (task) => {
  const worker = inWorker(task);
  await new Promise((resolve) => worker.once('message', resolve));
  await wait(40);
  await worker.terminate();
  // The device goes on for others.
  await queried(await open());
};
const forever = async (step) => {
  const engine = await open();
  require('node:worker_threads').parentPort.postMessage('ready');
  for (;;) await step(engine);
};
const figures = (engine) => JSON.parse(addon.memoryInfo(engine));
const settled = async (engine) => {
  for (let i = 0; i < 10; i++) {
    globalThis.gc();
    await wait(10);
  }
  const { tables, slabs, streams, results } = figures(engine);
  return { tables, slabs, streams, results };
};
const NOTHING = JSON.stringify({ tables: 0, slabs: 0, streams: 0, results: 0 });

const WAYS = {
  // The process ends by itself when the work is done.
  loaded: async () => {},
  opened: open,
  undisposed: async () => queried(await open()),
  disposed: async () => (await queried(await open())).forEach(addon.release),
  // Pending work keeps the process alive; it ends after the work.
  pending: async () => {
    execute(await open(), 'work 100').then(() => console.log('worked'));
  },
  // The process ends in the middle of it: a query that heeds the cancel, one that does not, buffers that are still read.
  'exit-slow': async () => {
    const engine = await open();
    for (let i = 0; i < 3; i++) execute(engine, 'slow').catch(() => {});
    setTimeout(() => process.exit(7), 30);
  },
  'exit-work': async () => {
    execute(await open(), 'work 300').catch(() => {});
    setTimeout(() => process.exit(7), 30);
  },
  'exit-upload': async () => {
    const engine = await open();
    for (let i = 0; i < 20; i++) upload(engine).catch(() => {});
    process.exit(7);
  },
  'exit-buffers': async () => {
    const engine = await open();
    const { table } = await upload(engine);
    globalThis.kept = [await read(table), await read(table)];
    process.exit(7);
  },
  'throw-slow': async () => {
    execute(await open(), 'slow').catch(() => {});
    setTimeout(() => {
      process.on('uncaughtException', () => process.exit(7));
      throw new Error('on purpose');
    }, 30);
  },
  // Workers: one that ends, several at once, ones that are stopped at work; the main thread goes on.
  worker: async () => {
    await ended(inWorker('undisposed'));
    await ended(inWorker('disposed'));
    await queried(await open());
  },
  workers: async () => {
    const engine = await open();
    await Promise.all([queried(engine), ...Array.from({ length: 4 }, () => ended(inWorker('undisposed')))]);
    await queried(engine);
  },
  'terminate-slow': () => terminatedDuring('loop-slow'),
  'terminate-work': () => terminatedDuring('loop-work'),
  'terminate-queries': () => terminatedDuring('loop-queries'),
  'loop-slow': () => forever((engine) => execute(engine, 'slow')),
  'loop-work': () => forever((engine) => execute(engine, 'work 150')),
  'loop-queries': () => forever(queried),
  // The same file twice in one thread, under two module identities.
  twice: async () => {
    const engine = await open();
    const [table] = await queried(engine);
    delete require.cache[require.resolve(addonFile)];
    const again = require(addonFile);
    if (again === addon) throw new Error('it is the same module');
    const other = (await again.invoke('engine.open', { libraries: [], path: library, options: '{}' })).engine;
    await again.invoke('engine.execute', { engine: other, run, plan: 'echo', tables: [] });
    // Numbers of one are not the other's.
    let code;
    try {
      await again.invoke('engine.download', { table: table + 100, run });
    } catch (error) {
      code = error.code;
    }
    if (code !== 'ERR_DISPOSED') throw new Error('a number that nobody made worked');
  },
  // Runs that are cancelled, and tables that are released, while others wait behind them.
  stress: async () => {
    const engine = await open();
    const ends = {};
    const count = (promise) =>
      promise.then(
        () => (ends.done = (ends.done ?? 0) + 1),
        (error) => (ends[error.code] = (ends[error.code] ?? 0) + 1),
      );
    const one = async (i) => {
      const { table } = await upload(engine);
      const slow = execute(engine, 'slow');
      const waiting = [count(slow), count(addon.invoke('engine.download', { table, run }))];
      if (i % 3 === 0) addon.release(table);
      await wait(i % 7);
      addon.cancel(slow.run);
      await Promise.all(waiting);
      addon.release(table);
      addon.release(table);
      addon.cancel(slow.run);
    };
    await Promise.all(Array.from({ length: 40 }, (_, i) => one(i)));
    if (ends.ERR_ABORTED !== 40 || ends.done + (ends.ERR_DISPOSED ?? 0) !== 40) throw new Error(JSON.stringify(ends));
  },
  // Nothing stays behind. Needs --expose-gc.
  leak: async () => {
    const engine = await open();
    for (let i = 0; i < 300; i++) {
      (await queried(engine)).forEach(addon.release);
      await execute(engine, 'fail ERR_CAST').catch(() => {});
      const { table } = await upload(engine);
      const sum = { engine, run, name: 'sum', params: '{}', tables: [table], arrays: { x: Float64Array.of(1, 2) } };
      for (const made of (await addon.invoke('engine.kernel', sum)).tables) addon.release(made.table);
      addon.release(table);
    }
    const left = JSON.stringify(await settled(engine));
    if (left !== NOTHING) throw new Error(left);
  },
  // What a worker had when it was stopped is freed as well.
  'leak-worker': async () => {
    for (let i = 0; i < 5; i++) await terminatedDuring('loop-queries');
    const engine = await open();
    await execute(engine, 'echo').then(({ table }) => addon.release(table));
    await wait(50);
    globalThis.gc();
    await wait(50);
    // The five checks of the main thread: two tables and a stream (with one of them) each.
    const { tables, streams } = figures(engine);
    if (tables > 10 || streams > 5) throw new Error(JSON.stringify(figures(engine)));
  },
};

WAYS[what]().then(
  () => {
    if (isMainThread) console.log('done');
  },
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
