// Columns from little: fill, repeat, sequence, and columns end to end.
#include "host.hh"

#include <cudf/concatenate.hpp>
#include <cudf/filling.hpp>
#include <cudf/utilities/traits.hpp>

#include <algorithm>
#include <limits>

namespace host = warpframe::host;
using warpframe::host::Val;

namespace cudf {

std::unique_ptr<column> fill(const column_view& input, size_type begin, size_type end, const scalar& value,
                             cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(begin >= 0 && end <= input.size() && begin <= end, "Range is out of bounds.", std::out_of_range);
  const host::Col rows(input, stream, "fill");
  CUDF_EXPECTS(rows.type() == host::type_of(value), "Data type mismatch.", data_type_error);
  const Val filler = host::value_of(value, stream);
  return host::make_rows(rows.type(), rows.size(), stream, memory,
                         [&](size_type row) { return row >= begin && row < end ? filler : rows.at(row); });
}

std::unique_ptr<table> repeat(const table_view& input, const column_view& count, cuda::stream_ref stream,
                              rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(input.num_rows() == count.size(), "in and count must have equal size", std::invalid_argument);
  CUDF_EXPECTS(!count.has_nulls(), "count cannot contain nulls", std::invalid_argument);
  const host::Col times(count, stream, "repeat");
  std::vector<size_type> rows;
  for (size_type row = 0; row < times.size(); ++row) {
    const host::Int128 repeats = times.at(row).i();
    if (repeats < 0) host::violate("repeat: a negative count");
    rows.insert(rows.end(), static_cast<std::size_t>(repeats), row);
    if (rows.size() > host::max_rows()) throw std::overflow_error("host-cudf: the repeated rows exceed the column size limit");
  }
  return host::gather_rows(input, rows, stream, memory);
}
std::unique_ptr<table> repeat(const table_view& input, size_type count, cuda::stream_ref stream,
                              rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(count >= 0, "count value should be non-negative", std::invalid_argument);
  const auto total = static_cast<std::size_t>(input.num_rows()) * static_cast<std::size_t>(count);
  CUDF_EXPECTS(total <= host::max_rows(), "The resulting table exceeds the column size limit", std::overflow_error);
  std::vector<size_type> rows;
  for (size_type row = 0; row < input.num_rows(); ++row) rows.insert(rows.end(), static_cast<std::size_t>(count), row);
  return host::gather_rows(input, rows, stream, memory);
}

std::unique_ptr<column> sequence(size_type size, const scalar& init, const scalar& step, cuda::stream_ref stream,
                                 rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(init.type() == step.type(), "init and step must be of the same type.", data_type_error);
  CUDF_EXPECTS(size >= 0, "size must be >= 0", std::invalid_argument);
  CUDF_EXPECTS(is_numeric(init.type()), "Input scalar types must be numeric", data_type_error);
  const Val first = host::value_of(init, stream);
  const Val by = host::value_of(step, stream);
  return host::make_rows(init.type(), size, stream, memory, [&](size_type row) {
    if (is_floating_point(init.type())) return Val::real(first.d() + static_cast<double>(row) * by.d());
    return Val::integer(first.i() + row * by.i());
  });
}
std::unique_ptr<column> sequence(size_type size, const scalar& init, cuda::stream_ref stream,
                                 rmm::device_async_resource_ref memory) {
  const bool real = is_floating_point(init.type());
  return sequence(size, init, *host::make_scalar(init.type(), real ? Val::real(1) : Val::integer(1), stream, memory), stream, memory);
}

std::unique_ptr<column> concatenate(std::span<const column_view> columns, cuda::stream_ref stream,
                                    rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(!columns.empty(), "Unexpected empty list of columns to concatenate.");
  const host::Type type = host::Type::of(columns[0]);
  std::vector<Val> values;
  for (const column_view& each : columns) {
    const host::Col rows(each, stream, "concatenate");
    CUDF_EXPECTS(rows.type() == type, "Type mismatch in columns to concatenate.", data_type_error);
    for (size_type row = 0; row < rows.size(); ++row) values.push_back(rows.at(row));
  }
  CUDF_EXPECTS(values.size() <= host::max_rows(),
               "Total number of concatenated rows exceeds the column size limit", std::overflow_error);
  return host::make(type, values, stream, memory);
}
std::unique_ptr<table> concatenate(std::span<const table_view> tables, cuda::stream_ref stream,
                                   rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(!tables.empty(), "Unexpected empty list of tables to concatenate.");
  const size_type width = tables[0].num_columns();
  std::size_t rows = 0;
  for (const table_view& each : tables) {
    CUDF_EXPECTS(each.num_columns() == width, "Mismatch in table columns to concatenate.");
    rows += static_cast<std::size_t>(each.num_rows());
  }
  CUDF_EXPECTS(rows <= host::max_rows(),
               "Total number of concatenated rows exceeds the column size limit", std::overflow_error);
  std::vector<std::unique_ptr<column>> columns;
  for (size_type c = 0; c < width; ++c) {
    std::vector<column_view> parts;
    for (const table_view& each : tables) parts.push_back(each.column(c));
    columns.push_back(concatenate(parts, stream, memory));
  }
  return std::make_unique<table>(std::move(columns), static_cast<size_type>(rows));
}

}  // namespace cudf
