// What the conformance list runs on: every row of the registry, data that fits its kind, and what its model says.
import { fromColumns } from '../../ts/frame/create.ts';
import { DataFrame } from '../../ts/frame/dataframe.ts';
import type { Estimator } from '../../ts/ml/core/estimator.ts';
import type { Model, TransformerModel } from '../../ts/ml/core/model.ts';
import { ESTIMATORS } from '../../ts/ml/core/registry.ts';
import { columnTransformer, GaussianNb, pipeline, Ridge, StandardScaler, TargetEncoder } from '../../ts/ml/index.ts';

/** An estimator to be tested. */
export interface Subject {
  readonly name: string;
  /** Made with the registry's quick parameters and a seed where it draws numbers. */
  readonly make: (params?: object) => Estimator<any, any>;
  /** Made by its class from parameters alone. */
  readonly plain: boolean;
}

const composed: Subject[] = [
  {
    name: 'pipeline of a classifier',
    plain: false,
    make: () =>
      pipeline([
        ['scale', new StandardScaler()],
        ['model', new GaussianNb()],
      ]),
  },
  {
    name: 'pipeline of a regressor behind an encoder',
    plain: false,
    make: () =>
      pipeline([
        ['code', new TargetEncoder({ randomState: 1 })],
        ['model', new Ridge()],
      ]),
  },
  {
    name: 'column transformer',
    plain: false,
    make: () => columnTransformer([['num', new StandardScaler(), 'numeric']], { remainder: 'passthrough' }),
  },
];

/** Every row of the registry, and what is composed of them. */
export async function subjects(): Promise<Subject[]> {
  const rows = await Promise.all(
    Object.entries(ESTIMATORS).map(async ([name, entry]): Promise<Subject> => {
      const { Estimator: Class, quick = {} } = await entry();
      const specs = new Class().paramSpecs as object;
      const seed = 'randomState' in specs ? { randomState: 7 } : {};
      return { name, plain: true, make: (params = {}) => new Class({ ...quick, ...seed, ...params }) };
    }),
  );
  return [...rows, ...composed];
}

/** A number that looks random, from two whole numbers. */
const noise = (i: number, k: number): number => {
  const v = Math.sin(i * 12.9898 + k * 78.233) * 43758.5453;
  return v - Math.floor(v);
};

/** Rows that an estimator can learn from: features, a target of its kind, and an id that is no feature. */
export interface Rows {
  readonly frame: DataFrame<any>;
  readonly features: readonly string[];
  readonly target: string | null;
  /** What fit needs beside rows and target. */
  readonly options: object;
}

/** Whether an estimator takes numbers; encoders take words. */
export function takesNumbers(e: Estimator<any, any>): boolean {
  return e.needs.takes?.({ dtype: 'Float64' }) ?? true;
}

const needsTarget = (e: Estimator<any, any>): boolean =>
  e.kind === 'classifier' || e.kind === 'regressor' || e.kind === 'ranker' || e.needs.target !== 'none';

/** Generated rows; `features` and `constant` shape them. */
export function rowsFor(
  e: Estimator<any, any>,
  n: number,
  shape: { readonly features?: number; readonly constant?: boolean; readonly words?: boolean } = {},
): Rows {
  const { features: count = 3, constant = false } = shape;
  const words =
    shape.words ?? (!takesNumbers(e) || (e.name === 'Pipeline' && 'code.smooth' in (e.getParams() as object)));
  const names = Array.from({ length: count }, (_, k) => String.fromCharCode(97 + k));
  const of = (k: number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => (constant && k === 0 ? 2 : noise(i, k) * 4 - 2 + (i % 2) * (k + 1)));
  const numbers = names.map((_, k) => of(k));
  const wordOf = (x: number): string => ['low', 'middle', 'high', 'top'][Math.min(3, Math.max(0, Math.floor(x + 2)))]!;
  const columns: Record<string, ArrayLike<unknown>> = { id: Array.from({ length: n }, (_, i) => new Date(i * 1000)) };
  names.forEach((name, k) => {
    columns[name] = words ? Array.from(numbers[k]!, wordOf) : numbers[k]!;
  });
  // A pipeline behind an encoder needs a number to be left over as well.
  let target: string | null = null;
  let options = {};
  if (needsTarget(e)) {
    target = 'y';
    const score = Float64Array.from({ length: n }, (_, i) =>
      numbers.reduce((s, c, k) => s + c[i]! * (k + 1), noise(i, 99)),
    );
    if (e.kind === 'classifier') columns['y'] = Array.from(score, (s, i) => (s > 1 || i % 17 === 0 ? 'yes' : 'no'));
    else if (e.kind === 'ranker') {
      columns['y'] = Float64Array.from(score, (s) => (s > 3 ? 2 : s > 0 ? 1 : 0));
      columns['q'] = Float64Array.from({ length: n }, (_, i) => Math.floor(i / 10));
      options = { qid: 'q' };
    } else columns['y'] = score;
  }
  return { frame: fromColumns(columns as never), features: names, target, options };
}

/** Fits an estimator of any kind. */
export const fitOn = (e: Estimator<any, any>, rows: Rows, options: object = {}): Promise<Model> =>
  e.fitAny(rows.frame, rows.target, { ...rows.options, ...options } as never) as Promise<Model>;

interface AnyModel {
  readonly kind: string;
  readonly givesProbabilities: boolean;
  readonly classes: readonly unknown[];
  readonly labels: Int32Array;
  readonly featureNamesOut: readonly string[];
  predict(rows: unknown, options?: object): Promise<{ toArray(): ArrayLike<unknown>; readonly dtype?: unknown }>;
  predictProba(rows: unknown, options?: object): Promise<any>;
}

/** Everything a model says of rows, as columns of plain values. */
export async function said(
  model: Model,
  frame: DataFrame<any>,
  options: object = {},
): Promise<Record<string, unknown[]>> {
  const m = model as unknown as AnyModel;
  if (m.kind === 'transformer') {
    const out = (model as TransformerModel)
      .transform(frame)
      .select(...(m.featureNamesOut as never[])) as DataFrame<any>;
    using table = await out.collect(options);
    return Object.fromEntries(out.columns.map((c) => [c, Array.from(table.column(c as never) as Iterable<unknown>)]));
  }
  const result: Record<string, unknown[]> = { prediction: Array.from((await m.predict(frame, options)).toArray()) };
  if (m.kind === 'classifier' && m.givesProbabilities) {
    using table = await m.predictProba(frame, options);
    for (const c of table.columns as string[]) result[`p ${c}`] = Array.from(table.column(c) as Iterable<unknown>);
  }
  if (m.kind === 'clusterer') result['labels'] = Array.from(m.labels);
  return result;
}

/** A frame's plan, for looks at its schema. */
export const schemaOf = (frame: DataFrame<any>) => DataFrame.planOf(frame).schema;
