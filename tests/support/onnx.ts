// Runs exported models with onnxruntime.
import * as ort from 'onnxruntime-node';
import type { DataFrame } from '../../ts/frame/dataframe.ts';
import type { Model } from '../../ts/ml/core/model.ts';

/** An output as numbers or labels, row-major, with its shape. */
export interface OnnxOutput {
  readonly dims: readonly number[];
  readonly data: readonly (number | string | boolean)[];
}

/** The outputs of an exported model for the rows of a frame: null is NaN in numbers and '' in text. */
export async function runOnnx(model: Model, frame: DataFrame<any>): Promise<Record<string, OnnxOutput>> {
  // 4: fatal errors only; others are thrown.
  const session = await ort.InferenceSession.create(await model.toOnnx(), { logSeverityLevel: 4 });
  using table = await frame.collect();
  const feeds: Record<string, ort.Tensor> = {};
  for (const name of session.inputNames) {
    const values = Array.from(table.column(name as never).toArray() as ArrayLike<unknown>);
    const text = values.some((v) => typeof v === 'string');
    feeds[name] = text
      ? new ort.Tensor(
          'string',
          values.map((v) => (v ?? '') as string),
          [values.length, 1],
        )
      : new ort.Tensor(
          'float64',
          Float64Array.from(values, (v) => (v == null ? Number.NaN : Number(v))),
          [values.length, 1],
        );
  }
  const outputs = await session.run(feeds);
  await session.release();
  return Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [
      name,
      {
        dims: tensor.dims,
        data: Array.from(tensor.data as ArrayLike<unknown>, (v) =>
          typeof v === 'bigint' ? Number(v) : v,
        ) as OnnxOutput['data'],
      },
    ]),
  );
}
