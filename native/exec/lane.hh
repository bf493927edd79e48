// Formulas over rows: a lane is a column, or one value for every row, and each operation on lanes is one libcudf call.
// Nulls go through as libcudf has it: null where an operand is null, unless said otherwise.
#pragma once

#include "prelude.hh"

#include <cudf/binaryop.hpp>
#include <cudf/strings/strings_column_view.hpp>
#include <cudf/unary.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "literals.hh"
#include "value.hh"

namespace warpframe::exec {

using Owned = std::unique_ptr<cudf::column>;

inline constexpr cudf::type_id kBool = cudf::type_id::BOOL8;
inline constexpr cudf::type_id kInt32 = cudf::type_id::INT32;
inline constexpr cudf::type_id kInt64 = cudf::type_id::INT64;
inline constexpr cudf::type_id kUInt64 = cudf::type_id::UINT64;
inline constexpr cudf::type_id kDouble = cudf::type_id::FLOAT64;
inline constexpr cudf::type_id kText = cudf::type_id::STRING;

class Lane {
 public:
  /** A value of `rows` rows: a scalar stays one value, except over no rows, where it is not looked at. */
  Lane(const Value& value, cudf::size_type rows, Context& context);
  /** A result of libcudf; `like` says whether it is one value. */
  Lane(Owned column, const Lane& like);
  Lane(Owned column, bool single, cudf::size_type rows, Context& context);

  const cudf::column_view& view() const { return view_; }
  cudf::strings_column_view text() const { return cudf::strings_column_view{view_}; }
  cudf::data_type type() const { return view_.type(); }
  Context& context() const { return *context_; }
  /** Rows of the frame; a single lane has one row all the same. */
  cudf::size_type rows() const { return rows_; }
  bool single() const { return single_; }
  bool nullable() const { return view_.has_nulls(); }
  /** Repeated to a column of all rows. */
  Lane full() const;
  /** The scalar of a single lane. */
  ScalarPtr scalar() const;

  /** The same bits as a type of the same width: ticks as integers, unscaled decimals (scale 0) and back. */
  Lane as(cudf::data_type type) const;
  Lane as(cudf::type_id type) const { return as(cudf::data_type{type}); }
  /** Converted, by libcudf's rules for values that do not fit (any value). */
  Lane cast(cudf::data_type type) const;
  Lane cast(cudf::type_id type) const { return cast(cudf::data_type{type}); }
  /** The value for an evaluator. The bits of a result that nobody else has become the value's own. */
  Value value() &&;

 private:
  Context* context_;
  ColumnPtr owner_;
  cudf::column_view view_;
  bool single_;
  bool made_ = false;  // owner_ is a result of ours, not a column of the frame
  cudf::size_type rows_;
};

using Binary = cudf::binary_operator;
Lane binary(const Lane& a, Binary op, const Lane& b, cudf::data_type out);
Lane binary(const Lane& a, Binary op, const cudf::scalar& b, cudf::data_type out);
Lane unary(cudf::unary_operator op, const Lane& a);

// Arithmetic in the type of the left side; integers wrap.
Lane operator+(const Lane& a, const Lane& b);
Lane operator-(const Lane& a, const Lane& b);
Lane operator*(const Lane& a, const Lane& b);
Lane operator+(const Lane& a, Int128 b);
Lane operator-(const Lane& a, Int128 b);
Lane operator*(const Lane& a, Int128 b);
/** Towards zero; 0 as the divisor gives any value. */
Lane quotient(const Lane& a, const Lane& b);
Lane quotient(const Lane& a, Int128 b);
/** Integers, towards minus infinity, by a positive number. */
Lane floored(const Lane& a, Int128 b);
/** a − floored(a, b) × b: from 0 to b − 1. */
Lane floored_rest(const Lane& a, Int128 b);

/** Comparisons of integers, ticks and decimals; of floats by IEEE 754. */
Lane compare(const Lane& a, Binary op, const Lane& b);
Lane compare(const Lane& a, Binary op, Int128 b);
Lane compare(const Lane& a, Binary op, const cudf::scalar& b);
inline Lane operator<(const Lane& a, Int128 b) { return compare(a, Binary::LESS, b); }
inline Lane operator>(const Lane& a, Int128 b) { return compare(a, Binary::GREATER, b); }
inline Lane operator<=(const Lane& a, Int128 b) { return compare(a, Binary::LESS_EQUAL, b); }
inline Lane operator>=(const Lane& a, Int128 b) { return compare(a, Binary::GREATER_EQUAL, b); }
inline Lane equal(const Lane& a, Int128 b) { return compare(a, Binary::EQUAL, b); }
inline Lane unequal(const Lane& a, Int128 b) { return compare(a, Binary::NOT_EQUAL, b); }

// Logic of BOOL8.
Lane both(const Lane& a, const Lane& b);
Lane either(const Lane& a, const Lane& b);
Lane differ(const Lane& a, const Lane& b);
Lane opposite(const Lane& a);

/** a where the condition is true, else b; null conditions are not true. */
Lane select(const Lane& condition, const Lane& a, const Lane& b);
Lane select(const Lane& condition, Int128 a, const Lane& b);
/** a where the condition is true, else null. */
Lane only_where(const Lane& condition, const Lane& a);
Lane with_default(const Lane& a, const cudf::scalar& value);
Lane with_default(const Lane& a, Int128 value);
Lane is_present(const Lane& a);
Lane is_absent(const Lane& a);
/** The lane, null also where one of the others is. */
Lane null_like(const Lane& a, const std::vector<const Lane*>& others);

/** The rows of `table` at the numbers of `rows`; null where a number is null or outside the table. */
Lane look_up(const cudf::column_view& table, const Lane& rows);

/** The low (0) or high (1) 64 bits of 128-bit values, as UINT64. */
Lane word_of_wide(const Lane& a, int which);

/** A lane with one value for all rows. */
Lane constant(const Lane& like, cudf::data_type type, Int128 value);
/** Of Float64. */
Lane constant_real(const Lane& like, double value);
Lane constant_text(const Lane& like, const std::string& value);

/** The first row where the condition is true; nulls are not true. */
std::optional<cudf::size_type> first_where(const Lane& condition);

}  // namespace warpframe::exec
