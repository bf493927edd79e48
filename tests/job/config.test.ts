// Job files: read, checked, overridden; every mistake named with its place.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobJsonSchema } from '../../ts/config/json-schema.ts';
import { camelCase, snakeCase } from '../../ts/config/key-names.ts';
import { loadJob } from '../../ts/config/load.ts';
import { resolveJob } from '../../ts/config/resolve.ts';

let folder = '';
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'warpframe-config-'));
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

/** Loads the text as job.yaml; messages are given without the folder. */
async function load(text: string, set: readonly string[] = [], environment = {}) {
  const file = path.join(folder, 'job.yaml');
  fs.writeFileSync(file, text);
  try {
    return await loadJob(file, { set, environment });
  } catch (error) {
    (error as Error).message = (error as Error).message.replaceAll(`${folder}/`, '');
    throw error;
  }
}
const config = async (text: string, set: readonly string[] = [], environment = {}) =>
  (await load(text, set, environment)).config;
const resolved = async (text: string, set: readonly string[] = []) => {
  const job = await load(text, set);
  try {
    return await resolveJob(job);
  } catch (error) {
    (error as Error).message = (error as Error).message.replaceAll(`${folder}/`, '');
    throw error;
  }
};

const SMALL = `data:
  trainingPath: rows.csv
  target: y
model:
  type: LinearRegression
`;

describe('keys', () => {
  test('camelCase and snake_case are one', async () => {
    const snake = await config(
      'use_case: regression\ndata: { training_path: a.csv, target: y, test_split: 0.3 }\nmodel: { type: A, params: { max_depth: 3 } }\noutput: { folder: x }\nmemory_limit_bytes: 5',
    );
    const camel = await config(
      'useCase: regression\ndata: { trainingPath: a.csv, target: y, testSplit: 0.3 }\nmodel: { type: A, params: { maxDepth: 3 } }\noutput: { folder: x }\nmemoryLimitBytes: 5',
    );
    expect(snake).toEqual(camel);
  });
  test('columns keep their names', async () => {
    const { data } = await config(
      'data: { trainingPath: a.csv, derive: { is_late: "delay_min > 3" }, clean: { rename: { old_name: new_name } }, encode: { home_town: target } }\nmodel: { type: A }',
    );
    expect(data.derive).toEqual({ is_late: 'delay_min > 3' });
    expect(data.clean?.rename).toEqual({ old_name: 'new_name' });
    expect(data.encode).toEqual({ home_town: 'target' });
  });
  test('both spellings of one key are an error', async () => {
    await expect(config('data: { trainingPath: a, training_path: b }\nmodel: { type: A }')).rejects.toThrow(
      /job.yaml:1: data.trainingPath is given twice/,
    );
  });
  test('an unknown key has its line, a suggestion and the keys there are', async () => {
    await expect(config(`${SMALL}  parms: { a: 1 }\n`)).rejects.toThrow(
      /^job.yaml:6: model.parms is not a key of model. Did you mean "params"\? Keys: type, name, params/,
    );
    await expect(config(`${SMALL}trainin: {}\n`)).rejects.toThrow(/job.yaml:6: trainin .* Did you mean "training"/);
  });
  test('all problems at once', async () => {
    const text = 'data:\n  trainingPth: x\n  testSplit: 2\n  format: parqet\nmodel:\n  typ: x\n  params: 3\n';
    const error = await config(text).catch((e: Error) => e);
    const { message, code } = error as Error & { code: string };
    expect(code).toBe('ERR_PARAMETER');
    for (const part of [
      /job.yaml has 7 problems:/,
      /job.yaml:1: data.trainingPath is missing: Files to read/,
      /job.yaml:2: data.trainingPth is not a key of data. Did you mean "trainingPath"/,
      /job.yaml:3: data.testSplit must be below 1. Got 2./,
      /job.yaml:4: data.format must be one of parquet, csv, jsonl, arrow, json. Got "parqet". Did you mean "parquet"\?/,
      /job.yaml:5: model.type is missing/,
      /job.yaml:6: model.typ is not a key/,
      /job.yaml:7: model.params must be a mapping of keys to values. Got 3./,
    ])
      expect(message).toMatch(part);
  });
  test.each([
    ['data: { trainingPath: x, stratify: 3 }', /data.stratify must be true or false or text. Got 3/],
    ['data: { trainingPath: x, clean: { sample: { row: 3 } } }', /data.clean.sample.row is not a key/],
    ['data: { trainingPath: x }\ngpu: { memoryLimit: 3x }', /gpu.memoryLimit must be .*8GB. Got "3x"/],
    ['data: { trainingPath: x }\ngpu: { deviceId: 1.5 }', /gpu.deviceId must be a whole number. Got 1.5/],
    ['data: { trainingPath: x }\ntraining: { randomState: -1 }', /training.randomState must be at least 0/],
    ['data: { trainingPath: x }\ntraining: { learningCurve: [] }', /must be a list of 1 or more/],
    ['data: { trainingPath: [] }', /data.trainingPath must be/],
  ])('%s', async (text, message) => {
    await expect(config(`${text}\nmodel: { type: A }`)).rejects.toThrow(message);
  });
  test('spellings', () => {
    expect([camelCase('early_stopping_patience'), camelCase('nIter'), snakeCase('earlyStoppingPatience')]).toEqual([
      'earlyStoppingPatience',
      'nIter',
      'early_stopping_patience',
    ]);
  });
});

