// The records of every kernel call: what goes in and what comes out, the same on each backend. A kernel whose name ends
// in `.step` changes the state it is given; others only read their inputs.
import type { JsonObject, NumberArray } from './backend.ts';

/** The parts of a call that its kernel declares; what is absent is empty. */
interface CallRecord {
  readonly params?: JsonObject;
  readonly arraysIn?: { readonly [name: string]: NumberArray };
  readonly json?: JsonObject;
  readonly arrays?: { readonly [name: string]: NumberArray };
}

/** Results of scoring rows: `codes` for winning classes, else `scores`. */
type RowScores = {
  scores: Float64Array;
  codes: Int32Array;
  nulls: Float64Array;
  nans: Float64Array;
  infinities: Float64Array;
};

export interface KernelCalls {
  /**
   * Counts what training may not take, per Float64 column of a table `(nRows, nColumns)`: nulls, NaN, infinities.
   */
  'features.check': {
    arrays: { nulls: Float64Array; nans: Float64Array; infinities: Float64Array };
  };
  /**
   * Sums what least squares need, in one pass over a plan whose columns are the features, then the targets, then with
   * `weighted` the weight: all Float64. `cross` is the `(p, p)` matrix of weighted sums of products of all p columns
   * (weight excluded) around their means, `means` their weighted means. Nulls, NaN and infinities are counted per column.
   * `leastWeight` is the smallest weight, 0 at most where one is negative.
   */
  'linear.moments': {
    params: { weighted: boolean };
    json: { rows: number; weightSum: number; leastWeight: number };
    arrays: {
      means: Float64Array;
      cross: Float64Array;
      nulls: Float64Array;
      nans: Float64Array;
      infinities: Float64Array;
    };
  };
  /**
   * The same pass over features that are turned first: z = transform × (x − shifts), `transform` being `(r, nFeatures)`
   * row-major. `cross` is `(r + 1, r + 1)` about the means of the turned columns and the target, `means` those means;
   * with `centred` false both are about `shifts`.
   */
  'linear.turnedMoments': {
    params: { weighted: boolean; outputs: number; centred: boolean };
    arraysIn: { shifts: Float64Array; transform: Float64Array };
    json: { rows: number; weightSum: number };
    arrays: { means: Float64Array; cross: Float64Array };
  };
  /**
   * Solves least squares with an optional ridge on a table with fewer rows than features: features, target, with `weighted`
   * the weight; `means` `(nFeatures + 1)` are taken off first. The solution of least norm. `sure` is false where the rows
   * are too much alike for it.
   */
  'linear.dual': {
    params: { alpha: number; weighted: boolean };
    arraysIn: { means: Float64Array };
    json: { sure: boolean; rank: number };
    arrays: { coef: Float64Array };
  };
  /** Gives eigenvalues of a symmetric `(n, n)` matrix, largest first, and their unit vectors: row k of `vectors`. */
  'dense.eigen': {
    params: { n: number };
    arraysIn: { matrix: Float64Array };
    arrays: { values: Float64Array; vectors: Float64Array };
  };
  /**
   * Solves a symmetric positive definite system `(n, n)`. `condition` estimates the condition number; where the matrix is
   * not numerically definite, `definite` is false and the solution is zeros.
   */
  'dense.solve': {
    params: { n: number };
    arraysIn: { matrix: Float64Array; rhs: Float64Array };
    json: { definite: boolean; condition: number };
    arrays: { solution: Float64Array };
  };
  /**
   * Begins coordinate descent from zeros over ½ bᵀ gram b − xyᵀ b + l1 |b|₁ + ½ l2 |b|²; `gram` is `(n, n)`, `yNorm` the
   * target's sum of squares. `seed` draws coordinates at random, null takes them in turn.
   */
  'descent.create': {
    params: {
      n: number;
      l1: number;
      l2: number;
      yNorm: number;
      tol: number;
      maxIter: number;
      positive: boolean;
      seed: number | null;
    };
    arraysIn: { gram: Float64Array; xy: Float64Array };
  };
  /** Goes on for a number of sweeps: until the duality gap is at most `tol × yNorm`, `maxIter`, or for a moment. */
  'descent.step': {
    json: { nIter: number; gap: number; done: boolean };
    arrays: { coef: Float64Array };
  };
  /**
   * Begins logistic regression from zeros on a table of Float64 columns: features, class codes, with `weighted` weights.
   * Minimises Σ w loss + l1 |b|₁ + ½ l2 |b|², the loss being logistic for two classes and softmax for more.
   */
  'logistic.create': {
    params: {
      classes: number;
      fitIntercept: boolean;
      weighted: boolean;
      l1: number;
      l2: number;
      tol: number;
      maxIter: number;
    };
  };
  /**
   * Goes on for some iterations, on the same table. `coef` is `(nOutputs, nFeatures + 1)`, the intercept last if there is
   * one; one output for two classes. `value` is the objective.
   */
  'logistic.step': {
    json: { nIter: number; done: boolean; converged: boolean; value: number };
    arrays: { coef: Float64Array };
  };
  /**
   * Sums moments by class in one pass over a plan whose columns are the features, the class codes, with `weighted` the
   * weight: all Float64. `counts` are the weights of the classes, `means` and `variances` (of the population) are
   * `(nClasses, nFeatures)` and weighted, `spread` the variances over all rows without weights. Unusual values are counted
   * per column; `leastWeight` is the smallest weight, 1 at most.
   */
  'bayes.moments': {
    params: { classes: number; weighted: boolean };
    json: { rows: number; leastWeight: number };
    arrays: {
      counts: Float64Array;
      means: Float64Array;
      variances: Float64Array;
      spread: Float64Array;
      nulls: Float64Array;
      nans: Float64Array;
      infinities: Float64Array;
    };
  };
  /**
   * Gives `intercept + Σ coef × feature` of each output for the rows of a table, or probabilities of classes made of them
   * (of one output two: the rest, and the sigmoid), or the position of the winning class. `scores` are output by output.
   * Unusual values of the features are counted per column where scores show that there are any.
   */
  'linear.score': {
    params: { outputs: number; kind: 'scores' | 'chances' | 'codes' };
    arraysIn: { coef: Float64Array; intercept: Float64Array };
    json: { rows: number };
    arrays: RowScores;
  };
  /** The same for the rows of a plan, streamed. */
  'linear.scoreRows': {
    params: { outputs: number; kind: 'scores' | 'chances' | 'codes' };
    arraysIn: { coef: Float64Array; intercept: Float64Array };
    json: { rows: number };
    arrays: RowScores;
  };
  /** As `linear.score`; the scores are constant − ½ Σ (x − mean)² / variance of each class. */
  'bayes.score': {
    params: { classes: number; kind: 'scores' | 'chances' | 'codes' };
    arraysIn: { means: Float64Array; variances: Float64Array; constants: Float64Array };
    json: { rows: number };
    arrays: RowScores;
  };
  /** The same for the rows of a plan, streamed. */
  'bayes.scoreRows': {
    params: { classes: number; kind: 'scores' | 'chances' | 'codes' };
    arraysIn: { means: Float64Array; variances: Float64Array; constants: Float64Array };
    json: { rows: number };
    arrays: RowScores;
  };
  /**
   * Chooses starting centres `(nClusters, nFeatures)` for k-means from a table of features and, with `weighted`, a last
   * column of weights: k-means++ or any rows.
   */
  'kMeans.init': {
    params: { nClusters: number; method: 'kMeans++' | 'random'; seed: number; weighted: boolean };
    arrays: { centers: Float64Array };
  };
  /** Moves centres to the means of their rows, up to `iterations` times, fewer when that takes long or they stand still. */
  'kMeans.lloyd': {
    params: { iterations: number; tol: number; weighted: boolean };
    arraysIn: { centers: Float64Array };
    json: { iterations: number; converged: boolean };
    arrays: { centers: Float64Array };
  };
  /** Gives the nearest centre of each row, and the weighted sum of squared distances. */
  'kMeans.assign': {
    params: { weighted: boolean };
    arraysIn: { centers: Float64Array };
    json: { inertia: number };
    arrays: { labels: Int32Array };
  };
  /** Gives the nearest centre of each row of a plan, streamed, and counts what its columns may not hold. */
  'kMeans.assignRows': {
    arraysIn: { centers: Float64Array };
    arrays: { labels: Int32Array; nulls: Float64Array; nans: Float64Array; infinities: Float64Array };
  };
  /** Lays out points `(nPoints, nFeatures)`, row-major, and a class or value of each, for searching: makes a state. */
  'neighbors.load': {
    params: {
      nFeatures: number;
      metric: 'euclidean' | 'manhattan' | 'minkowski' | 'chebyshev' | 'cosine';
      power: number;
      tree: boolean;
    };
    arraysIn: { points: Float64Array; target: Float64Array };
  };
  /** Finds the k nearest points of each row of a table, by distance, then by number: `(nRows, k)`, row-major. */
  'neighbors.search': {
    params: { k: number };
    arrays: { distances: Float64Array; indices: Int32Array };
  };
  /** Gives the shares of classes among the k nearest, class by class; with no classes the mean of their values. */
  'neighbors.vote': {
    params: { k: number; weights: 'uniform' | 'distance'; nClasses: number };
    arrays: { values: Float64Array };
  };
  /**
   * Bins a table of features, then the target (class codes, or numbers with nClasses 0), then with `weighted` the weight:
   * makes the state of a random forest. `draws` rows are drawn for each tree; 0: each sees all rows.
   */
  'randomForest.create': {
    params: {
      trees: number;
      nClasses: number;
      weighted: boolean;
      nBins: number;
      criterion: 'default' | 'entropy';
      maxFeatures: number;
      maxDepth: number | null;
      minSamplesSplit: number;
      minSamplesLeaf: number;
      minImpurityDecrease: number;
      draws: number;
      seed: number;
      oobScore: boolean;
    };
  };
  /** Grows trees [from, to), which must be the next. */
  'randomForest.step': { params: { from: number; to: number } };
  /**
   * Gives the grown trees: `nodes` of four words each (see the forest kernels), first ones at `roots`; `values` of the leaves
   * (class shares or means), and the features' shares in the gains of all splits.
   */
  'randomForest.trees': {
    arrays: { nodes: Uint32Array; roots: Uint32Array; values: Float64Array; featureImportances: Float64Array };
  };
  /** Sums of the predictions of trees that did not see a row, `(nRows, nOutputs)`, and how many there are. */
  'randomForest.outOfBag': { arrays: { votes: Float64Array; seen: Uint32Array } };
  /** Lays out a forest for prediction: makes a state. */
  'randomForest.load': { arraysIn: { nodes: Uint32Array; roots: Uint32Array; values: Float64Array } };
  /** Mean of the trees' leaves for each row of a table, output by output. */
  'randomForest.predict': {
    params: { outputs: number };
    arrays: { values: Float64Array };
  };
  /**
   * Finds bin edges for trees, in one pass over a plan whose columns are the features, then the target, then optionally
   * weight and query, all Float64. Edges of feature f are `cuts[offsets[f]] …`, none for a categorical one; `stats` has per
   * feature missing values, infinite values, minimum and maximum. Nulls, NaN and infinities are counted for the columns
   * behind the features.
   */
  'trees.edges': {
    params: { features: number; maxBin: number; categorical: readonly number[] };
    json: { rows: number };
    arrays: {
      cuts: Float32Array;
      offsets: Int32Array;
      stats: Float64Array;
      nulls: Float64Array;
      nans: Float64Array;
      infinities: Float64Array;
    };
  };
  /** Bins the rows of a plan (columns as in `trees.edges`) and makes the state of a boosted training. */
  'boost.create': {
    params: {
      rows: number;
      categorical: readonly number[];
      extras: { weight: boolean; query: boolean };
      grow: JsonObject;
      objective: JsonObject;
      subsample: number;
      baseScore: readonly number[] | null;
    };
    arraysIn: { cuts: Float32Array; offsets: Int32Array; stats: Float64Array };
    json: { baseScore: readonly number[] };
  };
  /** Adds the rows of a plan to a boosted training, to be evaluated after each round. */
  'boost.eval.step': { params: { rows: number; extras: { weight: boolean; query: boolean } } };
  /**
   * Boosts for up to `rounds` rounds, fewer when they take long. Gives the new trees, and the metrics of each round, each
   * evaluation set and each name.
   */
  'boost.step': {
    params: { rounds: number; metrics: readonly string[] };
    json: { rounds: number };
    arrays: {
      offsets: Int32Array;
      feature: Int32Array;
      threshold: Float32Array;
      left: Int32Array;
      right: Int32Array;
      defaultLeft: Uint8Array;
      gain: Float32Array;
      cover: Float32Array;
      weight: Float32Array;
      setStart: Int32Array;
      setSize: Int32Array;
      categories: Int32Array;
      metrics: Float64Array;
    };
  };
  /**
   * Adds the leaves of trees [from, to) to `base` for each row of a table of Float64 columns, then applies the link. Nodes
   * are 16 bytes (see the forest kernels); `values` is `(nRows, outputs)`, row-major.
   */
  'forest.margins': {
    params: { from: number; to: number; outputs: number; link: 'identity' | 'sigmoid' | 'exp' | 'softmax' | 'step' };
    arraysIn: { nodes: Uint32Array; sets: Uint32Array; roots: Uint32Array; groups: Uint32Array; base: Float32Array };
    arrays: { values: Float32Array };
  };
  /** Gives the number of the leaf (`numbers`, per node) that each row ends in, `(nRows, to − from)`. */
  'forest.leaves': {
    params: { from: number; to: number };
    arraysIn: { nodes: Uint32Array; sets: Uint32Array; roots: Uint32Array; groups: Uint32Array; numbers: Uint32Array };
    arrays: { leaves: Uint32Array };
  };
  /**
   * Gives the silhouette of every row. `features` is `(nFeatures × nSamples)`, feature by feature, its rows sorted by
   * cluster; `starts` the first row of each cluster, none of them empty, and the number of rows.
   */
  'clusters.silhouettes': {
    params: { nFeatures: number; nClusters: number };
    arraysIn: { features: Float64Array; starts: Uint32Array };
    arrays: { silhouettes: Float64Array };
  };
}

