// Exported linear models give what the models give, run by onnxruntime.
import { expect, test } from 'vitest';
import { LinearRegression } from '../../../ts/ml/index.ts';
import { assertClose, goldenFeatures, goldenFrame } from '../../support/ml.ts';
import { runOnnx } from '../../support/onnx.ts';

test('a linear regression', async () => {
  const frame = await goldenFrame('diabetes');
  using model = await new LinearRegression().fit(frame, 'target');
  const { prediction } = await runOnnx(model, frame);
  expect(prediction!.dims).toEqual([442]);
  assertClose(prediction!.data as number[], (await model.predict(frame)).toArray() as Float64Array, { rtol: 1e-12 });
  expect(goldenFeatures('diabetes')).toEqual(model.featureNamesIn);
});
