// A model of the first rounds of another.
import { concatTrees, treeOf, type XgbModel } from './ensemble.ts';

/** The model as it was after `rounds` rounds. */
export function sliceRounds(model: XgbModel, rounds: number): XgbModel {
  const e = model.ensemble;
  if (rounds >= e.iterations.length - 1) return model;
  const count = e.iterations[rounds]!;
  const { arrays, offsets } = concatTrees(Array.from({ length: count }, (_, t) => treeOf(e, t)));
  return {
    ...model,
    ensemble: {
      ...arrays,
      nFeatures: e.nFeatures,
      nOutputs: e.nOutputs,
      offsets,
      groups: e.groups.slice(0, count),
      iterations: e.iterations.slice(0, rounds + 1),
    },
  };
}
