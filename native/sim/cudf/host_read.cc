// Columns and scalars as values.
#include "host.hh"

#include <cudf/lists/lists_column_view.hpp>
#include <cudf/strings/strings_column_view.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/utilities/type_dispatcher.hpp>

#include <cmath>
#include <cstring>

namespace warpframe::host {

Type Type::of(const cudf::column_view& view) {
  Type type(view.type());
  if (type.id.id() == type_id::LIST) {
    type.children.push_back(view.num_children() > 1 ? of(view.child(cudf::lists_column_view::child_column_index)) : Type());
  } else if (type.id.id() == type_id::STRUCT) {
    for (size_type i = 0; i < view.num_children(); ++i) type.children.push_back(of(view.child(i)));
  }
  return type;
}

Val Val::text(std::string text) {
  Val v;
  v.kind_ = Kind::text;
  const auto owned = std::make_shared<const std::string>(std::move(text));
  v.text_ = *owned;
  v.owned_ = owned;
  return v;
}

Val Val::nested(Kind kind, std::vector<Val> items) {
  Val v;
  v.kind_ = kind;
  v.owned_ = std::make_shared<const std::vector<Val>>(std::move(items));
  return v;
}

Int128 Val::i() const {
  if (kind_ != Kind::real) return integer_;
  constexpr double kLimit = 1.7e38;  // below 2^127
  if (!(real_ > -kLimit && real_ < kLimit)) return undefined();
  return static_cast<Int128>(real_);
}

Col::Col(const cudf::column_view& view, Stream stream, const char* what)
    : type_(Type::of(view)), size_(view.size()), offset_(view.offset()) {
  if (id() == type_id::DICTIONARY32) missing(std::string(what) + " of dictionaries");
  if (size_ == 0) {
    if (id() == type_id::STRUCT) {
      for (size_type i = 0; i < view.num_children(); ++i) children_.emplace_back(view.child(i), stream, what);
    }
    return;
  }
  const auto rows = static_cast<std::size_t>(offset_) + static_cast<std::size_t>(size_);
  if (view.nullable()) {
    mask_ = static_cast<const std::uint32_t*>(gpu::read(view.null_mask(), (rows + 31) / 32 * 4, stream.get(), what));
  }
  if (id() == type_id::STRUCT) {
    for (size_type i = 0; i < view.num_children(); ++i) {
      children_.emplace_back(view.child(i), stream, what);
      if (static_cast<std::size_t>(children_.back().size()) < rows) violate(std::string(what) + ": a field shorter than its struct");
    }
    return;
  }
  if (id() == type_id::STRING || id() == type_id::LIST) {
    const cudf::column_view offsets = view.child(0);
    wide_offsets_ = offsets.type().id() == type_id::INT64;
    const std::size_t width = wide_offsets_ ? 8 : 4;
    const std::size_t first = static_cast<std::size_t>(offsets.offset()) + static_cast<std::size_t>(offset_);
    if (offsets.size() < offset_ + size_ + 1) violate(std::string(what) + ": fewer offsets than rows");
    offsets_ = static_cast<const char*>(gpu::read(offsets.head<char>() + first * width,
                                                  (static_cast<std::size_t>(size_) + 1) * width, stream.get(), what));
    const std::int64_t end = offset_at(size_);
    if (id() == type_id::LIST) {
      children_.emplace_back(view.child(cudf::lists_column_view::child_column_index), stream, what);
      if (end > elements().size()) violate(std::string(what) + ": offsets past the elements of a list");
    } else if (end > 0) {
      data_ = static_cast<const char*>(gpu::read(view.head(), static_cast<std::size_t>(end), stream.get(), what));
    }
    return;
  }
  if (id() == type_id::EMPTY) return;
  const std::size_t width = cudf::size_of(type_.id);
  // Rows before the view's first are not looked at: they may belong to a block that ended earlier.
  const std::size_t before = static_cast<std::size_t>(offset_) * width;
  data_ = static_cast<const char*>(gpu::read(view.head<char>() + before, rows * width - before, stream.get(), what)) - before;
}

bool Col::has_nulls() const {
  if (mask_ == nullptr) return false;
  for (size_type row = 0; row < size_; ++row) {
    if (!valid(row)) return true;
  }
  return false;
}

std::int64_t Col::offset_at(std::int64_t index) const {
  if (wide_offsets_) return reinterpret_cast<const std::int64_t*>(offsets_)[index];
  return reinterpret_cast<const std::int32_t*>(offsets_)[index];
}

std::pair<size_type, size_type> Col::range(size_type row) const {
  return {static_cast<size_type>(offset_at(row)), static_cast<size_type>(offset_at(row + 1))};
}

Val Col::at(size_type row) const {
  if (row < 0 || row >= size_) violate("row " + std::to_string(row) + " of a column of " + std::to_string(size_));
  if (!valid(row)) return {};
  switch (id()) {
    case type_id::BOOL8: return Val::boolean(data<std::uint8_t>()[row] != 0);
    case type_id::INT8: return Val::integer(data<std::int8_t>()[row]);
    case type_id::INT16: return Val::integer(data<std::int16_t>()[row]);
    case type_id::UINT8: return Val::integer(data<std::uint8_t>()[row]);
    case type_id::UINT16: return Val::integer(data<std::uint16_t>()[row]);
    case type_id::UINT32: return Val::integer(data<std::uint32_t>()[row]);
    case type_id::UINT64: return Val::integer(data<std::uint64_t>()[row]);
    case type_id::INT32:
    case type_id::DECIMAL32:
    case type_id::TIMESTAMP_DAYS:
    case type_id::DURATION_DAYS: return Val::integer(data<std::int32_t>()[row]);
    case type_id::FLOAT32: return Val::real(data<float>()[row]);
    case type_id::FLOAT64: return Val::real(data<double>()[row]);
    case type_id::DECIMAL128: {
      Int128 value;
      std::memcpy(&value, data_ + (static_cast<std::size_t>(offset_) + static_cast<std::size_t>(row)) * sizeof value, sizeof value);
      return Val::integer(value);
    }
    case type_id::STRING: {
      const std::int64_t begin = offset_at(row);
      const auto bytes = static_cast<std::size_t>(offset_at(row + 1) - begin);
      return Val::borrowed(bytes == 0 ? std::string_view() : std::string_view(data_ + begin, bytes));
    }
    case type_id::LIST: {
      const auto [begin, end] = range(row);
      std::vector<Val> items;
      for (size_type i = begin; i < end; ++i) items.push_back(elements().at(i));
      return Val::list(std::move(items));
    }
    case type_id::STRUCT: {
      std::vector<Val> fields;
      for (const Col& child : children_) fields.push_back(child.at(row_of_field(row)));
      return Val::record(std::move(fields));
    }
    case type_id::EMPTY: return {};
    default: return Val::integer(data<std::int64_t>()[row]);
  }
}

std::vector<Val> Col::values() const {
  std::vector<Val> values;
  values.reserve(static_cast<std::size_t>(size_));
  for (size_type row = 0; row < size_; ++row) values.push_back(at(row));
  return values;
}

std::vector<Col> cols(const cudf::table_view& table, Stream stream, const char* what) {
  std::vector<Col> columns;
  for (const cudf::column_view& view : table) columns.emplace_back(view, stream, what);
  return columns;
}

namespace {

struct FixedValue {
  const cudf::scalar& scalar;
  Stream stream;

