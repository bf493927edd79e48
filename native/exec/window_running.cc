// Running sums, products, counts, least and greatest values, exponentially weighted means.
#include "window_steps.hh"

#include <cudf/concatenate.hpp>
#include <cudf/copying.hpp>
#include <cudf/reduction.hpp>
#include <cudf/utilities/traits.hpp>

#include "aggregate_steps.hh"

namespace warpframe::exec {

namespace {

template <typename Make>
Lane checked(const WindowInput& in, Make make, Int128 nothing) {
  const Lane& given = in.args[0];
  const cudf::data_type type = given.type();
  const Lane values = cudf::is_chrono(type) ? given.as(kInt64) : given;
  const Lane filled = with_default(values, nothing);
  Lane result = scanned(in.groups, filled, make());
  // libcudf adds unsigned numbers as signed ones of the same bits.
  if (type.id() == kUInt64 && result.type().id() == kInt64) result = result.as(type);
  if (type.id() != kDouble)
    check_window_overflow(in, both(is_present(given), sum_overflowed(result, scanned(in.groups, filled.cast(kDouble), make()))));
  return null_like(cudf::is_chrono(type) ? result.as(type) : result, {&given});
}

/** Places in the order of all values stand for the values: they are different, and have no NaN and no text. */
Lane extreme(const WindowInput& in, bool most) {
  const Lane& values = in.args[0];
  // Nulls are where they never win.
  const Lane order = sorted_rows({{values, false, most}}, in.context());
  const Lane places = inverse(order);
  const Lane best = scanned(in.groups, places,
                            most ? cudf::make_max_aggregation<cudf::groupby_scan_aggregation>()
                                 : cudf::make_min_aggregation<cudf::groupby_scan_aggregation>());
  return null_like(gathered(values, gathered(order, best)), {&values});
}

}  // namespace

Lane cum_sum(const WindowInput& in) {
  return checked(in, [] { return cudf::make_sum_aggregation<cudf::groupby_scan_aggregation>(); }, 0);
}

Lane cum_prod(const WindowInput& in) {
  return checked(in, [] { return cudf::make_product_aggregation<cudf::groupby_scan_aggregation>(); }, 1);
}

Lane cum_min(const WindowInput& in) { return extreme(in, false); }
Lane cum_max(const WindowInput& in) { return extreme(in, true); }

Lane cum_count(const WindowInput& in) {
  const Lane seen = is_present(in.args[0]).cast(kInt32);
  return scanned(in.groups, seen, cudf::make_sum_aggregation<cudf::groupby_scan_aggregation>());
}

// libcudf's mean with an infinite history is the normalised one; a null row takes part with no weight and ages the rest.
// It knows no groups: one scan a partition.
Lane ewm_mean(const WindowInput& in) {
  const double alpha = in.call.options.at("alpha").as_double();
  const auto mean = cudf::make_ewma_aggregation<cudf::scan_aggregation>(1 / alpha - 1, cudf::ewm_history::INFINITE);
  const Lane values = in.args[0].cast(kDouble);
  Context& context = in.context();
  std::vector<cudf::size_type> bounds = host_rows(in.groups.first_rows);
  bounds.push_back(in.rows());
  std::vector<Owned> parts;
  std::vector<cudf::column_view> views;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    const auto rows = cudf::slice(values.view(), {bounds[i], bounds[i + 1]}, context.stream);
    parts.push_back(cudf::scan(rows[0], *mean, cudf::scan_type::INCLUSIVE, cudf::null_policy::EXCLUDE, context.stream, context.memory));
    views.push_back(parts.back()->view());
    context.check_cancelled();
  }
  const Lane result = lane_of(parts.size() == 1 ? std::move(parts[0]) : cudf::concatenate(views, context.stream, context.memory), context);
  return null_like(result, {&values});
}

}  // namespace warpframe::exec
