// libxgboost over rows that come batch by batch.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { fromColumns, readParquet } from '../../../ts/index.ts';
import { hasLibxgboost } from '../../../ts/ml/boosting/libxgboost-engine.ts';
import { XgbRegressor } from '../../../ts/ml/index.ts';
import { openXgboost } from '../../../ts/native/xgboost.ts';
import type { XgboostData } from '../../../ts/native/xgboost-data.ts';

const batch = (from: number, rows: number): XgboostData => {
  const x = Float64Array.from({ length: rows }, (_, i) => Math.sin((from + i) * 1.7));
  const z = Float64Array.from({ length: rows }, (_, i) => ((from + i) * 7919) % 101);
  return { columns: [{ values: x }, { values: z }], label: x.map((v, i) => v * 3 + z[i]!) };
};
const names = { featureNames: ['x', 'z'], featureTypes: ['float', 'float'] };

describe.skipIf(!(await hasLibxgboost()))('libxgboost', () => {
  const params = { objective: 'reg:squarederror', max_depth: 3, tree_method: 'hist' } as const;
  const modelOf = async (train: Parameters<Awaited<ReturnType<typeof openXgboost>>['train']>[0]['train']) => {
    using training = await (await openXgboost()).train({ params, train, threads: 1 });
    for (let i = 0; i < 3; i++) await training.step();
    return Buffer.from(await training.save());
  };

  test('makes of a stream the model that it makes of its batches', async () => {
    const batches = [0, 1, 2, 3, 4].map((k) => ({ ...batch(k * 1000, 1000), ...names }));
    let passes = 0;
    const stream = {
      ...names,
      async *batches() {
        passes++;
        yield* batches;
      },
    };
    expect((await modelOf(stream)).equals(await modelOf(batches))).toBe(true);
    expect(passes).toBeGreaterThan(1);
  });

  test('ends with the error of a stream that fails, in any pass, and frees it', async () => {
    for (const bad of [1, 2]) {
      let passes = 0;
      let ended = 0;
      const stream = {
        ...names,
        async *batches() {
          const pass = ++passes;
          try {
            yield batch(0, 500);
            if (pass === bad) throw new RangeError(`pass ${pass}`);
            yield batch(500, 500);
          } finally {
            ended++;
          }
        },
      };
      await expect(modelOf(stream)).rejects.toThrow(new RangeError(`pass ${bad}`));
      expect(ended).toBe(passes);
    }
  });

  test('reads many rows of a file in passes, with the predictions of rows in memory', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wf-stream-'));
    const file = path.join(folder, 'rows.parquet');
    const rows = 450_000;
    const columns = Object.fromEntries(
      Array.from({ length: 9 }, (_, j) => [
        `x${j}`,
        Float64Array.from({ length: rows }, (_, i) => ((i * (j + 3) * 2654435761) % 9973) / 97),
      ]),
    );
    const y = Float64Array.from({ length: rows }, (_, i) => columns['x0']![i]! - 2 * columns['x1']![i]!);
    await fromColumns({ ...columns, y }).writeParquet(file);
    const estimator = new XgbRegressor({ nEstimators: 2, maxDepth: 3, engine: 'libxgboost', randomState: 1 });
    const frame = await readParquet(file);
    const cached = await frame.cache();
    using streamed = await estimator.fit(frame, 'y' as never);
    using resident = await estimator.fit(cached, 'y' as never);
    const few = frame.head(5000);
    expect((await streamed.predict(few)).toArray()).toEqual((await resident.predict(few)).toArray());
    const holed = frame.withColumns({ y: (c: any) => c.y.div(c.x0) } as never);
    await expect(estimator.fit(holed as never, 'y' as never)).rejects.toMatchObject({ code: 'ERR_TARGET' });
    fs.rmSync(folder, { recursive: true });
  });
});
