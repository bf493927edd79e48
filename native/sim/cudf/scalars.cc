// The scalars and their factories. What an invalid scalar holds is never written: it stays poison.
#include "host.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/scalar/scalar_factories.hpp>
#include <cudf/strings/string_view.hpp>
#include <cudf/utilities/traits.hpp>

#include <numeric>

namespace host = warpframe::host;
namespace gpu = warpframe::host::gpu;

namespace cudf {

scalar::scalar(data_type type, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : _type(type), _is_valid(is_valid, stream, memory) {}
scalar::scalar(const scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : _type(other._type), _is_valid(other._is_valid, stream, memory) {}
data_type scalar::type() const noexcept { return _type; }
void scalar::set_valid_async(bool is_valid, cuda::stream_ref stream) { _is_valid.set_value_async(is_valid, stream); }
bool scalar::is_valid(cuda::stream_ref stream) const { return _is_valid.value(stream); }
bool* scalar::validity_data() { return _is_valid.data(); }
const bool* scalar::validity_data() const { return _is_valid.data(); }

namespace {

/** The copying constructors that take any scalar of the right type. */
template <typename Scalar>
const Scalar& as(const scalar& other, data_type expected) {
  CUDF_EXPECTS(other.type().id() == expected.id(), "scalar type mismatch", data_type_error);
  return static_cast<const Scalar&>(other);
}

}  // namespace

namespace detail {

template <typename T>
fixed_width_scalar<T>::fixed_width_scalar(T value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_to_id<T>()}, is_valid, stream, memory), _data(stream, memory) {
  if (is_valid || !gpu::chaos()) _data.set_value_async(value, stream);
}
template <typename T>
fixed_width_scalar<T>::fixed_width_scalar(device_scalar<T>&& data, bool is_valid, cuda::stream_ref stream,
                                          rmm::device_async_resource_ref memory)
    : scalar(data_type{type_to_id<T>()}, is_valid, stream, memory), _data(std::move(data)) {}
template <typename T>
fixed_width_scalar<T>::fixed_width_scalar(const fixed_width_scalar<T>& other, cuda::stream_ref stream,
                                          rmm::device_async_resource_ref memory)
    : scalar(other, stream, memory), _data(other._data, stream, memory) {}
template <typename T>
void fixed_width_scalar<T>::set_value(T value, cuda::stream_ref stream) {
  _data.set_value_async(value, stream);
  this->set_valid_async(true, stream);
}
template <typename T>
T fixed_width_scalar<T>::value(cuda::stream_ref stream) const { return _data.value(stream); }
template <typename T>
T* fixed_width_scalar<T>::data() { return _data.data(); }
template <typename T>
const T* fixed_width_scalar<T>::data() const { return _data.data(); }

}  // namespace detail

template <typename T>
numeric_scalar<T>::numeric_scalar(T value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : detail::fixed_width_scalar<T>(value, is_valid, stream, memory) {}
template <typename T>
numeric_scalar<T>::numeric_scalar(const numeric_scalar<T>& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : detail::fixed_width_scalar<T>(other, stream, memory) {}
template <typename T>
numeric_scalar<T>::numeric_scalar(const scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : detail::fixed_width_scalar<T>(as<numeric_scalar<T>>(other, data_type{type_to_id<T>()}), stream, memory) {}

template <typename T>
chrono_scalar<T>::chrono_scalar(T value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : detail::fixed_width_scalar<T>(value, is_valid, stream, memory) {}
template <typename T>
chrono_scalar<T>::chrono_scalar(const chrono_scalar<T>& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : detail::fixed_width_scalar<T>(other, stream, memory) {}
template <typename T>
chrono_scalar<T>::chrono_scalar(const scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : detail::fixed_width_scalar<T>(as<chrono_scalar<T>>(other, data_type{type_to_id<T>()}), stream, memory) {}

template <typename T>
timestamp_scalar<T>::timestamp_scalar(const timestamp_scalar<T>& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : chrono_scalar<T>(other, stream, memory) {}
template <typename T>
template <typename D>
timestamp_scalar<T>::timestamp_scalar(const D& value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : chrono_scalar<T>(T{typename T::duration{value}}, is_valid, stream, memory) {}
template <typename T>
typename timestamp_scalar<T>::rep_type timestamp_scalar<T>::ticks_since_epoch(cuda::stream_ref stream) {
  return this->value(stream).time_since_epoch().count();
}
template <typename T>
duration_scalar<T>::duration_scalar(const duration_scalar<T>& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : chrono_scalar<T>(other, stream, memory) {}
template <typename T>
duration_scalar<T>::duration_scalar(rep_type value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : chrono_scalar<T>(T{value}, is_valid, stream, memory) {}
template <typename T>
typename duration_scalar<T>::rep_type duration_scalar<T>::count(cuda::stream_ref stream) { return this->value(stream).count(); }

template <typename T>
fixed_point_scalar<T>::fixed_point_scalar(rep_type value, numeric::scale_type scale, bool is_valid, cuda::stream_ref stream,
                                          rmm::device_async_resource_ref memory)
    : scalar(data_type{type_to_id<T>(), static_cast<int32_t>(scale)}, is_valid, stream, memory), _data(stream, memory) {
  if (is_valid || !gpu::chaos()) _data.set_value_async(value, stream);
}
template <typename T>
fixed_point_scalar<T>::fixed_point_scalar(rep_type value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : fixed_point_scalar(value, numeric::scale_type{0}, is_valid, stream, memory) {}
template <typename T>
fixed_point_scalar<T>::fixed_point_scalar(T value, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : fixed_point_scalar(value.value(), numeric::scale_type{value.scale()}, is_valid, stream, memory) {}
template <typename T>
fixed_point_scalar<T>::fixed_point_scalar(const fixed_point_scalar<T>& other, cuda::stream_ref stream,
                                          rmm::device_async_resource_ref memory)
    : scalar(other, stream, memory), _data(other._data, stream, memory) {}
template <typename T>
fixed_point_scalar<T>::fixed_point_scalar(const scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : fixed_point_scalar(as<fixed_point_scalar<T>>(other, data_type{type_to_id<T>()}), stream, memory) {}
template <typename T>
typename fixed_point_scalar<T>::rep_type fixed_point_scalar<T>::value(cuda::stream_ref stream) const { return _data.value(stream); }
template <typename T>
T fixed_point_scalar<T>::fixed_point_value(cuda::stream_ref stream) const {
  return T{numeric::scaled_integer<rep_type>{_data.value(stream), numeric::scale_type{type().scale()}}};
}
template <typename T>
typename fixed_point_scalar<T>::rep_type* fixed_point_scalar<T>::data() { return _data.data(); }
template <typename T>
const typename fixed_point_scalar<T>::rep_type* fixed_point_scalar<T>::data() const { return _data.data(); }

string_scalar::string_scalar(std::string_view text, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_id::STRING}, is_valid, stream, memory), _data(text.data(), text.size(), stream, memory) {}
string_scalar::string_scalar(const value_type& text, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_id::STRING}, is_valid, stream, memory),
      _data(text.data(), static_cast<std::size_t>(text.size_bytes()), stream, memory) {}
string_scalar::string_scalar(rmm::device_buffer&& data, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_id::STRING}, is_valid, stream, memory), _data(std::move(data)) {}
string_scalar::string_scalar(const string_scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(other, stream, memory), _data(other._data, stream, memory) {}
string_scalar::string_scalar(const scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : string_scalar(as<string_scalar>(other, data_type{type_id::STRING}), stream, memory) {}
size_type string_scalar::size() const { return static_cast<size_type>(_data.size()); }
const char* string_scalar::data() const { return static_cast<const char*>(_data.data()); }
string_scalar::value_type string_scalar::value(cuda::stream_ref) const { return value_type(data(), size()); }
std::string string_scalar::to_string(cuda::stream_ref stream) const {
  std::string text(static_cast<std::size_t>(size()), '\0');
  gpu::copy(text.data(), data(), text.size(), stream.get());
  gpu::synchronize(stream.get());
  return text;
}

list_scalar::list_scalar(const column_view& items, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_id::LIST}, is_valid, stream, memory), _data(items, stream, memory) {}
list_scalar::list_scalar(column&& items, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_id::LIST}, is_valid, stream, memory), _data(std::move(items)) {}
list_scalar::list_scalar(const list_scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(other, stream, memory), _data(other._data, stream, memory) {}
column_view list_scalar::view() const { return _data.view(); }

table struct_scalar::init_data(table&& data, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  if (is_valid) return std::move(data);
  // An invalid struct has null fields.
  std::vector<std::unique_ptr<column>> fields;
  const host::Val null;
  for (const column_view& field : data.view()) fields.push_back(host::make(host::Type::of(field), std::span(&null, 1), stream, memory));
  return table(std::move(fields));
}
void struct_scalar::assert_valid_size() {
  for (const column_view& field : _data.view()) CUDF_EXPECTS(field.size() == 1,
                                                             "Struct scalar inputs must have exactly 1 row");
}
struct_scalar::struct_scalar(table&& data, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(data_type{type_id::STRUCT}, is_valid, stream, memory), _data(init_data(std::move(data), is_valid, stream, memory)) {
  assert_valid_size();
}
struct_scalar::struct_scalar(const table_view& data, bool is_valid, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : struct_scalar(table(data, stream, memory), is_valid, stream, memory) {}
struct_scalar::struct_scalar(std::span<const column_view> data, bool is_valid, cuda::stream_ref stream,
                             rmm::device_async_resource_ref memory)
    : struct_scalar(table_view(std::vector<column_view>(data.begin(), data.end())), is_valid, stream, memory) {}
struct_scalar::struct_scalar(const struct_scalar& other, cuda::stream_ref stream, rmm::device_async_resource_ref memory)
    : scalar(other, stream, memory), _data(other._data, stream, memory) {}
table_view struct_scalar::view() const { return _data.view(); }

#define HOSTCUDF_NUMERIC(T)                      \
  template class detail::fixed_width_scalar<T>; \
  template class numeric_scalar<T>;
HOSTCUDF_NUMERIC(bool)
HOSTCUDF_NUMERIC(int8_t)
HOSTCUDF_NUMERIC(int16_t)
HOSTCUDF_NUMERIC(int32_t)
HOSTCUDF_NUMERIC(int64_t)
HOSTCUDF_NUMERIC(uint8_t)
HOSTCUDF_NUMERIC(uint16_t)
HOSTCUDF_NUMERIC(uint32_t)
HOSTCUDF_NUMERIC(uint64_t)
HOSTCUDF_NUMERIC(float)
HOSTCUDF_NUMERIC(double)

#define HOSTCUDF_CHRONO(unit)                                  \
  template class detail::fixed_width_scalar<timestamp_##unit>; \
  template class chrono_scalar<timestamp_##unit>;              \
  template class timestamp_scalar<timestamp_##unit>;           \
  template class detail::fixed_width_scalar<duration_##unit>;  \
  template class chrono_scalar<duration_##unit>;               \
  template class duration_scalar<duration_##unit>;
HOSTCUDF_CHRONO(D)
HOSTCUDF_CHRONO(s)
HOSTCUDF_CHRONO(ms)
HOSTCUDF_CHRONO(us)
HOSTCUDF_CHRONO(ns)

#define HOSTCUDF_FROM(unit, from)                                                                                \
  template timestamp_scalar<timestamp_##unit>::timestamp_scalar(const from&, bool, cuda::stream_ref,             \
                                                                rmm::device_async_resource_ref);
HOSTCUDF_FROM(D, int32_t)
HOSTCUDF_FROM(s, int64_t)
HOSTCUDF_FROM(ms, int64_t)
HOSTCUDF_FROM(us, int64_t)
HOSTCUDF_FROM(ns, int64_t)
HOSTCUDF_FROM(D, duration_D)
HOSTCUDF_FROM(s, duration_D)
HOSTCUDF_FROM(s, duration_s)
HOSTCUDF_FROM(ms, duration_D)
HOSTCUDF_FROM(ms, duration_s)
HOSTCUDF_FROM(ms, duration_ms)
HOSTCUDF_FROM(us, duration_D)
HOSTCUDF_FROM(us, duration_s)
HOSTCUDF_FROM(us, duration_ms)
HOSTCUDF_FROM(us, duration_us)
HOSTCUDF_FROM(ns, duration_D)
HOSTCUDF_FROM(ns, duration_s)
HOSTCUDF_FROM(ns, duration_ms)
HOSTCUDF_FROM(ns, duration_us)
HOSTCUDF_FROM(ns, duration_ns)

template class fixed_point_scalar<numeric::decimal32>;
template class fixed_point_scalar<numeric::decimal64>;
template class fixed_point_scalar<numeric::decimal128>;

std::unique_ptr<scalar> make_numeric_scalar(data_type type, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_numeric(type), "Unexpected non-numeric type.");
  return host::make_scalar(type, {}, stream, memory);
}
std::unique_ptr<scalar> make_timestamp_scalar(data_type type, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_timestamp(type), "Unexpected non-timestamp type.");
  return host::make_scalar(type, {}, stream, memory);
}
std::unique_ptr<scalar> make_duration_scalar(data_type type, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_duration(type), "Unexpected non-duration type.");
  return host::make_scalar(type, {}, stream, memory);
}
std::unique_ptr<scalar> make_fixed_width_scalar(data_type type, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_fixed_width(type), "Unexpected non-fixed-width type.");
  return host::make_scalar(type, {}, stream, memory);
}
std::unique_ptr<scalar> make_string_scalar(const std::string& text, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return std::make_unique<string_scalar>(text, true, stream, memory);
}
std::unique_ptr<scalar> make_default_constructed_scalar(data_type type, cuda::stream_ref stream,
                                                        rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(!is_nested(type), "make_default_constructed_scalar cannot be called on a nested type");
  return host::make_scalar(type, {}, stream, memory);
}
std::unique_ptr<scalar> make_empty_scalar_like(const column_view& input, cuda::stream_ref stream,
                                               rmm::device_async_resource_ref memory) {
  return host::make_scalar(host::Type::of(input), {}, stream, memory);
}
std::unique_ptr<scalar> make_list_scalar(column_view elements, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return std::make_unique<list_scalar>(elements, true, stream, memory);
}
std::unique_ptr<scalar> make_struct_scalar(const table_view& data, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return std::make_unique<struct_scalar>(data, true, stream, memory);
}
std::unique_ptr<scalar> make_struct_scalar(std::span<const column_view> data, cuda::stream_ref stream,
                                           rmm::device_async_resource_ref memory) {
  return std::make_unique<struct_scalar>(data, true, stream, memory);
}

}  // namespace cudf
