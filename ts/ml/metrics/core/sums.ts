// Sums that do not lose digits with length: Neumaier's variant of Kahan's compensated addition (A. Neumaier, "Rundungsfehler-
// analyse einiger Verfahren zur Summation endlicher Summen", 1974).

/** A running sum and what rounding has taken from it. */
export interface RunningSum {
  sum: number;
  rest: number;
}

export const zeroSum = (): RunningSum => ({ sum: 0, rest: 0 });

/** Adds a number. */
export function addTo(total: RunningSum, x: number): void {
  const next = total.sum + x;
  total.rest += Math.abs(total.sum) >= Math.abs(x) ? total.sum - next + x : x - next + total.sum;
  total.sum = next;
}

/** The sum so far. Infinite once a part was: the rest is NaN then. */
export const totalOf = (total: RunningSum): number => {
  const value = total.sum + total.rest;
  return Number.isNaN(value) ? total.sum : value;
};

/** The sum of an array. */
export function sumOf(values: Float64Array): number {
  const total = zeroSum();
  for (let i = 0; i < values.length; i++) addTo(total, values[i] as number);
  return totalOf(total);
}
