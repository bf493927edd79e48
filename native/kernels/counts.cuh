// Counting rows for metrics: confusion matrices, and histograms of scores that ROC and precision-recall curves are read off.
#pragma once

#include "kernels/types.hh"

namespace warpframe::kernels {

/**
 * matrix[t × classes + p] = rows of class t that were taken for class p; matrix[classes²] = rows left out, because a code is
 * null or not in [0, classes) (or the weight is null). Codes are of an integer type. Without weights (`weights` null) sums
 * are counts, exact up to 2⁵³; with weights they are added in no certain order, exact for whole weights.
 */
void confusion_matrix(Stream stream, const Column& actual, const Column& predicted, const Column* weights,
                      std::uint32_t classes, double* matrix);

/**
 * Scores by bin: bins[(positive ? 1 : 0) × count + b], bin b of `count` equal ones from `low` to `high` (scores outside go
 * to the first and the last); bins[2 × count] = rows left out, because the score is null or NaN or the class is null. A row
 * is positive where `actual` equals `positive_class`. Weights as above.
 */
void score_histogram(Stream stream, const Column& scores, const Column& actual, std::int64_t positive_class,
                     const Column* weights, double low, double high, std::uint32_t count, double* bins);

}  // namespace warpframe::kernels
