// Expressions of cudf::ast over rows of values.
#pragma once

#include "host.hh"

#include <cudf/ast/expressions.hpp>

#include <functional>


namespace warpframe::host {


/**
 * A tree of cudf::ast, checked as libcudf checks it: the operands of an operator have one type.
 * @throws cudf::data_type_error as libcudf does
 */
class Ast {
 public:
  /** `left` and `right` are the tables that references mean; `names` resolves references by name, in the left one. */
  Ast(const cudf::ast::expression& root, const cudf::table_view& left, const cudf::table_view& right, Stream stream,
      std::vector<std::string> names = {});

  cudf::data_type type() const { return type_; }
  /** The value for one row of each table. */
  Val at(size_type left_row, size_type right_row = 0) const { return value_(left_row, right_row); }

 private:
  using Rows = std::function<Val(size_type, size_type)>;
  struct Compiled {
    cudf::data_type type;
    Rows value;
  };
  Compiled compile(const cudf::ast::expression& node) const;
  Compiled compile_operation(const cudf::ast::operation& node) const;
  Compiled column(size_type index, bool from_left) const;

  std::vector<Col> left_;
  std::vector<Col> right_;
  Stream stream_;
  std::vector<std::string> names_;
  cudf::data_type type_{type_id::EMPTY};
  Rows value_;
};

}  // namespace warpframe::host
