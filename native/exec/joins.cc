// Joins: libcudf gives pairs of row numbers in any order, a missing one as the least INT32; the rows are gathered here.
#include "relations.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/concatenate.hpp>
#include <cudf/join/filtered_join.hpp>
#include <cudf/join/join.hpp>
#include <cudf/sorting.hpp>
#include <cudf/table/table.hpp>

#include <algorithm>
#include <limits>

#include "../util/failure.hh"
#include "order.hh"

namespace warpframe::exec {

namespace {

using plan::JoinHow;
using Map = std::unique_ptr<rmm::device_uvector<cudf::size_type>>;

/** Row numbers of both sides; kNoRow where a side has none. */
struct Pairs {
  Lane left;
  Lane right;
};
constexpr cudf::size_type kNoRow = std::numeric_limits<cudf::size_type>::min();

[[noreturn]] void too_many(std::int64_t rows) {
  throw Failure("ERR_UNSUPPORTED", "A join gives " + std::to_string(rows) + " rows, more than libcudf's columns hold (2147483647).");
}

Lane lane_of_map(Map map, Context& context) {
  if (map->size() > static_cast<std::size_t>(std::numeric_limits<cudf::size_type>::max())) too_many(static_cast<std::int64_t>(map->size()));
  return lane_of(std::make_unique<cudf::column>(std::move(*map), rmm::device_buffer{}, 0), context);
}

Pairs pairs_of(std::pair<Map, Map> maps, Context& context) {
  Lane left = lane_of_map(std::move(maps.first), context);
  return {std::move(left), lane_of_map(std::move(maps.second), context)};
}

Lane repeated(cudf::size_type value, cudf::size_type rows, Context& context) {
  return lane_of(cudf::make_column_from_scalar(*number_scalar(cudf::data_type{kInt32}, value, context), rows, context.stream, context.memory),
                 context);
}

std::vector<Lane> keys_of(const Frame& frame, const std::vector<std::string>& names, Context& context) {
  std::vector<Lane> keys;
  for (const std::string& name : names)
    keys.push_back(equality_key(lane_of(frame.columns[static_cast<std::size_t>(plan::find_field(frame.schema, name))], context)));
  return keys;
}

Pairs cross(const Frame& left, const Frame& right, Context& context) {
  const std::int64_t rows = std::int64_t{left.rows} * right.rows;
  if (rows > std::numeric_limits<cudf::size_type>::max()) too_many(rows);
  const Lane numbers = sequence(static_cast<cudf::size_type>(rows), 0, context);
  const Lane row = floored(numbers, std::max(right.rows, 1));
  return {row, numbers - row * std::max(right.rows, 1)};
}

/** libcudf's joins are not asked about sides without rows. */
Pairs with_nothing(JoinHow how, const Frame& left, const Frame& right, Context& context) {
  const bool keep_left = how == JoinHow::left || how == JoinHow::full;
  const bool keep_right = how == JoinHow::right || how == JoinHow::full;
  if (left.rows > 0 && keep_left) return {sequence(left.rows, 0, context), repeated(kNoRow, left.rows, context)};
  if (right.rows > 0 && keep_right) return {repeated(kNoRow, right.rows, context), sequence(right.rows, 0, context)};
  return {sequence(0, 0, context), sequence(0, 0, context)};
}

Pairs matched(const plan::Join& join, const Frame& left, const Frame& right, Context& context) {
  if (join.how == JoinHow::cross) return cross(left, right, context);
  if (left.rows == 0 || right.rows == 0) return with_nothing(join.how, left, right, context);
  const std::vector<Lane> left_keys = keys_of(left, join.left_on, context);
  const std::vector<Lane> right_keys = keys_of(right, join.right_on, context);
  const cudf::table_view l = view_of(left_keys);
  const cudf::table_view r = view_of(right_keys);
  const auto nulls = join.nulls_equal ? cudf::null_equality::EQUAL : cudf::null_equality::UNEQUAL;
  switch (join.how) {
    case JoinHow::inner: {
      // The second table is the one that is hashed.
      if (!join.build_left) return pairs_of(cudf::inner_join(l, r, nulls, context.stream, context.memory), context);
      Pairs turned = pairs_of(cudf::inner_join(r, l, nulls, context.stream, context.memory), context);
      return {std::move(turned.right), std::move(turned.left)};
    }
    case JoinHow::left: return pairs_of(cudf::left_join(l, r, nulls, context.stream, context.memory), context);
    case JoinHow::right: {
      Pairs turned = pairs_of(cudf::left_join(r, l, nulls, context.stream, context.memory), context);
      return {std::move(turned.right), std::move(turned.left)};
    }
    default: return pairs_of(cudf::full_join(l, r, nulls, context.stream, context.memory), context);
  }
}

/** By left row, then by right row; rows without a left one last. Row numbers as unsigned: "none" is above all. */
Pairs in_left_order(const Pairs& pairs) {
  Context& context = pairs.left.context();
  const cudf::table_view keys{{pairs.left.as(cudf::type_id::UINT32).view(), pairs.right.as(cudf::type_id::UINT32).view()}};
  const Lane order = lane_of(cudf::stable_sorted_order(keys, {}, {}, context.stream, context.memory), context);
  return {gathered(pairs.left, order), gathered(pairs.right, order)};
}

/** Rows of the left that have, or do not have, a row on the right; in the left's order. */
Frame keep_some(const plan::Node& node, const plan::Join& join, const Frame& left, const Frame& right, Context& context) {
  const bool semi = join.how == JoinHow::semi;
  if (left.rows == 0 || right.rows == 0) {
    const cudf::size_type rows = semi ? 0 : left.rows;
    if (rows == left.rows) return {node.schema, left.columns, rows};
    return {node.schema, gathered(left.columns, sequence(0, 0, context)), 0};
  }
  const std::vector<Lane> left_keys = keys_of(left, join.left_on, context);
  const std::vector<Lane> right_keys = keys_of(right, join.right_on, context);
  const auto nulls = join.nulls_equal ? cudf::null_equality::EQUAL : cudf::null_equality::UNEQUAL;
  const cudf::filtered_join table{view_of(right_keys), nulls, context.stream};
  const Lane found = lane_of_map(semi ? table.semi_join(view_of(left_keys), context.stream, context.memory)
                                      : table.anti_join(view_of(left_keys), context.stream, context.memory),
                                 context);
  auto ascending = cudf::sort(cudf::table_view{{found.view()}}, {}, {}, context.stream, context.memory);
  const Lane rows = lane_of(std::move(ascending->release()[0]), context);
  return {node.schema, gathered(left.columns, rows), rows.rows()};
}

}  // namespace

Frame join(const plan::Node& node, const Frame& left, const Frame& right, Context& context) {
  const auto& plan = std::get<plan::Join>(node.node);
  if (plan.how == JoinHow::semi || plan.how == JoinHow::anti) return keep_some(node, plan, left, right, context);
  Pairs pairs = matched(plan, left, right, context);
  context.check_cancelled();
  if (plan.maintain_order && plan.how != JoinHow::cross) pairs = in_left_order(pairs);
  const bool left_may_miss = plan.how == JoinHow::right || plan.how == JoinHow::full;
  const bool right_may_miss = plan.how == JoinHow::left || plan.how == JoinHow::full;
  Frame result{node.schema, {}, pairs.left.rows()};
  result.columns = left_may_miss ? gathered_or_null(left.columns, pairs.left) : gathered(left.columns, pairs.left);
  std::vector<ColumnPtr> others;
  for (std::size_t i = 0; i < right.columns.size(); ++i)
    if (std::find(plan.right_on.begin(), plan.right_on.end(), right.schema[i].name) == plan.right_on.end()) others.push_back(right.columns[i]);
  for (ColumnPtr& column : right_may_miss ? gathered_or_null(others, pairs.right) : gathered(others, pairs.right))
    result.columns.push_back(std::move(column));
  if (!left_may_miss) return result;
  // Keys of rows without a left one are the right's.
  const Lane has_left = pairs.left >= 0;
  for (std::size_t i = 0; i < plan.left_on.size(); ++i) {
    ColumnPtr& key = result.columns[static_cast<std::size_t>(plan::find_field(left.schema, plan.left_on[i]))];
    const ColumnPtr& other = right.columns[static_cast<std::size_t>(plan::find_field(right.schema, plan.right_on[i]))];
    const Lane right_key = look_up(other->view(), pairs.right);
    key = column_of(select(has_left, lane_of(key, context), right_key));
  }
  return result;
}

}  // namespace warpframe::exec
