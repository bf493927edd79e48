// Values as columns and scalars, and what libcudf leaves open.
#include "host.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/utilities/type_dispatcher.hpp>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <limits>
#include <numeric>

namespace warpframe::host {
namespace {

constexpr char kBelowNulls = static_cast<char>(0xA5);

std::size_t limit_from(const char* variable, std::size_t otherwise) {
  const char* text = std::getenv(variable);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
}

/** Texts longer than this in all get 64-bit offsets; HOSTCUDF_WIDE_TEXT sets it lower. */
std::size_t wide_text() {
  static const std::size_t limit = limit_from("HOSTCUDF_WIDE_TEXT", std::numeric_limits<std::int32_t>::max());
  return limit;
}

template <typename Offset>
ColumnPtr make_offsets(const std::vector<std::int64_t>& ends, type_id type, Stream stream, Memory memory) {
  std::vector<Offset> offsets{0};
  for (const std::int64_t end : ends) offsets.push_back(static_cast<Offset>(end));
  return std::make_unique<cudf::column>(cudf::data_type{type}, static_cast<size_type>(offsets.size()),
                                        upload(offsets.data(), offsets.size() * sizeof(Offset), stream, memory),
                                        rmm::device_buffer{}, 0);
}

void put(char* at, const Val& value, cudf::data_type type, std::size_t width) {
  if (type.id() == type_id::FLOAT32) {
    const float number = static_cast<float>(value.d());
    std::memcpy(at, &number, sizeof number);
  } else if (type.id() == type_id::FLOAT64) {
    const double number = value.d();
    std::memcpy(at, &number, sizeof number);
  } else if (type.id() == type_id::BOOL8) {
    *at = value.truth() ? 1 : 0;
  } else {
    const Int128 number = value.i();  // the low bytes: two's complement, as the device wraps
    std::memcpy(at, &number, width);
  }
}

ColumnPtr make_text(std::span<const Val> values, rmm::device_buffer mask, size_type nulls, Stream stream, Memory memory) {
  std::string bytes;
  std::vector<std::int64_t> ends;
  ends.reserve(values.size());
  for (const Val& value : values) {
    if (!value.null()) bytes.append(value.s());
    ends.push_back(static_cast<std::int64_t>(bytes.size()));
  }
  ColumnPtr offsets = bytes.size() > wide_text() ? make_offsets<std::int64_t>(ends, type_id::INT64, stream, memory)
                                                 : make_offsets<std::int32_t>(ends, type_id::INT32, stream, memory);
  return cudf::make_strings_column(static_cast<size_type>(values.size()), std::move(offsets),
                                   upload(bytes.data(), bytes.size(), stream, memory), nulls, std::move(mask));
}

ColumnPtr make_list(const Type& type, std::span<const Val> values, rmm::device_buffer mask, size_type nulls, Stream stream,
                    Memory memory) {
  std::vector<Val> items;
  std::vector<std::int64_t> ends;
  for (const Val& value : values) {
    if (!value.null()) items.insert(items.end(), value.items().begin(), value.items().end());
    ends.push_back(static_cast<std::int64_t>(items.size()));
  }
  ColumnPtr elements = make(type.children.at(0), items, stream, memory);
  return cudf::make_lists_column(static_cast<size_type>(values.size()),
                                 make_offsets<std::int32_t>(ends, type_id::INT32, stream, memory), std::move(elements), nulls,
                                 std::move(mask));
}

ColumnPtr make_record(const Type& type, std::span<const Val> values, rmm::device_buffer mask, size_type nulls,
                      Stream stream, Memory memory) {
  std::vector<ColumnPtr> fields;
  for (std::size_t field = 0; field < type.children.size(); ++field) {
    std::vector<Val> column;
    column.reserve(values.size());
    for (const Val& value : values) column.push_back(value.null() ? Val() : value.items().at(field));
    fields.push_back(make(type.children[field], column, stream, memory));
  }
  return std::make_unique<cudf::column>(type.id, static_cast<size_type>(values.size()), rmm::device_buffer{}, std::move(mask),
                                        nulls, std::move(fields));
}

}  // namespace

std::size_t max_rows() {
  static const std::size_t limit =
      limit_from("HOSTCUDF_MAX_ROWS", static_cast<std::size_t>(std::numeric_limits<size_type>::max()));
  return limit;
}

std::size_t max_part_rows() {
  static const std::size_t limit = limit_from("HOSTCUDF_PART_ROWS", max_rows());
  return limit;
}

void missing(const std::string& what) { throw std::runtime_error("host-cudf: not implemented: " + what); }

rmm::device_buffer upload(const void* data, std::size_t bytes, Stream stream, Memory memory) {
  return rmm::device_buffer(data, bytes, stream, memory);
}

rmm::device_buffer make_mask(const std::vector<bool>& valid, Stream stream, Memory memory) {
  const bool all = std::find(valid.begin(), valid.end(), false) == valid.end();
  // A column without nulls may have a mask all the same.
  if (valid.empty() || (all && !(gpu::chaos() && coin()))) return {};
  std::vector<std::uint32_t> words((valid.size() + 31) / 32);
  for (std::size_t row = 0; row < valid.size(); ++row) {
    if (valid[row]) words[row >> 5] |= 1U << (row & 31);
  }
  if (gpu::chaos() && valid.size() % 32 != 0) words.back() |= ~0U << (valid.size() % 32);  // bits past the end are anything
  // libcudf pads masks to 64 bytes.
  words.resize((words.size() + 15) / 16 * 16);
  return upload(words.data(), words.size() * 4, stream, memory);
}

namespace {

void check_rows(std::size_t rows) {
  if (rows > max_rows()) throw std::overflow_error("host-cudf: the column's rows exceed the column size limit");
}

}  // namespace

FixedRows::FixedRows(cudf::data_type type, std::size_t rows) : type_(type), width_(cudf::size_of(type)) {
  check_rows(rows);
  bytes_.assign(rows * width_, gpu::chaos() ? kBelowNulls : char{0});
  valid_.reserve(rows);
}

void FixedRows::add(const Val& value) {
  if (!value.null()) put(bytes_.data() + valid_.size() * width_, value, type_, width_);
  valid_.push_back(!value.null());
}

ColumnPtr FixedRows::column(Stream stream, Memory memory) const {
  const auto nulls = static_cast<size_type>(std::count(valid_.begin(), valid_.end(), false));
  rmm::device_buffer mask = make_mask(valid_, stream, memory);
  return std::make_unique<cudf::column>(type_, static_cast<size_type>(valid_.size()),
                                        upload(bytes_.data(), bytes_.size(), stream, memory), std::move(mask), nulls);
}

ColumnPtr make(const Type& type, std::span<const Val> values, Stream stream, Memory memory) {
  check_rows(values.size());
  const auto rows = static_cast<size_type>(values.size());
  if (type.id.id() == type_id::EMPTY) {
    return std::make_unique<cudf::column>(type.id, rows, rmm::device_buffer{}, rmm::device_buffer{}, rows);
  }
  if (cudf::is_fixed_width(type.id)) {
    FixedRows fixed(type.id, values.size());
    for (const Val& value : values) fixed.add(value);
    return fixed.column(stream, memory);
  }
  std::vector<bool> valid;
  valid.reserve(values.size());
  for (const Val& value : values) valid.push_back(!value.null());
  const auto nulls = static_cast<size_type>(std::count(valid.begin(), valid.end(), false));
  rmm::device_buffer mask = make_mask(valid, stream, memory);
  switch (type.id.id()) {
    case type_id::STRING: return make_text(values, std::move(mask), nulls, stream, memory);
    case type_id::LIST: return make_list(type, values, std::move(mask), nulls, stream, memory);
    case type_id::STRUCT: return make_record(type, values, std::move(mask), nulls, stream, memory);
    default: missing("columns of this type");
  }
}

ColumnPtr make_sizes(std::span<const size_type> values, Stream stream, Memory memory) {
  return std::make_unique<cudf::column>(cudf::data_type{type_id::INT32}, static_cast<size_type>(values.size()),
                                        upload(values.data(), values.size_bytes(), stream, memory), rmm::device_buffer{}, 0);
}

std::unique_ptr<rmm::device_uvector<size_type>> upload_rows(std::span<const size_type> rows, Stream stream, Memory memory) {
  auto map = std::make_unique<rmm::device_uvector<size_type>>(rows.size(), stream, memory);
  gpu::copy(map->data(), rows.data(), rows.size_bytes(), stream.get());
  return map;
}

ColumnPtr gather_rows(const cudf::column_view& column, std::span<const size_type> rows, Stream stream, Memory memory) {
  const Col source(column, stream, "gather");
  check_rows(rows.size());
  std::size_t next = 0;
  return make_rows(source.type(), static_cast<size_type>(rows.size()), stream, memory, [&](size_type) {
    const size_type row = rows[next++];
    return row < 0 ? Val() : source.at(row);
  });
}

TablePtr gather_rows(const cudf::table_view& table, std::span<const size_type> rows, Stream stream, Memory memory) {
  std::vector<ColumnPtr> columns;
  for (const cudf::column_view& column : table) columns.push_back(gather_rows(column, rows, stream, memory));
  return std::make_unique<cudf::table>(std::move(columns), static_cast<size_type>(rows.size()));
}

size_type count_nulls(const cudf::bitmask_type* mask, size_type begin, size_type end, Stream stream) {
  if (mask == nullptr || begin >= end) return 0;
  const auto words = (static_cast<std::size_t>(end) + 31) / 32;
  const auto* bits = static_cast<const std::uint32_t*>(gpu::read(mask, words * 4, stream.get(), "null mask"));
  size_type nulls = 0;
  for (size_type at = begin; at < end; ++at) {
    if ((bits[at >> 5] >> (at & 31) & 1U) == 0) ++nulls;
  }
  return nulls;
}

cudf::column_view slice_view(const cudf::column_view& view, size_type begin, size_type end, Stream stream) {
  std::vector<cudf::column_view> children;
  for (size_type i = 0; i < view.num_children(); ++i) children.push_back(view.child(i));
  const size_type nulls = count_nulls(view.null_mask(), view.offset() + begin, view.offset() + end, stream);
  return cudf::column_view(view.type(), end - begin, view.head(), view.null_mask(), nulls, view.offset() + begin, children);
}

namespace {

struct FixedScalar {
  cudf::data_type type;
  const Val& value;
  Stream stream;
  Memory memory;

