#include "executor.hh"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "../util/failure.hh"
#include "aggregates.hh"
#include "expressions.hh"
#include "files.hh"
#include "parts.hh"
#include "relations.hh"

namespace warpframe::exec {

namespace {

/** Every node once, inputs before the nodes that read them. Not recursive: plans are as deep as the verbs that made them. */
std::vector<plan::NodePtr> nodes_of(const plan::Node& root) {
  struct Step {
    plan::NodePtr node;
    bool entered = false;
  };
  std::vector<plan::NodePtr> result;
  std::set<const plan::Node*> seen;
  // The root is the caller's.
  std::vector<Step> steps{{plan::NodePtr(plan::NodePtr{}, &root), false}};
  while (!steps.empty()) {
    Step step = steps.back();
    steps.pop_back();
    if (step.entered) {
      result.push_back(step.node);
      continue;
    }
    if (!seen.insert(step.node.get()).second) continue;
    steps.push_back({step.node, true});
    for (const plan::NodePtr& input : plan::inputs_of(*step.node)) steps.push_back({input, false});
  }
  return result;
}

/** Of the memory limit: what a part of a file may take, where a plan is run part by part. */
constexpr std::uint64_t kPartShare = 8;
/** A file is hardly more than so many times as large when it is decoded: below that its footer is not asked. */
constexpr std::uint64_t kMostDecoded = 64;

/** Whether the rows of a file surely are few enough to be read at once. */
bool is_small(const plan::Scan& scan, std::uint64_t bytes) {
  std::uint64_t size = 0;
  std::int64_t rows = 0;
  for (const plan::FileSpec& file : scan.files) {
    if (!file.rows) return false;
    size += static_cast<std::uint64_t>(file.size_bytes);
    rows += *file.rows;
  }
  return size < bytes / kMostDecoded && rows <= std::numeric_limits<cudf::size_type>::max();
}

class Run {
 public:
  explicit Run(Context& context) : context_(context) {}

  Frame all(const plan::Node& root) {
    const std::vector<plan::NodePtr> nodes = nodes_of(root);
    for (const plan::NodePtr& node : nodes)
      for (const plan::NodePtr& input : plan::inputs_of(*node)) ++readers_[input.get()];
    cut_into_parts(nodes);
    std::vector<std::int64_t>* const counts = context_.rows_so_far;
    if (counts != nullptr) counts->resize(nodes.size());
    // A plan in parts is a chain: each node reads the one before it, and a scan comes after its own rows.
    std::int64_t before = counts != nullptr ? counts->front() : 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      const plan::NodePtr& node = nodes[i];
      if (inside_.count(node.get()) > 0) continue;
      context_.check_cancelled();
      if (const auto found = parts_.find(node.get()); found != parts_.end()) {
        frames_.insert_or_assign(node.get(), in_parts(*node, found->second));
        continue;
      }
      context_.rows_before = before;
      const auto start = std::chrono::steady_clock::now();
      Frame frame = one(*node);
      trace(*node, frame, start);
      if (counts != nullptr) {
        before = (*counts)[i];
        (*counts)[i] += frame.rows;
      }
      for (const plan::NodePtr& input : plan::inputs_of(*node)) done_with(input.get());
      frames_.insert_or_assign(node.get(), std::move(frame));
    }
    return std::move(frames_.at(&root));
  }

 private:
  struct Do {
    Run& run;
    const plan::Node& node;
    Frame operator()(const plan::Scan&) const { return read_files(node, run.context_); }
    Frame operator()(const plan::Table&) const { return read_table(node, run.context_); }
    Frame operator()(const plan::Project& p) const { return project(node, run.of(p.input), run.context_); }
    Frame operator()(const plan::Filter& p) const { return filter(node, run.of(p.input), run.context_); }
    Frame operator()(const plan::Aggregate& p) const { return aggregate(node, run.of(p.input), run.context_); }
    Frame operator()(const plan::Join& p) const { return join(node, run.of(p.left), run.of(p.right), run.context_); }
    Frame operator()(const plan::Sort& p) const { return sort(node, run.of(p.input), run.context_); }
    Frame operator()(const plan::Slice& p) const { return slice(node, run.of(p.input), run.context_); }
    Frame operator()(const plan::Distinct& p) const { return distinct(node, run.of(p.input), run.context_); }
    Frame operator()(const plan::Union& p) const {
      std::vector<const Frame*> inputs;
      for (const plan::NodePtr& input : p.inputs) inputs.push_back(&run.of(input));
      return unite(node, inputs, run.context_);
    }
    Frame operator()(const plan::Write& p) const { return write_files(node, run.of(p.input), run.context_); }
  };

