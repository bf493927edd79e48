import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { WarpError } from '../../../ts/errors.ts';
import { fromColumns } from '../../../ts/frame/create.ts';
import { readXgboostModel } from '../../../ts/ml/boosting/model/read-xgboost.ts';
import { decodeUbjson, encodeUbjson } from '../../../ts/ml/boosting/model/ubjson.ts';
import { writeJsonModel, writeUbjsonModel } from '../../../ts/ml/boosting/model/write-xgboost.ts';
import { loadModel, XgbClassifierModel, XgbRankerModel, XgbRegressorModel } from '../../../ts/ml/index.ts';
import { goldenFeatures, goldenFrame } from '../../support/ml.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../fixtures/ml/boosting');
const goldens = JSON.parse(fs.readFileSync(path.join(FOLDER, 'goldens.json'), 'utf8'));
const bytesOf = (name: string): Uint8Array => fs.readFileSync(path.join(FOLDER, name));
const DATA: Record<string, string> = { logistic: 'breast_cancer', softprob: 'digits' };

async function rowsFor(name: string): Promise<any> {
  const { data } = goldens.models[name];
  if (data) return fromColumns(data);
  const set = DATA[name] ?? 'diabetes';
  const frame = await goldenFrame(set);
  return frame.select(...(goldenFeatures(set) as never[])).slice(0, 40);
}

/** Float32 sums of leaves: equal but for what rounding of a base score or a link may do. */
function close(got: ArrayLike<number>, want: readonly number[]): void {
  expect(got.length).toBe(want.length);
  for (let i = 0; i < want.length; i++)
    expect(Math.abs(got[i]! - want[i]!), `value ${i}`).toBeLessThanOrEqual(1e-6 * Math.max(1, Math.abs(want[i]!)));
}

for (const [name, g] of Object.entries<any>(goldens.models))
  test(`${g.file}, saved by Python, predicts as in Python`, async () => {
    using model = (await loadModel(path.join(FOLDER, g.file))) as any;
    const rows = await rowsFor(name);
    close(await model.predictMargin(rows), g.margin);
    expect([...(await model.predictLeaf(rows))]).toEqual(g.leaf);
    if (model instanceof XgbClassifierModel) {
      const table = await model.predictProba(rows);
      const columns = model.classes.map((c) => table.column(String(c) as never).toArray() as ArrayLike<number>);
      const width = columns.length === 2 ? 1 : columns.length;
      const flat = Array.from({ length: table.height * width }, (_, i) =>
        width === 1 ? columns[1]![i]! : columns[i % width]![Math.floor(i / width)]!,
      );
      close(flat, g.prediction);
    } else close((await model.predict(rows)).toArray() as Float64Array, g.prediction);
    for (const [type, values] of Object.entries<any>(g.importance)) {
      const score = model.score(type);
      expect(Object.keys(score).sort()).toEqual(Object.keys(values).sort());
      for (const [f, v] of Object.entries<number>(values)) expect(score[f]! / v).toBeCloseTo(1, 5);
    }
  });

test('a model is written as XGBoost writes it: UBJSON byte by byte, JSON number by number', () => {
  // A shortest decimal may have two forms, both of which read as the same Float32.
  const numbers = (text: string): unknown => JSON.parse(text, (_, v) => (typeof v === 'number' ? Math.fround(v) : v));
  for (const g of Object.values<any>(goldens.models)) {
    const bytes = Buffer.from(bytesOf(g.file));
    const model = readXgboostModel(bytes, g.file);
    if (g.file.endsWith('.ubj')) expect(Buffer.compare(Buffer.from(writeUbjsonModel(model)), bytes), g.file).toBe(0);
    else {
      expect(numbers(writeJsonModel(model))).toEqual(numbers(bytes.toString()));
      expect(writeJsonModel(model).length).toBe(bytes.length);
    }
  }
});

test('a ranking model is a ranker, a regression a regressor', async () => {
  expect(await loadModel(bytesOf('rank.ubj'))).toBeInstanceOf(XgbRankerModel);
  expect(await loadModel(bytesOf('squared.json'))).toBeInstanceOf(XgbRegressorModel);
});

test('models that are no plain trees are refused by name', async () => {
  await expect(loadModel(bytesOf('linear.json'))).rejects.toThrow(/gblinear model/);
  await expect(loadModel(bytesOf('dart.json'))).rejects.toThrow(/dropout weights \(dart\)/);
  await expect(loadModel(bytesOf('vector-leaf.json'))).rejects.toThrow(/leaves are vectors/);
});

/** The document of a model with one place changed. */
function changed(change: (doc: any, tree: any) => void): Uint8Array {
  const doc = JSON.parse(Buffer.from(bytesOf('squared.json')).toString());
  change(doc, doc.learner.gradient_booster.model.trees[0]);
  return Buffer.from(JSON.stringify(doc));
}

