// Checked by the type checker: the documented keys of a job are exactly those of its schema.
import type { z } from 'zod';
import type { JobConfig } from '../../ts/config/job-config.ts';
import type { jobSchema } from '../../ts/config/schema.ts';

/** Keys all the way down, without optionality and readonly; values of free keys only by their kind. */
type Shape<T> = T extends string | number | boolean | null | undefined
  ? T
  : T extends readonly (infer I)[]
    ? Shape<I>[]
    : string extends keyof T
      ? 'by name'
      : { -readonly [K in keyof T]-?: Shape<NonNullable<T[K]>> };

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

type Documented = Shape<JobConfig>;
type Checked = Shape<z.output<typeof jobSchema>>;

export const sameKeys: Same<keyof Documented, keyof Checked> = true;
export const sameData: Same<keyof Documented['data'], keyof Checked['data']> = true;
export const sameClean: Same<keyof Documented['data']['clean'], keyof Checked['data']['clean']> = true;
export const sameModel: Same<keyof Documented['model'], keyof Checked['model']> = true;
export const sameModels: Same<keyof Documented['models'][number], keyof Checked['models'][number]> = true;
export const sameSearch: Same<keyof Documented['model']['search'], keyof Checked['model']['search']> = true;
export const sameTraining: Same<keyof Documented['training'], keyof Checked['training']> = true;
export const sameEvaluation: Same<keyof Documented['evaluation'], keyof Checked['evaluation']> = true;
export const sameInference: Same<Documented['inference'], Checked['inference']> = true;
export const sameBenchmarking: Same<Documented['benchmarking'], Checked['benchmarking']> = true;
export const sameOutput: Same<Documented['output'], Checked['output']> = true;
export const sameGpu: Same<Documented['gpu'], Checked['gpu']> = true;
export const sameWords: Same<
  [Documented['useCase'], Documented['fallback'], Documented['data']['format'], Documented['data']['impute']],
  [Checked['useCase'], Checked['fallback'], Checked['data']['format'], Checked['data']['impute']]
> = true;
