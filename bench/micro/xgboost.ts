// What the native addon costs on top of libxgboost: the same tasks in Python (the best of five each).
// npx tsx bench/micro/xgboost.ts [python with xgboost 3.4.1]
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { openXgboost } from '../../ts/native/xgboost.ts';

const TASKS = [
  [442, 10, 50, 1],
  [20_000, 20, 50, 2],
  [1_000_000, 20, 20, 2],
] as const;
const python = process.argv[2];
const engine = await openXgboost();

const PARTS = ['create', 'train', 'predict'] as const;
type Times = Record<(typeof PARTS)[number], { wall: number; cpu: number }>;

async function timed<T>(work: () => Promise<T>): Promise<[T, { wall: number; cpu: number }]> {
  const started = performance.now();
  const usage = process.cpuUsage();
  const result = await work();
  const { user, system } = process.cpuUsage(usage);
  return [result, { wall: performance.now() - started, cpu: (user + system) / 1000 }];
}
const total = (times: Times, of: 'wall' | 'cpu'): number => PARTS.reduce((sum, part) => sum + times[part][of], 0);
const show = (times: Times): string =>
  PARTS.map((part) => `${part} ${times[part].wall.toFixed(1)} (${times[part].cpu.toFixed(1)})`).join(', ');
console.log('wall (CPU) milliseconds, best of five');

for (const [rows, features, rounds, threads] of TASKS) {
  // In shared memory, as the engine's tables are.
  const columns = Array.from({ length: features }, (_, j) => {
    const values = new Float64Array(new SharedArrayBuffer(rows * 8));
    for (let i = 0; i < rows; i++) {
      const x = Math.sin((i + 1) * (j + 1) * 12.9898) * 43758.5453;
      values[i] = x - Math.trunc(x);
    }
    return { values };
  });
  const c = columns.map((k) => k.values);
  const label = Float64Array.from(
    { length: rows },
    (_, i) => c[0]![i]! * c[1]![i]! + (c[2]![i]! > 0.5 ? c[3]![i]! : 0),
  );
  const runs: Times[] = [];
  let [first, bytes, longestBlock] = [0, 0, 0];
  for (let k = 0; k < 5; k++) {
    let last = performance.now();
    const tick = setInterval(() => {
      longestBlock = Math.max(longestBlock, performance.now() - last - 2);
      last = performance.now();
    }, 2);
    const [training, create] = await timed(() =>
      engine.train({ params: { objective: 'reg:squarederror', max_depth: 6 }, train: { columns, label }, threads }),
    );
    const [, train] = await timed(async () => {
      for (let i = 0; i < rounds; i++) await training.step();
    });
    using booster = await training.finish();
    const [{ values }, predict] = await timed(() => booster.predict({ columns }, { threads }));
    clearInterval(tick);
    runs.push({ create, train, predict });
    first = values[1]!;
    bytes = (await booster.save()).length;
  }
  const least = (part: keyof Times, of: 'wall' | 'cpu'): number => Math.min(...runs.map((run) => run[part][of]));
  const best = Object.fromEntries(
    PARTS.map((part) => [part, { wall: least(part, 'wall'), cpu: least(part, 'cpu') }]),
  ) as Times;
  console.log(`${rows} × ${features}, ${rounds} rounds, ${threads} threads`);
  console.log(`  addon   ${show(best)}; longest pause of the JavaScript thread ${longestBlock.toFixed(1)} ms`);
  if (python === undefined) continue;
  const args = [path.join(import.meta.dirname, 'xgboost-python.py'), rows, features, rounds, threads].map(String);
  const theirs = JSON.parse(execFileSync(python, args, { encoding: 'utf8' })) as {
    best: Times;
    first: number;
    bytes: number;
  };
  // The last bit of sin() may differ between the languages, so only nearly the same model.
  if (Math.abs(theirs.first - first) > 1e-3) throw new Error(`Python predicts ${theirs.first}, the addon ${first}`);
  const ratio = (of: 'wall' | 'cpu'): string => (total(best, of) / total(theirs.best, of)).toFixed(2);
  console.log(
    `  Python  ${show(theirs.best)}; addon/Python ${ratio('wall')} (${ratio('cpu')}), models of ${bytes} and ${theirs.bytes} bytes`,
  );
}
