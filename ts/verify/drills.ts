// What must hold when things go wrong: too little memory, runs that are stopped, thousands of queries.
import v8 from 'node:v8';
import vm from 'node:vm';
import type { CudaBackend } from '../backend/cuda/cuda-backend.ts';
import { bytesText } from '../util/bytes-text.ts';
import { type Frame, type Frames, factsOf, framesOf } from './cases/frames.ts';
import { type Check, failed, notRun, type Outcome, passed, type VerifySettings } from './check.ts';
import { sameOnBoth } from './compare-frames.ts';
import { openedCuda } from './opened.ts';

const engine = 'cuda';
type Memory = Readonly<Record<'usedBytes' | 'limitBytes' | 'spilledBytes' | 'liveExternalBytes' | 'peakBytes', number>>;
const memoryOf = (cuda: CudaBackend): Memory => cuda.memoryInfo() as unknown as Memory;

/** Frees what only the garbage collector still knows. */
async function collectGarbage(): Promise<void> {
  v8.setFlagsFromString('--expose-gc');
  const gc = vm.runInNewContext('gc') as () => void;
  for (let i = 0; i < 8; i++) {
    gc();
    await new Promise((r) => setTimeout(r, 15));
  }
}

const work = (df: Frame): Frame =>
  df
    .filter((c: any) => c.x.gt(-500))
    .sort('s', { by: 'x', descending: true })
    .withColumns({ z: (c: any) => c.x.mul(2).add(c.y) } as never);

/** A limit below what a run needs is a typed error with its figures, and the next run works. */
async function tooLittleMemory(frames: Frames): Promise<Outcome> {
  const df = work(frames.facts);
  try {
    using table = await df.collect({ engine, memoryLimitBytes: 20_000 });
    return failed(`${table.height} rows came out of 20,000 bytes`);
  } catch (error) {
    const { code, message, detail } = error as { code?: string; message: string; detail?: Record<string, unknown> };
    const figures = ['requestedBytes', 'usedBytes', 'limitBytes'].every((k) => typeof detail?.[k] === 'number');
    if (code !== 'ERR_OUT_OF_MEMORY' || !figures) return failed(`${code}: ${message} ${JSON.stringify(detail)}`);
  }
  return sameOnBoth(df, true);
}

/** Idle tables leave the device when it is short, and come back right. */
async function spill(cuda: CudaBackend, rows: number): Promise<Outcome> {
  const seeds = [1, 2, 3, 4];
  const own = seeds.map((seed) => factsOf(rows, seed));
  const kept: Frame[] = [];
  for (const df of own) kept.push((await df.cache({ engine })) as Frame);
  const { limitBytes, usedBytes } = memoryOf(cuda);
  let most = 0;
  try {
    await cuda.configure({ memoryLimitBytes: Math.ceil(usedBytes * 0.75) });
    for (const df of [...kept, ...kept]) {
      const outcome = await sameOnBoth(
        df.select('id', 'x', 's').filter((c: any) => c.x.gt(0)),
        true,
      );
      if (outcome.status !== 'passed') return outcome;
      most = Math.max(most, memoryOf(cuda).spilledBytes);
    }
  } finally {
    await cuda.configure({ memoryLimitBytes: limitBytes });
  }
  for (const df of kept) {
    const outcome = await sameOnBoth(df, true);
    if (outcome.status !== 'passed') return outcome;
  }
  return most > 0
    ? passed(`${bytesText(most)} of ${bytesText(usedBytes)} left the device`)
    : failed('nothing left the device');
}

/** A run that is stopped, whenever, rejects with the signal's reason; the next one works. */
async function cancelled(frames: Frames): Promise<Outcome> {
  const df = work(frames.facts);
  let stopped = 0;
  for (const afterMs of [-1, 0, 0.2, 1, 2, 5, 10, 20, 50]) {
    const stop = new AbortController();
    const reason = new Error('stopped by the drill');
    if (afterMs < 0) stop.abort(reason);
    else setTimeout(() => stop.abort(reason), afterMs);
    try {
      const table = await df.collect({ engine, signal: stop.signal });
      table.dispose();
      if (afterMs < 0) return failed('it ran although it was stopped before');
    } catch (error) {
      if (error !== reason) return failed(`stopped after ${afterMs} ms it threw ${String(error)}`);
      stopped++;
    }
  }
  const outcome = await sameOnBoth(df, true);
  return outcome.status === 'passed' ? passed(`${stopped} of 9 were stopped before their end`) : outcome;
}

