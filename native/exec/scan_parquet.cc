#include "scan_parquet.hh"

#include <cudf/concatenate.hpp>
#include <cudf/io/parquet.hpp>
#include <cudf/io/parquet_metadata.hpp>
#include <cudf/table/table.hpp>

#include <algorithm>
#include <limits>
#include <set>

#include "../util/failure.hh"
#include "literals.hh"
#include "scan_columns.hh"
#include "scan_predicate.hh"

namespace warpframe::exec {
namespace {

using Table = std::unique_ptr<cudf::table>;

/** Of the memory limit: what one chunk may take once decoded, and what reading it may take besides. */
constexpr std::uint64_t kChunkShare = 4;
constexpr std::uint64_t kPassShare = 2;

/** Names with a number at each that comes again, as the file's schema has them in a plan. */
std::vector<std::string> unique_names(const cudf::io::parquet_column_schema& root) {
  std::vector<std::string> names;
  for (const auto& child : root.children()) names.push_back(child.name());
  const std::set<std::string> all(names.begin(), names.end());
  std::set<std::string> used;
  for (std::string& name : names) {
    std::string unique = name;
    for (int n = 1; used.count(unique) > 0 || (unique != name && all.count(unique) > 0); ++n) unique = name + "_" + std::to_string(n);
    used.insert(unique);
    name = unique;
  }
  return names;
}

[[noreturn]] void fail_missing(const FileRequest& request, const std::string& column, const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
  throw Failure("ERR_SCHEMA_MISMATCH", "The file " + request.path + " has no column \"" + column + "\". Columns: " + list + ".");
}

/** The option `rowGroups`: the only row groups to read. */
std::vector<cudf::size_type> chosen_groups(const FileRequest& request, cudf::size_type count) {
  if (request.groups != nullptr) return *request.groups;
  const plan::Json* wanted = request.options.find("rowGroups");
  std::vector<cudf::size_type> groups;
  if (wanted == nullptr || wanted->is_null()) return groups;
  for (const plan::Json& each : wanted->items()) {
    const std::int64_t group = each.as_int64();
    if (group < 0 || group >= count) {
      throw Failure("ERR_PARAMETER", "Expected row group numbers from 0 to " + std::to_string(count - 1) + " for rowGroups of " +
                                         request.path + " but received " + std::to_string(group) + ".");
    }
    groups.push_back(static_cast<cudf::size_type>(group));
  }
  // In the order of the file, each once.
  std::sort(groups.begin(), groups.end());
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  return groups;
}

/** Calls libcudf; what it says about a file it cannot read becomes our error. */
template <typename Call>
auto reading(const std::string& path, Call call) {
  try {
    return call();
  } catch (const cudf::cuda_error&) {
    throw;
  } catch (const std::overflow_error&) {
    throw;
  } catch (const std::logic_error& error) {
    throw Failure("ERR_CORRUPT_FILE", "libcudf cannot read " + path + ": " + error.what());
  }
}

class FileReader {
 public:
  FileReader(const FileRequest& request, Context& context)
      : request_(request),
        context_(context),
        metadata_(reading(request.path, [&] { return cudf::io::read_parquet_metadata(cudf::io::source_info(request.path)); })),
        names_(unique_names(metadata_.schema().root())),
        groups_(chosen_groups(request, metadata_.num_rowgroups())) {
    std::vector<std::optional<cudf::size_type>> wanted;
    for (const plan::Field& field : request.columns) {
      const auto found = std::find(names_.begin(), names_.end(), field.name);
      if (found == names_.end() && !field.nullable) fail_missing(request, field.name, names_);
      const bool here = found != names_.end() && field.type.dtype != plan::DType::null;
      wanted.push_back(here ? std::optional(static_cast<cudf::size_type>(found - names_.begin())) : std::nullopt);
      if (here) indices_.push_back(*wanted.back());
    }
    // In the order of the file, so that it does not matter in which order libcudf gives them.
    std::sort(indices_.begin(), indices_.end());
    for (const std::optional<cudf::size_type>& index : wanted) {
      const auto at = std::find(indices_.begin(), indices_.end(), index.value_or(-1));
      positions_.push_back(index ? std::optional(static_cast<cudf::size_type>(at - indices_.begin())) : std::nullopt);
    }
  }

  Frame read(std::string& note) {
    Frame frame;
    frame.schema = request_.columns;
    if (indices_.empty()) {
      frame.rows = counted_rows(note);
      for (const plan::Field& field : request_.columns) frame.columns.push_back(null_column(field.type, frame.rows, context_));
      return frame;
    }
    Table table = read_table(note);
    frame.rows = table->num_rows();
    std::vector<std::unique_ptr<cudf::column>> read_columns = table->release();
    for (std::size_t i = 0; i < request_.columns.size(); ++i) frame.columns.push_back(column(i, read_columns, frame.rows));
    return frame;
  }

 private:
  bool whole_file() const {
    const plan::Json* wanted = request_.options.find("rowGroups");
    return request_.groups == nullptr && (wanted == nullptr || wanted->is_null());
  }

