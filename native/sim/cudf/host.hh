// Inside the host libcudf: rows one at a time over NVIDIA's own column_view, and the way back to cudf::column.
//
// A function of libcudf is written in three steps: look (`Col`), compute (`Val`), build (`make`). For example
//
//   std::unique_ptr<column> is_null(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
//     const host::Col rows(input, stream, "is_null");
//     return host::make_rows(type_id::BOOL8, rows.size(), stream, mr,
//                            [&](size_type i) { return host::Val::boolean(!rows.valid(i)); });
//   }
//
// - Declare the function by including NVIDIA's header for it: a wrong signature is then a compile error.
// - Check arguments as libcudf documents it, with CUDF_EXPECTS and its exception type.
// - Read device memory only through `Col`, `value_of` and `download`: they check bounds, lifetime and stream.
// - Where the documentation leaves something open (order of groups, of join pairs, of ties; a value below a null), ask
//   `shuffled`, `coin` or `undefined`. HOSTCUDF_CHAOS=0 makes them answer the dull way.
// - What is not done says so: `missing("cudf::tile of structs")`.
//
// Values by type: BOOL8, all integers, decimals (unscaled), TIMESTAMP_* and DURATION_* (ticks) are `integer`, in 128
// bits, so that nothing wraps before `make` cuts it to the width of the column, as the device does. FLOAT32 and FLOAT64
// are `real`; rounding a step to float is the function's business. STRING is `text`, LIST `list`, STRUCT `record`.
#pragma once

#include <variant>

#include <cudf/column/column.hpp>
#include <cudf/scalar/scalar.hpp>
#include <cudf/table/table.hpp>
#include <cudf/table/table_view.hpp>
#include <cudf/types.hpp>
#include <cudf/utilities/error.hpp>
#include <cudf/utilities/traits.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gpu/fake_gpu.hh"

namespace warpframe::host {

using cudf::size_type;
using cudf::type_id;
using Int128 = __int128;
using Stream = cuda::stream_ref;
using Memory = rmm::device_async_resource_ref;
using ColumnPtr = std::unique_ptr<cudf::column>;
using TablePtr = std::unique_ptr<cudf::table>;
using ScalarPtr = std::unique_ptr<cudf::scalar>;

/** A data_type with the types inside it: a list has one child, a struct one for each field. */
struct Type {
  cudf::data_type id{type_id::EMPTY};
  std::vector<Type> children;

  Type() = default;
  Type(cudf::data_type type) : id(type) {}  // NOLINT: a flat type is a type
  Type(type_id type) : id(type) {}          // NOLINT
  Type(cudf::data_type type, std::vector<Type> inside) : id(type), children(std::move(inside)) {}

  static Type of(const cudf::column_view& view);
  static Type list(Type element) { return Type(cudf::data_type{type_id::LIST}, {std::move(element)}); }
  static Type record(std::vector<Type> fields) { return Type(cudf::data_type{type_id::STRUCT}, std::move(fields)); }
  bool operator==(const Type&) const = default;
};

enum class Kind : std::uint8_t { null, integer, real, text, list, record };

/** One value. Texts of columns and scalars are borrowed for the length of the call; own what you make. */
class Val {
 public:
  Val() = default;
  static Val integer(Int128 value) { Val v; v.kind_ = Kind::integer; v.integer_ = value; return v; }
  static Val boolean(bool value) { return integer(value ? 1 : 0); }
  static Val real(double value) { Val v; v.kind_ = Kind::real; v.real_ = value; return v; }
  static Val borrowed(std::string_view text) { Val v; v.kind_ = Kind::text; v.text_ = text; return v; }
  static Val text(std::string text);
  static Val list(std::vector<Val> items) { return nested(Kind::list, std::move(items)); }
  static Val record(std::vector<Val> fields) { return nested(Kind::record, std::move(fields)); }

  Kind kind() const { return kind_; }
  bool null() const { return kind_ == Kind::null; }
  /** A real is cut to a whole number, as static_cast does where it fits; what does not fit is undefined(). */
  Int128 i() const;
  double d() const { return kind_ == Kind::real ? real_ : static_cast<double>(integer_); }
  bool truth() const { return kind_ == Kind::real ? real_ != 0 : integer_ != 0; }
  std::string_view s() const { return text_; }
  /** Elements of a list, fields of a record. */
  const std::vector<Val>& items() const { return *static_cast<const std::vector<Val>*>(owned_.get()); }

 private:
  static Val nested(Kind kind, std::vector<Val> items);
  Kind kind_ = Kind::null;
  union {
    Int128 integer_ = 0;
    double real_;
  };
  std::string_view text_;
  std::shared_ptr<const void> owned_;  // the string behind text_, or the vector of items()
};

/** A checked look at one column_view: every buffer is verified once, reads go to the host's alias. */
class Col {
 public:
  /** @throws Violation as gpu::read; std::runtime_error for a type that is not here (dictionaries) */
  Col(const cudf::column_view& view, Stream stream, const char* what);

