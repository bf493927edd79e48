// The scan: files one after another, partition columns as constants.
#include <sys/stat.h>

#include <cudf/column/column_factories.hpp>
#include <cudf/concatenate.hpp>
#include <cudf/copying.hpp>
#include <cudf/table/table.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <set>

#include "../util/failure.hh"
#include "files.hh"
#include "literals.hh"
#include "scan_parquet.hh"
#include "scan_predicate.hh"
#include "value.hh"

namespace warpframe::exec {
namespace {

using plan::DType;

/** The names of the columns that come from folder names. */
std::set<std::string> partition_names(const plan::Scan& scan) {
  std::set<std::string> names;
  if (!scan.files.empty()) {
    for (const auto& [name, value] : scan.files[0].partition) names.insert(name);
  }
  return names;
}

plan::Schema own_columns(const plan::Schema& schema, const std::set<std::string>& partitions) {
  plan::Schema own;
  for (const plan::Field& field : schema) {
    if (partitions.count(field.name) == 0) own.push_back(field);
  }
  return own;
}

/** The file as it was when the plan was made. */
void check_file(const plan::FileSpec& file) {
  struct stat found {};
  if (stat(file.path.c_str(), &found) != 0) {
    const bool absent = errno == ENOENT;
    const char* reason = absent ? "no such file" : std::strerror(errno);
    throw Failure(absent ? "ERR_FILE_NOT_FOUND" : "ERR_IO", "Cannot open " + file.path + ": " + reason + ".");
  }
  if (static_cast<std::int64_t>(found.st_size) != file.size_bytes) {
    throw Failure("ERR_IO", file.path + " changed between opening and reading: " + std::to_string(file.size_bytes) +
                                " bytes then, " + std::to_string(found.st_size) + " now. Open it again.");
  }
}

/** Days since 1970-01-01 of `YYYY-MM-DD`, which the plan has checked. */
std::int64_t days_of(const std::string& text) {
  const int year = std::stoi(text.substr(0, 4));
  const int month = std::stoi(text.substr(5, 2));
  const int day = std::stoi(text.substr(8, 2));
  // Howard Hinnant, "chrono-compatible low-level date algorithms", days_from_civil.
  const int shifted = month <= 2 ? year - 1 : year;
  const int era = (shifted >= 0 ? shifted : shifted - 399) / 400;
  const int year_of_era = shifted - era * 400;
  const int day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return std::int64_t{era} * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

std::unique_ptr<cudf::scalar> partition_scalar(const std::optional<std::string>& text, const plan::LogicalType& type,
                                               Context& context) {
  const cudf::data_type device = device_type(type);
  if (!text) return null_scalar(device, context);
  switch (type.dtype) {
    case DType::utf8:
    case DType::categorical: return text_scalar(*text, context);
    case DType::boolean: return number_scalar(device, *text == "true" ? 1 : 0, context);
    case DType::date32: return number_scalar(device, days_of(*text), context);
    case DType::float32:
    case DType::float64: return real_scalar(device, std::stod(*text), context);
    case DType::uint64: return number_scalar(device, static_cast<Int128>(std::stoull(*text)), context);
    default: return number_scalar(device, std::stoll(*text), context);
  }
}

bool is_partition_type(DType dtype) {
  switch (dtype) {
    case DType::utf8:
    case DType::categorical:
    case DType::boolean:
    case DType::date32:
    case DType::int8:
    case DType::int16:
    case DType::int32:
    case DType::int64:
    case DType::uint8:
    case DType::uint16:
    case DType::uint32:
    case DType::uint64:
    case DType::float32:
    case DType::float64: return true;
    default: return false;
  }
}

class Scanner {
 public:
  Scanner(const plan::Node& node, Context& context)
      : node_(node),
        scan_(std::get<plan::Scan>(node.node)),
        context_(context),
        partitions_(partition_names(scan_)),
        columns_(own_columns(node.schema, partitions_)) {}

  Frame read() {
    std::vector<Frame> parts;
    std::int64_t rows = 0;
    std::size_t skipped = 0;
    for (const plan::FileSpec& file : scan_.files) {
      if (scan_.limit && rows >= *scan_.limit) break;
      if (!may_match(file)) {
        ++skipped;
        continue;
      }
      parts.push_back(read_file(file, rows));
      rows += parts.back().rows;
      if (rows > std::numeric_limits<cudf::size_type>::max()) throw std::overflow_error("more rows than a frame of libcudf holds");
    }
    if (skipped > 0) {
      notes_.push_back(std::to_string(scan_.files.size() - skipped) + " of " + std::to_string(scan_.files.size()) + " files");
    }
    Frame frame = limited(joined(std::move(parts)));
    report();
    return frame;
  }

 private:
  /** False where a comparison of the predicate with the folder's values is not true. */
  bool may_match(const plan::FileSpec& file) {
    if (scan_.predicate == nullptr || file.partition.empty()) return true;
    for (const plan::Expr* part : conjuncts(*scan_.predicate)) {
      const auto* call = std::get_if<plan::Call>(&part->node);
      if (call == nullptr || call->fn != "eq" || call->args.size() != 2) continue;
      const auto* column = std::get_if<plan::Column>(&call->args[0]->node);
      const auto* constant = std::get_if<plan::Constant>(&call->args[1]->node);
      if (column == nullptr || constant == nullptr || partitions_.count(column->name) == 0) continue;
      if (!equals(file, column->name, *constant, call->args[0]->type)) return false;
    }
    return true;
  }

  bool equals(const plan::FileSpec& file, const std::string& name, const plan::Constant& constant, const plan::LogicalType& type) {
    const auto found = std::find_if(file.partition.begin(), file.partition.end(), [&](const auto& each) { return each.first == name; });
    if (found == file.partition.end() || !found->second) return false;
    if (const auto* text = std::get_if<std::string>(&constant.literal.value)) return *text == *found->second;
    if (const auto* number = std::get_if<Int128>(&constant.literal.value)) {
      const std::string& stored = *found->second;
      if (type.dtype == DType::date32) return days_of(stored) == *number;
      if (type.dtype == DType::int64) return std::stoll(stored) == *number;
    }
    return true;
  }

  Frame read_file(const plan::FileSpec& file, std::int64_t rows_before) {
    check_file(file);
    FileRequest request{file.path, columns_, scan_.options, scan_.predicate.get(), std::nullopt, nullptr,
                        context_.rows_before + rows_before};
    if (scan_.part) request.groups = &scan_.part->groups;
    if (scan_.limit) request.limit = *scan_.limit - rows_before;
    std::string note;
    Frame own = read_parquet_file(request, context_, note);
    if (!note.empty()) notes_.push_back(note);
    if (partitions_.empty()) return own;
    return with_partitions(file, own);
  }

  Frame with_partitions(const plan::FileSpec& file, const Frame& own) {
    Frame frame;
    frame.schema = node_.schema;
    frame.rows = own.rows;
    std::size_t next = 0;
    for (const plan::Field& field : node_.schema) {
      if (partitions_.count(field.name) == 0) {
        frame.columns.push_back(own.columns[next++]);
        continue;
      }
      const auto found = std::find_if(file.partition.begin(), file.partition.end(),
                                      [&](const auto& each) { return each.first == field.name; });
      const std::optional<std::string> text = found == file.partition.end() ? std::nullopt : found->second;
      const std::unique_ptr<cudf::scalar> value = partition_scalar(text, field.type, context_);
      frame.columns.push_back(cudf::make_column_from_scalar(*value, frame.rows, context_.stream, context_.memory));
    }
    return frame;
  }

  Frame joined(std::vector<Frame> parts) {
    if (parts.size() == 1) {
      parts[0].schema = node_.schema;
      return std::move(parts[0]);
    }
    Frame frame;
    frame.schema = node_.schema;
    for (const Frame& part : parts) frame.rows += part.rows;
    for (std::size_t i = 0; i < node_.schema.size(); ++i) {
      if (parts.empty()) {
        frame.columns.push_back(null_column(node_.schema[i].type, 0, context_));
        continue;
      }
      std::vector<cudf::column_view> views;
      for (const Frame& part : parts) views.push_back(part.columns[i]->view());
      frame.columns.push_back(cudf::concatenate(views, context_.stream, context_.memory));
    }
    return frame;
  }

  Frame limited(Frame frame) {
    if (!scan_.limit || frame.rows <= *scan_.limit) return frame;
    const auto rows = static_cast<cudf::size_type>(*scan_.limit);
    for (ColumnPtr& column : frame.columns) {
      const cudf::column_view head = cudf::slice(column->view(), {0, rows}, context_.stream)[0];
      column = std::make_shared<const cudf::column>(head, context_.stream, context_.memory);
    }
    frame.rows = rows;
    return frame;
  }

  void report() {
    for (const std::string& each : notes_) context_.note += (context_.note.empty() ? "" : "; ") + each;
  }

  const plan::Node& node_;
  const plan::Scan& scan_;
  Context& context_;
  std::set<std::string> partitions_;
  plan::Schema columns_;
  std::vector<std::string> notes_;
};

}  // namespace

Frame read_files(const plan::Node& node, Context& context) { return Scanner(node, context).read(); }

std::string why_not_read(const plan::Node& node) {
  const auto& scan = std::get<plan::Scan>(node.node);
  if (scan.format == "arrow") return "libcudf has no reader of Arrow IPC files.";
  if (scan.format == "csv") {
    return "libcudf's CSV reader does not report rows with too few or too many fields, nor texts that are no value of their "
           "column.";
  }
  if (scan.format == "jsonl") {
    return "libcudf's JSON reader makes null of values that are not of their column's dtype instead of reporting them.";
  }
  for (const plan::FileSpec& file : scan.files) {
    if (file.kind != "file") return "libcudf reads files of this machine, not bytes in memory or behind a URL.";
  }
  const std::set<std::string> partitions = partition_names(scan);
  for (const plan::Field& field : node.schema) {
    if (partitions.count(field.name) > 0 && !is_partition_type(field.type.dtype)) {
      return "Partition columns of " + plan::type_text(field.type) + " are not made on the device.";
    }
  }
  return "";
}

}  // namespace warpframe::exec