  /** Rows of a read of no columns: the footer knows them, except of some row groups. */
  cudf::size_type counted_rows(std::string& note) {
    if (!whole_file() && metadata_.schema().root().num_children() > 0) {
      indices_ = {0};
      return read_table(note)->num_rows();
    }
    std::int64_t rows = metadata_.num_rows();
    if (request_.predicate == nullptr && request_.limit) rows = std::min(rows, *request_.limit);
    if (rows > std::numeric_limits<cudf::size_type>::max()) throw std::overflow_error("more rows than a frame of libcudf holds");
    return static_cast<cudf::size_type>(rows);
  }

  /** The number of a column among those read, where it is stored as the plan has it. */
  std::optional<cudf::size_type> stored_as_planned(const std::string& name) const {
    for (std::size_t i = 0; i < request_.columns.size(); ++i) {
      if (request_.columns[i].name != name || !positions_[i]) continue;
      const auto& stored = metadata_.schema().root().child(indices_[static_cast<std::size_t>(*positions_[i])]);
      if (stored.cudf_type() == device_type(request_.columns[i].type)) return positions_[i];
    }
    return std::nullopt;
  }

  Table read_table(std::string& note) {
    if (!whole_file() && groups_.empty()) return read_options(options_for(std::int64_t{0}), note);
    std::unique_ptr<PushedPredicate> pushed;
    if (request_.predicate != nullptr) {
      pushed = push_predicate(*request_.predicate, [this](const std::string& name) { return stored_as_planned(name); }, context_);
    }
    cudf::io::parquet_reader_options options = options_for(request_.predicate == nullptr ? request_.limit : std::nullopt);
    if (pushed) options.set_filter(*pushed->root);
    return read_options(options, note);
  }

  cudf::io::parquet_reader_options options_for(std::optional<std::int64_t> limit) const {
    auto options = cudf::io::parquet_reader_options::builder(cudf::io::source_info(request_.path)).build();
    options.set_column_indices(indices_);
    // Decimals of every width, and dictionaries of text: one representation.
    options.set_decimal_width(cudf::type_id::DECIMAL128);
    options.enable_use_pandas_metadata(false);
    if (!groups_.empty()) options.set_row_groups({groups_});
    // libcudf does not take a number of rows beside row groups: then the rows are cut afterwards.
    if (limit && groups_.empty()) options.set_num_rows(*limit);
    return options;
  }

  Table read_options(const cudf::io::parquet_reader_options& options, std::string& note) {
    const std::uint64_t limit = context_.memory_limit_bytes;
    std::vector<Table> chunks;
    std::int64_t rows = 0;
    reading(request_.path, [&] {
      const cudf::io::chunked_parquet_reader reader(limit / kChunkShare, limit / kPassShare, options, context_.stream,
                                                    context_.memory);
      do {
        context_.check_cancelled();
        cudf::io::table_with_metadata chunk = reader.read_chunk();
        rows += chunk.tbl->num_rows();
        if (rows > std::numeric_limits<cudf::size_type>::max()) throw std::overflow_error("more rows than a frame of libcudf holds");
        note_groups(chunk.metadata, note);
        chunks.push_back(std::move(chunk.tbl));
      } while (reader.has_next());
    });
    if (chunks.size() == 1) return std::move(chunks[0]);
    std::vector<cudf::table_view> views;
    for (const Table& chunk : chunks) views.push_back(chunk->view());
    return cudf::concatenate(views, context_.stream, context_.memory);
  }

  void note_groups(const cudf::io::table_metadata& metadata, std::string& note) const {
    if (!metadata.num_row_groups_after_stats_filter) return;
    const cudf::size_type kept = metadata.num_row_groups_after_bloom_filter.value_or(*metadata.num_row_groups_after_stats_filter);
    note = std::to_string(kept) + " of " + std::to_string(metadata.num_input_row_groups) + " row groups";
  }

  ColumnPtr column(std::size_t i, std::vector<std::unique_ptr<cudf::column>>& read_columns, cudf::size_type rows) {
    const plan::Field& field = request_.columns[i];
    if (!positions_[i]) return null_column(field.type, rows, context_);
    const ColumnPlace place{request_.path, field.name};
    std::unique_ptr<cudf::column> made =
        fit_column(std::move(read_columns[static_cast<std::size_t>(*positions_[i])]), field.type, place, context_);
    if (!field.nullable) check_no_nulls(*made, place, request_.rows_before, context_);
    return made;
  }

  const FileRequest& request_;
  Context& context_;
  cudf::io::parquet_metadata metadata_;
  std::vector<std::string> names_;
  std::vector<cudf::size_type> groups_;
  std::vector<cudf::size_type> indices_;                     // of the file's columns, those that are read
  std::vector<std::optional<cudf::size_type>> positions_;    // of each wanted column among those; none: it is not there
};

}  // namespace

Frame read_parquet_file(const FileRequest& request, Context& context, std::string& note) {
  return FileReader(request, context).read(note);
}

}  // namespace warpframe::exec