describe('YAML', () => {
  test('broken text has its line', async () => {
    await expect(config('data: {\n  a: [1\n')).rejects.toMatchObject({ code: 'ERR_PARSE', detail: { line: 3 } });
    await expect(config('data: { trainingPath: a }\ndata: { trainingPath: b }')).rejects.toThrow(
      /job.yaml:2: Map keys must be unique/,
    );
  });
  test('tags and merge keys are refused, JSON is read', async () => {
    await expect(config("data: !!js/function 'x'")).rejects.toThrow(/Unresolved tag/);
    await expect(config('a: &a { x: 1 }\ndata:\n  <<: *a')).rejects.toThrow(/job.yaml:3: Merge keys/);
    expect(await config('{"data": {"trainingPath": "a"}, "model": {"type": "A"}}')).toEqual({
      data: { trainingPath: 'a' },
      model: { type: 'A' },
    });
  });
  test('aliases cannot unfold without end', async () => {
    const levels = ['a: &a [x, x, x, x, x, x, x, x, x, x]'];
    for (const [k, name] of [...'bcdefghi'].entries()) {
      const before = k === 0 ? 'a' : ([...'bcdefghi'][k - 1] as string);
      levels.push(`${name}: &${name} [${Array(10).fill(`*${before}`).join(', ')}]`);
    }
    await expect(config(levels.join('\n'))).rejects.toThrow(/More than 100000 values/);
  });
  test('__proto__ is a key like any other', async () => {
    await expect(config('__proto__: { polluted: 1 }\ndata: { trainingPath: a }\nmodel: { type: A }')).rejects.toThrow(
      /__proto__ is not a key/,
    );
    expect(({} as { polluted?: number }).polluted).toBeUndefined();
  });
  test('no mapping, no file', async () => {
    await expect(config('')).rejects.toThrow(/Expected a mapping of keys/);
    await expect(config('- 1')).rejects.toThrow(/Expected a mapping of keys/);
    await expect(loadJob(path.join(folder, 'none.yaml'))).rejects.toMatchObject({ code: 'ERR_FILE_NOT_FOUND' });
  });
});