export type KernelName = keyof KernelCalls;
export type ParamsOf<N extends KernelName> = KernelCalls[N] extends { params: infer P } ? P : Record<string, never>;
export type ArraysInOf<N extends KernelName> = KernelCalls[N] extends { arraysIn: infer A } ? A : Record<string, never>;
export type JsonOf<N extends KernelName> = KernelCalls[N] extends { json: infer J } ? J : Record<string, never>;
export type ArraysOf<N extends KernelName> = KernelCalls[N] extends { arrays: infer A } ? A : Record<string, never>;

/** Holds when every record has only the known parts. */
type AllRecords = { [N in KernelName]: KernelCalls[N] extends CallRecord ? true : never };

/** The names, for a backend to say which it has. */
export const KERNEL_NAMES: AllRecords = {
  'features.check': true,
  'linear.moments': true,
  'linear.turnedMoments': true,
  'linear.dual': true,
  'dense.eigen': true,
  'dense.solve': true,
  'descent.create': true,
  'descent.step': true,
  'logistic.create': true,
  'logistic.step': true,
  'bayes.moments': true,
  'linear.score': true,
  'linear.scoreRows': true,
  'bayes.score': true,
  'bayes.scoreRows': true,
  'kMeans.init': true,
  'kMeans.lloyd': true,
  'kMeans.assign': true,
  'kMeans.assignRows': true,
  'neighbors.load': true,
  'neighbors.search': true,
  'neighbors.vote': true,
  'randomForest.create': true,
  'randomForest.step': true,
  'randomForest.trees': true,
  'randomForest.outOfBag': true,
  'randomForest.load': true,
  'randomForest.predict': true,
  'trees.edges': true,
  'boost.create': true,
  'boost.eval.step': true,
  'boost.step': true,
  'forest.margins': true,
  'forest.leaves': true,
  'clusters.silhouettes': true,
};
