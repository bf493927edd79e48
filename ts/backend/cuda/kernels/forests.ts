// Predictions of boosted trees and random forests. Margins, leaves and sums are the CPU engine's to the last bit; of the
// links sigmoid, exp and softmax are by the device's exponential, a few units in the last place off.
import type { DeviceKernel } from './device-kernel.ts';

export const forestKernels: Readonly<Record<string, DeviceKernel>> = {
  'forest.margins': {
    needs: ['forest.predict'],
    async run(scope, { params, tables, arrays }) {
      const { from, to, outputs, link } = params;
      return { arrays: await scope.own('forest.predict', { from, to, outputs, link }, tables, arrays) };
    },
  },
  'forest.leaves': {
    needs: ['forest.leaves'],
    async run(scope, { params: { from, to }, tables, arrays }) {
      return { arrays: await scope.own('forest.leaves', { from, to }, tables, arrays) };
    },
  },
  'randomForest.load': {
    needs: ['forest.vectors'],
    async run(_scope, { arrays }) {
      return { state: { kind: 'randomForest', params: {}, tables: [], arrays } };
    },
  },
  'randomForest.predict': {
    needs: ['forest.vectors'],
    async run(scope, { params, tables, states }) {
      const outputs = params.outputs as number;
      const { arrays } = states[0]!;
      const { sums } = (await scope.own('forest.vectors', { outputs }, tables, arrays)) as { sums: Float64Array };
      const trees = arrays['roots']!.length;
      const rows = tables[0]!.rows;
      const values = new Float64Array(sums.length);
      for (let k = 0; k < outputs; k++)
        for (let i = 0; i < rows; i++) values[k * rows + i] = sums[i * outputs + k]! / trees;
      return { arrays: { values } };
    },
  },
};
