// cudf::binary_operation, as binaryop.hpp documents it. Where C++ leaves a result open (integers divided by zero, the least
// integer by −1, decimals past 128 bits), it is anything.
#include "host.hh"

#include <cudf/binaryop.hpp>
#include <cudf/utilities/traits.hpp>

#include <cmath>
#include <limits>

namespace warpframe::host {
namespace {

using Op = cudf::binary_operator;

bool is_comparison(Op op) { return op >= Op::EQUAL && op <= Op::NULL_NOT_EQUALS; }
bool is_logical(Op op) {
  return op == Op::LOGICAL_AND || op == Op::LOGICAL_OR || op == Op::NULL_LOGICAL_AND || op == Op::NULL_LOGICAL_OR;
}

/** One side: a column, or one value for all rows. */
struct Side {
  cudf::data_type type;
  const Col* column = nullptr;
  Val value;
  Val at(size_type row) const { return column != nullptr ? column->at(row) : value; }
};

bool is_nan(const Val& value) { return value.kind() == Kind::real && std::isnan(value.d()); }

/** IEEE 754 for floats: NaN is unequal to everything and in no order. */
bool compared(Op op, const Val& a, const Val& b) {
  const bool unordered = is_nan(a) || is_nan(b);
  const int order = unordered ? 0 : compare(a, b);
  switch (op) {
    case Op::EQUAL:
    case Op::NULL_EQUALS: return !unordered && order == 0;
    case Op::NOT_EQUAL:
    case Op::NULL_NOT_EQUALS: return unordered || order != 0;
    case Op::LESS: return !unordered && order < 0;
    case Op::GREATER: return !unordered && order > 0;
    case Op::LESS_EQUAL: return !unordered && order <= 0;
    default: return !unordered && order >= 0;
  }
}

double on_doubles(Op op, double x, double y) {
  switch (op) {
    case Op::ADD: return x + y;
    case Op::SUB: return x - y;
    case Op::MUL: return x * y;
    case Op::DIV:
    case Op::TRUE_DIV: return x / y;
    case Op::FLOOR_DIV: return std::floor(x / y);
    case Op::MOD: return std::fmod(x, y);
    case Op::PMOD: {
      const double rest = std::fmod(x, y);
      return rest < 0 ? std::fmod(rest + y, y) : rest;
    }
    case Op::PYMOD: return std::fmod(std::fmod(x, y) + y, y);
    case Op::POW: return std::pow(x, y);
    case Op::LOG_BASE: return std::log(x) / std::log(y);
    case Op::ATAN2: return std::atan2(x, y);
    default: throw cudf::data_type_error("Unsupported operator for these types");
  }
}

float on_floats(Op op, float x, float y) {
  switch (op) {
    case Op::ADD: return x + y;
    case Op::SUB: return x - y;
    case Op::MUL: return x * y;
    case Op::DIV:
    case Op::TRUE_DIV: return x / y;
    case Op::FLOOR_DIV: return std::floor(x / y);
    case Op::MOD: return std::fmod(x, y);
    default: return static_cast<float>(on_doubles(op, static_cast<double>(x), static_cast<double>(y)));
  }
}

/** Bits of an integer in the width of its type, without a sign. */
std::uint64_t bits_of(Int128 value, cudf::data_type type) {
  const std::size_t width = cudf::size_of(type) * 8;
  const auto bits = static_cast<std::uint64_t>(value);
  return width == 64 ? bits : bits & ((std::uint64_t{1} << width) - 1);
}

Int128 divided(Op op, Int128 a, Int128 b, Int128 least) {
  if (b == 0 || (a == least && b == -1)) return undefined();
  const Int128 rest = a % b;
  switch (op) {
    case Op::DIV: return a / b;
    case Op::FLOOR_DIV: return a / b - (rest != 0 && (rest < 0) != (b < 0) ? 1 : 0);
    case Op::MOD: return rest;
    case Op::PMOD: return rest < 0 ? (rest + b) % b : rest;
    default: return (rest + b) % b;
  }
}

Int128 on_integers(Op op, Int128 a, Int128 b, cudf::data_type left, cudf::data_type right) {
  using Bits = unsigned __int128;
  switch (op) {
    case Op::ADD: return static_cast<Int128>(static_cast<Bits>(a) + static_cast<Bits>(b));
    case Op::SUB: return static_cast<Int128>(static_cast<Bits>(a) - static_cast<Bits>(b));
    case Op::MUL: return static_cast<Int128>(static_cast<Bits>(a) * static_cast<Bits>(b));
    case Op::BITWISE_AND: return a & b;
    case Op::BITWISE_OR: return a | b;
    case Op::BITWISE_XOR: return a ^ b;
    case Op::SHIFT_LEFT: return b < 0 || b >= static_cast<Int128>(cudf::size_of(left) * 8) ? undefined() : a << static_cast<int>(b);
    case Op::SHIFT_RIGHT: return b < 0 || b >= static_cast<Int128>(cudf::size_of(left) * 8) ? undefined() : a >> static_cast<int>(b);
    case Op::SHIFT_RIGHT_UNSIGNED:
      return b < 0 || b >= static_cast<Int128>(cudf::size_of(left) * 8) ? undefined()
                                                                         : static_cast<Int128>(bits_of(a, left) >> static_cast<int>(b));
    case Op::DIV:
    case Op::FLOOR_DIV:
    case Op::MOD:
    case Op::PMOD:
    case Op::PYMOD: {
      const std::size_t width = std::max(cudf::size_of(left), cudf::size_of(right)) * 8;
      const bool no_sign = cudf::is_unsigned(left) && cudf::is_unsigned(right);
      return divided(op, a, b, no_sign ? std::numeric_limits<Int128>::max() : -(Int128{1} << (width - 1)));
    }
    default: throw cudf::data_type_error("Unsupported operator for these types");
  }
}

Int128 power_of_ten(int digits) {
  Int128 value = 1;
  for (int i = 0; i < digits; ++i) value *= 10;
  return value;
}

/** Unscaled values at the smaller of two scales; past 128 bits they are anything. */
Int128 rescaled(Int128 value, int from, int to) {
  Int128 result = 0;
  if (from - to > 38 || __builtin_mul_overflow(value, power_of_ten(from - to), &result)) return undefined();
  return result;
}

Val on_decimals(Op op, const Val& a, const Val& b, const Side& left, const Side& right, cudf::data_type out) {
  const int scale = std::min(left.type.scale(), right.type.scale());
  if (is_comparison(op))
    return Val::boolean(compared(op, Val::integer(rescaled(a.i(), left.type.scale(), scale)), Val::integer(rescaled(b.i(), right.type.scale(), scale))));
  const auto wants = [&](int expected) {
    CUDF_EXPECTS(out.id() == left.type.id() && out.scale() == expected, "Wrong scale of a decimal result", cudf::data_type_error);
  };
  Int128 result = 0;
  bool past = false;
  switch (op) {
    case Op::ADD:
    case Op::SUB:
      wants(scale);
      past = op == Op::ADD
                 ? __builtin_add_overflow(rescaled(a.i(), left.type.scale(), scale), rescaled(b.i(), right.type.scale(), scale), &result)
                 : __builtin_sub_overflow(rescaled(a.i(), left.type.scale(), scale), rescaled(b.i(), right.type.scale(), scale), &result);
      break;
    case Op::MUL:
      wants(left.type.scale() + right.type.scale());
      past = __builtin_mul_overflow(a.i(), b.i(), &result);
      break;
    case Op::DIV:
      wants(left.type.scale() - right.type.scale());
      return Val::integer(divided(op, a.i(), b.i(), std::numeric_limits<Int128>::min()));
    case Op::NULL_MAX: return compare(a, b) < 0 ? b : a;
    case Op::NULL_MIN: return compare(a, b) > 0 ? b : a;
    default: missing("binary operator on decimals");
  }
  return Val::integer(past ? undefined() : result);
}

void check(const Side& a, const Side& b, Op op, cudf::data_type out) {
  CUDF_EXPECTS(cudf::is_fixed_width(out), "Invalid/Unsupported output datatype");
  if (is_comparison(op) || is_logical(op))
    CUDF_EXPECTS(out.id() == type_id::BOOL8, "The output of comparisons and logic must be boolean");
  const auto kind = [](cudf::data_type t) {
    if (t.id() == type_id::STRING) return 1;
    if (cudf::is_fixed_point(t)) return 2;
    if (cudf::is_timestamp(t)) return 3;
    if (cudf::is_duration(t)) return 4;
    return cudf::is_numeric(t) ? 0 : 5;
  };
  const bool chrono = kind(a.type) >= 3 || kind(b.type) >= 3;
  CUDF_EXPECTS(chrono || kind(a.type) == kind(b.type), "Unsupported operator for these types", cudf::data_type_error);
  if (kind(a.type) == 1) CUDF_EXPECTS(is_comparison(op) || op == Op::NULL_MAX || op == Op::NULL_MIN, "Unsupported operator for these types", cudf::data_type_error);
  if (chrono) {
    CUDF_EXPECTS(a.type == b.type, "Unsupported operator for these types", cudf::data_type_error);
    if (!is_comparison(op) && op != Op::NULL_MAX && op != Op::NULL_MIN) missing("binary operator on times");
  }
}

Val computed(const Side& left, const Side& right, const Val& a, const Val& b, Op op, cudf::data_type out) {
  if (op == Op::NULL_LOGICAL_AND || op == Op::NULL_LOGICAL_OR) {
    const bool decides = op == Op::NULL_LOGICAL_OR;
    if ((!a.null() && a.truth() == decides) || (!b.null() && b.truth() == decides)) return Val::boolean(decides);
    return a.null() || b.null() ? Val() : Val::boolean(!decides);
  }
  if (op == Op::NULL_EQUALS || op == Op::NULL_NOT_EQUALS) {
    if (a.null() || b.null()) return Val::boolean((a.null() && b.null()) == (op == Op::NULL_EQUALS));
  }
  if (op == Op::NULL_MAX || op == Op::NULL_MIN) {
    if (a.null() || b.null()) return a.null() ? b : a;
  }
  if (a.null() || b.null()) return {};
  if (cudf::is_fixed_point(left.type)) return on_decimals(op, a, b, left, right, out);
  if (is_comparison(op)) return Val::boolean(compared(op, a, b));
  if (op == Op::LOGICAL_AND) return Val::boolean(a.truth() && b.truth());
  if (op == Op::LOGICAL_OR) return Val::boolean(a.truth() || b.truth());
  if (op == Op::NULL_MAX || op == Op::NULL_MIN) {
    if (is_nan(a) || is_nan(b)) return coin() ? a : b;  // not promised
    return (compare(a, b) < 0) == (op == Op::NULL_MAX) ? b : a;
  }
  const bool real = a.kind() == Kind::real || b.kind() == Kind::real;
  if (real && left.type.id() != type_id::FLOAT64 && right.type.id() != type_id::FLOAT64)
    return Val::real(static_cast<double>(on_floats(op, static_cast<float>(a.d()), static_cast<float>(b.d()))));
  if (real || op == Op::TRUE_DIV || op == Op::POW || op == Op::LOG_BASE || op == Op::ATAN2) return Val::real(on_doubles(op, a.d(), b.d()));
  return Val::integer(on_integers(op, a.i(), b.i(), left.type, right.type));
}

ColumnPtr operate(const Side& a, const Side& b, size_type rows, Op op, cudf::data_type out, Stream stream, Memory memory) {
  check(a, b, op, out);
  return make_rows(out, rows, stream, memory, [&](size_type row) { return computed(a, b, a.at(row), b.at(row), op, out); });
}

}  // namespace
}  // namespace warpframe::host

namespace cudf {

namespace host = warpframe::host;

std::unique_ptr<column> binary_operation(const scalar& lhs, const column_view& rhs, binary_operator op, data_type type,
                                         cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  const host::Col right(rhs, stream, "binary_operation");
  return host::operate({lhs.type(), nullptr, host::value_of(lhs, stream)}, {rhs.type(), &right, {}}, rhs.size(), op, type, stream, mr);
}

std::unique_ptr<column> binary_operation(const column_view& lhs, const scalar& rhs, binary_operator op, data_type type,
                                         cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  const host::Col left(lhs, stream, "binary_operation");
  return host::operate({lhs.type(), &left, {}}, {rhs.type(), nullptr, host::value_of(rhs, stream)}, lhs.size(), op, type, stream, mr);
}

std::unique_ptr<column> binary_operation(const column_view& lhs, const column_view& rhs, binary_operator op, data_type type,
                                         cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(lhs.size() == rhs.size(), "Column sizes don't match", std::invalid_argument);
  const host::Col left(lhs, stream, "binary_operation");
  const host::Col right(rhs, stream, "binary_operation");
  return host::operate({lhs.type(), &left, {}}, {rhs.type(), &right, {}}, lhs.size(), op, type, stream, mr);
}

}  // namespace cudf
