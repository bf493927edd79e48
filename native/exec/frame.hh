// Rows on the device: columns that several frames may share.
#pragma once

#include "prelude.hh"

#include <cudf/column/column.hpp>
#include <cudf/table/table_view.hpp>

#include <memory>
#include <vector>

#include "../plan/types.hh"

namespace warpframe::exec {

/** Never changed once it is shared. */
using ColumnPtr = std::shared_ptr<const cudf::column>;

/**
 * Columns of one length, in the representation of native/README.md. A frame without columns still knows its rows.
 */
struct Frame {
  plan::Schema schema;
  std::vector<ColumnPtr> columns;
  cudf::size_type rows = 0;

  cudf::table_view view() const {
    std::vector<cudf::column_view> views;
    views.reserve(columns.size());
    for (const ColumnPtr& column : columns) views.push_back(column->view());
    return cudf::table_view{views};
  }
};

}  // namespace warpframe::exec
