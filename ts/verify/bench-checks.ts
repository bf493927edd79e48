// GPU against CPU: the same optimised plan over the same rows, resident in each engine, in turn. Copies to and from the
// device are timed by themselves. On the host stand-in everything runs once, and no time is taken.
import type { ArrowColumn, RecordBatch } from '../backend/arrow.ts';
import type { Backend, RunContext, TableHandle } from '../backend/backend.ts';
import type { CudaBackend } from '../backend/cuda/cuda-backend.ts';
import { defaultMemoryLimitBytes, defaultThreads } from '../env.ts';
import { len } from '../expr/builders.ts';
import { DataFrame } from '../frame/dataframe.ts';
import { optimize } from '../optimize/optimizer.ts';
import { tableNode } from '../plan/build.ts';
import type { LogicalType } from '../schema/types.ts';
import { bytesText } from '../util/bytes-text.ts';
import type { Frame } from './cases/frames.ts';
import { type Check, failed, notRun, type Outcome, type VerifySettings } from './check.ts';
import { columnOf } from './column-of.ts';
import { differenceOf, valuesOfBatch } from './compare.ts';
import { openedCpu, openedCuda, RUN } from './opened.ts';
import type { BenchReading } from './report.ts';

interface Question {
  readonly name: string;
  readonly text?: true;
  readonly ask: (facts: Frame, keys: Frame) => Frame;
}
const QUESTIONS: readonly Question[] = [
  {
    name: 'filter and compute',
    ask: (f) => f.filter((c: any) => c.x.gt(0)).select('key', { y: (c: any) => c.x.mul(2).add(1).sqrt() } as never),
  },
  {
    name: 'group by 100 keys',
    ask: (f) => f.groupBy('few').agg({ n: len(), sum: (c: any) => c.x.sum(), mean: (c: any) => c.x.mean() }),
  },
  { name: 'group by many keys', ask: (f) => f.groupBy('key').agg({ n: len(), sum: (c: any) => c.x.sum() }) },
  {
    name: 'join and sum',
    ask: (f, k) =>
      f
        .join(k, { on: 'key' })
        .groupBy('few')
        .agg({ sum: (c: any) => c.x.mul(c.weight).sum() }),
  },
  { name: 'sort', ask: (f) => f.sort('x') },
  {
    name: 'rolling mean',
    ask: (f) => f.select('key', { m: (c: any) => c.x.rollingMean({ windowRows: 20 }) } as never),
  },
  {
    name: 'search in text',
    text: true,
    ask: (f) =>
      f
        .filter((c: any) => c.s.str.contains('77'))
        .groupBy('s')
        .agg({ n: len() }),
  },
];
/** Rows up to which the frame has text. */
const MOST_TEXT_ROWS = 10_000_000;
const WORDS = 10_000;
const ROUNDS = 5;
/** Rounds end early for questions that take long. */
const MOST_MS = 60_000;

const flat = (type: LogicalType, values: NonNullable<ArrowColumn['values']>): ArrowColumn => ({
  type,
  length: values.length,
  validity: null,
  values,
});
const batch = (columns: Readonly<Record<string, ArrowColumn>>): RecordBatch => ({
  schema: Object.entries(columns).map(([name, c]) => ({ name, type: c.type, nullable: false })),
  length: Object.values(columns)[0]!.length,
  columns: Object.values(columns),
});

/** A number from a row's number, far from the next row's. */
const mixed = (i: number): number => {
  const a = Math.imul(i ^ 0x9e3779b9, 0x85ebca6b);
  return (a ^ (a >>> 13)) >>> 0;
};