  template <typename T>
  Val operator()() const {
    if constexpr (cudf::is_fixed_point<T>()) {
      return Val::integer(read<typename T::rep>(static_cast<const cudf::fixed_point_scalar<T>&>(scalar).data()));
    } else if constexpr (cudf::is_chrono<T>()) {
      const T* at = static_cast<const cudf::detail::fixed_width_scalar<T>&>(scalar).data();
      return Val::integer(read<typename T::rep>(at));
    } else if constexpr (std::is_floating_point_v<T>) {
      return Val::real(read<T>(static_cast<const cudf::detail::fixed_width_scalar<T>&>(scalar).data()));
    } else if constexpr (cudf::is_numeric<T>()) {
      return Val::integer(read<T>(static_cast<const cudf::detail::fixed_width_scalar<T>&>(scalar).data()));
    } else {
      missing("a scalar of this type");
    }
  }

  template <typename T>
  T read(const void* address) const {
    T value;
    std::memcpy(&value, gpu::read(address, sizeof value, stream.get(), "value of a scalar"), sizeof value);
    return value;
  }
};

}  // namespace

Val value_of(const cudf::scalar& scalar, Stream stream) {
  if (!*static_cast<const bool*>(gpu::read(scalar.validity_data(), 1, stream.get(), "validity of a scalar"))) return {};
  switch (scalar.type().id()) {
    case type_id::STRING: {
      const auto& text = static_cast<const cudf::string_scalar&>(scalar);
      const auto bytes = static_cast<std::size_t>(text.size());
      if (bytes == 0) return Val::borrowed({});
      return Val::borrowed({static_cast<const char*>(gpu::read(text.data(), bytes, stream.get(), "text of a scalar")), bytes});
    }
    case type_id::LIST: return Val::list(Col(static_cast<const cudf::list_scalar&>(scalar).view(), stream, "list scalar").values());
    case type_id::STRUCT: {
      std::vector<Val> fields;
      for (const Col& field : cols(static_cast<const cudf::struct_scalar&>(scalar).view(), stream, "struct scalar")) {
        fields.push_back(field.at(0));
      }
      return Val::record(std::move(fields));
    }
    default: return cudf::type_dispatcher(scalar.type(), FixedValue{scalar, stream});
  }
}

Type type_of(const cudf::scalar& scalar) {
  if (scalar.type().id() == type_id::LIST) {
    return Type::list(Type::of(static_cast<const cudf::list_scalar&>(scalar).view()));
  }
  if (scalar.type().id() == type_id::STRUCT) {
    std::vector<Type> fields;
    for (const cudf::column_view& field : static_cast<const cudf::struct_scalar&>(scalar).view()) fields.push_back(Type::of(field));
    return Type::record(std::move(fields));
  }
  return scalar.type();
}

int compare(const Val& a, const Val& b) {
  if (a.null() || b.null()) return static_cast<int>(b.null()) - static_cast<int>(a.null());
  if (a.kind() == Kind::text) {
    const int order = a.s().compare(b.s());
    return (order > 0) - (order < 0);
  }
  if (a.kind() == Kind::list || a.kind() == Kind::record) {
    const std::size_t shared = std::min(a.items().size(), b.items().size());
    for (std::size_t i = 0; i < shared; ++i) {
      if (const int order = compare(a.items()[i], b.items()[i]); order != 0) return order;
    }
    return (a.items().size() > b.items().size()) - (a.items().size() < b.items().size());
  }
  if (a.kind() == Kind::real || b.kind() == Kind::real) {
    const double x = a.d();
    const double y = b.d();
    if (std::isnan(x) || std::isnan(y)) return static_cast<int>(std::isnan(x)) - static_cast<int>(std::isnan(y));
    return (x > y) - (x < y);
  }
  return (a.i() > b.i()) - (a.i() < b.i());
}

std::string key_of(const Val& value) {
  std::string key(1, static_cast<char>(value.kind()));
  const auto append = [&key](const auto& part) { key.append(reinterpret_cast<const char*>(&part), sizeof part); };
  switch (value.kind()) {
    case Kind::null: break;
    case Kind::integer: append(value.i()); break;
    case Kind::real: {
      double number = value.d();
      if (std::isnan(number)) number = std::nan("");
      if (number == 0) number = 0;
      append(number);
      break;
    }
    case Kind::text:
      append(value.s().size());
      key.append(value.s());
      break;
    default:
      append(value.items().size());
      for (const Val& item : value.items()) key.append(key_of(item));
  }
  return key;
}

std::string row_key(std::span<const Col> columns, size_type row, bool* has_null) {
  std::string key;
  for (const Col& column : columns) {
    const Val value = column.at(row);
    if (value.null() && has_null != nullptr) *has_null = true;
    key.append(key_of(value));
  }
  return key;
}

}  // namespace warpframe::host
