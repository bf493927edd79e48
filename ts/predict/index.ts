// Everything of `warpframe/predict`: explicit names, nothing else.
export type { Latencies, PredictionStats } from './latencies.ts';
export type { FilePrediction, PredictToFileOptions } from './predict-file.ts';
export { predictToFile } from './predict-file.ts';
export type { PredictBatchOptions, PredictingModel, PredictorOptions } from './predictor.ts';
export { Predictor } from './predictor.ts';