describe('environment variables', () => {
  test('are put in, typed where the scalar is plain', async () => {
    const { data, model } = await config(
      'data: { trainingPath: "${DIR}/x.csv", target: "${T}" }\nmodel:\n  type: A\n  params:\n    depth: ${DEPTH}\n    rate: ${RATE:-0.1}\n    text: "${DEPTH}"\n    kept: $${DEPTH}\n    none: ${N:-}\n',
      [],
      { DIR: 'a/b', T: '7', DEPTH: '8' },
    );
    expect(data).toEqual({ trainingPath: 'a/b/x.csv', target: '7' });
    expect(model?.params).toEqual({ depth: 8, rate: 0.1, text: '8', kept: '${DEPTH}', none: null });
  });
  test('cannot add keys or lists', async () => {
    const { data } = await config('data: { trainingPath: a, target: "t" }\nmodel:\n  type: ${T}', [], {
      T: '[A, B]\nparams: { x: 1 }',
    }).then((c) => ({ data: c.model }));
    expect(data).toEqual({ type: '[A, B]\nparams: { x: 1 }' });
  });
  test('that are not set are an error with its line', async () => {
    await expect(config('data:\n  trainingPath: ${NOPE}\n')).rejects.toThrow(
      /job.yaml:2: The environment variable NOPE is not set/,
    );
    await expect(config('data:\n  trainingPath: ${NO PE}\n')).rejects.toThrow(/Expected \$\{NAME\}/);
  });
});

describe('--set', () => {
  test('replaces and adds, in either spelling', async () => {
    const c = await config(SMALL, [
      'model.params.max_depth=8',
      'data.exclude=[a, b]',
      'data.derive."is late"=delay > 15',
      'training.random_state=3',
      'training.random_state=4',
    ]);
    expect(c.model?.params).toEqual({ maxDepth: 8 });
    expect(c.data.exclude).toEqual(['a', 'b']);
    expect(c.data.derive).toEqual({ 'is late': 'delay > 15' });
    expect(c.training).toEqual({ randomState: 4 });
    const list = await config('data: { trainingPath: a }\nmodels: [{ type: A }]', [
      'models.0.type=B',
      'models.1.type=C',
    ]);
    expect(list.models).toEqual([{ type: 'B' }, { type: 'C' }]);
  });
  test.each([
    ['model', /Expected --set key=value/],
    ['model.type.x=3', /--set model.type.x=3: model.type is "LinearRegression", so it has no key "x"/],
    ['models.3.type=A', /Expected an item of the list, 0 to 0/],
    ['training.randomState=-1', /^--set training.randomState=-1: training.randomState must be at least 0. Got -1./],
    ['data.exclude=[a', /is not YAML/],
    [
      'training.randmState=1',
      /--set training.randmState=1: training.randmState is not a key of training. Did you mean/,
    ],
  ])('%s', async (set, message) => {
    await expect(config(SMALL, [set])).rejects.toThrow(message);
  });
});

describe('what the schema alone cannot check', () => {
  test.each([
    [
      'model.type=LinearRegresion',
      /job.yaml|--set/,
      /is no estimator: "LinearRegresion". Did you mean "LinearRegression"\?/,
    ],
    [
      'model.params.fitIntercpt=true',
      /--set/,
      /LinearRegression has no parameter 'fitIntercpt'. Did you mean 'fitIntercept'\?/,
    ],
    [
      'model.params.fitIntercept=3',
      /--set/,
      /The 'fitIntercept' parameter of LinearRegression must be true or false. Got 3/,
    ],
    [
      'useCase=classification',
      /job.yaml:5/,
      /is LinearRegression, which is for regression, but useCase is classification/,
    ],
    ['data.features=[x, y]', /--set/, /features\[1\] is "y", the target/],
    ['data.validationSplit=0.9', /job.yaml|--set/, /leave no rows to learn from/],
    ['data.derive.late=delay >', /--set/, /data.derive.late is no expression: Expected a value .* but found the end/],
    ['data.clean.cast.a=Int65', /--set/, /must be a dtype: .* Did you mean "Int64"/],
    ['data.clean.filter=a == null', /--set/, /Nothing compares with null/],
    ['evaluation.metrics=[r3]', /--set/, /is no metric of regression: "r3". Did you mean "r2"/],
    ['evaluation.maxPlausibleAuc=0.9', /--set/, /is for classification; this is regression/],
    ['data.trainingPath=rows.dat', /--set/, /names a format. Say it with data.format/],
    ['output.format=csv', /--set/, /needs output.path/],
    ['output.path=out.dat', /--set/, /names no format/],
    ['data.splitByTime=t', /--set/, null],
    ['models=[{ type: LinearRegression }]', /./, /Keep one/],
    ['training.search={ params: { fitIntercept: [1] } }', /--set/, /must be true or false. Got 1/],
    ['training.search={ params: { nope: [1] } }', /--set/, /has no parameter 'nope'/],
  ])('%s', async (set, place, message) => {
    if (message === null) await resolved(SMALL, [set]);
    else {
      await expect(resolved(SMALL, [set])).rejects.toThrow(message);
      await expect(resolved(SMALL, [set])).rejects.toThrow(place);
    }
  });
  test('several kinds of split exclude each other', async () => {
    await expect(resolved(SMALL, ['data.splitByTime=t', 'data.splitByGroup=g'])).rejects.toThrow(
      /several kinds of split/,
    );
  });
});

