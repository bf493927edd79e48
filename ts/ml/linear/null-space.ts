/** Takes out of `coef` what lies in the span of `directions`: those it has no need of. Both are changed. */
export function withoutNullSpace(coef: Float64Array, directions: readonly Float64Array[]): void {
  const basis: Float64Array[] = [];
  const remove = (v: Float64Array, unit: Float64Array): void => {
    let along = 0;
    for (let j = 0; j < v.length; j++) along += v[j]! * unit[j]!;
    for (let j = 0; j < v.length; j++) v[j]! -= along * unit[j]!;
  };
  const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, x) => sum + x * x, 0));
  for (const given of directions) {
    const before = norm(given);
    // Twice is enough: what the first time leaves of the others is rounding.
    for (const unit of [...basis, ...basis]) remove(given, unit);
    const length = norm(given);
    if (!(length > 1e-10 * before)) continue;
    basis.push(given.map((x) => x / length));
  }
  for (const unit of [...basis, ...basis]) remove(coef, unit);
}
