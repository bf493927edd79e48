// Encoders as graphs: every category is looked up once and gives a row of a table.
import { UnsupportedError } from '../../errors.ts';
import { type Fitted, featureNamesOf } from '../core/fitted.ts';
import { arrayOf } from '../core/model.ts';
import { type Category, categoriesFromJson } from '../preprocessing/categories.ts';
import { OnnxColumns } from './columns.ts';
import { lookupGraph } from './columnwise.ts';
import type { OnnxExporter } from './exporter.ts';
import type { OnnxGraph, OnnxValue } from './graph.ts';

/** The categories of each feature of an encoder. */
const categoriesOf = (fitted: Fitted): readonly (readonly Category[])[] =>
  categoriesFromJson(fitted.json['categories'], fitted.estimator, fitted.memory.features.length);

/** Categories as ONNX inputs hold them: text, or numbers with NaN for the missing value. */
function keysOf(fitted: Fitted, feature: string, categories: readonly Category[], text: boolean): (string | number)[] {
  if (text && categories.includes(null) && categories.includes(''))
    throw new UnsupportedError(
      `The ${fitted.estimator} model has both null and '' among the categories of "${feature}". ONNX text has no null, and the empty string stands for it. Replace one of them before fit.`,
      { estimator: fitted.estimator, column: feature },
    );
  return categories.map((c) => {
    if (c === null) return text ? '' : Number.NaN;
    if (typeof c === 'bigint' && !Number.isSafeInteger(Number(c)))
      throw new UnsupportedError(
        `The ${fitted.estimator} model has the category ${c} of "${feature}", which is beyond what a double holds exactly.`,
        { estimator: fitted.estimator, column: feature },
      );
    return typeof c === 'string' ? c : Number(c);
  });
}

/**
 * Looks a feature up among its categories and gives their rows of a table (nCategories, width); values that are not
 * among them give `unknown`, or stop the run where it is null.
 */
export function encodeFeature(
  graph: OnnxGraph,
  input: OnnxColumns,
  fitted: Fitted,
  feature: number,
  categories: readonly Category[],
  rows: readonly (readonly number[])[],
  unknown: readonly number[] | null,
): OnnxValue {
  const name = fitted.memory.features[feature]!.name;
  const column = input.column(name);
  const keys = keysOf(fitted, name, categories, column.type === 'string');
  const all = unknown ? [...rows, unknown] : rows;
  const width = rows[0]?.length ?? 0;
  return lookupGraph(graph, column, keys, all.flat(), width, categories.length);
}

export const exportOneHot: OnnxExporter = (graph, input, fitted) => {
  const refuse = fitted.params['handleUnknown'] === 'error';
  const dropped = fitted.json['dropped'] as readonly (number | null)[];
  const parts = categoriesOf(fitted).flatMap((categories, j) => {
    const codes = categories.map((_, k) => k).filter((k) => k !== dropped[j]);
    // A feature of one category that is dropped has no column.
    if (codes.length === 0) return [];
    const rows = categories.map((_, k) => codes.map((c) => (c === k ? 1 : 0)));
    const unknown = refuse ? null : codes.map(() => 0);
    const value = encodeFeature(graph, input, fitted, j, categories, rows, unknown);
    const names = codes.map((c) => `${fitted.memory.features[j]!.name}_${String(categories[c])}`);
    return [OnnxColumns.of(graph, names, value)];
  });
  return { kind: 'columns', columns: OnnxColumns.beside(graph, parts) };
};

export const exportOrdinal: OnnxExporter = (graph, input, fitted) => {
  const refuse = fitted.params['handleUnknown'] === 'error';
  const numberOr = (name: string): number => (fitted.params[name] as number | null) ?? Number.NaN;
  const parts = categoriesOf(fitted).map((categories, j) => {
    const rows = categories.map((c, k) => [c === null ? numberOr('encodedMissingValue') : k]);
    const value = encodeFeature(graph, input, fitted, j, categories, rows, refuse ? null : [numberOr('unknownValue')]);
    return OnnxColumns.of(graph, [featureNamesOf(fitted.memory)[j]!], value);
  });
  return { kind: 'columns', columns: OnnxColumns.beside(graph, parts) };
};

export const exportTarget: OnnxExporter = (graph, input, fitted) => {
  const all = arrayOf<Float64Array>(fitted, 'encodings');
  const means = arrayOf<Float64Array>(fitted, 'targetMean');
  const classes = fitted.classes?.labels ?? [];
  let at = 0;
  const parts = categoriesOf(fitted).map((categories, j) => {
    const n = categories.length;
    const rows = categories.map((_, c) => Array.from(means, (__, k) => all[at + k * n + c]!));
    at += means.length * n;
    const value = encodeFeature(graph, input, fitted, j, categories, rows, Array.from(means));
    const { name } = fitted.memory.features[j]!;
    return OnnxColumns.of(graph, means.length === 1 ? [name] : classes.map((c) => `${name}_${String(c)}`), value);
  });
  return { kind: 'columns', columns: OnnxColumns.beside(graph, parts) };
};