function inputs(rows: number): { readonly facts: RecordBatch; readonly keys: RecordBatch } {
  const keys = Math.max(10, Math.min(1_000_000, Math.floor(rows / 10)));
  const key = new Int32Array(rows);
  const few = new Uint8Array(rows);
  const x = new Float64Array(rows);
  for (let i = 0; i < rows; i++) {
    const m = mixed(i);
    key[i] = m % keys;
    few[i] = (m >>> 8) % 100;
    x[i] = ((m >>> 3) % 2_000_001) / 1000 - 1000;
  }
  const facts = {
    key: flat({ dtype: 'Int32' }, key),
    few: flat({ dtype: 'UInt8' }, few),
    x: flat({ dtype: 'Float64' }, x),
  };
  const words = columnOf(
    { dtype: 'Utf8' },
    Array.from({ length: WORDS }, (_, i) => `customer number ${i}`),
  );
  const coded = (): ArrowColumn => ({
    ...flat(
      { dtype: 'Utf8' },
      Int32Array.from(key, (k) => k % WORDS),
    ),
    dictionary: words,
  });
  return {
    facts: batch(rows <= MOST_TEXT_ROWS ? { ...facts, s: coded() } : facts),
    keys: batch({
      key: flat(
        { dtype: 'Int32' },
        Int32Array.from({ length: keys }, (_, i) => i),
      ),
      weight: flat(
        { dtype: 'Float64' },
        Float64Array.from({ length: keys }, (_, i) => (i % 100) / 8),
      ),
    }),
  };
}

/** The inputs of one size, in both engines. */
interface Loaded {
  readonly rows: number;
  readonly hasText: boolean;
  readonly cpu: { readonly facts: TableHandle; readonly keys: TableHandle };
  readonly cuda: { readonly facts: TableHandle; readonly keys: TableHandle };
  readonly uploadMs: number;
}

const frameOf = (h: TableHandle): Frame => new DataFrame(tableNode(h.id, h.rows, h.schema));
const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

async function timed<T>(run: () => Promise<T>): Promise<readonly [T, number]> {
  const started = performance.now();
  const result = await run();
  return [result, performance.now() - started];
}

async function measure(
  { name, ask }: Question,
  loaded: Loaded,
  cpu: Backend,
  cuda: CudaBackend,
  run: RunContext,
): Promise<Outcome> {
  const planOn = (side: 'cpu' | 'cuda') =>
    optimize(DataFrame.planOf(ask(frameOf(loaded[side].facts), frameOf(loaded[side].keys))));
  const [cpuPlan, cudaPlan] = [planOn('cpu'), planOn('cuda')];
  const refused = cuda.whyNot(cudaPlan);
  if (refused !== null) return notRun(refused);
  // The first round warms up, and its rows are compared.
  const ours = await cpu.execute(cpuPlan, run);
  const theirs = await cuda.execute(cudaPlan, RUN);
  const different = await difference(theirs, ours, cpu, cuda);
  const { rows } = loaded;
  const reading = {
    name,
    rows,
    inputBytes: loaded.cuda.facts.sizeBytes + loaded.cuda.keys.sizeBytes,
    resultBytes: theirs.sizeBytes,
  };
  cpu.release(ours);
  cuda.release(theirs);
  if (different !== null) return failed(`the rows differ: ${different}`);
  if (cuda.isHost) {
    const untimed: BenchReading = { ...reading, cpuMs: null, gpuMs: null, uploadMs: null, downloadMs: null };
    return { status: 'passed', reading: untimed };
  }
  const times = { cpu: [] as number[], gpu: [] as number[], down: [] as number[] };
  const begun = performance.now();
  for (let r = 0; r < ROUNDS && (r === 0 || performance.now() - begun < MOST_MS); r++) {
    const turns = [
      async () => {
        const [result, ms] = await timed(() => cpu.execute(cpuPlan, run));
        cpu.release(result);
        times.cpu.push(ms);
      },
      async () => {
        const [result, ms] = await timed(() => cuda.execute(cudaPlan, RUN));
        times.gpu.push(ms);
        times.down.push((await timed(() => result.prefetch(undefined, RUN)))[1]);
        cuda.release(result);
      },
    ];
    for (const turn of r % 2 === 0 ? turns : turns.reverse()) await turn();
  }
  const [cpuMs, gpuMs, downloadMs] = [times.cpu, times.gpu, times.down].map(median) as [number, number, number];
  return { status: 'passed', reading: { ...reading, cpuMs, gpuMs, uploadMs: loaded.uploadMs, downloadMs } };
}

/** Rows that are compared one by one; larger results by their number and sums. */
const MOST_COMPARED = 20_000;

