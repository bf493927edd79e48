// One way for a process or worker to end while the addon works. argv: addon, libxgboost, what to do.
const { Worker, isMainThread, workerData } = require('node:worker_threads');

const [addonFile, library, what] = isMainThread ? process.argv.slice(2) : workerData;
const addon = require(addonFile);

const rows = what.includes('long') ? 200_000 : 500;
const column = (k) => {
  const values = new Float64Array(new SharedArrayBuffer(rows * 8));
  for (let i = 0; i < rows; i++) values[i] = Math.sin(i * (k + 1));
  return values;
};
const columns = Array.from({ length: what.includes('long') ? 20 : 4 }, (_, k) => ({ data: column(k) }));
const label = Float32Array.from(columns[0].data);
const data = { rows, columns, info: [{ field: 'label', data: label, width: 1 }] };

const create = async () => {
  await addon.invoke('xgboost.open', { library });
  const { booster } = await addon.invoke('xgboost.create', {
    train: [data],
    parameters: [['max_depth', '8']],
    threads: 2,
  });
  return booster;
};
const trained = async (rounds) => {
  const booster = await create();
  const { lines } = await addon.invoke('xgboost.step', { booster, rounds });
  if (lines.length !== rounds) throw new Error('rounds are missing');
  const { values } = await addon.invoke('xgboost.predict', { booster, data: { rows, columns } });
  if (!(Math.abs(values[1] - label[1]) < 1)) throw new Error(`predicted ${values[1]} for ${label[1]}`);
  return booster;
};
const inWorker = (task) => new Worker(__filename, { workerData: [addonFile, library, task] });
const ended = (worker) =>
  new Promise((resolve, reject) => {
    worker.on('error', reject);
    worker.on('exit', resolve);
  });

const WAYS = {
  // The process ends by itself when the work is done.
  loaded: async () => {},
  opened: () => addon.invoke('xgboost.open', { library }),
  undisposed: () => trained(5),
  disposed: async () => addon.release(await trained(5)),
  // Pending work keeps the process alive; it ends after the work.
  pending: async () => {
    const booster = await create();
    addon.invoke('xgboost.step', { booster, rounds: 3 }).then(() => console.log('stepped'));
  },
  // The process ends in the middle of it.
  'exit-long': async () => {
    const booster = await create();
    for (let i = 0; i < 4; i++) addon.invoke('xgboost.step', { booster, rounds: 500 }).catch(() => {});
    setTimeout(() => process.exit(7), 50);
  },
  'throw-long': async () => {
    const booster = await create();
    addon.invoke('xgboost.step', { booster, rounds: 500 }).catch(() => {});
    setTimeout(() => {
      process.on('uncaughtException', () => process.exit(7));
      throw new Error('on purpose');
    }, 50);
  },
  // Workers: one that ends, several at once, one that is stopped at work; the main thread goes on.
  worker: async () => {
    await ended(inWorker('undisposed'));
    await ended(inWorker('disposed'));
    await trained(3);
  },
  workers: async () => {
    await Promise.all([trained(20), ...Array.from({ length: 4 }, () => ended(inWorker('undisposed')))]);
  },
  'terminate-long': async () => {
    const worker = inWorker('steps-long');
    await new Promise((resolve) => worker.once('message', resolve));
    await new Promise((resolve) => setTimeout(resolve, 60));
    await worker.terminate();
    await ended(inWorker('undisposed'));
  },
  'steps-long': async () => {
    const booster = await create();
    require('node:worker_threads').parentPort.postMessage('ready');
    for (;;) await addon.invoke('xgboost.step', { booster, rounds: 2 });
  },
  // The same file twice in one thread, under two module identities.
  twice: async () => {
    await trained(2);
    delete require.cache[require.resolve(addonFile)];
    const again = require(addonFile);
    if (again === addon) throw new Error('it is the same module');
    await again.invoke('xgboost.open', { library });
    const { booster } = await again.invoke('xgboost.create', { train: [data], parameters: [] });
    await again.invoke('xgboost.step', { booster });
    // Numbers of one are not the other's.
    let code;
    try {
      await addon.invoke('xgboost.step', { booster: booster + 100 });
    } catch (error) {
      code = error.code;
    }
    if (code !== 'ERR_DISPOSED') throw new Error('a number that nobody made worked');
  },
  // Many boosters at once, each with several calls under way when it is released.
  stress: async () => {
    await addon.invoke('xgboost.open', { library });
    const ends = { done: 0, disposed: 0 };
    const count = (promise) =>
      promise.then(
        () => ends.done++,
        (error) => {
          if (error.code !== 'ERR_DISPOSED') throw error;
          ends.disposed++;
        },
      );
    const one = async (i) => {
      const booster = await create();
      const calls = [];
      for (let k = 0; k < 12; k++) {
        if (k === i % 12) addon.release(booster);
        const start = async () =>
          k % 3 === 2
            ? addon.invoke('xgboost.predict', { booster, data: { rows, columns } })
            : addon.invoke('xgboost.step', { booster });
        calls.push(count(start()));
        if (k % 5 === 4) await calls[k - 1];
      }
      await Promise.all(calls);
    };
    await Promise.all(Array.from({ length: 60 }, (_, i) => one(i)));
    if (ends.done + ends.disposed !== 720 || ends.done < 300 || ends.disposed < 300)
      throw new Error(JSON.stringify(ends));
  },
  // Memory stays where it is over many boosters. Needs --expose-gc.
  leak: async () => {
    const round = async () => {
      for (let i = 0; i < 40; i++) {
        const booster = await trained(2);
        await addon.invoke('xgboost.save', { booster, format: 'ubj' });
        await addon.invoke('xgboost.load', { model: new Uint8Array(50) }).catch(() => {});
        addon.release(booster);
      }
      globalThis.gc();
      return process.memoryUsage().rss;
    };
    for (let i = 0; i < 4; i++) await round();
    const before = await round();
    for (let i = 0; i < 10; i++) await round();
    const grown = ((await round()) - before) / 2 ** 20;
    console.log(`grown by ${grown.toFixed(1)} MB over 440 boosters`);
    // One booster of this size with its matrix is about 0.2 MB.
    if (grown > 12) process.exit(3);
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