  const Type& type() const { return type_; }
  type_id id() const { return type_.id.id(); }
  size_type size() const { return size_; }
  bool valid(size_type row) const { return mask_ == nullptr || bit(mask_, offset_ + row); }
  bool has_nulls() const;
  /** Null where the row is not valid. */
  Val at(size_type row) const;
  std::vector<Val> values() const;
  /** Values of a fixed-width column, from row 0 of the view; what is below nulls is anything. */
  template <typename T>
  const T* data() const { return reinterpret_cast<const T*>(data_) + offset_; }
  /** First and last element of a list's row, as rows of elements(). */
  std::pair<size_type, size_type> range(size_type row) const;
  const Col& elements() const { return children_[0]; }
  /** Field of a struct; its rows are row_of_field(row). */
  const Col& field(std::size_t index) const { return children_[index]; }
  size_type row_of_field(size_type row) const { return offset_ + row; }

 private:
  static bool bit(const std::uint32_t* mask, size_type at) {
    return (mask[static_cast<std::size_t>(at) >> 5] >> (static_cast<unsigned>(at) & 31) & 1U) != 0;
  }
  std::int64_t offset_at(std::int64_t index) const;

  Type type_;
  size_type size_ = 0;
  size_type offset_ = 0;
  const char* data_ = nullptr;
  const std::uint32_t* mask_ = nullptr;
  const char* offsets_ = nullptr;  // already at the view's first row
  bool wide_offsets_ = false;
  std::vector<Col> children_;
};

std::vector<Col> cols(const cudf::table_view& table, Stream stream, const char* what);

// Back to columns.

/** A column of these values; integers are cut to the type's width. @throws std::overflow_error over the row limit */
ColumnPtr make(const Type& type, std::span<const Val> values, Stream stream, Memory memory);

/** A column of a fixed width, row by row: millions of rows need no value each. */
class FixedRows {
 public:
  FixedRows(cudf::data_type type, std::size_t rows);
  void add(const Val& value);
  ColumnPtr column(Stream stream, Memory memory) const;

 private:
  cudf::data_type type_;
  std::size_t width_;
  std::vector<char> bytes_;
  std::vector<bool> valid_;
};

template <typename Value>
ColumnPtr make_rows(const Type& type, size_type rows, Stream stream, Memory memory, Value value) {
  if (cudf::is_fixed_width(type.id)) {
    FixedRows fixed(type.id, static_cast<std::size_t>(rows));
    for (size_type row = 0; row < rows; ++row) fixed.add(value(row));
    return fixed.column(stream, memory);
  }
  std::vector<Val> values;
  values.reserve(static_cast<std::size_t>(rows));
  for (size_type row = 0; row < rows; ++row) values.push_back(value(row));
  return make(type, values, stream, memory);
}

/** Rows of a table in the order given; a negative row is null in every column. */
TablePtr gather_rows(const cudf::table_view& table, std::span<const size_type> rows, Stream stream, Memory memory);
ColumnPtr gather_rows(const cudf::column_view& column, std::span<const size_type> rows, Stream stream, Memory memory);
/** Gather maps of joins and the like. */
std::unique_ptr<rmm::device_uvector<size_type>> upload_rows(std::span<const size_type> rows, Stream stream, Memory memory);
ColumnPtr make_sizes(std::span<const size_type> values, Stream stream, Memory memory);  // INT32
rmm::device_buffer upload(const void* data, std::size_t bytes, Stream stream, Memory memory);
/** A mask of these validities; empty where all are valid and chance (or no chaos) wants none. */
rmm::device_buffer make_mask(const std::vector<bool>& valid, Stream stream, Memory memory);
/** Rows [begin, end) without a copy; the null count is counted. */
cudf::column_view slice_view(const cudf::column_view& view, size_type begin, size_type end, Stream stream);
size_type count_nulls(const cudf::bitmask_type* mask, size_type begin, size_type end, Stream stream);

// Scalars.

Val value_of(const cudf::scalar& scalar, Stream stream);
Type type_of(const cudf::scalar& scalar);
ScalarPtr make_scalar(const Type& type, const Val& value, Stream stream, Memory memory);

// Comparing, as libcudf documents it: NaN equals NaN and is above all numbers, -0 equals 0.

/** -1, 0 or 1. Nulls inside lists and records come first; the caller has dealt with nulls on top. */
int compare(const Val& a, const Val& b);
/** Equal rows, equal texts. `has_null`, if given, is set where a column of the row is null. */
std::string row_key(std::span<const Col> columns, size_type row, bool* has_null = nullptr);
std::string key_of(const Val& value);

// What libcudf leaves open.

/** 0 … rows-1 in any order. */
std::vector<size_type> shuffled(size_type rows);
bool coin();
/** Any integer: a division by zero, a cast that does not fit. */
Int128 undefined();

/** Rows of one column; HOSTCUDF_MAX_ROWS sets it lower. */
std::size_t max_rows();
/** Rows that are read of a file at a time; HOSTCUDF_PART_ROWS sets it lower. */
std::size_t max_part_rows();
[[noreturn]] void missing(const std::string& what);

}  // namespace warpframe::host
