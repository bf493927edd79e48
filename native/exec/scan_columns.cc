#include "scan_columns.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/unary.hpp>
#include <cudf/utilities/error.hpp>
#include <cudf/utilities/traits.hpp>

#include <utility>
#include <vector>

#include "../util/failure.hh"
#include "literals.hh"

namespace warpframe::exec {
namespace {

using cudf::type_id;
using Owned = std::unique_ptr<cudf::column>;
using plan::DType;

/** The column with its parts, to be put together again as another type. */
struct Parts {
  cudf::size_type rows;
  cudf::size_type nulls;
  cudf::column::contents contents;

  explicit Parts(Owned column) : rows(column->size()), nulls(column->null_count()), contents(column->release()) {}

  Owned as(cudf::data_type type) && {
    return std::make_unique<cudf::column>(type, rows, std::move(*contents.data), std::move(*contents.null_mask), nulls,
                                          std::move(contents.children));
  }
};

[[noreturn]] void fail_type(const cudf::data_type& got, const plan::LogicalType& type, const ColumnPlace& place) {
  throw Failure("ERR_SCHEMA_MISMATCH", "The column \"" + place.name + "\" of " + place.path + " is read by libcudf as its type " +
                                           std::to_string(static_cast<int>(got.id())) + ", but " + plan::type_text(type) +
                                           " was expected. Read the file by itself, or give a schema that fits.");
}

bool is_byte_list(const cudf::column& column) {
  return column.type().id() == type_id::LIST && column.num_children() == 2 && column.child(1).type().id() == type_id::UINT8;
}

/** A list of bytes as a text: the same offsets, the elements' data as characters. */
Owned text_of_bytes(Owned column) {
  Parts parts(std::move(column));
  Owned offsets = std::move(parts.contents.children[0]);
  cudf::column::contents bytes = parts.contents.children[1]->release();
  return cudf::make_strings_column(parts.rows, std::move(offsets), std::move(*bytes.data), parts.nulls,
                                   std::move(*parts.contents.null_mask));
}

}  // namespace

Owned fit_column(Owned column, const plan::LogicalType& type, const ColumnPlace& place, Context& context) {
  if (type.dtype == DType::null) return null_column(type, column->size(), context);
  const cudf::data_type got = column->type();
  switch (type.dtype) {
    case DType::list:
    case DType::fixed_size_list: {
      if (got.id() != type_id::LIST) fail_type(got, type, place);
      if (column->size() == 0) return null_column(type, 0, context);
      Parts parts(std::move(column));
      parts.contents.children[1] = fit_column(std::move(parts.contents.children[1]), type.fields.at(0).type, place, context);
      return std::move(parts).as(got);
    }
    case DType::structure: {
      if (got.id() != type_id::STRUCT || column->num_children() != static_cast<cudf::size_type>(type.fields.size())) {
        fail_type(got, type, place);
      }
      Parts parts(std::move(column));
      for (std::size_t i = 0; i < type.fields.size(); ++i) {
        parts.contents.children[i] = fit_column(std::move(parts.contents.children[i]), type.fields[i].type, place, context);
      }
      return std::move(parts).as(got);
    }
    case DType::float32:
      if (is_byte_list(*column)) {
        throw Failure("ERR_UNSUPPORTED", "The column \"" + place.name + "\" of " + place.path +
                                             " holds 16-bit floats, which libcudf does not read. Leave it out, or read the file "
                                             "with engine 'cpu'.", R"({"engine":"cuda"})");
      }
      break;
    case DType::binary:
      if (is_byte_list(*column)) return text_of_bytes(std::move(column));
      break;
    case DType::time:
      if (cudf::is_duration(got)) {
        const cudf::data_type nanoseconds{type_id::DURATION_NANOSECONDS};
        if (got != nanoseconds) column = cudf::cast(column->view(), nanoseconds, context.stream, context.memory);
        return Parts(std::move(column)).as(cudf::data_type{type_id::INT64});
      }
      break;
    default: break;
  }
  const cudf::data_type wanted = device_type(type);
  if (got == wanted) return column;
  const bool same_kind = (cudf::is_timestamp(got) && cudf::is_timestamp(wanted)) ||
                         (cudf::is_duration(got) && cudf::is_duration(wanted)) ||
                         (cudf::is_fixed_point(got) && cudf::is_fixed_point(wanted) && got.scale() == wanted.scale());
  if (!same_kind) fail_type(got, type, place);
  return cudf::cast(column->view(), wanted, context.stream, context.memory);
}

void check_no_nulls(const cudf::column& column, const ColumnPlace& place, std::int64_t rows_before, Context& context) {
  if (column.null_count() == 0) return;
  std::vector<cudf::bitmask_type> words(static_cast<std::size_t>(cudf::num_bitmask_words(column.size())));
  CUDF_CUDA_TRY(cudaMemcpyAsync(words.data(), column.view().null_mask(), words.size() * sizeof(words[0]), cudaMemcpyDeviceToHost,
                                context.stream.get()));
  context.stream.sync();
  cudf::size_type row = 0;
  while ((words[static_cast<std::size_t>(row) / 32] >> (row % 32) & 1U) != 0) ++row;
  throw Failure("ERR_SCHEMA_MISMATCH", "Column \"" + place.name + "\" is declared without nulls but " + place.path +
                                           " has one in row " + std::to_string(rows_before + row) +
                                           ". Declare it nullable(…), or fill the file.");
}

}  // namespace warpframe::exec
