#include "prelude.hh"

#include "parts.hh"

#include <cudf/io/parquet_metadata.hpp>

#include <algorithm>
#include <exception>
#include <limits>

#include "expressions.hh"

namespace warpframe::exec {

namespace {

using plan::NodePtr;

/** No window: what a row gives does not depend on others. */
bool row_by_row(const plan::Expr& expr) {
  if (std::holds_alternative<plan::Over>(expr.node)) return false;
  const std::vector<const plan::Expr*> inputs = inputs_of(expr);
  return std::all_of(inputs.begin(), inputs.end(), [](const plan::Expr* input) { return row_by_row(*input); });
}

bool in_parts(const plan::Scan& scan) {
  const plan::Json* chosen = scan.options.find("rowGroups");
  return scan.format == "parquet" && !scan.limit && !scan.part && (chosen == nullptr || chosen->is_null()) &&
         std::all_of(scan.files.begin(), scan.files.end(), [](const plan::FileSpec& file) { return file.kind == "file"; });
}

/** Row groups that lie one behind the other and are read together. */
std::vector<plan::ScanPart> parts_of_file(const plan::FileSpec& file, std::uint64_t bytes) {
  const auto metadata = cudf::io::read_parquet_metadata(cudf::io::source_info(file.path));
  std::vector<plan::ScanPart> parts;
  std::int64_t part_rows = 0;
  std::uint64_t part_bytes = 0;
  std::int32_t number = 0;
  for (const auto& group : metadata.rowgroup_metadata()) {
    // What libcudf does not tell leaves the file in one part.
    const auto own_rows = group.find("num_rows");
    const auto own_bytes = group.find("total_byte_size");
    if (own_rows == group.end() || own_bytes == group.end()) return {plan::ScanPart{}};
    const auto size = static_cast<std::uint64_t>(std::max<std::int64_t>(own_bytes->second, 0));
    const bool full = part_bytes + size > bytes || part_rows + own_rows->second > std::numeric_limits<std::int32_t>::max();
    if (parts.empty() || full) {
      parts.emplace_back();
      part_rows = 0;
      part_bytes = 0;
    }
    parts.back().groups.push_back(number++);
    part_rows += own_rows->second;
    part_bytes += size;
  }
  if (parts.empty()) parts.emplace_back();
  return parts;
}

/** The nodes above a scan, over another scan. */
NodePtr rebuilt(const std::vector<const plan::Node*>& above, plan::Node scan) {
  auto node = std::make_shared<const plan::Node>(std::move(scan));
  for (auto at = above.rbegin(); at != above.rend(); ++at) {
    plan::Node next = **at;
    if (auto* filter = std::get_if<plan::Filter>(&next.node)) filter->input = node;
    else std::get<plan::Project>(next.node).input = node;
    node = std::make_shared<const plan::Node>(std::move(next));
  }
  return node;
}

}  // namespace

const NodePtr* row_wise_input(const plan::Node& node) {
  if (const auto* filter = std::get_if<plan::Filter>(&node.node)) return row_by_row(*filter->predicate) ? &filter->input : nullptr;
  const auto* project = std::get_if<plan::Project>(&node.node);
  if (project == nullptr) return nullptr;
  const bool rows = std::all_of(project->exprs.begin(), project->exprs.end(), [](const plan::NamedExpr& e) { return row_by_row(*e.expr); });
  return rows ? &project->input : nullptr;
}

std::vector<NodePtr> parts_of(const NodePtr& root, std::uint64_t bytes) {
  std::vector<const plan::Node*> above;
  const plan::Node* node = root.get();
  for (const NodePtr* input = row_wise_input(*node); input != nullptr; input = row_wise_input(*node)) {
    above.push_back(node);
    node = input->get();
  }
  const auto* scan = std::get_if<plan::Scan>(&node->node);
  if (scan == nullptr || !in_parts(*scan)) return {};
  std::vector<NodePtr> parts;
  for (const plan::FileSpec& file : scan->files) {
    std::vector<plan::ScanPart> own;
    try {
      own = parts_of_file(file, bytes);
    } catch (const std::exception&) {
      return {};  // reading it says what is wrong
    }
    for (plan::ScanPart& part : own) {
      plan::Scan some = *scan;
      some.files = {file};
      if (!part.groups.empty()) some.part = std::move(part);
      parts.push_back(rebuilt(above, {node->schema, std::move(some)}));
    }
  }
  return parts.size() > 1 ? parts : std::vector<NodePtr>{};
}

}  // namespace warpframe::exec
