// Moments in three looks: the least value of each group, the mean above it, the powers about that mean. libcudf's own
// variance loses the digits of a large mean; and values above the least are exactly 0 where all are equal.
#include "aggregate_steps.hh"

#include <cudf/unary.hpp>

namespace warpframe::exec {

namespace {

/** Each row's distance from its group's mean; null where the value is. */
Lane about_mean(const Lane& values, const Groups& groups) {
  GroupBy first{groups};
  const std::size_t least = first.add_min(order_key(values));
  first.run();
  // A group of NaN has a least value of NaN too, which is what its distances should be.
  const Lane base = from_order_key(first.result(least), values.type());
  const Lane above = values - look_up(base.view(), groups.labels);
  GroupBy second{groups};
  const std::size_t mean = second.add_mean(above);
  second.run();
  return above - look_up(second.result(mean).view(), groups.labels);
}

struct Sums {
  Lane rows;  // Float64
  std::vector<Lane> sums;
};

/** Rows with a value, and the sums of the lanes; 0 for nothing. */
Sums sums_of(const Lane& counted, const std::vector<Lane>& lanes, const Groups& groups) {
  GroupBy by{groups};
  const std::size_t rows = by.add_count(counted);
  std::vector<std::size_t> at;
  for (const Lane& lane : lanes) at.push_back(by.add_sum(lane));
  by.run();
  Sums result{by.result(rows).cast(kDouble), {}};
  for (const std::size_t i : at) result.sums.push_back(with_default(by.result(i), 0));
  return result;
}

/** sum / (rows − ddof); null with fewer than ddof + 1 rows. */
Lane over_rows(const Lane& sum, const Lane& rows, std::int64_t ddof) {
  return only_where(rows > ddof, quotient(sum, rows - ddof));
}

Lane root(const Lane& values) { return unary(cudf::unary_operator::SQRT, values); }

/** The rows where both arguments have a value. */
std::pair<Lane, Lane> pairs_of(const AggregateInput& in) {
  const Lane x = in.args[0].cast(kDouble);
  const Lane y = in.args[1].cast(kDouble);
  return {null_like(x, {&y}), null_like(y, {&x})};
}

}  // namespace

Finish start_var(const AggregateInput& in) {
  return [in] {
    const Lane d = about_mean(in.args[0].cast(kDouble), in.groups);
    const Sums s = sums_of(d, {d * d}, in.groups);
    return over_rows(s.sums[0], s.rows, in.integer("ddof"));
  };
}

Finish start_skew(const AggregateInput& in) {
  return [in] {
    const Lane d = about_mean(in.args[0].cast(kDouble), in.groups);
    const Lane squares = d * d;
    const Sums s = sums_of(d, {squares, squares * d}, in.groups);
    const Lane m2 = quotient(s.sums[0], s.rows);
    return only_where(s.rows > 0, quotient(quotient(s.sums[1], s.rows), m2 * root(m2)));
  };
}

Finish start_kurtosis(const AggregateInput& in) {
  return [in] {
    const Lane d = about_mean(in.args[0].cast(kDouble), in.groups);
    const Lane squares = d * d;
    const Sums s = sums_of(d, {squares, squares * squares}, in.groups);
    const Lane m2 = quotient(s.sums[0], s.rows);
    return only_where(s.rows > 0, quotient(quotient(s.sums[1], s.rows), m2 * m2) - 3);
  };
}

Finish start_cov(const AggregateInput& in) {
  return [in] {
    const auto [x, y] = pairs_of(in);
    const Lane dx = about_mean(x, in.groups);
    const Lane dy = about_mean(y, in.groups);
    const Sums s = sums_of(dx, {dx * dy}, in.groups);
    return over_rows(s.sums[0], s.rows, in.integer("ddof"));
  };
}

Finish start_corr(const AggregateInput& in) {
  return [in] {
    const auto [x, y] = pairs_of(in);
    const Lane dx = about_mean(x, in.groups);
    const Lane dy = about_mean(y, in.groups);
    const Sums s = sums_of(dx, {dx * dy, dx * dx, dy * dy}, in.groups);
    const Lane r = quotient(s.sums[0], root(s.sums[1]) * root(s.sums[2]));
    // NaN is neither: it stays.
    const Lane low = select(r < -1, -1, r);
    return only_where(s.rows > 0, select(low > 1, 1, low));
  };
}

}  // namespace warpframe::exec
