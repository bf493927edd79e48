// Arrow arrays as columns and back: files are read and written by Arrow C++.
#pragma once

#include "host.hh"

#include <arrow/api.h>

namespace warpframe::host {

/** What reading gives for an Arrow type, as libcudf's Parquet reader documents it. Every decimal is DECIMAL128. */
Type type_of_arrow(const arrow::DataType& type);
ColumnPtr column_of_arrow(const arrow::ChunkedArray& chunks, Stream stream, Memory memory);

/** How a column is called and stored in a file. */
struct ArrowField {
  std::string name;
  bool nullable = true;
  bool binary = false;
  bool map = false;
  int precision = 38;  // of decimals
  bool utc = true;     // of timestamps
  std::vector<ArrowField> children;
};
std::shared_ptr<arrow::Field> field_of(const Type& type, const ArrowField& field);
std::shared_ptr<arrow::Array> array_of(const cudf::column_view& column, const arrow::DataType& type, Stream stream);

/** @throws cudf::logic_error with Arrow's words */
void check(const arrow::Status& status);
template <typename T>
T check(arrow::Result<T> result) {
  check(result.status());
  return std::move(result).ValueUnsafe();
}

}  // namespace warpframe::host
