#include "order.hh"

#include <cudf/aggregation.hpp>
#include <cudf/column/column_factories.hpp>
#include <cudf/copying.hpp>
#include <cudf/filling.hpp>
#include <cudf/reduction.hpp>
#include <cudf/sorting.hpp>
#include <cudf/table/table.hpp>
#include <cudf/utilities/traits.hpp>

#include <limits>

#include "../util/failure.hh"

namespace warpframe::exec {

namespace {

bool is_float(cudf::data_type type) { return type.id() == cudf::type_id::FLOAT32 || type.id() == kDouble; }

cudf::type_id bits_of(cudf::data_type type) { return type.id() == kDouble ? kInt64 : kInt32; }

/** All bits but the sign. */
Int128 most_of(cudf::data_type type) {
  return type.id() == kInt64 ? Int128{std::numeric_limits<std::int64_t>::max()} : Int128{std::numeric_limits<std::int32_t>::max()};
}

/** Negative floats order the other way round: their lower bits are turned. Twice is nothing. */
Lane turn_negative(const Lane& bits) {
  const Lane sign = binary(bits, Binary::SHIFT_RIGHT, *number_scalar(bits.type(), bits.type().id() == kInt64 ? 63 : 31, bits.context()),
                           bits.type());
  const Lane mask = binary(sign, Binary::BITWISE_AND, *number_scalar(bits.type(), most_of(bits.type()), bits.context()), bits.type());
  return binary(bits, Binary::BITWISE_XOR, mask, bits.type());
}

}  // namespace

Lane full_lane(const Value& value, cudf::size_type rows, Context& context) { return Lane{value, rows, context}.full(); }

Lane lane_of(const ColumnPtr& column, Context& context) { return {Value{column}, column->size(), context}; }

Lane lane_of(Owned column, Context& context) {
  const cudf::size_type rows = column->size();
  return {std::move(column), false, rows, context};
}

ColumnPtr column_of(Lane lane) { return std::move(lane).value().column(); }

Lane equality_key(const Lane& values) {
  if (!is_float(values.type())) return values;
  Context& context = values.context();
  // -0 + 0 is 0.
  const Lane zeroed = binary(values, Binary::ADD, *number_scalar(values.type(), 0, context), values.type());
  const Lane nan{cudf::is_nan(values.view(), context.stream, context.memory), values};
  const Int128 quiet = values.type().id() == kDouble ? Int128{0x7FF8000000000000} : Int128{0x7FC00000};
  return select(nan, quiet, zeroed.as(bits_of(values.type())));
}

Lane order_key(const Lane& values) {
  if (values.type().id() == kBool) return values.as(cudf::type_id::UINT8);
  return is_float(values.type()) ? turn_negative(equality_key(values)) : values;
}

Lane from_order_key(const Lane& keys, cudf::data_type type) {
  if (type.id() == kBool) return keys.as(type);
  return is_float(type) ? turn_negative(keys).as(type) : keys;
}

Lane sorted_rows(const std::vector<SortKey>& keys, Context& context) {
  std::vector<Lane> lanes;
  std::vector<cudf::order> orders;
  std::vector<cudf::null_order> nulls;
  for (const SortKey& key : keys) {
    lanes.push_back(order_key(key.values));
    orders.push_back(key.descending ? cudf::order::DESCENDING : cudf::order::ASCENDING);
    // libcudf places nulls first and turns them round with the rest of a descending key.
    nulls.push_back(key.nulls_first != key.descending ? cudf::null_order::BEFORE : cudf::null_order::AFTER);
  }
  return lane_of(cudf::stable_sorted_order(view_of(lanes), orders, nulls, context.stream, context.memory), context);
}

Lane sequence(cudf::size_type rows, cudf::size_type first, Context& context) {
  return lane_of(cudf::sequence(rows, *number_scalar(cudf::data_type{kInt32}, first, context), context.stream, context.memory), context);
}

Lane gathered(const Lane& values, const Lane& rows) {
  Context& context = rows.context();
  auto table = cudf::gather(cudf::table_view{{values.view()}}, rows.view(), cudf::out_of_bounds_policy::DONT_CHECK, context.stream,
                            context.memory);
  return lane_of(std::move(table->release()[0]), context);
}

namespace {

std::vector<ColumnPtr> gather_all(const std::vector<ColumnPtr>& columns, const Lane& rows, cudf::out_of_bounds_policy outside) {
  if (columns.empty()) return {};
  std::vector<cudf::column_view> views;
  for (const ColumnPtr& column : columns) views.push_back(column->view());
  const Context& context = rows.context();
  auto table = cudf::gather(cudf::table_view{views}, rows.view(), outside, cudf::negative_index_policy::NOT_ALLOWED, context.stream,
                            context.memory);
  std::vector<ColumnPtr> result;
  for (Owned& column : table->release()) result.emplace_back(std::move(column));
  return result;
}

}  // namespace

std::vector<ColumnPtr> gathered(const std::vector<ColumnPtr>& columns, const Lane& rows) {
  return gather_all(columns, rows, cudf::out_of_bounds_policy::DONT_CHECK);
}

std::vector<ColumnPtr> gathered_or_null(const std::vector<ColumnPtr>& columns, const Lane& rows) {
  return gather_all(columns, rows, cudf::out_of_bounds_policy::NULLIFY);
}

Lane inverse(const Lane& order) {
  Context& context = order.context();
  const Lane numbers = sequence(order.rows(), 0, context);
  auto table = cudf::scatter(cudf::table_view{{numbers.view()}}, order.view(), cudf::table_view{{numbers.view()}}, context.stream,
                             context.memory);
  return lane_of(std::move(table->release()[0]), context);
}

Lane part(const Lane& values, cudf::size_type begin, cudf::size_type end) {
  Context& context = values.context();
  const auto views = cudf::slice(values.view(), {begin, end}, context.stream);
  return lane_of(std::make_unique<cudf::column>(views[0], context.stream, context.memory), context);
}

Lane running_sums(const Lane& integers) {
  const Lane wide = integers.cast(kInt64);
  const auto sum = cudf::make_sum_aggregation<cudf::scan_aggregation>();
  return {cudf::scan(wide.view(), *sum, cudf::scan_type::INCLUSIVE, cudf::null_policy::EXCLUDE, wide.context().stream,
                     wide.context().memory),
          wide};
}

std::vector<cudf::size_type> host_rows(const Lane& rows) {
  std::vector<cudf::size_type> values(static_cast<std::size_t>(rows.view().size()));
  const cuda::stream_ref stream = rows.context().stream;
  if (!values.empty() && cudaMemcpyAsync(values.data(), rows.view().data<cudf::size_type>(), values.size() * sizeof(cudf::size_type),
                                         cudaMemcpyDeviceToHost, stream.get()) != cudaSuccess)
    throw Failure("ERR_DEVICE", "Row numbers could not be copied from the GPU.");
  stream.sync();
  return values;
}

cudf::table_view view_of(const std::vector<Lane>& lanes) {
  std::vector<cudf::column_view> views;
  for (const Lane& lane : lanes) views.push_back(lane.view());
  return cudf::table_view{views};
}

Lane conform(const Lane& values, const plan::LogicalType& type) {
  return type.fields.empty() ? values.cast(device_type(type)) : values;
}

Frame conform(plan::Schema schema, std::vector<ColumnPtr> columns, cudf::size_type rows, Context& context) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const plan::LogicalType& type = schema[i].type;
    if (type.fields.empty() && columns[i]->type() != device_type(type)) columns[i] = column_of(conform(lane_of(columns[i], context), type));
  }
  return {std::move(schema), std::move(columns), rows};
}

}  // namespace warpframe::exec
