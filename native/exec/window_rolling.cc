// Rolling windows over the rows of a partition.
#include "window_steps.hh"

#include <cudf/concatenate.hpp>
#include <cudf/rolling.hpp>
#include <cudf/utilities/traits.hpp>

#include <algorithm>

#include "aggregate_steps.hh"

namespace warpframe::exec {

namespace {

using Request = std::unique_ptr<cudf::rolling_aggregation>;

struct Reach {
  cudf::size_type back;
  cudf::size_type ahead;
  std::int64_t least;  // values for a result
};

/** No reach is longer than the rows there are. */
Reach reach_of(const WindowInput& in) {
  const std::int64_t rows = in.integer("windowRows");
  const std::int64_t back = in.call.options.at("center").as_bool() ? rows / 2 : rows - 1;
  const plan::Json* least = in.call.options.find("minPeriods");
  const std::int64_t most = in.rows();
  return {static_cast<cudf::size_type>(std::min(back, most)), static_cast<cudf::size_type>(std::min(rows - 1 - back, most)),
          least == nullptr || least->is_null() ? rows : least->as_int64()};
}

/** libcudf's window counts the row itself as behind, and takes no fewer than one value. */
Lane rolled(const WindowInput& in, const Lane& values, const Reach& reach, const cudf::rolling_aggregation& aggregation) {
  const auto least = static_cast<cudf::size_type>(std::clamp<std::int64_t>(reach.least, 1, in.rows() + std::int64_t{1}));
  return {cudf::grouped_rolling_window(cudf::table_view{{in.groups.labels.view()}}, values.view(),
                                       std::min(reach.back, in.rows() - 1) + 1, reach.ahead, least, aggregation, in.context().stream,
                                       in.context().memory),
          values};
}

/** Floats by their order; what libcudf cannot compare as numbers by its place in the order of all values. */
Lane extreme(const WindowInput& in, bool most) {
  const Lane& values = in.args[0];
  const Request request = most ? cudf::make_max_aggregation<cudf::rolling_aggregation>() : cudf::make_min_aggregation<cudf::rolling_aggregation>();
  const Reach reach = reach_of(in);
  if (cudf::is_numeric(values.type())) return from_order_key(rolled(in, order_key(values), reach, *request), values.type());
  const Lane order = sorted_rows({{values, false, false}}, in.context());
  const Lane best = rolled(in, null_like(inverse(order), {&values}), reach, *request);
  return look_up(values.view(), look_up(order.view(), best));
}

}  // namespace

Lane rolling_sum(const WindowInput& in) {
  const Lane& given = in.args[0];
  const cudf::data_type type = given.type();
  const Lane values = cudf::is_chrono(type) ? given.as(kInt64) : given;
  const Request sum = cudf::make_sum_aggregation<cudf::rolling_aggregation>();
  const Reach reach = reach_of(in);
  Lane result = rolled(in, values, reach, *sum);
  if (type.id() == kUInt64 && result.type().id() == kInt64) result = result.as(type);
  if (type.id() != kDouble) check_window_overflow(in, sum_overflowed(result, rolled(in, values.cast(kDouble), reach, *sum)));
  // With no values needed nothing adds up to 0.
  if (reach.least == 0) result = with_default(result, 0);
  return cudf::is_chrono(type) ? result.as(type) : result;
}

Lane rolling_mean(const WindowInput& in) {
  return rolled(in, in.args[0].cast(kDouble), reach_of(in), *cudf::make_mean_aggregation<cudf::rolling_aggregation>());
}

Lane rolling_min(const WindowInput& in) { return extreme(in, false); }
Lane rolling_max(const WindowInput& in) { return extreme(in, true); }

Lane rolling_var(const WindowInput& in) {
  const std::int64_t ddof = in.integer("ddof");
  Reach reach = reach_of(in);
  reach.least = std::max(reach.least, ddof + 1);
  const Request request = cudf::make_variance_aggregation<cudf::rolling_aggregation>(static_cast<cudf::size_type>(ddof));
  const Lane result = rolled(in, in.args[0].cast(kDouble), reach, *request);
  return select(result < 0, 0, result);
}

namespace {

/** Rows of windows laid out at once; more are done in parts. */
constexpr std::int64_t kMostPairs = 1 << 24;

/** Medians of the rows from `begin` to `end`: their windows are laid out beside each other, a group each. */
Lane medians(const WindowInput& in, const Lane& values, const Reach& reach, cudf::size_type begin, cudf::size_type end) {
  Context& context = in.context();
  const cudf::size_type width = reach.back + 1 + reach.ahead;
  const cudf::size_type count = end - begin;
  const Lane pairs = sequence(count * width, 0, context);
  const Lane label = floored(pairs, width);
  const Lane row = label + begin;
  const Lane member = row - reach.back + (pairs - label * width);
  const Lane inside = both(compare(member, Binary::GREATER_EQUAL, gathered(in.start, row)), compare(member, Binary::LESS, gathered(in.end, row)));
  const Lane laid = look_up(values.view(), only_where(inside, member));
  const Groups windows{label, sequence(count, 0, context) * width, count};
  GroupBy by{windows};
  const std::size_t valid = by.add_count(laid);
  by.run();
  return only_where(by.result(valid) >= reach.least, group_quantile(windows, laid, 0.5, "linear"));
}

}  // namespace

// libcudf's rolling windows have no median.
Lane rolling_median(const WindowInput& in) {
  Reach reach = reach_of(in);
  const Lane values = in.args[0].cast(kDouble);
  const std::int64_t width = std::int64_t{reach.back} + 1 + reach.ahead;
  const auto step = static_cast<cudf::size_type>(std::max<std::int64_t>(1, kMostPairs / width));
  std::vector<Lane> parts;
  std::vector<cudf::column_view> views;
  for (cudf::size_type begin = 0; begin < in.rows(); begin += std::min(step, in.rows() - begin)) {
    parts.push_back(medians(in, values, reach, begin, begin + std::min(step, in.rows() - begin)));
    views.push_back(parts.back().view());
    in.context().check_cancelled();
  }
  if (parts.size() == 1) return parts[0];
  return lane_of(cudf::concatenate(views, in.context().stream, in.context().memory), in.context());
}

}  // namespace warpframe::exec
