// How many rows go where, before anyone knows which.
import { ParameterError } from '../../errors.ts';

/** A part of the rows: below 1 a fraction of them, else a count. */
export interface Sizes {
  readonly testSize?: number | undefined;
  readonly trainSize?: number | undefined;
}

function checkSize(where: string, parameter: string, size: number): void {
  if (typeof size === 'number' && size > 0 && (size < 1 || Number.isSafeInteger(size))) return;
  throw new ParameterError(
    `The '${parameter}' parameter of ${where} must be a fraction in (0, 1) or a whole number from 1. Got ${typeof size === 'number' ? size : JSON.stringify(size)}.`,
    { parameter },
  );
}

/** Checks what can be checked without the number of rows. */
export function checkSizes(where: string, { testSize, trainSize }: Sizes): void {
  if (testSize !== undefined) checkSize(where, 'testSize', testSize);
  if (trainSize !== undefined) checkSize(where, 'trainSize', trainSize);
  if (testSize !== undefined && trainSize !== undefined && testSize < 1 && trainSize < 1 && testSize + trainSize > 1) {
    throw new ParameterError(
      `The sum of testSize and trainSize of ${where} must be at most 1. Got ${testSize} and ${trainSize}.`,
      { parameter: 'testSize' },
    );
  }
}

/**
 * Rows for training and for the test, of `n`: fractions are rounded up for the test and down for the training, and the
 * size that is not given is what the other leaves. `what` names the things counted.
 */
export function splitSizes(where: string, n: number, sizes: Sizes, what = 'rows'): { nTrain: number; nTest: number } {
  checkSizes(where, sizes);
  const { trainSize } = sizes;
  const testSize = sizes.testSize ?? (trainSize === undefined ? 0.25 : undefined);
  for (const [parameter, size] of [['testSize', testSize] as const, ['trainSize', trainSize] as const]) {
    if (size === undefined || size < 1 || size < n) continue;
    throw new ParameterError(
      `The '${parameter}' parameter of ${where} must be smaller than the number of ${what}, ${n}. Got ${size}.`,
      { parameter, n },
    );
  }
  const test = testSize === undefined ? null : testSize < 1 ? Math.ceil(testSize * n) : testSize;
  const train = trainSize === undefined ? null : trainSize < 1 ? Math.floor(trainSize * n) : trainSize;
  const nTrain = train ?? n - test!;
  const nTest = test ?? n - train!;
  if (nTrain + nTest > n) {
    throw new ParameterError(
      `The sum of trainSize and testSize of ${where} is ${nTrain + nTest} ${what}, but there are ${n}. Make one smaller.`,
      { parameter: 'testSize', n },
    );
  }
  if (nTrain <= 0) {
    throw new ParameterError(
      `${where} leaves nothing to train on: of ${n} ${what}, ${nTest} would be the test. Give it more rows, or a smaller testSize.`,
      { parameter: 'testSize', n },
    );
  }
  return { nTrain, nTest };
}
