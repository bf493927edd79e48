#include "relations.hh"

#include <cudf/concatenate.hpp>
#include <cudf/copying.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/sorting.hpp>
#include <cudf/table/table.hpp>

#include <algorithm>
#include <limits>

#include "../util/failure.hh"
#include "expressions.hh"
#include "order.hh"
#include "row_limit.hh"

namespace warpframe::exec {

namespace {

constexpr std::int64_t kMostRows = std::numeric_limits<cudf::size_type>::max();

/** The rows of a frame from `begin` to `end`. */
Frame rows_between(const Frame& input, std::int64_t begin, std::int64_t end, Context& context) {
  const auto from = static_cast<cudf::size_type>(begin);
  const auto to = static_cast<cudf::size_type>(end);
  Frame result{input.schema, {}, to - from};
  if (from == 0 && to == input.rows) {
    result.columns = input.columns;
    return result;
  }
  for (const ColumnPtr& column : input.columns) result.columns.push_back(column_of(part(lane_of(column, context), from, to)));
  return result;
}

bool is_true(const cudf::scalar& value, Context& context) {
  return value.is_valid(context.stream) && static_cast<const cudf::numeric_scalar<bool>&>(value).value(context.stream);
}

}  // namespace

Frame read_table(const plan::Node& node, Context& context) {
  const std::shared_ptr<const Frame> table = context.table(std::get<plan::Table>(node.node).id);
  Frame result{node.schema, {}, table->rows};
  for (const plan::Field& field : node.schema) {
    const int place = plan::find_field(table->schema, field.name);
    if (place < 0) throw Failure("ERR_COLUMN_NOT_FOUND", "The table of a plan has no column \"" + field.name + "\".");
    result.columns.push_back(table->columns[static_cast<std::size_t>(place)]);
  }
  return result;
}

Frame project(const plan::Node& node, const Frame& input, Context& context) {
  std::vector<plan::ExprPtr> exprs;
  for (const plan::NamedExpr& e : std::get<plan::Project>(node.node).exprs) exprs.push_back(e.expr);
  std::vector<ColumnPtr> columns;
  for (const Value& value : evaluate_all(exprs, input, context)) columns.push_back(column_of(value, input.rows, context));
  return conform(node.schema, std::move(columns), input.rows, context);
}

Frame filter(const plan::Node& node, const Frame& input, Context& context) {
  const Value mask = evaluate(*std::get<plan::Filter>(node.node).predicate, input, context);
  Frame result{node.schema, {}, 0};
  if (mask.is_scalar()) {
    const Frame some = rows_between(input, 0, is_true(*mask.scalar(), context) ? input.rows : 0, context);
    return {node.schema, some.columns, some.rows};
  }
  // The row numbers go along: a frame may have no columns.
  const Lane numbers = input.columns.empty() ? sequence(input.rows, 0, context) : lane_of(input.columns[0], context);
  const cudf::table_view rows = input.columns.empty() ? view_of({numbers}) : input.view();
  // Nulls of the mask are not true.
  auto kept = cudf::apply_retention_mask(rows, mask.column()->view(), context.stream, context.memory);
  result.rows = kept->num_rows();
  if (input.columns.empty()) return result;
  for (Owned& column : kept->release()) result.columns.emplace_back(std::move(column));
  return result;
}

Frame sort(const plan::Node& node, const Frame& input, Context& context) {
  const auto& plan = std::get<plan::Sort>(node.node);
  std::vector<SortKey> keys;
  for (const plan::OrderKey& key : plan.keys)
    keys.push_back({full_lane(evaluate(*key.expr, input, context), input.rows, context), key.descending, key.nulls_first});
  Lane order = sorted_rows(keys, context);
  context.check_cancelled();
  // All rows are sorted also where only the first are wanted: libcudf's top_k keeps no order among ties.
  if (plan.limit && *plan.limit < order.rows()) order = part(order, 0, static_cast<cudf::size_type>(*plan.limit));
  return {node.schema, gathered(input.columns, order), order.rows()};
}

Frame slice(const plan::Node& node, const Frame& input, Context& context) {
  const auto& plan = std::get<plan::Slice>(node.node);
  const std::int64_t rows = input.rows;
  std::int64_t begin = 0;
  std::int64_t end = rows;
  if (plan.offset >= 0) {
    // Where a plan is run in parts its first row is not that of this part.
    const std::int64_t start = plan.offset - context.rows_before;
    begin = std::clamp<std::int64_t>(start, 0, rows);
    if (plan.length && *plan.length < rows - start) end = std::max(begin, start + *plan.length);
  } else {
    // An offset that reaches before the first row takes that from the length.
    begin = std::max<std::int64_t>(plan.offset, -rows) + rows;
    const std::int64_t before = plan.offset < -rows ? (plan.offset < -2 * kMostRows ? 2 * kMostRows : -plan.offset) - rows : 0;
    if (plan.length) end = begin + std::min(rows - begin, std::max<std::int64_t>(0, *plan.length - before));
  }
  Frame result = rows_between(input, begin, end, context);
  result.schema = node.schema;
  return result;
}

Frame distinct(const plan::Node& node, const Frame& input, Context& context) {
  const auto& plan = std::get<plan::Distinct>(node.node);
  std::vector<Lane> keys;
  for (std::size_t i = 0; i < input.columns.size(); ++i) {
    const bool wanted = plan.subset.empty() || std::find(plan.subset.begin(), plan.subset.end(), input.schema[i].name) != plan.subset.end();
    if (wanted) keys.push_back(equality_key(lane_of(input.columns[i], context)));
  }
  if (keys.empty() || input.rows == 0) return {node.schema, input.columns, input.rows};
  constexpr cudf::duplicate_keep_option keeps[] = {cudf::duplicate_keep_option::KEEP_FIRST, cudf::duplicate_keep_option::KEEP_FIRST,
                                                   cudf::duplicate_keep_option::KEEP_LAST, cudf::duplicate_keep_option::KEEP_NONE};
  const Owned rows = cudf::distinct_indices(view_of(keys), keeps[static_cast<int>(plan.keep)], cudf::null_equality::EQUAL,
                                            cudf::nan_equality::ALL_EQUAL, context.stream, context.memory);
  // They come in any order.
  auto ascending = cudf::sort(cudf::table_view{{rows->view()}}, {}, {}, context.stream, context.memory);
  const Lane order = lane_of(std::move(ascending->release()[0]), context);
  return {node.schema, gathered(input.columns, order), order.rows()};
}

Frame unite(const plan::Node& node, const std::vector<const Frame*>& inputs, Context& context) {
  Frame result{node.schema, {}, inputs[0]->rows};
  if (std::get<plan::Union>(node.node).horizontal) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (inputs[i]->rows != result.rows)
        throw Failure("ERR_SHAPE", "Expected frames of equal height in a horizontal concat, but frame 0 has " +
                                       std::to_string(result.rows) + " rows and frame " + std::to_string(i) + " has " +
                                       std::to_string(inputs[i]->rows) + ".");
      result.columns.insert(result.columns.end(), inputs[i]->columns.begin(), inputs[i]->columns.end());
    }
    return result;
  }
  return stacked(node, inputs, context);
}

Frame stacked(const plan::Node& node, const std::vector<const Frame*>& frames, Context& context) {
  std::int64_t rows = 0;
  for (const Frame* frame : frames) rows += frame->rows;
  if (rows > most_rows())
    throw Failure("ERR_UNSUPPORTED", plan::node_label(node) + ": " + std::to_string(rows) +
                                         " rows are more than libcudf's columns hold (" + std::to_string(most_rows()) + ").");
  if (frames.size() == 1) return {node.schema, frames[0]->columns, frames[0]->rows};
  Frame result{node.schema, {}, static_cast<cudf::size_type>(rows)};
  for (std::size_t column = 0; column < node.schema.size(); ++column) {
    std::vector<cudf::column_view> parts;
    for (const Frame* frame : frames) parts.push_back(frame->columns[column]->view());
    result.columns.emplace_back(cudf::concatenate(parts, context.stream, context.memory));
  }
  return result;
}

}  // namespace warpframe::exec