async function difference(
  got: TableHandle,
  wanted: TableHandle,
  cpu: Backend,
  cuda: CudaBackend,
): Promise<string | null> {
  if (got.rows !== wanted.rows) return `${got.rows} rows, expected ${wanted.rows}`;
  const tolerance = { relative: 1e-8, absolute: 1e-6 };
  const digest = async (backend: Backend, h: TableHandle) => {
    const sums = h.schema.map((f) => [
      f.name,
      (c: any) => (f.type.dtype === 'Utf8' ? c[f.name].str.lenBytes() : c[f.name]).sum(),
    ]);
    const small = h.rows <= MOST_COMPARED;
    const table = small
      ? h
      : await backend.execute(optimize(DataFrame.planOf(frameOf(h).select(Object.fromEntries(sums)))), RUN);
    await table.prefetch(undefined, RUN);
    const values = valuesOfBatch(table.toHost());
    if (!small) backend.release(table);
    return values;
  };
  return differenceOf(await digest(cuda, got), await digest(cpu, wanted), { ordered: false, tolerance });
}

/** Why a size cannot be measured here, or null. */
function tooLarge(rows: number, cuda: CudaBackend): string | null {
  const bytes = rows * (rows <= MOST_TEXT_ROWS ? 45 : 13);
  const limit = defaultMemoryLimitBytes();
  if (bytes * 2 > limit)
    return `${bytesText(bytes)} of rows need twice as much in the CPU engine, whose limit is ${bytesText(limit)}`;
  const { limitBytes, freeBytes } = cuda.memoryInfo() as Record<string, number>;
  const room = Math.min(limitBytes ?? Number.POSITIVE_INFINITY, freeBytes ?? Number.POSITIVE_INFINITY);
  return bytes * 4 > room
    ? `${bytesText(bytes)} of rows need about four times as much on the device, which has ${bytesText(room)}`
    : null;
}

async function load(rows: number, cpu: Backend, cuda: CudaBackend): Promise<Loaded> {
  const { facts, keys } = inputs(rows);
  const up = (backend: Backend, one: RecordBatch) => backend.upload([one], one.schema, RUN);
  const [own, ownKeys] = [await up(cpu, facts), await up(cpu, keys)];
  const times: number[] = [];
  let tables: TableHandle[] = [];
  for (let r = 0; r < (cuda.isHost ? 1 : 3); r++) {
    for (const t of tables) cuda.release(t);
    // From where the CPU engine has its columns, as a run that moves them would.
    const [made, ms] = await timed(async () => [
      await own.borrow(undefined, (one) => up(cuda, one)),
      await ownKeys.borrow(undefined, (one) => up(cuda, one)),
    ]);
    tables = made;
    times.push(ms);
  }
  return {
    rows,
    hasText: rows <= MOST_TEXT_ROWS,
    cpu: { facts: own, keys: ownKeys },
    cuda: { facts: tables[0]!, keys: tables[1]! },
    uploadMs: median(times),
  };
}

const LIMIT_MS = 1_800_000;

export async function* benchChecks({ benchRows }: VerifySettings): AsyncGenerator<Check> {
  const group = 'GPU against CPU';
  const opened = await openedCuda();
  if (!('cuda' in opened)) {
    yield { group, name: 'all', run: () => notRun(opened.reason) };
    return;
  }
  const { cuda } = opened;
  const cpu = await openedCpu();
  const run: RunContext = { ...RUN, memoryLimitBytes: defaultMemoryLimitBytes(), threads: defaultThreads() };
  for (const rows of benchRows) {
    const why = tooLarge(rows, cuda);
    let loaded: Loaded | undefined;
    for (const question of QUESTIONS)
      yield {
        group,
        name: `${question.name}, ${rows.toLocaleString('en-US')} rows`,
        limitMs: LIMIT_MS,
        run: async () => {
          if (why !== null) return notRun(why);
          loaded ??= await load(rows, cpu, cuda);
          if (question.text && !loaded.hasText)
            return notRun(`text is measured up to ${MOST_TEXT_ROWS.toLocaleString('en-US')} rows`);
          try {
            return await measure(question, loaded, cpu, cuda, run);
          } catch (error) {
            const { code, message, detail } = error as { code?: string; message: string; detail?: { device?: string } };
            if (code === 'ERR_OUT_OF_MEMORY')
              return notRun(`it does not fit (${detail?.device ?? 'memory'}): ${message}`);
            throw error;
          }
        },
      };
    if (loaded) {
      cpu.release(loaded.cpu.facts);
      cpu.release(loaded.cpu.keys);
      cuda.release(loaded.cuda.facts);
      cuda.release(loaded.cuda.keys);
    }
  }
}
