// Aggregates that pick rows: by values sorted group by group, so that order, NaN and ties are those of the sort.
#include "aggregate_steps.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/concatenate.hpp>

#include <cmath>

namespace warpframe::exec {

namespace {

/** The row at `place` of each group's sorted values; null where the group has no value. */
Lane row_at(const SortedGroups& sorted, const Lane& place) {
  return look_up(sorted.rows.view(), only_where(sorted.counts > 0, sorted.starts + place));
}

Finish extreme_row(const AggregateInput& in, bool most) {
  return [in, most] {
    Context& context = in.args[0].context();
    const SortedGroups sorted = sort_groups(in.groups, in.args[0], most);
    const Lane row = row_at(sorted, sequence(in.groups.count, 0, context) * 0);
    // The row's number within its group: its place among the rows that are sorted by group alone.
    const SortedGroups plain = sort_groups(in.groups, in.groups.labels, false);
    const Lane place = look_up(inverse(plain.rows).view(), row);
    return (place - plain.starts).cast(cudf::type_id::UINT32);
  };
}

/** 'nearest' goes up from half way, as all of them do in the CPU engine. */
struct Place {
  Lane lower;  // INT32
  Lane rest;   // Float64: how far to the next value
};
Place place_of(const Lane& counts, double q, const std::string& how) {
  Context& context = counts.context();
  const auto number = [&context](double value) { return real_scalar(cudf::data_type{kDouble}, value, context); };
  const Lane exact = binary((counts - 1).cast(kDouble), Binary::MUL, *number(q), cudf::data_type{kDouble});
  const Lane floor = unary(cudf::unary_operator::FLOOR, exact);
  const Lane rest = exact - floor;
  Lane lower = floor.cast(kInt32);
  if (how == "linear") return {lower, rest};
  if (how == "midpoint") {
    const Lane half{cudf::make_column_from_scalar(*number(0.5), counts.rows(), context.stream, context.memory), counts};
    return {lower, select(rest > 0, half, rest)};
  }
  if (how == "higher") lower = lower + select(rest > 0, 1, lower * 0);
  if (how == "nearest") lower = lower + select(compare(rest, Binary::GREATER_EQUAL, *number(0.5)), 1, lower * 0);
  return {lower, rest * 0};
}

}  // namespace

Lane group_quantile(const Groups& groups, const Lane& given, double q, const std::string& how) {
  const Lane values = given.cast(kDouble);
  const SortedGroups sorted = sort_groups(groups, values, false);
  const Place place = place_of(sorted.counts, q, how);
  const Lane lower = look_up(values.view(), row_at(sorted, place.lower));
  const Lane between = place.rest > 0;
  const Lane higher = look_up(values.view(), row_at(sorted, place.lower + select(between, 1, place.lower * 0)));
  const Lane mixed = how == "midpoint" ? quotient(lower + higher, constant(lower, lower.type(), 2).full())
                                       : lower + (higher - lower) * place.rest;
  // Equal neighbours, infinite ones and NaN included, are themselves.
  return select(both(between, compare(equality_key(lower), Binary::NOT_EQUAL, equality_key(higher))), mixed, lower);
}

Finish start_quantile(const AggregateInput& in) {
  return [in] {
    return group_quantile(in.groups, in.args[0], in.call.options.at("q").as_double(), in.call.options.at("interpolation").as_text());
  };
}

Finish start_arg_min(const AggregateInput& in) { return extreme_row(in, false); }
Finish start_arg_max(const AggregateInput& in) { return extreme_row(in, true); }

Finish start_mode(const AggregateInput& in) {
  return [in] {
    const Lane& values = in.args[0];
    Context& context = values.context();
    if (values.rows() == 0) return look_up(values.view(), in.groups.first_rows);
    // Pairs of a group and a value are numbered by their first rows: the first of the most frequent is the one.
    const Groups pairs = group_rows({in.groups.labels, values}, context);
    GroupBy sizes{pairs};
    const std::size_t size = sizes.add_count(values);
    sizes.run();
    const Groups owners = {gathered(in.groups.labels, pairs.first_rows), in.groups.first_rows, in.groups.count};
    const SortedGroups sorted = sort_groups(owners, sizes.result(size), true);
    // Null counts no values: where it is the most frequent there is no other value.
    const Lane pair = gathered(sorted.rows, sorted.starts);
    return gathered(values, gathered(pairs.first_rows, pair));
  };
}

Finish start_implode(const AggregateInput& in) {
  return [in] {
    const Lane& values = in.args[0];
    Context& context = values.context();
    const SortedGroups sorted = sort_groups(in.groups, in.groups.labels, false);
    const Lane end = sequence(1, values.rows(), context);
    const std::vector<cudf::column_view> parts{sorted.starts.view(), end.view()};
    auto offsets = cudf::concatenate(parts, context.stream, context.memory);
    auto items = std::make_unique<cudf::column>(gathered(values, sorted.rows).view(), context.stream, context.memory);
    return lane_of(cudf::make_lists_column(in.groups.count, std::move(offsets), std::move(items), 0, rmm::device_buffer{}), context);
  };
}

}  // namespace warpframe::exec
