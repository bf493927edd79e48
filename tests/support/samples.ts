// Values of every dtype: those that `warpframe verify-gpu` takes.
export { edgePairs, edges, random, sample, samples } from '../../ts/verify/cases/samples.ts';
