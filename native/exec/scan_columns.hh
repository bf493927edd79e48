// Columns as libcudf's readers give them, in our representation.
#pragma once

#include "prelude.hh"

#include <cudf/column/column.hpp>

#include <memory>
#include <string>

#include "../plan/types.hh"
#include "context.hh"

namespace warpframe::exec {

/** What a column of a file is called in errors. */
struct ColumnPlace {
  const std::string& path;
  const std::string& name;
};

/**
 * The same values in the representation of a dtype: other units, wider decimals, times of day as nanoseconds, bytes as
 * text; everything inside lists and structs too.
 * @throws Failure ERR_SCHEMA_MISMATCH where the stored type cannot be read as that dtype
 */
std::unique_ptr<cudf::column> fit_column(std::unique_ptr<cudf::column> column, const plan::LogicalType& type,
                                         const ColumnPlace& place, Context& context);

/**
 * A column that is declared without nulls has none.
 * @throws Failure ERR_SCHEMA_MISMATCH that names the row, counted from `rows_before`
 */
void check_no_nulls(const cudf::column& column, const ColumnPlace& place, std::int64_t rows_before, Context& context);

}  // namespace warpframe::exec
