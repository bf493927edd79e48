// A thousand queries on backend cuda, and what is left of them. Needs --expose-gc.
import { loadBackend } from '../../ts/backend/registry.ts';
import { fromColumns, Int32 } from '../../ts/index.ts';
import { cpuHost } from '../../ts/runner/cpu-host.ts';

const loaded = await loadBackend('cuda', cpuHost);
if (!('backend' in loaded)) throw new Error(loaded.unavailable.reason);
const memory = (): Record<string, number> => (loaded.backend as any).memoryInfo();
const n = 20_000;
const engine = 'cuda';
const df = fromColumns({
  k: Int32Array.from({ length: n }, (_, i) => i % 97),
  x: Float64Array.from({ length: n }, (_, i) => i),
  s: Array.from({ length: n }, (_, i) => (i % 7 ? `word ${i % 50}` : null)),
});
const other = fromColumns({ k: Int32Array.from({ length: 97 }, (_, i) => i), y: [...Array(97).keys()] });
const queries = [
  () =>
    df
      .filter((c) => c.x.gt(100))
      .groupBy('k')
      .agg({ t: (c) => c.x.sum(), n: (c) => c.s.count() }),
  () => df.join(other, { on: 'k' }).sort('x').head(100),
  () => df.withColumns({ z: (c) => c.x.mul(2).add(1) }),
  () => df.unique({ subset: ['k'] }),
];

/** Terminals of all kinds, and runs that end early. */
async function others(): Promise<void> {
  const cached = await df.cache({ engine });
  if ((await cached.count({ engine })) !== n) throw new Error('other rows');
  for await (const batch of df.batches({ engine })) if (batch.height === 0) throw new Error('no rows');
  const fails = [
    df.collect({ engine, signal: AbortSignal.abort() }),
    df.withColumns({ e: (c) => c.s.cast(Int32) }).collect({ engine }),
    df.withColumns({ z: (c) => c.x.mul(2) }).collect({ engine, memoryLimitBytes: 1000 }),
  ];
  for (const { status } of await Promise.allSettled(fails))
    if (status !== 'rejected') throw new Error('it did not fail');
}

async function round(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    using table = await (queries[i % queries.length] as () => typeof df)().collect({ engine });
    if (table.height === 0) throw new Error('no rows');
    if (i % 50 === 0) await others();
  }
  for (let i = 0; i < 10; i++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((r) => setTimeout(r, 20));
  }
}

await round(100);
const before = memory();
await round(1000);
const after = memory();
const left = (key: string): number => after[key]! - before[key]!;
console.log(
  JSON.stringify({ used: left('usedBytes'), external: left('liveExternalBytes'), spilled: left('spilledBytes') }),
);
