// Parquet out, over Arrow C++.
#include "arrow_columns.hh"

#include <cudf/io/data_sink.hpp>
#include <cudf/io/parquet.hpp>

#include <arrow/io/api.h>
#include <parquet/arrow/writer.h>
#include <parquet/properties.h>

#include <algorithm>
#include <fstream>

namespace host = warpframe::host;

namespace cudf::io {
namespace {

/** Metadata of a column as libcudf makes it: one entry for every child of the view. */
column_in_metadata metadata_of(const column_view& view) {
  column_in_metadata metadata;
  for (auto child = view.child_begin(); child != view.child_end(); ++child) metadata.add_child(metadata_of(*child));
  return metadata;
}

host::ArrowField field_of(const column_view& view, column_in_metadata& metadata, bool utc) {
  // libcudf's writer: "Metadata for nullable input column cannot prescribe nullability = false".
  CUDF_EXPECTS(!metadata.is_nullability_defined() || metadata.nullable() || !view.nullable(),
      "Mismatch in metadata prescribed nullability and input column nullability. Metadata for nullable input column cannot prescribe nullability = false");
  host::ArrowField field;
  field.name = metadata.get_name();
  field.nullable = metadata.is_nullability_defined() ? metadata.nullable() : view.nullable();
  field.binary = metadata.is_enabled_output_as_binary();
  field.map = metadata.is_map();
  field.utc = utc;
  if (view.type().id() == type_id::DECIMAL128) {
    CUDF_EXPECTS(metadata.is_decimal_precision_set(), "Precision must be specified for decimal columns");
    field.precision = metadata.get_decimal_precision();
  }
  for (size_type i = 0; i < view.num_children() && i < metadata.num_children(); ++i) {
    if (view.type().id() == type_id::LIST && i == 0) continue;
    if (view.type().id() == type_id::LIST || view.type().id() == type_id::STRUCT) {
      field.children.push_back(field_of(view.child(i), metadata.child(i), utc));
    }
  }
  return field;
}

::parquet::Compression::type compression_of(compression_type type) {
  switch (type) {
    case compression_type::NONE: return ::parquet::Compression::UNCOMPRESSED;
    case compression_type::AUTO:
    case compression_type::SNAPPY: return ::parquet::Compression::SNAPPY;
    case compression_type::ZSTD: return ::parquet::Compression::ZSTD;
    case compression_type::LZ4: return ::parquet::Compression::LZ4;
    default: CUDF_FAIL("Unsupported compression type");
  }
}

void deliver(const sink_info& sink, const arrow::Buffer& bytes) {
  switch (sink.type()) {
    case io_type::HOST_BUFFER:
      sink.buffers().at(0)->assign(reinterpret_cast<const char*>(bytes.data()), reinterpret_cast<const char*>(bytes.data()) + bytes.size());
      return;
    case io_type::FILEPATH: {
      std::ofstream file(sink.filepaths().at(0), std::ios::binary | std::ios::trunc);
      file.write(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      CUDF_EXPECTS(file.good(), "Cannot open output file");
      return;
    }
    case io_type::USER_IMPLEMENTED: {
      data_sink& user = *sink.user_sinks().at(0);
      constexpr std::int64_t kPiece = 1 << 16;
      for (std::int64_t at = 0; at < bytes.size(); at += kPiece) {
        user.host_write(bytes.data() + at, static_cast<std::size_t>(std::min(kPiece, bytes.size() - at)));
      }
      user.flush();
      return;
    }
    default: host::missing("a sink of this kind");
  }
}

}  // namespace

table_input_metadata::table_input_metadata(const table_view& table) {
  for (const column_view& each : table) column_metadata.push_back(metadata_of(each));
}

parquet_writer_options::parquet_writer_options(const sink_info& sink, table_view table)
    : parquet_writer_options_base(sink), _table(std::move(table)) {}
parquet_writer_options_builder parquet_writer_options::builder(const sink_info& sink, const table_view& table) {
  return parquet_writer_options_builder(sink, table);
}
parquet_writer_options_builder::parquet_writer_options_builder(const sink_info& sink, const table_view& table)
    : parquet_writer_options_builder_base(parquet_writer_options(sink, table)) {}
template <typename Builder, typename Options>
parquet_writer_options_builder_base<Builder, Options>::parquet_writer_options_builder_base(Options options)
    : _options(std::move(options)) {}
template <typename Builder, typename Options>
Options&& parquet_writer_options_builder_base<Builder, Options>::build() {
  return std::move(_options);
}
template class parquet_writer_options_builder_base<parquet_writer_options_builder, parquet_writer_options>;

void parquet_writer_options_base::set_metadata(table_input_metadata metadata) { _metadata = std::move(metadata); }
void parquet_writer_options_base::set_compression(compression_type compression) { _compression = compression; }
void parquet_writer_options_base::set_stats_level(statistics_freq level) { _stats_level = level; }
void parquet_writer_options_base::set_dictionary_policy(dictionary_policy policy) { _dictionary_policy = policy; }
void parquet_writer_options_base::enable_utc_timestamps(bool on) { _write_timestamps_as_UTC = on; }
void parquet_writer_options_base::enable_write_arrow_schema(bool on) { _write_arrow_schema = on; }
void parquet_writer_options_base::set_row_group_size_rows(size_type rows) {
  CUDF_EXPECTS(rows > 0, "The maximum row group row count must be a positive integer.");
  _row_group_size_rows = rows;
}
void parquet_writer_options_base::set_max_page_size_bytes(std::size_t bytes) {
  CUDF_EXPECTS(bytes >= 4 * 1024, "The maximum page size cannot be smaller than 4KB.");
  _max_page_size_bytes = bytes;
}
void parquet_writer_options_base::set_max_dictionary_size(std::size_t bytes) {
  CUDF_EXPECTS(bytes > 0, "The maximum dictionary size must be positive.");
  _max_dictionary_size = bytes;
}

std::unique_ptr<std::vector<std::uint8_t>> write_parquet(const parquet_writer_options& options, cuda::stream_ref stream) {
  const table_view view = options.get_table();
  table_input_metadata metadata = options.get_metadata() ? *options.get_metadata() : table_input_metadata(view);
  CUDF_EXPECTS(static_cast<size_type>(metadata.column_metadata.size()) == view.num_columns(),
               "Mismatch between size of metadata and number of columns.");
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_type i = 0; i < view.num_columns(); ++i) {
    const column_view& each = view.column(i);
    const host::ArrowField field = field_of(each, metadata.column_metadata[static_cast<std::size_t>(i)], options.is_enabled_utc_timestamps());
    fields.push_back(host::field_of(host::Type::of(each), field));
    arrays.push_back(host::array_of(each, *fields.back()->type(), stream));
  }
  ::parquet::WriterProperties::Builder properties;
  properties.compression(compression_of(options.get_compression()))
      ->data_pagesize(static_cast<std::int64_t>(options.get_max_page_size_bytes()))
      ->dictionary_pagesize_limit(static_cast<std::int64_t>(options.get_max_dictionary_size()));
  if (options.get_dictionary_policy() == dictionary_policy::NEVER) properties.disable_dictionary();
  if (options.get_stats_level() == statistics_freq::STATISTICS_NONE) properties.disable_statistics();
  ::parquet::ArrowWriterProperties::Builder arrow_properties;
  if (options.is_enabled_write_arrow_schema()) arrow_properties.store_schema();
  const auto out = host::check(arrow::io::BufferOutputStream::Create());
  host::check(::parquet::arrow::WriteTable(*arrow::Table::Make(arrow::schema(fields), arrays, view.num_rows()),
                                           arrow::default_memory_pool(), out, options.get_row_group_size_rows(),
                                           properties.build(), arrow_properties.build()));
  deliver(options.get_sink(), *host::check(out->Finish()));
  return nullptr;
}

}  // namespace cudf::io
