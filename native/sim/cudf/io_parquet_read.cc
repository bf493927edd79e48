// Parquet in, over Arrow C++.
#include "arrow_columns.hh"
#include "ast.hh"

#include <cudf/io/parquet.hpp>
#include <cudf/io/parquet_metadata.hpp>

#include <arrow/io/api.h>
#include <parquet/arrow/reader.h>
#include <parquet/arrow/schema.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <map>
#include <mutex>
#include <numeric>

namespace host = warpframe::host;

namespace cudf::io {
namespace {

using Files = std::vector<std::unique_ptr<::parquet::arrow::FileReader>>;

std::shared_ptr<arrow::io::RandomAccessFile> open_source(const source_info& source, std::size_t index) {
  if (source.type() == io_type::FILEPATH) return host::check(arrow::io::ReadableFile::Open(source.filepaths()[index]));
  if (source.type() == io_type::HOST_BUFFER) {
    const auto& bytes = source.host_buffers()[index];
    return std::make_shared<arrow::io::BufferReader>(
        std::make_shared<arrow::Buffer>(reinterpret_cast<const std::uint8_t*>(bytes.data()), static_cast<std::int64_t>(bytes.size())));
  }
  host::missing("a source of this kind");
}

Files open_files(const source_info& source) {
  Files files;
  for (std::size_t i = 0; i < source.num_sources(); ++i) {
    ::parquet::arrow::FileReaderBuilder builder;
    host::check(builder.Open(open_source(source, i)));
    ::parquet::ArrowReaderProperties properties;
    properties.set_use_threads(false);
    files.push_back(host::check(builder.properties(properties)->Build()));
  }
  return files;
}

/** libcudf's own words for what Arrow throws. */
template <typename Call>
auto guarded(Call call) {
  try {
    return call();
  } catch (const ::parquet::ParquetException& error) {
    throw cudf::logic_error(std::string("host-cudf: ") + error.what());
  }
}

parquet::Type physical(::parquet::Type::type type) { return static_cast<parquet::Type>(static_cast<int>(type)); }

parquet_column_schema schema_of(const arrow::Field& field) {
  std::vector<parquet_column_schema> children;
  for (const auto& child : field.type()->fields()) children.push_back(schema_of(*child));
  return parquet_column_schema(field.name(), physical(::parquet::Type::UNDEFINED), std::move(children),
                               host::type_of_arrow(*field.type()).id);
}

/** Numbers of the leaves of top-level columns. */
std::vector<int> leaves_of(const ::parquet::arrow::FileReader& file, const std::vector<int>& columns) {
  std::vector<int> leaves;
  const auto& descriptor = *file.parquet_reader()->metadata()->schema();
  for (const int column : columns) {
    const auto* root = descriptor.group_node()->field(column).get();
    for (int leaf = 0; leaf < descriptor.num_columns(); ++leaf) {
      if (descriptor.GetColumnRoot(leaf) == root) leaves.push_back(leaf);
    }
  }
  std::sort(leaves.begin(), leaves.end());  // then Arrow gives columns in the order of the file
  return leaves;
}

/** The top-level columns that a read asks for, in its order. */
std::vector<int> columns_of(const arrow::Schema& schema, const parquet_reader_options& options) {
  std::vector<int> columns;
  if (options.get_column_indices()) {
    for (const size_type index : *options.get_column_indices()) {
      CUDF_EXPECTS(index >= 0 && index < schema.num_fields(), "Encountered an invalid column index", std::out_of_range);
      columns.push_back(index);
    }
  } else if (options.get_column_names()) {
    for (const std::string& name : *options.get_column_names()) {
      const int index = schema.GetFieldIndex(name);
      CUDF_EXPECTS(index >= 0 || options.is_enabled_ignore_missing_columns(),
                   "Encountered non-existent column in selected path", std::invalid_argument);
      if (index >= 0) columns.push_back(index);
    }
  } else {
    columns.resize(static_cast<std::size_t>(schema.num_fields()));
    std::iota(columns.begin(), columns.end(), 0);
  }
  return columns;
}

struct FileRows {
  std::unique_ptr<table> rows;
  std::vector<std::string> names;
  size_type groups = 0;
};

FileRows read_file(::parquet::arrow::FileReader& file, const parquet_reader_options& options,
                   const std::vector<size_type>* groups, cuda::stream_ref stream, host::Memory memory) {
  std::shared_ptr<arrow::Schema> schema;
  host::check(file.GetSchema(&schema));
  const std::vector<int> columns = columns_of(*schema, options);
  std::vector<int> chosen(static_cast<std::size_t>(file.num_row_groups()));
  std::iota(chosen.begin(), chosen.end(), 0);
  if (groups != nullptr) chosen.assign(groups->begin(), groups->end());
  for (const int group : chosen) CUDF_EXPECTS(group >= 0 && group < file.num_row_groups(),
                                              "Invalid rowgroup index", std::out_of_range);
  std::shared_ptr<arrow::Table> table_read = host::check(file.ReadRowGroups(chosen, leaves_of(file, columns)));
  FileRows out;
  out.groups = static_cast<size_type>(chosen.size());
  std::vector<std::unique_ptr<column>> made;
  // libcudf gives them in the order of the request.
  std::vector<int> sorted = columns;
  std::sort(sorted.begin(), sorted.end());
  for (const int wanted : columns) {
    const auto at = static_cast<int>(std::find(sorted.begin(), sorted.end(), wanted) - sorted.begin());
    made.push_back(host::column_of_arrow(*table_read->column(at), stream, memory));
    out.names.push_back(schema->field(wanted)->name());
  }
  out.rows = std::make_unique<table>(std::move(made), static_cast<size_type>(table_read->num_rows()));
  return out;
}

/** Rows of `table` that the filter keeps, after those that the request skips. */
std::unique_ptr<table> chosen_rows(const FileRows& file, const parquet_reader_options& options, cuda::stream_ref stream,
                                   host::Memory memory) {
  const table_view view = file.rows->view();
  std::vector<size_type> rows;
  if (options.get_filter()) {
    CUDF_EXPECTS(!options.get_num_rows() && options.get_skip_rows() == 0, "host-cudf: a filter beside a range of rows");
    const host::Ast filter(options.get_filter()->get(), view, table_view{}, stream, file.names);
    CUDF_EXPECTS(filter.type().id() == type_id::BOOL8,
                 "The filter expression must return a boolean column.", data_type_error);
    for (size_type row = 0; row < view.num_rows(); ++row) {
      const host::Val keep = filter.at(row);
      if (!keep.null() && keep.truth()) rows.push_back(row);
    }
  } else {
    const std::int64_t begin = std::min<std::int64_t>(options.get_skip_rows(), view.num_rows());
    const std::int64_t count = std::min<std::int64_t>(options.get_num_rows().value_or(view.num_rows()), view.num_rows() - begin);
    for (std::int64_t row = begin; row < begin + count; ++row) rows.push_back(static_cast<size_type>(row));
  }
  if (static_cast<size_type>(rows.size()) == view.num_rows()) return nullptr;
  return host::gather_rows(view, rows, stream, memory);
}

table_with_metadata read_all(const parquet_reader_options& options, cuda::stream_ref stream, host::Memory memory) {
  return guarded([&] {
    Files files = open_files(options.get_source());
    CUDF_EXPECTS(files.size() == 1, "host-cudf: one file a read");
    const auto& groups = options.get_row_groups();
    CUDF_EXPECTS(groups.empty() || (!options.get_num_rows() && options.get_skip_rows() == 0),
                 "row_groups can't be set along with skip_rows and num_rows");
    FileRows file = read_file(*files[0], options, groups.empty() ? nullptr : &groups[0], stream, memory);
    table_with_metadata out;
    out.metadata.num_input_row_groups = file.groups;
    if (options.get_filter()) out.metadata.num_row_groups_after_stats_filter = file.groups;  // nothing is pruned here
    for (const std::string& name : file.names) out.metadata.schema_info.emplace_back(name);
    std::unique_ptr<table> chosen = chosen_rows(file, options, stream, memory);
    out.tbl = chosen ? std::move(chosen) : std::move(file.rows);
    return out;
  });
}

/** What a chunked reader still has to give. Its class is NVIDIA's: the state stands beside it. */
struct Chunks {
  table_with_metadata whole;
  size_type rows_per_chunk = 0;
  size_type given = 0;
  bool started = false;
  cuda::stream_ref stream{cudaStream_t{}};
  host::Memory memory = get_current_device_resource_ref();
};
std::mutex& chunks_lock() {
  static std::mutex lock;
  return lock;
}
std::map<const void*, Chunks>& all_chunks() {
  static std::map<const void*, Chunks> all;
  return all;
}
Chunks& chunks_of(const void* reader) {
  const std::lock_guard guard(chunks_lock());
  return all_chunks().at(reader);
}

void start_chunks(const void* reader, std::size_t chunk_limit, const parquet_reader_options& options, cuda::stream_ref stream,
                  host::Memory memory) {
  Chunks chunks;
  chunks.whole = read_all(options, stream, memory);
  chunks.stream = stream;
  chunks.memory = memory;
  const std::size_t bytes = chunks.whole.tbl->alloc_size();
  const auto rows = static_cast<std::size_t>(chunks.whole.tbl->num_rows());
  chunks.rows_per_chunk = static_cast<size_type>(rows);
  if (chunk_limit > 0 && bytes > chunk_limit) {
    chunks.rows_per_chunk = std::max<size_type>(1, static_cast<size_type>(static_cast<double>(rows) * static_cast<double>(chunk_limit) / static_cast<double>(bytes)));
  }
  const std::lock_guard guard(chunks_lock());
  all_chunks().insert_or_assign(reader, std::move(chunks));
}

}  // namespace

parquet_reader_options_builder parquet_reader_options::builder(source_info source) {
  return parquet_reader_options_builder(std::move(source));
}
void parquet_reader_options::set_row_groups(std::vector<std::vector<size_type>> groups) {
  CUDF_EXPECTS(groups.empty() || (_skip_rows == 0 && !_num_rows),
               "row_groups can't be set along with skip_rows and num_rows");
  _row_groups = std::move(groups);
}
void parquet_reader_options::set_skip_rows(int64_t rows) {
  CUDF_EXPECTS(rows >= 0, "skip_rows cannot be negative");
  CUDF_EXPECTS(rows == 0 || _row_groups.empty(), "skip_rows can't be set along with a non-empty row_groups");
  _skip_rows = rows;
}
void parquet_reader_options::set_num_rows(int64_t rows) {
  CUDF_EXPECTS(rows >= 0, "num_rows cannot be negative");
  CUDF_EXPECTS(_row_groups.empty(), "num_rows can't be set along with a non-empty row_groups");
  _num_rows = rows;
}

table_with_metadata read_parquet(const parquet_reader_options& options, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return read_all(options, stream, memory);
}

parquet_metadata read_parquet_metadata(const source_info& source) {
  return guarded([&] {
    Files files = open_files(source);
    std::shared_ptr<arrow::Schema> schema;
    host::check(files.at(0)->GetSchema(&schema));
    std::vector<parquet_column_schema> children;
    for (const auto& field : schema->fields()) children.push_back(schema_of(*field));
    const auto metadata = files[0]->parquet_reader()->metadata();
    parquet_metadata::key_value_metadata pairs;
    if (metadata->key_value_metadata() != nullptr) metadata->key_value_metadata()->ToUnorderedMap(&pairs);
    std::vector<parquet_metadata::row_group_metadata> groups;
    for (int group = 0; group < metadata->num_row_groups(); ++group) {
      const auto each = metadata->RowGroup(group);
      groups.push_back({{"num_rows", each->num_rows()}, {"total_byte_size", each->total_byte_size()}});
    }
    return parquet_metadata(parquet_schema(parquet_column_schema("schema", physical(::parquet::Type::UNDEFINED), std::move(children), data_type{type_id::STRUCT})),
                            metadata->num_rows(), metadata->num_row_groups(), {metadata->num_row_groups()}, std::move(pairs), std::move(groups), {});
  });
}

chunked_parquet_reader::chunked_parquet_reader() = default;
chunked_parquet_reader::chunked_parquet_reader(std::size_t chunk_limit, const parquet_reader_options& options,
                                               cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  start_chunks(this, chunk_limit, options, stream, memory);
}
chunked_parquet_reader::chunked_parquet_reader(std::size_t chunk_limit, std::size_t, const parquet_reader_options& options,
                                               cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  start_chunks(this, chunk_limit, options, stream, memory);
}
chunked_parquet_reader::~chunked_parquet_reader() {
  const std::lock_guard guard(chunks_lock());
  all_chunks().erase(this);
}
bool chunked_parquet_reader::has_next() const {
  const Chunks& chunks = chunks_of(this);
  return !chunks.started || chunks.given < chunks.whole.tbl->num_rows();
}
table_with_metadata chunked_parquet_reader::read_chunk() const {
  Chunks& chunks = chunks_of(this);
  chunks.started = true;
  const size_type end = std::min(chunks.whole.tbl->num_rows(), chunks.given + chunks.rows_per_chunk);
  std::vector<size_type> rows;
  for (; chunks.given < end; ++chunks.given) rows.push_back(chunks.given);
  table_with_metadata out;
  out.tbl = host::gather_rows(chunks.whole.tbl->view(), rows, chunks.stream, chunks.memory);
  out.metadata = chunks.whole.metadata;
  return out;
}

}  // namespace cudf::io
