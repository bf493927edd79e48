// Writing: Parquet by libcudf. What the other formats promise about their text, libcudf's writers do not.
#include <cudf/io/parquet.hpp>
#include <cudf/utilities/error.hpp>

#include <optional>

#include "../util/failure.hh"
#include "files.hh"
#include "literals.hh"
#include "write_sink.hh"

namespace warpframe::exec {
namespace {

using cudf::io::compression_type;
using plan::DType;

constexpr std::int64_t kRowGroupRows = 1 << 20;
constexpr std::int64_t kPageBytes = 1 << 20;
constexpr std::int64_t kDictionaryBytes = 1 << 20;
/** Of a row group and of a page, what libcudf's writer takes. */
constexpr std::int64_t kLeastGroupRows = 5000;
constexpr std::int64_t kLeastPageBytes = 8192;

/** The options of source/parquet-options.ts, which the runner has checked. */
struct ParquetOptions {
  std::string compression = "zstd";
  std::int64_t row_group_rows = kRowGroupRows;
  std::int64_t page_bytes = kPageBytes;
  std::int64_t dictionary_bytes = kDictionaryBytes;
  bool statistics = true;
  bool level = false;

  explicit ParquetOptions(const plan::Json& json) {
    if (const plan::Json* value = json.find("compression"); value != nullptr) compression = value->as_text();
    if (const plan::Json* value = json.find("rowGroupRows"); value != nullptr) row_group_rows = value->as_int64();
    if (const plan::Json* value = json.find("dataPageBytes"); value != nullptr) page_bytes = value->as_int64();
    if (const plan::Json* value = json.find("statistics"); value != nullptr) statistics = value->as_bool();
    level = json.find("compressionLevel") != nullptr;
    if (const plan::Json* value = json.find("dictionary"); value != nullptr) {
      const bool is_size = value->kind() == plan::Json::Kind::number;
      dictionary_bytes = is_size ? value->as_int64() : value->as_bool() ? kDictionaryBytes : 0;
    }
  }
};

std::optional<compression_type> compression_of(const std::string& name) {
  if (name == "zstd") return compression_type::ZSTD;
  if (name == "snappy") return compression_type::SNAPPY;
  if (name == "lz4") return compression_type::LZ4;
  if (name == "none") return compression_type::NONE;
  return std::nullopt;
}

/** Whether times are instants (true) or of no zone (false), if there are any; libcudf has one answer for a whole file. */
struct Zones {
  std::optional<bool> utc;
  std::string problem;
};

void look_at(const plan::LogicalType& type, const std::string& name, Zones& zones) {
  if (!zones.problem.empty()) return;
  switch (type.dtype) {
    case DType::null:
    case DType::categorical:
    case DType::time:
    case DType::fixed_size_list:
      zones.problem = "libcudf's Parquet writer does not keep that column \"" + name + "\" is " + plan::type_text(type) + ".";
      return;
    case DType::datetime: {
      const bool utc = type.zone == "UTC";
      if (!utc && !type.zone.empty()) {
        zones.problem = "libcudf's Parquet writer does not keep the time zone of column \"" + name + "\".";
      } else if (zones.utc && *zones.utc != utc) {
        zones.problem = "libcudf's Parquet writer does not keep which of the columns are in UTC and which in no zone.";
      }
      zones.utc = utc;
      return;
    }
    default:
      for (const plan::Field& field : type.fields) look_at(field.type, name, zones);
  }
}

Zones zones_of(const plan::Schema& schema) {
  Zones zones;
  for (const plan::Field& field : schema) look_at(field.type, field.name, zones);
  return zones;
}

void describe(cudf::io::column_in_metadata& metadata, const plan::Field& field) {
  metadata.set_name(field.name).set_nullability(field.nullable);
  if (field.type.dtype == DType::binary) metadata.set_output_as_binary(true);
  if (field.type.dtype == DType::decimal) metadata.set_decimal_precision(static_cast<std::uint8_t>(field.type.precision));
  if (field.type.dtype == DType::list) {
    // Of a list, child 0 is the offsets.
    plan::Field element = field.type.fields.at(0);
    element.name = "element";
    describe(metadata.child(1), element);
  }
  if (field.type.dtype == DType::structure) {
    for (std::size_t i = 0; i < field.type.fields.size(); ++i) {
      describe(metadata.child(static_cast<cudf::size_type>(i)), field.type.fields[i]);
    }
  }
}

/** A column declared without nulls has no mask: libcudf's writer refuses one even where all of its bits are set. */
cudf::column_view without_idle_mask(const cudf::column_view& view, const plan::Field& field) {
  std::vector<cudf::column_view> children;
  for (cudf::size_type i = 0; i < view.num_children(); ++i) {
    const bool offsets = field.type.dtype == DType::list && i == 0;
    const std::size_t inner = field.type.dtype == DType::list ? 0 : static_cast<std::size_t>(i);
    const bool nested = !offsets && inner < field.type.fields.size();
    children.push_back(nested ? without_idle_mask(view.child(i), field.type.fields[inner]) : view.child(i));
  }
  const bool keep = field.nullable || view.null_count() > 0;
  return cudf::column_view(view.type(), view.size(), view.head(), keep ? view.null_mask() : nullptr, keep ? view.null_count() : 0,
                           view.offset(), children);
}

cudf::io::parquet_writer_options parquet_options(const plan::Schema& schema, const cudf::table_view& view,
                                                 const ParquetOptions& wanted, FileSink& sink) {
  cudf::io::table_input_metadata metadata(view);
  for (std::size_t i = 0; i < schema.size(); ++i) describe(metadata.column_metadata[i], schema[i]);
  cudf::io::parquet_writer_options options = cudf::io::parquet_writer_options::builder(cudf::io::sink_info(&sink), view).build();
  options.set_metadata(std::move(metadata));
  options.set_compression(*compression_of(wanted.compression));
  options.set_stats_level(wanted.statistics ? cudf::io::statistics_freq::STATISTICS_COLUMN
                                            : cudf::io::statistics_freq::STATISTICS_NONE);
  options.set_row_group_size_rows(static_cast<cudf::size_type>(wanted.row_group_rows));
  options.set_max_page_size_bytes(static_cast<std::size_t>(wanted.page_bytes));
  options.set_dictionary_policy(wanted.dictionary_bytes > 0 ? cudf::io::dictionary_policy::ADAPTIVE
                                                            : cudf::io::dictionary_policy::NEVER);
  if (wanted.dictionary_bytes > 0) options.set_max_dictionary_size(static_cast<std::size_t>(wanted.dictionary_bytes));
  options.enable_utc_timestamps(zones_of(schema).utc.value_or(true));
  // By it, readers know durations.
  options.enable_write_arrow_schema(true);
  return options;
}

}  // namespace

Frame write_files(const plan::Node& node, const Frame& input, Context& context) {
  const auto& write = std::get<plan::Write>(node.node);
  FileSink sink(write.path);
  std::vector<cudf::column_view> columns;
  for (std::size_t i = 0; i < input.columns.size(); ++i) {
    columns.push_back(without_idle_mask(input.columns[i]->view(), write.input->schema[i]));
  }
  const cudf::table_view view(columns);
  cudf::io::write_parquet(parquet_options(write.input->schema, view, ParquetOptions(write.options), sink), context.stream);
  context.check_cancelled();
  sink.commit();
  Frame frame;
  frame.schema = node.schema;
  frame.columns.push_back(column_of_integers({input.rows}, context));
  frame.rows = 1;
  return frame;
}

std::string why_not_write(const plan::Node& node) {
  const auto& write = std::get<plan::Write>(node.node);
  if (write.format == "arrow") return "libcudf has no writer of Arrow IPC files.";
  if (write.format == "csv") {
    return "libcudf's CSV writer does not write floats as the shortest text that reads back the same, nor quotes texts that "
           "would read as null.";
  }
  if (write.format == "jsonl") {
    return "libcudf's JSON writer does not write floats as the shortest text that reads back the same, nor bytes as base64.";
  }
  const ParquetOptions options(write.options);
  if (!compression_of(options.compression)) return "libcudf's Parquet writer does not compress with " + options.compression + ".";
  if (options.level) return "libcudf's Parquet writer has no compression levels.";
  if (options.row_group_rows < kLeastGroupRows) {
    return "libcudf's Parquet writer makes no row groups of fewer than " + std::to_string(kLeastGroupRows) + " rows.";
  }
  if (options.page_bytes < kLeastPageBytes) {
    return "libcudf's Parquet writer makes no pages of fewer than " + std::to_string(kLeastPageBytes) + " bytes.";
  }
  if (write.input->schema.empty()) return "libcudf writes no Parquet file without columns.";
  return zones_of(write.input->schema).problem;
}

}  // namespace warpframe::exec