  template <typename T>
  ScalarPtr operator()() const {
    const bool valid = !value.null();
    if constexpr (cudf::is_fixed_point<T>()) {
      const auto unscaled = valid ? static_cast<typename T::rep>(value.i()) : typename T::rep{};
      return std::make_unique<cudf::fixed_point_scalar<T>>(unscaled, numeric::scale_type{type.scale()}, valid, stream, memory);
    } else if constexpr (cudf::is_timestamp<T>()) {
      const auto ticks = valid ? static_cast<typename T::rep>(value.i()) : typename T::rep{};
      return std::make_unique<cudf::timestamp_scalar<T>>(T{typename T::duration{ticks}}, valid, stream, memory);
    } else if constexpr (cudf::is_duration<T>()) {
      const auto ticks = valid ? static_cast<typename T::rep>(value.i()) : typename T::rep{};
      return std::make_unique<cudf::duration_scalar<T>>(T{ticks}, valid, stream, memory);
    } else if constexpr (std::is_floating_point_v<T>) {
      return std::make_unique<cudf::numeric_scalar<T>>(valid ? static_cast<T>(value.d()) : T{}, valid, stream, memory);
    } else if constexpr (std::is_same_v<T, bool>) {
      return std::make_unique<cudf::numeric_scalar<bool>>(valid && value.truth(), valid, stream, memory);
    } else if constexpr (cudf::is_numeric<T>()) {
      return std::make_unique<cudf::numeric_scalar<T>>(valid ? static_cast<T>(value.i()) : T{}, valid, stream, memory);
    } else {
      missing("a scalar of this type");
    }
  }
};

}  // namespace

ScalarPtr make_scalar(const Type& type, const Val& value, Stream stream, Memory memory) {
  switch (type.id.id()) {
    case type_id::STRING: return std::make_unique<cudf::string_scalar>(value.null() ? std::string_view() : value.s(), !value.null(), stream, memory);
    case type_id::LIST: {
      const std::vector<Val> none;
      ColumnPtr items = make(type.children.at(0), value.null() ? none : value.items(), stream, memory);
      return std::make_unique<cudf::list_scalar>(std::move(*items), !value.null(), stream, memory);
    }
    case type_id::STRUCT: {
      std::vector<ColumnPtr> fields;
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        const Val field = value.null() ? Val() : value.items().at(i);
        fields.push_back(make(type.children[i], std::span(&field, 1), stream, memory));
      }
      return std::make_unique<cudf::struct_scalar>(cudf::table(std::move(fields)), !value.null(), stream, memory);
    }
    default: return cudf::type_dispatcher(type.id, FixedScalar{type.id, value, stream, memory});
  }
}

std::vector<size_type> shuffled(size_type rows) {
  std::vector<size_type> order(static_cast<std::size_t>(rows));
  std::iota(order.begin(), order.end(), 0);
  if (!gpu::chaos()) return order;
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[gpu::random() % i]);
  return order;
}

bool coin() { return gpu::chaos() && (gpu::random() & 1) != 0; }

Int128 undefined() { return gpu::chaos() ? static_cast<Int128>(static_cast<std::int64_t>(gpu::random())) : Int128{-1}; }

}  // namespace warpframe::host
