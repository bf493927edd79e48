// One list of checks for every estimator: each row of the registry is tested as it appears, nothing is named here.
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ShapeError, WarpError } from '../../ts/errors.ts';
import { col } from '../../ts/expr/builders.ts';
import { fromColumns } from '../../ts/frame/create.ts';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import { Estimator } from '../../ts/ml/core/estimator.ts';
import type { Model } from '../../ts/ml/core/model.ts';
import type { ParamSpecs } from '../../ts/ml/core/params.ts';
import { loadModel } from '../../ts/ml/index.ts';
import { backendInfos } from '../../ts/runner/runner.ts';
import { Float64, Int32, nullable, Utf8 } from '../../ts/schema/dtypes.ts';
import { fitOn, rowsFor, said, schemaOf, subjects, takesNumbers } from '../support/conformance.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'conformance-'));
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));
// Models of rows this small need not converge.
beforeAll(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined));
afterAll(() => void vi.restoreAllMocks());

const all = await subjects();
/** A generator of numbers from 0 to n − 1. */
const drawer = (seed: number) => {
  let s = seed;
  return (n: number): number => {
    s = (s * 1664525 + 1013904223) % 4294967296;
    return Math.floor((s / 4294967296) * n);
  };
};
const failure = (work: Promise<unknown>): Promise<any> =>
  work.then(
    () => null,
    (error) => error,
  );
const frameWith = (frame: DataFrame<any>, name: string, values: ArrayLike<unknown>, dtype: any): DataFrame<any> =>
  fromColumns({ [name]: values } as any, { schema: { [name]: dtype } } as any).pipe((added: any) => {
    const others = frame.columns.filter((c) => c !== name);
    return frame
      .select(...(others as never[]))
      .withRowIndex('__row' as never)
      .join(added.withRowIndex('__row'), { on: '__row', how: 'left', maintainOrder: true } as never)
      .drop('__row' as never) as DataFrame<any>;
  });
/** Values that few parameters allow. */
const BAD = [{ nope: 1 }, Number.NaN, -1e9 - 0.5, 'no such word', [{}], Symbol.iterator.description];

