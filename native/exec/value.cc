#include "value.hh"

#include <cudf/column/column_factories.hpp>

namespace warpframe::exec {

ColumnPtr column_of(const Value& value, cudf::size_type rows, Context& context) {
  if (!value.is_scalar()) return value.column();
  return cudf::make_column_from_scalar(*value.scalar(), rows, context.stream, context.memory);
}

}  // namespace warpframe::exec
