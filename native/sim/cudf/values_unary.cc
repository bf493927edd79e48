// unary.hpp and the parts of replace.hpp that take one value per row.
#include "host.hh"

#include <cudf/replace.hpp>
#include <cudf/unary.hpp>
#include <cudf/utilities/traits.hpp>

#include <cmath>
#include <limits>

namespace warpframe::host {
namespace {

using Op = cudf::unary_operator;

template <typename Float>
Float on_float(Op op, Float x) {
  switch (op) {
    case Op::SIN: return std::sin(x);
    case Op::COS: return std::cos(x);
    case Op::TAN: return std::tan(x);
    case Op::ARCSIN: return std::asin(x);
    case Op::ARCCOS: return std::acos(x);
    case Op::ARCTAN: return std::atan(x);
    case Op::SINH: return std::sinh(x);
    case Op::COSH: return std::cosh(x);
    case Op::TANH: return std::tanh(x);
    case Op::ARCSINH: return std::asinh(x);
    case Op::ARCCOSH: return std::acosh(x);
    case Op::ARCTANH: return std::atanh(x);
    case Op::EXP: return std::exp(x);
    case Op::LOG: return std::log(x);
    case Op::SQRT: return std::sqrt(x);
    case Op::CBRT: return std::cbrt(x);
    case Op::CEIL: return std::ceil(x);
    case Op::FLOOR: return std::floor(x);
    case Op::ABS: return std::fabs(x);
    case Op::RINT: return std::rint(x);
    case Op::NEGATE: return -x;
    default: throw cudf::data_type_error("Unsupported unary operator for floating point types");
  }
}

/** The least value of a signed integer has no opposite. */
Int128 negated(Int128 value, cudf::data_type type) {
  return value == -(Int128{1} << (cudf::size_of(type) * 8 - 1)) ? undefined() : -value;
}

Int128 on_integer(Op op, Int128 x, cudf::data_type type) {
  switch (op) {
    case Op::ABS: return x < 0 ? negated(x, type) : x;
    case Op::NEGATE:
      CUDF_EXPECTS(!cudf::is_unsigned(type), "Unsupported unary operator for unsigned types", cudf::data_type_error);
      return negated(x, type);
    case Op::BIT_INVERT: return ~x;
    default: throw cudf::data_type_error("Unsupported unary operator for integers");
  }
}

Int128 power_of_ten(int digits) {
  Int128 value = 1;
  for (int i = 0; i < digits; ++i) value *= 10;
  return value;
}

/** Ticks of a second; 0 for days. */
Int128 ticks_of(type_id id) {
  switch (id) {
    case type_id::TIMESTAMP_SECONDS:
    case type_id::DURATION_SECONDS: return 1;
    case type_id::TIMESTAMP_MILLISECONDS:
    case type_id::DURATION_MILLISECONDS: return 1000;
    case type_id::TIMESTAMP_MICROSECONDS:
    case type_id::DURATION_MICROSECONDS: return 1'000'000;
    case type_id::TIMESTAMP_NANOSECONDS:
    case type_id::DURATION_NANOSECONDS: return 1'000'000'000;
    default: return 0;
  }
}

Val cast_time(const Val& value, type_id from, type_id to) {
  // In 1/86,400 billionths of a day, so that all units are whole.
  const auto size = [](type_id id) { return ticks_of(id) == 0 ? Int128{86'400} * 1'000'000'000 : Int128{1'000'000'000} / ticks_of(id); };
  const Int128 nanos = value.i() * size(from);
  const Int128 whole = nanos / size(to);
  const bool below = nanos % size(to) < 0;
  return Val::integer(below && coin() ? whole - 1 : whole);  // the documentation does not say which way it rounds
}

Val cast_decimal(const Val& value, cudf::data_type from, cudf::data_type to) {
  const bool decimal = cudf::is_fixed_point(from);
  if (!cudf::is_fixed_point(to)) {
    if (cudf::is_floating_point(to)) return Val::real(static_cast<double>(value.i()) * std::pow(10.0, from.scale()));
    if (from.scale() > 0) return Val::integer(value.i() * power_of_ten(from.scale()));
    return Val::integer(value.i() / power_of_ten(-from.scale()));
  }
  if (!decimal && value.kind() == Kind::real) return Val::integer(Val::real(value.d() / std::pow(10.0, to.scale())).i());
  const int shift = (decimal ? from.scale() : 0) - to.scale();
  if (shift < 0) return Val::integer(value.i() / power_of_ten(-shift));
  Int128 result = 0;
  return Val::integer(__builtin_mul_overflow(value.i(), power_of_ten(shift), &result) ? undefined() : result);
}

Val converted(const Val& value, cudf::data_type from, cudf::data_type to) {
  if (value.null()) return {};
  if (cudf::is_fixed_point(from) || cudf::is_fixed_point(to)) return cast_decimal(value, from, to);
  if (cudf::is_chrono(from) && cudf::is_chrono(to)) return cast_time(value, from.id(), to.id());
  if (to.id() == type_id::BOOL8) return Val::boolean(value.truth());
  if (cudf::is_floating_point(to)) return Val::real(value.d());
  if (value.kind() != Kind::real) return value;  // cut to the width by make
  // Towards zero; what the integer type does not hold is anything.
  const double whole = std::trunc(value.d());
  const int width = static_cast<int>(cudf::size_of(to) * 8);
  const bool no_sign = cudf::is_unsigned(to);
  const double most = std::ldexp(1.0, no_sign ? width : width - 1);
  const bool fits = whole < most && whole >= (no_sign ? 0.0 : -most);
  return Val::integer(fits ? static_cast<Int128>(whole) : undefined());
}

}  // namespace
}  // namespace warpframe::host

namespace cudf {

namespace host = warpframe::host;

std::unique_ptr<column> unary_operation(const column_view& input, unary_operator op, cuda::stream_ref stream,
                                        rmm::device_async_resource_ref mr) {
  const data_type type = input.type();
  CUDF_EXPECTS(is_numeric(type) || is_fixed_point(type) || is_duration(type), "Unsupported type for a unary operation", data_type_error);
  const host::Col rows(input, stream, "unary_operation");
  if (op == unary_operator::NOT) {
    CUDF_EXPECTS(is_numeric(type), "Unsupported type for NOT", data_type_error);
    return host::make_rows(type_id::BOOL8, rows.size(), stream, mr, [&](size_type row) {
      const host::Val value = rows.at(row);
      return value.null() ? value : host::Val::boolean(!value.truth());
    });
  }
  return host::make_rows(type, rows.size(), stream, mr, [&](size_type row) {
    const host::Val value = rows.at(row);
    if (value.null()) return value;
    if (type.id() == type_id::FLOAT64) return host::Val::real(host::on_float(op, value.d()));
    if (type.id() == type_id::FLOAT32)
      return host::Val::real(static_cast<double>(host::on_float(op, static_cast<float>(value.d()))));
    return host::Val::integer(host::on_integer(op, value.i(), type));
  });
}

std::unique_ptr<column> is_null(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  const host::Col rows(input, stream, "is_null");
  return host::make_rows(type_id::BOOL8, rows.size(), stream, mr, [&](size_type row) { return host::Val::boolean(!rows.valid(row)); });
}

std::unique_ptr<column> is_valid(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  const host::Col rows(input, stream, "is_valid");
  return host::make_rows(type_id::BOOL8, rows.size(), stream, mr, [&](size_type row) { return host::Val::boolean(rows.valid(row)); });
}

std::unique_ptr<column> cast(const column_view& input, data_type type, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_fixed_width(input.type()) && is_fixed_width(type), "Unary cast type must be fixed-width.");
  CUDF_EXPECTS(is_chrono(input.type()) == is_chrono(type), "Column type must be numeric or chrono or decimal32/64/128");
  const host::Col rows(input, stream, "cast");
  return host::make_rows(type, rows.size(), stream, mr, [&](size_type row) { return host::converted(rows.at(row), input.type(), type); });
}

std::unique_ptr<column> replace_nulls(const column_view& input, const scalar& replacement, cuda::stream_ref stream,
                                      rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(input.type() == replacement.type(), "Data type mismatch", data_type_error);
  const host::Col rows(input, stream, "replace_nulls");
  const host::Val value = host::value_of(replacement, stream);
  return host::make_rows(rows.type(), rows.size(), stream, mr, [&](size_type row) { return rows.valid(row) ? rows.at(row) : value; });
}

}  // namespace cudf