describe.each(all.map((s) => [s.name, s] as const))('%s', (_, subject) => {
  const { make } = subject;

  test('refuses what its parameters do not allow', () => {
    const estimator = make();
    const specs = estimator.paramSpecs as ParamSpecs;
    const name = estimator.name;
    for (const [parameter, spec] of Object.entries(specs)) {
      expect(spec.allows(spec.default), `default of ${parameter}`).toBe(true);
      const bad = BAD.find((v) => !spec.allows(v));
      expect(bad, `a value that ${parameter} refuses`).toBeDefined();
      const change = (): unknown => estimator.withParams({ [parameter]: bad } as never);
      expect(change).toThrow(WarpError);
      expect(change).toThrow(
        new RegExp(`^The '${parameter.replaceAll('.', '\\.')}' parameter of ${name} must be .+\\. Got .+\\.$`, 's'),
      );
      expect(change).toThrow(expect.objectContaining({ code: 'ERR_PARAMETER' }));
    }
    expect(() => estimator.withParams({ zzzzzz: 1 } as never)).toThrow(/has no parameter 'zzzzzz'.* Parameters: ?/);
    const [first] = Object.keys(specs);
    if (first)
      expect(() => estimator.withParams({ [`${first}x`]: 1 } as never)).toThrow(
        new RegExp(`has no parameter '${first}x'\\. Did you mean '${first}'\\?`),
      );
    if (subject.plain)
      for (const wrong of [3, 'x', [1], null])
        expect(() => new (estimator.constructor as any)(wrong)).toThrow(
          expect.objectContaining({ code: 'ERR_PARAMETER' }),
        );
  });

  test('is copied by withParams, and never changes', async () => {
    const estimator = make();
    const before = JSON.stringify(estimator.getParams());
    const copy = estimator.withParams({});
    expect(copy).not.toBe(estimator);
    expect(copy).toBeInstanceOf(estimator.constructor);
    expect(copy.getParams()).toEqual(estimator.getParams());
    expect(Object.isFrozen(estimator.getParams())).toBe(true);
    const rows = rowsFor(estimator, 60);
    using model = await fitOn(estimator, rows);
    expect(JSON.stringify(estimator.getParams())).toBe(before);
    using again = await fitOn(copy, rows);
    expect(await said(again, rows.frame)).toEqual(await said(model, rows.frame));
    expect(estimator).toBeInstanceOf(Estimator);
    expect(['classifier', 'regressor', 'ranker', 'clusterer', 'transformer']).toContain(estimator.kind);
    expect((model as any).kind ?? estimator.kind).toBe(estimator.kind);
    expect(model.estimator).toBe(estimator.name);
  });

  test('gives the same bits at one and two threads', async () => {
    const estimator = make();
    // More rows than any kernel takes in one piece.
    const rows = rowsFor(estimator, 100_000);
    using table = await rows.frame.collect();
    const held = { ...rows, frame: table.lazy() as DataFrame<any> };
    const asked = held.frame.head(3000);
    using one = await fitOn(estimator, held, { threads: 1 });
    using two = await fitOn(estimator, held, { threads: 2 });
    const first = await said(one, asked, { threads: 1 });
    expect(await said(two, asked, { threads: 2 })).toEqual(first);
    expect(await said(one, asked, { threads: 2 })).toEqual(first);
  });

  test('knows its features by name', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 80);
    using model = await fitOn(estimator, rows);
    expect(model.featureNamesIn).toEqual(rows.features);
    expect(model.nFeaturesIn).toBe(rows.features.length);
    const expected = await said(model, rows.frame);
    const reordered = rows.frame.select(...([...rows.frame.columns].reverse() as never[]));
    expect(await said(model, reordered)).toEqual(expected);
    const bare = rows.frame.select(...(rows.features as never[]));
    expect(await said(model, bare)).toEqual(expected);
    const code = async (frame: DataFrame<any>): Promise<string> =>
      (await failure((async () => said(model, frame))()))?.code;
    expect(await code(rows.frame.drop(rows.features[0] as never))).toBe('ERR_COLUMN_NOT_FOUND');
    expect(await code(rows.frame.withColumns({ extra: (c: any) => c.id.isNull().cast(Float64) } as never))).toBe(
      'ERR_SCHEMA_MISMATCH',
    );
    const first = rows.features[0]!;
    const wrong =
      takesNumbers(estimator) && schemaOf(rows.frame).find((f) => f.name === first)!.type.dtype === 'Float64';
    const other = wrong ? (col(first) as any).cast(Utf8) : (col('id') as any).isNull().cast(Float64);
    expect(await code(rows.frame.withColumns({ [first]: other } as never))).toBe('ERR_SCHEMA_MISMATCH');
    // Named features: what else is in the frame does not matter.
    using named = await fitOn(estimator, rows, { features: rows.features });
    expect(
      await said(named, rows.frame.withColumns({ extra: (c: any) => c.id.isNull().cast(Float64) } as never)),
    ).toEqual(expected);
    await expect(fitOn(estimator, rows, { features: ['nothing'] })).rejects.toMatchObject({
      code: 'ERR_COLUMN_NOT_FOUND',
    });
    await expect(fitOn(estimator, rows, { exclude: ['nothing'] })).rejects.toMatchObject({
      code: 'ERR_COLUMN_NOT_FOUND',
    });
    await expect(fitOn(estimator, rows, { features: [first, first] })).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
    if (rows.target)
      await expect(fitOn(estimator, rows, { features: [first, rows.target] })).rejects.toMatchObject({
        code: 'ERR_PARAMETER',
      });
  });

  test('takes one row, one feature, a constant feature', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60);
    using model = await fitOn(estimator, rows);
    const whole = await said(model, rows.frame);
    const one = await said(model, rows.frame.head(1));
    for (const [name, values] of Object.entries(one))
      if (name !== 'labels') expect(values).toEqual(whole[name]!.slice(0, 1));
    const none = await said(model, rows.frame.head(0));
    for (const [name, values] of Object.entries(none)) if (name !== 'labels') expect(values).toEqual([]);
    // From one row there may be nothing to learn; then it says so.
    const alone = await failure(fitOn(estimator, { ...rows, frame: rows.frame.head(1) }).then((m) => m.dispose()));
    if (alone) expect(alone).toBeInstanceOf(WarpError);
    const narrow = rowsFor(estimator, 60, { features: 1 });
    using slim = await fitOn(estimator, narrow);
    expect(Object.values(await said(slim, narrow.frame))[0]).toHaveLength(60);
    const flat = rowsFor(estimator, 60, { constant: true });
    using constant = await fitOn(estimator, flat);
    for (const values of Object.values(await said(constant, flat.frame)))
      for (const v of values) if (typeof v === 'number') expect(Number.isFinite(v)).toBe(true);
  });

  test('refuses wrong shapes', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60);
    const empty = await failure(fitOn(estimator, { ...rows, frame: rows.frame.head(0) }));
    expect(empty).toBeInstanceOf(WarpError);
    expect(empty.message).toMatch(/rows/);
    const weights = await failure(fitOn(estimator, rows, { sampleWeight: Float64Array.of(1, 2) }));
    expect(weights).toBeInstanceOf(WarpError);
    // Weights are used or refused, never passed over.
    for (const wrong of [-1, Number.NaN]) {
      const sampleWeight = Float64Array.from({ length: 60 }, (_, i) => (i === 3 ? wrong : 1));
      const error = await failure(fitOn(estimator, rows, { sampleWeight }).then((m) => m.dispose()));
      expect(error, String(wrong)).toBeInstanceOf(WarpError);
    }
    if (rows.target) {
      const short = await failure(estimator.fitAny(rows.frame, Float64Array.of(1, 2), rows.options as never));
      expect(short).toBeInstanceOf(ShapeError);
      await expect(estimator.fitAny(rows.frame, 'nothing', rows.options as never)).rejects.toMatchObject({
        code: 'ERR_COLUMN_NOT_FOUND',
      });
      if (subject.plain)
        await expect(estimator.fitAny(rows.frame, null, rows.options as never)).rejects.toMatchObject({
          code: 'ERR_PARAMETER',
        });
    }
    await expect(estimator.fitAny([[1, 2], [3]], null)).rejects.toBeInstanceOf(WarpError);
    await expect(estimator.fitAny(3 as never, null)).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
    await expect(estimator.fitAny({ data: new Float64Array(5), nFeatures: 2 }, null)).rejects.toBeInstanceOf(WarpError);
  });

  test('refuses or takes what is missing, and infinities', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60);
    const first = rows.features[0]!;
    const type = schemaOf(rows.frame).find((f) => f.name === first)!.type.dtype;
    using model = await fitOn(estimator, rows);
    using table = await rows.frame.collect();
    const values = Array.from(table.column(first as never) as Iterable<unknown>);
    const gaps: [string, unknown][] =
      type === 'Utf8'
        ? [['null', null]]
        : [
            ['null', null],
            ['NaN', Number.NaN],
          ];
    for (const [what, gap] of gaps) {
      const holed = frameWith(
        rows.frame,
        first,
        values.map((v, i) => (i === 4 ? gap : v)),
        nullable(type === 'Utf8' ? Utf8 : Float64),
      );
      for (const work of [
        async () => (await fitOn(estimator, { ...rows, frame: holed })).dispose(),
        () => said(model, holed),
      ]) {
        const error = await failure(work());
        if (!error) continue;
        expect(error, what).toBeInstanceOf(WarpError);
        if (error.code === 'ERR_EVALUATION') expect(error.message).toContain(`Column "${first}" holds null`);
        else {
          expect(error.code).toBe('ERR_MISSING_VALUES');
          expect(error.message).toContain(`"${first}"`);
          expect(error.message).toContain('SimpleImputer');
        }
      }
    }
    if (type === 'Utf8') return;
    const infinite = frameWith(
      rows.frame,
      first,
      values.map((v, i) => (i === 4 ? Number.POSITIVE_INFINITY : v)),
      Float64,
    );
    const error = await failure(fitOn(estimator, { ...rows, frame: infinite }).then((m) => m.dispose()));
    if (error) expect(error).toMatchObject({ code: 'ERR_MISSING_VALUES', detail: { column: first } });
    if (rows.target && estimator.kind !== 'classifier') {
      using target = await rows.frame.select(rows.target as never).collect();
      const y = Array.from(target.column(rows.target as never) as Iterable<unknown>);
      for (const bad of [null, Number.NaN]) {
        const holed = frameWith(
          rows.frame,
          rows.target,
          y.map((v, i) => (i === 4 ? bad : v)),
          nullable(Float64),
        );
        expect(await failure(fitOn(estimator, { ...rows, frame: holed })), String(bad)).toMatchObject({
          code: expect.stringMatching(/ERR_TARGET|ERR_MISSING_VALUES/),
        });
      }
    }
  });

  test('says the same after being saved and loaded', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 80);
    using model = await fitOn(estimator, rows);
    const expected = await said(model, rows.frame);
    const file = path.join(folder, `${subject.name.replaceAll(' ', '-')}.model`);
    await model.save(file);
    const bytes = model.toBytes();
    expect(new Uint8Array(fs.readFileSync(file))).toEqual(new Uint8Array(bytes));
    expect(fs.readdirSync(folder).filter((f) => f.includes('.partial'))).toEqual([]);
    for (const source of [file, bytes]) {
      using loaded = await loadModel(source);
      expect(loaded.constructor).toBe(model.constructor);
      expect(await said(loaded, rows.frame)).toEqual(expected);
      expect([loaded.featureNamesIn, loaded.targetName, loaded.params]).toEqual([
        model.featureNamesIn,
        model.targetName,
        model.params,
      ]);
      expect(new Uint8Array(loaded.toBytes())).toEqual(new Uint8Array(bytes));
    }
  });

  test('a broken file is a typed error', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60);
    using model = await fitOn(estimator, rows);
    const bytes = Buffer.from(model.toBytes());
    const draw = drawer(subject.name.length * 7919);
    const errorOf = async (b: Uint8Array): Promise<any> => {
      const outcome = await loadModel(b).then(
        (m) => m,
        (error) => error,
      );
      if (outcome instanceof Error) {
        expect(outcome, outcome.stack ?? '').toBeInstanceOf(WarpError);
        expect((outcome as WarpError).code).toMatch(/ERR_CORRUPT_FILE|ERR_UNSUPPORTED/);
      }
      return outcome;
    };
    for (let i = 0; i < 20; i++)
      expect(await errorOf(bytes.subarray(0, draw(bytes.length)))).toMatchObject({ code: 'ERR_CORRUPT_FILE' });
    for (let i = 0; i < 40; i++) {
      const flipped = Buffer.from(bytes);
      const at = draw(bytes.length);
      flipped[at] = flipped[at]! ^ (1 << draw(8));
      expect((await errorOf(flipped)) instanceof Error).toBe(true);
    }
    // The same with a checksum that fits: what is read must be looked at.
    const sealed = (b: Buffer): Buffer => {
      createHash('sha256')
        .update(b.subarray(0, -32))
        .digest()
        .copy(b, b.length - 32);
      return b;
    };
    const headerBytes = bytes.readUInt32LE(8);
    for (let i = 0; i < 80; i++) {
      const flipped = Buffer.from(bytes);
      const at = i % 4 === 0 ? 12 + headerBytes + draw(bytes.length - 44 - headerBytes) : 12 + draw(headerBytes);
      if (at >= bytes.length - 32) continue;
      flipped[at] = flipped[at]! ^ (1 << draw(8));
      const outcome = await errorOf(sealed(flipped));
      // What still makes a model may say anything, but lives.
      if (!(outcome instanceof Error)) {
        await failure((async () => said(outcome as Model, rows.frame))());
        outcome.dispose();
      }
    }
    const withHeader = (text: string): Buffer => {
      const header = Buffer.from(text);
      const start = (12 + header.length + 7) & ~7;
      const rest = bytes.subarray((12 + headerBytes + 7) & ~7);
      const b = Buffer.alloc(start + rest.length);
      bytes.copy(b, 0, 0, 8);
      b.writeUInt32LE(header.length, 8);
      header.copy(b, 12);
      rest.copy(b, start);
      return sealed(b);
    };
    const header = bytes.toString('utf8', 12, 12 + headerBytes);
    expect(await errorOf(withHeader(header))).not.toBeInstanceOf(Error);
    expect(await errorOf(withHeader(header.replace('"version":1', '"version":2')))).toMatchObject({
      code: 'ERR_UNSUPPORTED',
    });
    expect(await errorOf(withHeader(header.replace(/"estimator":"\w+"/, '"estimator":"Nothing"')))).toMatchObject({
      code: 'ERR_UNSUPPORTED',
    });
    for (const huge of [2 ** 40, 2 ** 53, -1, 1.5]) {
      const grown = header.replace(/"length":\d+/, `"length":${huge}`);
      if (grown !== header) expect(await errorOf(withHeader(grown))).toMatchObject({ code: 'ERR_CORRUPT_FILE' });
    }
    const long = Buffer.from(bytes);
    long.writeUInt32LE(0xffffffff, 8);
    expect(await errorOf(sealed(long))).toMatchObject({ code: 'ERR_CORRUPT_FILE' });
    // No more memory than the file has, and nothing in memory of its parts.
    using whole = await loadModel(Uint8Array.from(bytes));
    expect(await said(whole, rows.frame)).toEqual(await said(model, rows.frame));
  });

  test('is disposed once and for all', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60);
    const model = await fitOn(estimator, rows);
    await said(model, rows.frame);
    model.dispose();
    model.dispose();
    model[Symbol.dispose]();
    expect(await failure((async () => said(model, rows.frame))())).toMatchObject({ code: 'ERR_DISPOSED' });
    expect(() => model.toBytes()).toThrow(expect.objectContaining({ code: 'ERR_DISPOSED' }));
    // Others of the same estimator live on.
    using other = await fitOn(estimator, rows);
    await said(other, rows.frame);
  });

  test('predicts in the dtypes it promises', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60);
    using model = await fitOn(estimator, rows);
    const m = model as any;
    if (estimator.kind === 'transformer') {
      const out = schemaOf(m.transform(rows.frame));
      for (const name of m.featureNamesOut) expect(out.map((f) => f.name)).toContain(name);
      expect(schemaOf(m.transform(rows.frame)).find((f) => f.name === 'id')?.type.dtype).toBe('Datetime');
      using table = await m.transform(rows.frame).collect();
      expect(table.height).toBe(60);
      return;
    }
    const column = await m.predict(rows.frame);
    const wanted = { classifier: 'Utf8', regressor: 'Float64', ranker: 'Float64', clusterer: 'Int32' }[
      estimator.kind as 'ranker'
    ];
    expect(column.field?.type.dtype ?? column.type?.dtype ?? column.dtype?.dtype ?? column.dtype).toBe(wanted);
    if (m.withPrediction) {
      using table = await m.withPrediction(rows.frame, { as: 'said' }).collect();
      expect(table.columns).toEqual([...rows.frame.columns, 'said']);
      expect(Array.from(table.column('said'))).toEqual(Array.from(column.toArray()));
      expect(() => m.withPrediction(rows.frame, { as: rows.features[0] })).toThrow(/already has a column/);
    }
    if (estimator.kind !== 'classifier') return;
    // Labels keep their dtype, whatever it is.
    for (const [label, dtype, value] of [
      ['Int32', Int32, (s: any) => s.cast(Int32)],
      ['Int64', null, (s: any) => s.cast({ dtype: 'Int64' } as never)],
      ['Bool', null, (s: any) => s.eq(1)],
      ['Float64', null, (s: any) => s.cast(Float64)],
    ] as const) {
      void dtype;
      const coded = (col('y') as any).eq('yes').cast(Int32);
      const frame = rows.frame.withColumns({ y: label === 'Bool' ? coded.eq(1) : value(coded) } as never);
      using other = await fitOn(estimator, { ...rows, frame });
      const predicted = await (other as any).predict(frame);
      expect(predicted.field?.type.dtype ?? predicted.type?.dtype ?? predicted.dtype?.dtype ?? predicted.dtype).toBe(
        label,
      );
      const yes = Array.from(predicted.toArray(), (v) => Number(v) === 1);
      expect(yes).toEqual(Array.from(column.toArray(), (v) => v === 'yes'));
      const names = (other as any).classes as unknown[];
      expect(names).toHaveLength(2);
    }
  });

  test('stops when it is told to', async () => {
    const estimator = make();
    const small = rowsFor(estimator, 60);
    const reason = new Error('enough');
    const before = new AbortController();
    before.abort(reason);
    expect(await failure(fitOn(estimator, small, { signal: before.signal }))).toBe(reason);
    using model = await fitOn(estimator, small);
    if (estimator.kind !== 'transformer')
      expect(await failure((model as any).predict(small.frame, { signal: before.signal }))).toBe(reason);
    const rows = rowsFor(estimator, 60_000);
    using frame = await rows.frame.collect();
    const held = { ...rows, frame: frame.lazy() };
    const start = performance.now();
    (await fitOn(estimator, held)).dispose();
    const whole = performance.now() - start;
    for (const part of [0.2, 0.5]) {
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(reason), whole * part);
      const error = await failure(fitOn(estimator, held, { signal: controller.signal }).then((m) => m.dispose()));
      clearTimeout(timer);
      // It may have been quicker this time.
      if (error) expect(error).toBe(reason);
    }
    expect(await said(model, small.frame)).toEqual(await said(await fitOn(estimator, small), small.frame));
  });

  test('frees what its fits took', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 2000);
    using table = await rows.frame.collect();
    const held = { ...rows, frame: table.lazy() };
    const round = async (): Promise<void> => {
      const model = await fitOn(estimator, held);
      await said(model, held.frame);
      model.dispose();
    };
    const used = async (): Promise<number> => {
      const cpu = (await backendInfos()).find((b) => b.name === 'cpu');
      return Number(cpu?.detail['usedBytes']);
    };
    for (let i = 0; i < 3; i++) await round();
    // Small tables that plans refer to go with the garbage collector.
    const settled = async (below: number, most: number): Promise<number> => {
      let now = await used();
      for (let i = 0; i < most && now >= below; i++) {
        collectGarbage();
        await wait(5);
        now = await used();
      }
      return now;
    };
    const before = await settled(0, 3);
    for (let i = 0; i < 50; i++) await round();
    // Fifty tables of these rows would be several megabytes.
    expect((await settled(before + 200_000, 30)) - before).toBeLessThan(400_000);
  });

  test('lets the event loop turn while it fits', async () => {
    const estimator = make();
    const rows = rowsFor(estimator, 60_000);
    using table = await rows.frame.collect();
    const held = { ...rows, frame: table.lazy() };
    (await fitOn(estimator, held)).dispose();
    // The longest time without a turn, as a part of the fit. On a busy machine a pause may be anybody's: three tries.
    const worstPart = async (): Promise<number> => {
      const start = performance.now();
      let last = start;
      let worst = 0;
      const turn = (): void => {
        worst = Math.max(worst, performance.now() - last);
        last = performance.now();
      };
      const timer = setInterval(turn, 1);
      (await fitOn(estimator, held)).dispose();
      turn();
      clearInterval(timer);
      const ms = performance.now() - start;
      return ms < 100 ? 0 : worst / ms;
    };
    let part = 1;
    for (let i = 0; i < 3 && part > 0.7; i++) part = await worstPart();
    expect(part).toBeLessThan(0.7);
  });
});