describe('keys that cannot be acted on', () => {
  const WISHES: readonly (readonly [string, string, RegExp])[] = [
    ['gpu.deviceId=0', 'gpu.deviceId', /computes on the CPU/],
    ['gpu.memoryLimit=8GB', 'gpu.memoryLimit', /computes on the CPU/],
    ['gpu.enableMultiGpu=true', 'gpu.enableMultiGpu', /computes on the CPU/],
    ['inference.precision=fp16', 'inference.precision', /predicts in fp64/],
    ['benchmarking.metrics=[gpuSpeedup]', 'benchmarking.metrics', /no GPU to compare with/],
    ['output.type=database', 'output.type', /writes predictions to files/],
    ['training.earlyStoppingPatience=5', 'training.earlyStoppingPatience', /cannot stop early/],
  ];
  test.each(WISHES)('%s is an error that says so', async (set, key, reason) => {
    const error = (await resolved(SMALL, [set]).catch((e: Error) => e)) as Error & { code: string };
    expect(error.code).toBe('ERR_PARAMETER');
    expect(error.message).toMatch(reason);
    expect(error.message).toContain(`${key} is`);
    expect(error.message).toMatch(/fallback: (cpu|degraded)/);
  });
  test.each(WISHES)('%s is recorded with fallback: degraded', async (set, key, reason) => {
    const job = await resolved(SMALL, [set, 'fallback=degraded']);
    expect(job.degraded).toEqual([{ key, requested: expect.anything(), reason: expect.stringMatching(reason) }]);
  });
  test('fallback: cpu is for the GPU only', async () => {
    const job = await resolved(SMALL, ['gpu.deviceId=0', 'fallback=cpu']);
    expect(job.degraded.map((d) => d.key)).toEqual(['gpu.deviceId']);
    await expect(resolved(SMALL, ['inference.precision=fp16', 'fallback=cpu'])).rejects.toThrow(/cannot be acted on/);
  });
  test('what asks for nothing is no wish', async () => {
    const job = await resolved(SMALL, ['gpu.enableMultiGpu=false', 'inference.precision=fp64']);
    expect(job.degraded).toEqual([]);
  });
});

test('an object in code is checked as a file is', async () => {
  await expect(loadJob({ data: { trainingPath: 'a' }, model: { type: 'A', nme: 'x' } })).rejects.toThrow(
    /^The job: model.nme is not a key of model. Did you mean "name"/,
  );
});

test('docs/job.schema.json is the schema of this version', async () => {
  const file = 'docs/job.schema.json';
  const text = `${JSON.stringify(await jobJsonSchema(), null, 2)}\n`;
  if (process.env['UPDATE']) fs.writeFileSync(file, text);
  expect(fs.readFileSync(file, 'utf8')).toBe(text);
});