test.each<[string, (doc: any, tree: any) => void, RegExp]>([
  ['a cycle', (_, t) => (t.left_children[1] = 0), /right_children|reach/],
  ['a shared child', (_, t) => (t.left_children[1] = t.right_children[0]), /reach node 2 twice/],
  ['a child past the end', (_, t) => (t.left_children[0] = 99), /whole number from -1 to/],
  ['one child only', (_, t) => (t.right_children[0] = -1), /is -1 at the inner node 0/],
  ['a feature that is not there', (_, t) => (t.split_indices[0] = 10), /names feature 10 of 10/],
  ['a huge number of nodes', (_, t) => (t.tree_param.num_nodes = '2000000000'), /entries for 2000000000 nodes/],
  ['a short array', (_, t) => t.split_conditions.pop(), /split_conditions has/],
  ['a category without a set', (_, t) => (t.split_type[0] = 1), /categorical node 0 without categories/],
  ['an output that is not there', (d) => (d.learner.gradient_booster.model.tree_info[0] = 1), /tree_info/],
  ['fewer trees than said', (d) => d.learner.gradient_booster.model.trees.pop(), /num_trees is 10/],
  ['a base score of words', (d) => (d.learner.learner_model_param.base_score = 'half'), /base_score is "half"/],
  ['no learner', (d) => delete d.learner, /learner is missing/],
  ['a version of letters', (d) => (d.version = ['a']), /version/],
])('%s is a corrupt file', async (_, change, message) => {
  const loading = loadModel(changed(change));
  await expect(loading).rejects.toMatchObject({ code: 'ERR_CORRUPT_FILE' });
  await expect(loading).rejects.toThrow(message);
});

test('a newer major version is refused', async () => {
  await expect(loadModel(changed((d) => (d.version = [4, 0, 0])))).rejects.toMatchObject({ code: 'ERR_UNSUPPORTED' });
});

test('UBJSON goes out and comes back', () => {
  const value = {
    a: [1, -2, 300, 70000, 5e9, 0.5, 'é', true, false, null],
    f: Float32Array.of(1, Number.NaN),
    d: Float64Array.of(1e300),
    i: Int8Array.of(-1),
    u: Uint8Array.of(255),
    s: Int16Array.of(-300),
    l: Int32Array.of(1 << 30),
    L: BigInt64Array.of(-(1n << 62n)),
    o: { nested: [] },
  };
  expect(decodeUbjson(encodeUbjson(value), 'x')).toEqual(value);
});

test('sizes that the bytes do not hold allocate nothing', () => {
  const huge = (head: string): Buffer =>
    Buffer.concat([Buffer.from(`{i\x01a${head}L`, 'latin1'), Buffer.from('7fffffffffffffff', 'hex')]);
  for (const head of ['[$d#', '[#', 'S', '{#']) expect(() => decodeUbjson(huge(head), 'x')).toThrow(WarpError);
  const some = Buffer.concat([Buffer.from('{i\x01a[$L#l', 'latin1'), Buffer.from('7fffffff', 'hex')]);
  expect(() => decodeUbjson(some, 'x')).toThrow(/17179869176 bytes are needed/);
});

test('a document that nests without end is refused', () => {
  expect(() => decodeUbjson(Buffer.from(`{i\x01a${'['.repeat(100000)}`, 'latin1'), 'x')).toThrow(/deeper than/);
});

test('flipped bits and cut files are typed errors, or a model that predicts', async () => {
  const rows = (await rowsFor('squared')).slice(0, 3);
  const real = await rowsFor('categories');
  for (const [file, frame] of [
    ['squared.json', rows],
    ['categories.json', real],
    ['logistic.ubj', null],
  ] as const) {
    const whole = bytesOf(file);
    let refused = 0;
    for (let k = 0; k < 120; k++) {
      const bytes = Uint8Array.from(whole);
      const at = (k * 7919) % bytes.length;
      bytes[at]! ^= 1 << (k % 8);
      try {
        using model = (await loadModel(k % 10 === 9 ? bytes.slice(0, at) : bytes)) as XgbRegressorModel;
        if (frame && k % 8 === 0) await model.predictMargin(frame);
      } catch (error) {
        expect(error).toBeInstanceOf(WarpError);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(0);
  }
});

test('the bytes of no model at all are refused', async () => {
  for (const text of ['', '[]', '{}', 'hello', '{"learner": 3, "version": [3,4,1]}'])
    await expect(loadModel(Buffer.from(text))).rejects.toBeInstanceOf(WarpError);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'boost-'));
  fs.writeFileSync(path.join(folder, 'x.ubj'), '{L');
  await expect(loadModel(path.join(folder, 'x.ubj'))).rejects.toBeInstanceOf(WarpError);
});
