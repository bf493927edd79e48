// Constants of plans on the device, and dtypes as libcudf has them.
#pragma once

#include "prelude.hh"

#include <cudf/column/column.hpp>
#include <cudf/scalar/scalar.hpp>

#include <memory>
#include <vector>

#include "../plan/expr.hh"
#include "context.hh"

namespace warpframe::exec {

using plan::Int128;

/** The representation of a dtype (native/README.md); a Decimal with its scale negated. */
cudf::data_type device_type(const plan::LogicalType& type);

/** A scalar of a fixed-width type from an integer: ticks, days, unscaled decimals, 0 or 1 of BOOL8, whole floats. */
std::unique_ptr<cudf::scalar> number_scalar(cudf::data_type type, Int128 value, Context& context);
std::unique_ptr<cudf::scalar> real_scalar(cudf::data_type type, double value, Context& context);
std::unique_ptr<cudf::scalar> text_scalar(const std::string& value, Context& context);
/** A scalar without a value, of any type that is not nested. */
std::unique_ptr<cudf::scalar> null_scalar(cudf::data_type type, Context& context);

/** A literal that is not nested. */
std::unique_ptr<cudf::scalar> literal_scalar(const plan::Literal& literal, const plan::LogicalType& type, Context& context);
/** The items of a list literal as a column without nulls. */
std::unique_ptr<cudf::column> literal_column(const std::vector<plan::Literal>& items, const plan::LogicalType& type,
                                             Context& context);

/** Rows without values of any dtype, nested ones included. */
std::unique_ptr<cudf::column> null_column(const plan::LogicalType& type, cudf::size_type rows, Context& context);

/** Host values as a column without nulls. */
std::unique_ptr<cudf::column> column_of_texts(const std::vector<std::string>& values, Context& context);
std::unique_ptr<cudf::column> column_of_integers(const std::vector<std::int64_t>& values, Context& context);
std::unique_ptr<cudf::column> column_of_doubles(const std::vector<double>& values, Context& context);

}  // namespace warpframe::exec
