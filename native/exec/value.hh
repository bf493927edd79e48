// What an expression gives: a column, or one value that stands for every row.
#pragma once

#include "prelude.hh"

#include <cudf/scalar/scalar.hpp>

#include <memory>
#include <variant>

#include "context.hh"

namespace warpframe::exec {

using ScalarPtr = std::shared_ptr<const cudf::scalar>;

class Value {
 public:
  Value(ColumnPtr column) : value_(std::move(column)) {}                                     // NOLINT: a value is either
  Value(std::unique_ptr<cudf::column> column) : value_(ColumnPtr(std::move(column))) {}      // NOLINT
  Value(ScalarPtr scalar) : value_(std::move(scalar)) {}                                     // NOLINT
  Value(std::unique_ptr<cudf::scalar> scalar) : value_(ScalarPtr(std::move(scalar))) {}      // NOLINT

  bool is_scalar() const { return std::holds_alternative<ScalarPtr>(value_); }
  const ColumnPtr& column() const { return std::get<ColumnPtr>(value_); }
  const ScalarPtr& scalar() const { return std::get<ScalarPtr>(value_); }

 private:
  std::variant<ColumnPtr, ScalarPtr> value_;
};

/** The value as a column of `rows` rows; a scalar is repeated. */
ColumnPtr column_of(const Value& value, cudf::size_type rows, Context& context);

}  // namespace warpframe::exec