  /**
   * Finds chains of nodes that treat each row on its own, over files that are too large to be held beside what becomes of
   * them, or have more rows than a column holds.
   */
  void cut_into_parts(const std::vector<plan::NodePtr>& nodes) {
    const std::uint64_t limit = context_.memory_limit_bytes;
    const std::uint64_t bytes = limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit / kPartShare;
    // Inputs come before their readers: the chain that a node ends is that of its input, and the node.
    std::map<const plan::Node*, std::vector<plan::NodePtr>> chains;
    for (const plan::NodePtr& node : nodes) {
      if (const auto* scan = std::get_if<plan::Scan>(&node->node)) {
        if (!scan->part && !is_small(*scan, bytes)) chains[node.get()] = {node};
        continue;
      }
      const plan::NodePtr* const input = row_wise_input(*node);
      if (input == nullptr || readers_.at(input->get()) > 1) continue;
      const auto found = chains.find(input->get());
      if (found == chains.end()) continue;
      std::vector<plan::NodePtr> chain = std::move(found->second);
      chains.erase(found);
      chain.push_back(node);
      chains[node.get()] = std::move(chain);
    }
    for (const auto& [top, chain] : chains) {
      if (chain.size() == 1) continue;
      std::vector<plan::NodePtr> parts = parts_of(chain.back(), bytes);
      if (parts.empty()) continue;
      for (std::size_t i = 0; i + 1 < chain.size(); ++i) inside_.insert(chain[i].get());
      parts_[top] = std::move(parts);
    }
  }

  Frame in_parts(const plan::Node& node, const std::vector<plan::NodePtr>& parts) {
    std::vector<std::int64_t> rows_so_far;
    std::vector<NodeTrace> sum;
    std::vector<Frame> frames;
    for (const plan::NodePtr& part : parts) {
      std::vector<NodeTrace> trace;
      Context own = context_;
      own.rows_so_far = &rows_so_far;
      own.trace = context_.trace == nullptr ? nullptr : &trace;
      Frame frame = Run{own}.all(*part);
      if (frame.rows > 0 || frames.empty()) frames.push_back(std::move(frame));
      if (sum.empty()) {
        sum = std::move(trace);
        continue;
      }
      for (std::size_t i = 0; i < trace.size(); ++i) {
        sum[i].rows += trace[i].rows;
        sum[i].ms += trace[i].ms;
      }
    }
    if (!sum.empty()) sum.front().note = std::to_string(parts.size()) + " parts";
    if (context_.trace != nullptr) context_.trace->insert(context_.trace->end(), sum.begin(), sum.end());
    std::vector<const Frame*> pointers;
    for (const Frame& frame : frames) pointers.push_back(&frame);
    return stacked(node, pointers, context_);
  }

  Frame one(const plan::Node& node) { return std::visit(Do{*this, node}, node.node); }

  const Frame& of(const plan::NodePtr& input) const { return frames_.at(input.get()); }

  /** Rows that nobody will read any more are freed. */
  void done_with(const plan::Node* input) {
    if (--readers_.at(input) == 0) frames_.erase(input);
  }

  void trace(const plan::Node& node, const Frame& frame, std::chrono::steady_clock::time_point start) {
    if (context_.on_rows) context_.on_rows(frame.rows);
    if (context_.trace == nullptr) return;
    // Launches return at once: the time is that of the work.
    context_.stream.sync();
    const std::chrono::duration<double, std::milli> spent = std::chrono::steady_clock::now() - start;
    context_.trace->push_back({plan::node_label(node), frame.rows, spent.count(), std::exchange(context_.note, {})});
  }

  Context& context_;
  std::map<const plan::Node*, int> readers_;
  std::map<const plan::Node*, Frame> frames_;
  std::map<const plan::Node*, std::vector<plan::NodePtr>> parts_;  // of the last node of a chain that is run part by part
  std::set<const plan::Node*> inside_;                             // the other nodes of such chains
};

void add(std::string& sentence, const plan::Node& node, const std::string& reason) {
  if (reason.empty()) return;
  if (!sentence.empty()) sentence += " ";
  sentence += plan::node_label(node) + ": " + reason;
}

struct WhyNot {
  const plan::Node& node;
  std::string operator()(const plan::Scan&) const { return why_not_read(node); }
  std::string operator()(const plan::Table&) const { return ""; }
  std::string operator()(const plan::Project& p) const { return first_of(p.exprs); }
  std::string operator()(const plan::Filter& p) const { return why_not(*p.predicate); }
  std::string operator()(const plan::Aggregate& p) const {
    for (const plan::NamedExpr& agg : p.aggs)
      if (std::string reason = why_not_aggregate(*agg.expr); !reason.empty()) return reason;
    return first_of(p.keys);
  }
  std::string operator()(const plan::Join&) const { return ""; }
  std::string operator()(const plan::Sort& p) const {
    for (const plan::OrderKey& key : p.keys)
      if (std::string reason = why_not(*key.expr); !reason.empty()) return reason;
    return "";
  }
  std::string operator()(const plan::Slice&) const { return ""; }
  std::string operator()(const plan::Distinct&) const { return ""; }
  std::string operator()(const plan::Union&) const { return ""; }
  std::string operator()(const plan::Write&) const { return why_not_write(node); }

  static std::string first_of(const std::vector<plan::NamedExpr>& exprs) {
    for (const plan::NamedExpr& e : exprs)
      if (std::string reason = why_not(*e.expr); !reason.empty()) return reason;
    return "";
  }
};

}  // namespace

Frame execute(const plan::Node& plan, Context& context) { return Run{context}.all(plan); }

std::string why_not(const plan::Node& plan) {
  std::string sentence;
  for (const plan::NodePtr& node : nodes_of(plan)) add(sentence, *node, std::visit(WhyNot{*node}, node->node));
  return sentence;
}

}  // namespace warpframe::exec
