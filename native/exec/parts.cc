#include "prelude.hh"

#include "parts.hh"

#include <cudf/io/parquet_metadata.hpp>

#include <algorithm>
#include <exception>

#include "expressions.hh"
#include "row_limit.hh"

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

/** How large the next part may be: each is twice the last, up to the most. */
struct PartSize {
  std::uint64_t bytes;
  std::uint64_t most;
};

/** Row groups that lie one behind the other and are read together. */
std::vector<plan::ScanPart> parts_of_file(const plan::FileSpec& file, PartSize& size_of_part) {
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
    const bool full = part_bytes + size > size_of_part.bytes || part_rows + own_rows->second > most_rows_of_part();
    if (parts.empty() || full) {
      if (!parts.empty()) size_of_part.bytes = size_of_part.bytes > size_of_part.most / 2 ? size_of_part.most : size_of_part.bytes * 2;
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

/** Whether a join looks up its left side for the rows of its right one. */
bool looks_up_left(const plan::Join& join) { return join.how == plan::JoinHow::inner && join.build_left && !join.maintain_order; }

/** The nodes above a scan, over another scan, and tables in place of what they join it with. */
NodePtr rebuilt(const std::vector<const plan::Node*>& above, plan::Node scan) {
  auto node = std::make_shared<const plan::Node>(std::move(scan));
  std::int64_t table = 0;
  for (auto at = above.rbegin(); at != above.rend(); ++at) {
    plan::Node next = **at;
    if (auto* filter = std::get_if<plan::Filter>(&next.node)) {
      filter->input = node;
    } else if (auto* slice = std::get_if<plan::Slice>(&next.node)) {
      slice->input = node;
    } else if (auto* join = std::get_if<plan::Join>(&next.node)) {
      NodePtr& rows = looks_up_left(*join) ? join->right : join->left;
      NodePtr& other = looks_up_left(*join) ? join->left : join->right;
      rows = node;
      other = std::make_shared<const plan::Node>(plan::Node{other->schema, plan::Table{--table, 0}});
    } else {
      std::get<plan::Project>(next.node).input = node;
    }
    node = std::make_shared<const plan::Node>(std::move(next));
  }
  return node;
}

}  // namespace

const NodePtr* row_wise_input(const plan::Node& node) {
  if (const auto* filter = std::get_if<plan::Filter>(&node.node)) return row_by_row(*filter->predicate) ? &filter->input : nullptr;
  if (const auto* slice = std::get_if<plan::Slice>(&node.node)) return slice->offset >= 0 ? &slice->input : nullptr;
  if (const auto* join = std::get_if<plan::Join>(&node.node)) {
    const bool by_rows = join->how == plan::JoinHow::inner || join->how == plan::JoinHow::left ||
                         join->how == plan::JoinHow::semi || join->how == plan::JoinHow::anti;
    if (!by_rows) return nullptr;
    return looks_up_left(*join) ? &join->right : &join->left;
  }
  const auto* project = std::get_if<plan::Project>(&node.node);
  if (project == nullptr) return nullptr;
  const bool rows = std::all_of(project->exprs.begin(), project->exprs.end(), [](const plan::NamedExpr& e) { return row_by_row(*e.expr); });
  return rows ? &project->input : nullptr;
}

bool takes_first_rows(const plan::Node& node) {
  const auto* slice = std::get_if<plan::Slice>(&node.node);
  return slice != nullptr && slice->offset >= 0 && slice->length;
}

std::vector<const plan::Node*> row_wise_chain(const plan::Node& root) {
  std::vector<const plan::Node*> chain{&root};
  for (const NodePtr* input = row_wise_input(root); input != nullptr; input = row_wise_input(**input)) chain.push_back(input->get());
  return chain;
}

std::optional<std::size_t> place_of_other(std::int64_t table) {
  return table < 0 ? std::optional(static_cast<std::size_t>(-table - 1)) : std::nullopt;
}

bool has_enough(const NodePtr& part, const std::vector<std::int64_t>& rows_so_far) {
  if (rows_so_far.empty()) return false;
  const std::vector<const plan::Node*> chain = row_wise_chain(*part);
  for (std::size_t i = 0; i < chain.size(); ++i) {
    if (!takes_first_rows(*chain[i])) continue;
    const auto& slice = std::get<plan::Slice>(chain[i]->node);
    if (rows_so_far.at(i + 1) - slice.offset >= *slice.length) return true;
  }
  return false;
}

Parts parts_of(const NodePtr& root, std::uint64_t bytes) {
  std::vector<const plan::Node*> above = row_wise_chain(*root);
  const plan::Node& source = *above.back();
  above.pop_back();
  const auto* scan = std::get_if<plan::Scan>(&source.node);
  if (scan == nullptr || !in_parts(*scan)) return {};
  Parts parts;
  const bool first_rows = std::any_of(above.begin(), above.end(), [](const plan::Node* each) { return takes_first_rows(*each); });
  PartSize size{first_rows ? std::min(bytes, kFirstRowsBytes) : bytes, bytes};
  for (const plan::FileSpec& file : scan->files) {
    std::vector<plan::ScanPart> own;
    try {
      own = parts_of_file(file, size);
    } catch (const std::exception&) {
      return {};  // reading it says what is wrong
    }
    for (plan::ScanPart& part : own) {
      plan::Scan some = *scan;
      some.files = {file};
      if (!part.groups.empty()) some.part = std::move(part);
      parts.plans.push_back(rebuilt(above, {source.schema, std::move(some)}));
    }
  }
  if (parts.plans.size() < 2) return {};
  // In the order in which they are numbered.
  for (auto at = above.rbegin(); at != above.rend(); ++at)
    if (const auto* join = std::get_if<plan::Join>(&(*at)->node)) parts.others.push_back(looks_up_left(*join) ? join->left : join->right);
  return parts;
}

}  // namespace warpframe::exec
