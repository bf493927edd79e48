#include "literals.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/fixed_point/fixed_point.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/scalar/scalar_factories.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/wrappers/durations.hpp>
#include <cudf/wrappers/timestamps.hpp>

#include "../util/failure.hh"

namespace warpframe::exec {

namespace {

using cudf::type_id;
using plan::DType;

type_id timestamp_id(plan::TimeUnit unit) {
  switch (unit) {
    case plan::TimeUnit::milliseconds: return type_id::TIMESTAMP_MILLISECONDS;
    case plan::TimeUnit::microseconds: return type_id::TIMESTAMP_MICROSECONDS;
    default: return type_id::TIMESTAMP_NANOSECONDS;
  }
}

type_id duration_id(plan::TimeUnit unit) {
  switch (unit) {
    case plan::TimeUnit::milliseconds: return type_id::DURATION_MILLISECONDS;
    case plan::TimeUnit::microseconds: return type_id::DURATION_MICROSECONDS;
    default: return type_id::DURATION_NANOSECONDS;
  }
}

template <class Value>
std::unique_ptr<cudf::scalar> numeric(Int128 value, Context& context) {
  return std::make_unique<cudf::numeric_scalar<Value>>(static_cast<Value>(value), true, context.stream, context.memory);
}

template <class Value>
std::unique_ptr<cudf::scalar> timestamp(Int128 ticks, Context& context) {
  const Value value{typename Value::duration{static_cast<typename Value::rep>(ticks)}};
  return std::make_unique<cudf::timestamp_scalar<Value>>(value, true, context.stream, context.memory);
}

template <class Value>
std::unique_ptr<cudf::scalar> duration(Int128 ticks, Context& context) {
  const Value value{static_cast<typename Value::rep>(ticks)};
  return std::make_unique<cudf::duration_scalar<Value>>(value, true, context.stream, context.memory);
}

/** Host bytes in a device buffer. The copy ends before this returns: the source may go. */
rmm::device_buffer upload(const void* data, std::size_t bytes, Context& context) {
  rmm::device_buffer buffer{data, bytes, context.stream, context.memory};
  context.stream.sync();
  return buffer;
}

template <class Value>
std::unique_ptr<cudf::column> fixed_column(type_id id, const std::vector<Value>& values, Context& context) {
  return std::make_unique<cudf::column>(cudf::data_type{id}, static_cast<cudf::size_type>(values.size()),
                                        upload(values.data(), values.size() * sizeof(Value), context),
                                        rmm::device_buffer{}, 0);
}

template <class Value>
void put(std::vector<unsigned char>& bytes, Value value) {
  const auto* first = reinterpret_cast<const unsigned char*>(&value);
  bytes.insert(bytes.end(), first, first + sizeof value);
}

/** One value of a fixed-width type behind the others. */
void put_value(std::vector<unsigned char>& bytes, const plan::LiteralValue& value, type_id id) {
  if (const auto* truth = std::get_if<bool>(&value)) return put(bytes, static_cast<std::uint8_t>(*truth));
  const auto* real = std::get_if<double>(&value);
  const auto* whole = std::get_if<Int128>(&value);
  if (real == nullptr && whole == nullptr) throw Failure("ERR_PARAMETER", "A list of a plan holds a value of another dtype.");
  const double number = real != nullptr ? *real : static_cast<double>(*whole);
  if (id == type_id::FLOAT64) return put(bytes, number);
  if (id == type_id::FLOAT32) return put(bytes, static_cast<float>(number));
  if (whole == nullptr) throw Failure("ERR_PARAMETER", "A list of a plan holds a value of another dtype.");
  switch (cudf::size_of(cudf::data_type{id})) {
    case 1: return put(bytes, static_cast<std::uint8_t>(*whole));
    case 2: return put(bytes, static_cast<std::uint16_t>(*whole));
    case 4: return put(bytes, static_cast<std::uint32_t>(*whole));
    case 8: return put(bytes, static_cast<std::uint64_t>(*whole));
    default: return put(bytes, *whole);
  }
}

}  // namespace

cudf::data_type device_type(const plan::LogicalType& type) {
  switch (type.dtype) {
    case DType::null:
    case DType::boolean: return cudf::data_type{type_id::BOOL8};
    case DType::int8: return cudf::data_type{type_id::INT8};
    case DType::int16: return cudf::data_type{type_id::INT16};
    case DType::int32: return cudf::data_type{type_id::INT32};
    case DType::int64: return cudf::data_type{type_id::INT64};
    case DType::uint8: return cudf::data_type{type_id::UINT8};
    case DType::uint16: return cudf::data_type{type_id::UINT16};
    case DType::uint32: return cudf::data_type{type_id::UINT32};
    case DType::uint64: return cudf::data_type{type_id::UINT64};
    case DType::float32: return cudf::data_type{type_id::FLOAT32};
    case DType::float64: return cudf::data_type{type_id::FLOAT64};
    case DType::utf8:
    case DType::binary:
    case DType::categorical: return cudf::data_type{type_id::STRING};
    case DType::date32: return cudf::data_type{type_id::TIMESTAMP_DAYS};
    case DType::time: return cudf::data_type{type_id::INT64};
    case DType::datetime: return cudf::data_type{timestamp_id(type.unit)};
    case DType::duration: return cudf::data_type{duration_id(type.unit)};
    case DType::decimal: return cudf::data_type{type_id::DECIMAL128, -type.scale};
    case DType::list:
    case DType::fixed_size_list: return cudf::data_type{type_id::LIST};
    case DType::structure: return cudf::data_type{type_id::STRUCT};
  }
  throw Failure("ERR_DTYPE", "A plan has a dtype that the device does not know.");
}

std::unique_ptr<cudf::scalar> number_scalar(cudf::data_type type, Int128 value, Context& context) {
  switch (type.id()) {
    case type_id::BOOL8: return numeric<bool>(value != 0 ? 1 : 0, context);
    case type_id::INT8: return numeric<std::int8_t>(value, context);
    case type_id::INT16: return numeric<std::int16_t>(value, context);
    case type_id::INT32: return numeric<std::int32_t>(value, context);
    case type_id::INT64: return numeric<std::int64_t>(value, context);
    case type_id::UINT8: return numeric<std::uint8_t>(value, context);
    case type_id::UINT16: return numeric<std::uint16_t>(value, context);
    case type_id::UINT32: return numeric<std::uint32_t>(value, context);
    case type_id::UINT64: return numeric<std::uint64_t>(value, context);
    case type_id::FLOAT32: return numeric<float>(value, context);
    case type_id::FLOAT64: return numeric<double>(value, context);
    case type_id::TIMESTAMP_DAYS: return timestamp<cudf::timestamp_D>(value, context);
    case type_id::TIMESTAMP_MILLISECONDS: return timestamp<cudf::timestamp_ms>(value, context);
    case type_id::TIMESTAMP_MICROSECONDS: return timestamp<cudf::timestamp_us>(value, context);
    case type_id::TIMESTAMP_NANOSECONDS: return timestamp<cudf::timestamp_ns>(value, context);
    case type_id::DURATION_MILLISECONDS: return duration<cudf::duration_ms>(value, context);
    case type_id::DURATION_MICROSECONDS: return duration<cudf::duration_us>(value, context);
    case type_id::DURATION_NANOSECONDS: return duration<cudf::duration_ns>(value, context);
    case type_id::DECIMAL128:
      return std::make_unique<cudf::fixed_point_scalar<numeric::decimal128>>(value, numeric::scale_type{type.scale()}, true,
                                                                             context.stream, context.memory);
    default: throw Failure("ERR_DTYPE", "A constant of a plan has a dtype without numbers.");
  }
}

std::unique_ptr<cudf::scalar> real_scalar(cudf::data_type type, double value, Context& context) {
  if (type.id() == type_id::FLOAT32)
    return std::make_unique<cudf::numeric_scalar<float>>(static_cast<float>(value), true, context.stream, context.memory);
  return std::make_unique<cudf::numeric_scalar<double>>(value, true, context.stream, context.memory);
}

std::unique_ptr<cudf::scalar> text_scalar(const std::string& value, Context& context) {
  return std::make_unique<cudf::string_scalar>(value, true, context.stream, context.memory);
}

std::unique_ptr<cudf::scalar> null_scalar(cudf::data_type type, Context& context) {
  if (type.id() == type_id::STRING)
    return std::make_unique<cudf::string_scalar>("", false, context.stream, context.memory);
  auto scalar = number_scalar(type, 0, context);
  scalar->set_valid_async(false, context.stream);
  return scalar;
}

std::unique_ptr<cudf::scalar> literal_scalar(const plan::Literal& literal, const plan::LogicalType& type, Context& context) {
  const cudf::data_type device = device_type(type);
  struct Make {
    cudf::data_type device;
    Context& context;
    std::unique_ptr<cudf::scalar> operator()(std::monostate) const { return null_scalar(device, context); }
    std::unique_ptr<cudf::scalar> operator()(bool value) const { return number_scalar(device, value ? 1 : 0, context); }
    std::unique_ptr<cudf::scalar> operator()(Int128 value) const { return number_scalar(device, value, context); }
    std::unique_ptr<cudf::scalar> operator()(double value) const { return real_scalar(device, value, context); }
    std::unique_ptr<cudf::scalar> operator()(const std::string& value) const { return text_scalar(value, context); }
    std::unique_ptr<cudf::scalar> operator()(const std::vector<plan::Literal>&) const {
      throw Failure("ERR_PARAMETER", "A list literal stands where one value is wanted.");
    }
  };
  return std::visit(Make{device, context}, literal.value);
}

std::unique_ptr<cudf::column> literal_column(const std::vector<plan::Literal>& items, const plan::LogicalType& type,
                                             Context& context) {
  const cudf::data_type device = device_type(type);
  if (device.id() == type_id::STRING) {
    std::vector<std::string> texts;
    texts.reserve(items.size());
    for (const plan::Literal& item : items) texts.push_back(std::get<std::string>(item.value));
    return column_of_texts(texts, context);
  }
  std::vector<unsigned char> bytes;
  for (const plan::Literal& item : items) put_value(bytes, item.value, device.id());
  return std::make_unique<cudf::column>(device, static_cast<cudf::size_type>(items.size()),
                                        upload(bytes.data(), bytes.size(), context), rmm::device_buffer{}, 0);
}

std::unique_ptr<cudf::column> null_column(const plan::LogicalType& type, cudf::size_type rows, Context& context) {
  const bool list = type.dtype == DType::list || type.dtype == DType::fixed_size_list;
  if (!list && type.dtype != DType::structure) {
    auto scalar = null_scalar(device_type(type), context);
    return cudf::make_column_from_scalar(*scalar, rows, context.stream, context.memory);
  }
  const auto mask = [&] {
    return cudf::create_null_mask(rows, rows == 0 ? cudf::mask_state::UNALLOCATED : cudf::mask_state::ALL_NULL,
                                  context.stream, context.memory);
  };
  if (list) {
    auto zero = number_scalar(cudf::data_type{type_id::INT32}, 0, context);
    auto offsets = cudf::make_column_from_scalar(*zero, rows + 1, context.stream, context.memory);
    return cudf::make_lists_column(rows, std::move(offsets), null_column(type.fields[0].type, 0, context), rows, mask());
  }
  std::vector<std::unique_ptr<cudf::column>> children;
  for (const plan::Field& field : type.fields) children.push_back(null_column(field.type, rows, context));
  return cudf::make_structs_column(rows, std::move(children), rows, mask(), context.stream, context.memory);
}

std::unique_ptr<cudf::column> column_of_texts(const std::vector<std::string>& values, Context& context) {
  std::vector<std::int32_t> offsets{0};
  std::string chars;
  for (const std::string& value : values) {
    chars += value;
    offsets.push_back(static_cast<std::int32_t>(chars.size()));
  }
  return cudf::make_strings_column(static_cast<cudf::size_type>(values.size()),
                                   fixed_column(type_id::INT32, offsets, context),
                                   upload(chars.data(), chars.size(), context), 0, rmm::device_buffer{});
}

std::unique_ptr<cudf::column> column_of_integers(const std::vector<std::int64_t>& values, Context& context) {
  return fixed_column(type_id::INT64, values, context);
}

std::unique_ptr<cudf::column> column_of_doubles(const std::vector<double>& values, Context& context) {
  return fixed_column(type_id::FLOAT64, values, context);
}

}  // namespace warpframe::exec