/** A stream that is left early frees what it holds. */
async function leftEarly(frames: Frames): Promise<Outcome> {
  for await (const batch of work(frames.facts).batches({ engine })) {
    if (batch.height > 0) break;
  }
  return sameOnBoth(frames.facts.select('id'), true);
}

function queriesOf({ facts, keys }: Frames): (() => Frame)[] {
  return [
    () =>
      facts
        .filter((c: any) => c.x.gt(100))
        .groupBy('key')
        .agg({ t: (c: any) => c.x.sum(), n: (c: any) => c.s.count() }),
    () => facts.join(keys, { on: 'key' }).sort('x').head(100),
    () => facts.withColumns({ z: (c: any) => c.x.mul(2).add(1) } as never),
    () => facts.unique({ subset: ['key'] }),
  ];
}

/** Nothing of many queries is left, whether they end, fail or are stopped. */
async function leaks(cuda: CudaBackend, frames: Frames, count: number): Promise<Outcome> {
  const queries = queriesOf(frames);
  const round = async (n: number): Promise<void> => {
    for (let i = 0; i < n; i++) {
      const table = await queries[i % queries.length]!().collect({ engine });
      const { height } = table;
      table.dispose();
      if (height === 0) throw new Error('no rows');
      if (i % 20 !== 0) continue;
      const fails = [
        frames.facts.collect({ engine, signal: AbortSignal.abort() }),
        work(frames.facts).collect({ engine, memoryLimitBytes: 1000 }),
      ];
      for (const { status } of await Promise.allSettled(fails))
        if (status !== 'rejected') throw new Error('a run that must fail did not');
    }
    await collectGarbage();
  };
  await round(Math.ceil(count / 10) + queries.length);
  const before = memoryOf(cuda);
  await round(count);
  const after = memoryOf(cuda);
  const left = (['usedBytes', 'liveExternalBytes', 'spilledBytes'] as const).map(
    (k) => [k, after[k] - before[k]] as const,
  );
  const grown = left.filter(([, bytes]) => bytes > 0);
  return grown.length === 0
    ? passed(`${count} queries, peak ${bytesText(after.peakBytes)}`)
    : failed(`after ${count} queries: ${grown.map(([k, bytes]) => `${k} grew by ${bytes}`).join(', ')}`);
}

/** Rows beyond which drills only take longer. */
const MOST_ROWS = 200_000;

export async function* drillChecks({ rows, queries }: VerifySettings): AsyncGenerator<Check> {
  const opened = await openedCuda();
  if (!('cuda' in opened)) {
    yield { group: 'drills', name: 'all', run: () => notRun(opened.reason) };
    return;
  }
  const { cuda } = opened;
  const size = Math.min(rows, MOST_ROWS);
  const frames = framesOf(size);
  yield { group: 'memory', name: 'a limit that is too low', run: () => tooLittleMemory(frames) };
  yield { group: 'memory', name: 'idle tables make room', run: () => spill(cuda, size) };
  yield { group: 'cancel', name: 'before, during and after', run: () => cancelled(frames) };
  yield { group: 'cancel', name: 'batches left early', run: () => leftEarly(frames) };
  yield {
    group: 'leaks',
    name: 'many queries leave nothing',
    run: () => leaks(cuda, frames, queries),
    limitMs: 1_800_000,
  };
  yield {
    group: 'leaks',
    name: 'copies are counted',
    run: () => {
      const { hostToDeviceBytes, deviceToHostBytes } = cuda.memoryInfo() as Record<string, number>;
      return hostToDeviceBytes! > 0 && deviceToHostBytes! > 0
        ? passed(`${bytesText(hostToDeviceBytes!)} up, ${bytesText(deviceToHostBytes!)} down`)
        : failed(JSON.stringify(cuda.memoryInfo()));
    },
  };
}
