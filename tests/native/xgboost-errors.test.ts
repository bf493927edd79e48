// What is wrong with data, parameters or a model is a typed error, and the booster or process goes on.
import fs from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadAddon } from '../../ts/native/load.ts';
import { openXgboost, type XgboostEngine } from '../../ts/native/xgboost.ts';
import type { XgboostData } from '../../ts/native/xgboost-data.ts';
import type { XgboostParams } from '../../ts/native/xgboost-parameters.ts';
import { uniform } from '../../ts/util/philox.ts';
import { fixture, libraryFile, shared, skipReason } from './support.ts';

const N = 64;
const x = shared(Array.from({ length: N }, (_, i) => Math.sin(i)));
const label = Float64Array.from({ length: N }, (_, i) => i & 1);
const good: XgboostData = { columns: [{ values: x }, { values: shared(x) }], label };

describe.skipIf(skipReason)('libxgboost refuses', () => {
  const open = (): Promise<XgboostEngine> => openXgboost({ library: libraryFile });
  /** Trains one round and says how it ended. */
  async function outcome(data: XgboostData, params: XgboostParams = {}): Promise<{ code?: string; message?: string }> {
    try {
      using training = await (await open()).train({ params, train: data });
      await training.step();
      return {};
    } catch (error) {
      return { code: (error as { code: string }).code, message: (error as Error).message };
    }
  }
  const refused = async (code: string, message: RegExp, data: XgboostData, params?: XgboostParams) => {
    const got = await outcome(data, params);
    expect(got).toMatchObject({ code });
    expect(got.message).toMatch(message);
    // Whatever was refused, the next one trains.
    expect(await outcome(good)).toEqual({});
  };

  const withLast = (value: number): Float64Array => label.map((v, i) => (i === N - 1 ? value : v));
  test.each<[string, string, RegExp, XgboostData, XgboostParams?]>([
    [
      'a short column',
      'ERR_SHAPE',
      /63 values; 64 are/,
      { ...good, columns: [{ values: x }, { values: x.subarray(1) }] },
    ],
    ['a short label', 'ERR_SHAPE', /label has 63 values; 64/, { ...good, label: label.subarray(1) }],
    ['a long weight', 'ERR_PARAMETER', /weight/i, { ...good, weight: new Float32Array(N + 1).fill(1) }],
    ['a short bitmap', 'ERR_SHAPE', /bitmap/, { ...good, columns: [{ values: x, validity: new Uint8Array(7) }] }],
    ['no column', 'ERR_SHAPE', /no feature column/, { columns: [] }],
    ['no row', 'ERR_SHAPE', /no row/, { columns: [{ values: new Float64Array(0) }], label: new Float64Array(0) }],
    ['no label', 'ERR_PARAMETER', /label/i, { columns: good.columns }],
    ['a NaN label', 'ERR_PARAMETER', /NaN|infinity/i, { ...good, label: withLast(Number.NaN) }],
    ['an infinite label', 'ERR_PARAMETER', /inf/i, { ...good, label: withLast(Number.POSITIVE_INFINITY) }],
    [
      'a class that is none',
      'ERR_PARAMETER',
      /label/,
      { ...good, label: withLast(2) },
      { objective: 'binary:logistic' },
    ],
    [
      'an infinite feature',
      'ERR_PARAMETER',
      /inf/,
      { ...good, columns: [{ values: withLast(Number.POSITIVE_INFINITY) }] },
    ],
    [
      'groups that do not add up',
      'ERR_PARAMETER',
      /group/,
      { ...good, groupSizes: Uint32Array.of(60, 5) },
      { objective: 'rank:ndcg' },
    ],
    [
      'both kinds of groups',
      'ERR_SHAPE',
      /both/,
      { ...good, groupSizes: Uint32Array.of(N), queryIds: new Uint32Array(N) },
    ],
    ['names of other features', 'ERR_SHAPE', /featureNames/, { ...good, featureNames: ['a'] }],
    ['an unknown feature type', 'ERR_PARAMETER', /feature_type/i, { ...good, featureTypes: ['q', 'zzz'] }],
    ['a negative category', 'ERR_PARAMETER', /categor/i, { ...good, featureTypes: ['c', 'q'] }],
    [
      'an array of another kind',
      'ERR_PARAMETER',
      /typed array/,
      { ...good, columns: [{ values: [1, 2] as unknown as Float64Array }] },
    ],
    ['a misspelt parameter', 'ERR_PARAMETER', /'max_dept' of XGBoost. Did you mean 'max_depth'/, good, { max_dept: 3 }],
    [
      'a parameter that would do nothing',
      'ERR_PARAMETER',
      /does not use the parameters max_depth/,
      good,
      { max_depth: 3, booster: 'gblinear' },
    ],
    ['an unknown objective', 'ERR_PARAMETER', /objective function: `?nope/i, good, { objective: 'nope' }],
    ['an unknown metric', 'ERR_PARAMETER', /metric/i, { ...good }, { eval_metric: 'nope' }],
    ['a value out of range', 'ERR_PARAMETER', /max_depth/, good, { max_depth: -1 }],
    ['a value that is no number', 'ERR_PARAMETER', /'ast'/, good, { eta: 'fast' }],
    ['two billion classes', 'ERR_PARAMETER', /num_class/, good, { objective: 'multi:softprob', num_class: 2e9 }],
    ['a GPU', 'ERR_PARAMETER', /'device' parameter .* 'cpu'/, good, { device: 'cuda' }],
    ['a GPU method', 'ERR_PARAMETER', /tree_method/, good, { tree_method: 'gpu_hist' }],
    ['NaN as a parameter', 'ERR_PARAMETER', /'eta' parameter/, good, { eta: Number.NaN }],
  ])('%s', async (_, code, message, data, params) => {
    await refused(code, message, data, params);
  });

  test.each([0, -1, 1.5, Number.NaN])('%f threads', async (threads) => {
    await expect((await open()).train({ params: {}, train: good, threads })).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
    });
  });

  test('models that are none: every cut, flipped bits, another format', async () => {
    const engine = await open();
    const model = fs.readFileSync(fixture('xgboost-breast_cancer.ubj'));
    const load = async (bytes: Uint8Array): Promise<string> => {
      try {
        using booster = await engine.load(bytes);
        await booster.predict({ columns: Array.from({ length: 30 }, () => ({ values: x })) });
        return 'ok';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    expect(await load(model)).toBe('ok');
    for (const bytes of [
      new Uint8Array(0),
      Buffer.from('{"x":'),
      Buffer.from('{}'),
      Buffer.from('PK\u0003\u0004'),
      new Uint8Array(100),
    ])
      expect(await load(bytes)).toBe('ERR_CORRUPT_FILE');
    for (let length = 1; length < model.length; length += 997)
      expect(await load(model.subarray(0, length)), `cut at ${length}`).toBe('ERR_CORRUPT_FILE');
    const json = await engine.load(model).then(async (booster) => {
      using source = booster;
      return source.save('json');
    });
    let draws = 0;
    const random = (): number => Math.floor(uniform(7, draws++) * 2 ** 31);
    for (const whole of [model, json])
      for (let i = 0; i < 400; i++) {
        const altered = Uint8Array.from(whole);
        const at = random() % whole.length;
        if (i % 2 === 0) altered[at]! ^= 1 << (random() % 8);
        else altered.set(whole.subarray(random() % whole.length).subarray(0, 9), Math.min(at, whole.length - 9));
        expect(['ok', 'ERR_CORRUPT_FILE', 'ERR_PARAMETER'], `altered ${i}`).toContain(await load(altered));
      }
  });

  test('a model and other data', async () => {
    using booster = await (await open()).load(fs.readFileSync(fixture('xgboost-breast_cancer.ubj')));
    await expect(booster.predict(good)).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
    await expect(booster.predict({ columns: good.columns }, { rounds: [5, 99] })).rejects.toMatchObject({
      code: 'ERR_PARAMETER',
    });
    await expect(booster.slice(3, 99)).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
    // @ts-expect-error: not an importance
    await expect(booster.importances('bad"')).rejects.toMatchObject({ code: 'ERR_PARAMETER' });
  });

  test('what is disposed', async () => {
    const engine = await open();
    const training = await engine.train({ params: {}, train: good });
    const running = [training.step(), training.step()];
    training.dispose();
    training.dispose();
    // What was asked for before still runs.
    await Promise.all(running);
    await expect(training.step()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
    const booster = await engine.load(fs.readFileSync(fixture('xgboost-breast_cancer.ubj')));
    booster.dispose();
    await expect(booster.save()).rejects.toMatchObject({ code: 'ERR_DISPOSED' });
  });

  test('an addon called past the wrapper: no field is trusted', async () => {
    await open();
    const { addon } = loadAddon().found!;
    const call = async (name: unknown, params: unknown): Promise<unknown> => await (addon.invoke as any)(name, params);
    const column = { data: x };
    for (const [name, params] of [
      [undefined, undefined],
      ['xgboost.create', null],
      ['nope', {}],
      ['xgboost.open', {}],
      ['xgboost.open', { library: 5 }],
      ['xgboost.create', {}],
      ['xgboost.create', { train: 'x' }],
      ['xgboost.create', { train: [5] }],
      ['xgboost.create', { train: [{ rows: -1, columns: [column] }] }],
      ['xgboost.create', { train: [{ rows: 2 ** 40, columns: [column] }] }],
      ['xgboost.create', { train: [{ rows: N + 1, columns: [column] }] }],
      ['xgboost.create', { train: [{ rows: N, columns: [{ data: new DataView(new ArrayBuffer(512)) }] }] }],
      ['xgboost.create', { train: [{ rows: N, columns: [{ data: 140_000_000 }] }] }],
      [
        'xgboost.create',
        { train: [{ rows: N, columns: [column], info: [{ field: 'label', data: label, width: 0 }] }] },
      ],
      [
        'xgboost.create',
        { train: [{ rows: N, columns: [column], info: [{ field: 'base_margin', data: label, width: 3 }] }] },
      ],
      ['xgboost.create', { train: [{ rows: N, columns: [column], info: [{ field: 'nope', data: label }] }] }],
      ['xgboost.create', { train: [{ rows: N, columns: [column] }], maxBin: 1e12 }],
      ['xgboost.create', { train: [{ rows: N, columns: [column] }], parameters: [['eta']] }],
      [
        'xgboost.create',
        {
          train: [
            { rows: N, columns: [column] },
            { rows: N, columns: [column, column] },
          ],
        },
      ],
      ['xgboost.load', { model: 'text' }],
      ['xgboost.load', { model: new Float64Array(8) }],
      ['xgboost.step', { booster: 4_000_000_000 }],
      ['xgboost.step', { booster: 'x' }],
      ['xgboost.step', { booster: {} }],
    ])
      await expect(call(name, params), `${name} ${JSON.stringify(params)}`).rejects.toMatchObject({
        code: expect.stringMatching(/^ERR_/),
      });
    const detached = new Float64Array(N);
    structuredClone(detached.buffer, { transfer: [detached.buffer] });
    await expect(call('xgboost.create', { train: [{ rows: N, columns: [{ data: detached }] }] })).rejects.toMatchObject(
      {
        code: 'ERR_SHAPE',
      },
    );
  });

  test('an array that JavaScript takes away while it is read', async () => {
    const values = Float64Array.from(x);
    const pending = (await open()).train({ params: {}, train: { columns: [{ values }], label } });
    structuredClone(values.buffer, { transfer: [values.buffer] });
    using training = await pending;
    await training.step();
  });
});
