#include "executor.hh"

#include <algorithm>
#include <chrono>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "../util/failure.hh"
#include "aggregate_parts.hh"
#include "aggregates.hh"
#include "expressions.hh"
#include "files.hh"
#include "parts.hh"
#include "relations.hh"
#include "row_limit.hh"

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
  return size < bytes / kMostDecoded && rows <= most_rows_of_part();
}

class Run {
 public:
  explicit Run(Context& context) : context_(context) {}

  Frame all(const plan::Node& root) {
    const std::vector<plan::NodePtr> nodes = nodes_of(root);
    for (const plan::NodePtr& node : nodes)
      for (const plan::NodePtr& input : plan::inputs_of(*node)) ++readers_[input.get()];
    cut_into_parts(nodes);
    // Of a plan in parts: the place of a node in the chain.
    std::map<const plan::Node*, std::size_t> places;
    std::vector<std::int64_t> before;
    std::vector<std::int64_t>* const counts = context_.rows_so_far;
    if (counts != nullptr) {
      for (const plan::Node* node : row_wise_chain(root)) places.emplace(node, places.size());
      counts->resize(places.size());
      before = *counts;
    }
    for (const plan::NodePtr& node : nodes) {
      if (inside_.count(node.get()) > 0) continue;
      context_.check_cancelled();
      if (const auto found = parts_.find(node.get()); found != parts_.end()) {
        frames_.insert_or_assign(node.get(), in_parts(*node, found->second));
        for (const plan::NodePtr& other : found->second.others) done_with(other.get());
        continue;
      }
      const auto place = places.find(node.get());
      // A scan comes after its own rows, any other node after those of its input.
      context_.rows_before = place == places.end() ? 0 : before[std::min(place->second + 1, before.size() - 1)];
      Frame frame;
      const double ms = timed([&] { frame = one(*node); });
      note(*node, frame, ms);
      if (place != places.end()) (*counts)[place->second] += frame.rows;
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
   * Finds chains of nodes that treat each row on its own, and aggregates over them that can be merged, over files that are
   * too large to be held beside what becomes of them, or have more rows than a column holds.
   */
  void cut_into_parts(const std::vector<plan::NodePtr>& nodes) {
    // Inputs come before their readers: the chain that a node ends is that of its input, and the node.
    std::map<const plan::Node*, std::vector<plan::NodePtr>> chains;
    std::vector<std::vector<plan::NodePtr>> aggregates;
    for (const plan::NodePtr& node : nodes) {
      if (const auto* scan = std::get_if<plan::Scan>(&node->node)) {
        if (!scan->part) chains[node.get()] = {node};
        continue;
      }
      const auto* aggregate = std::get_if<plan::Aggregate>(&node->node);
      const plan::NodePtr* const input = aggregate == nullptr ? row_wise_input(*node) : merges(*aggregate) ? &aggregate->input : nullptr;
      if (input == nullptr || readers_.at(input->get()) > 1) continue;
      const auto found = chains.find(input->get());
      if (found == chains.end()) continue;
      std::vector<plan::NodePtr> chain = std::move(found->second);
      chains.erase(found);
      chain.push_back(node);
      if (aggregate != nullptr) aggregates.push_back(std::move(chain));
      else chains[node.get()] = std::move(chain);
    }
    for (const auto& [top, chain] : chains)
      if (chain.size() > 1) cut(chain, top, chain.back());
    for (const auto& chain : aggregates) cut(chain, chain.back().get(), chain[chain.size() - 2]);
  }

  /** `rows` is the last node of the chain that is run part by part, `top` the one whose result is kept. */
  void cut(const std::vector<plan::NodePtr>& chain, const plan::Node* top, const plan::NodePtr& rows) {
    const std::uint64_t limit = context_.memory_limit_bytes;
    const std::uint64_t bytes = limit == 0 ? std::numeric_limits<std::uint64_t>::max() : limit / kPartShare;
    const bool first_rows = std::any_of(chain.begin(), chain.end(), [](const plan::NodePtr& node) { return takes_first_rows(*node); });
    if (is_small(std::get<plan::Scan>(chain.front()->node), first_rows ? std::min(bytes, kFirstRowsBytes) : bytes)) return;
    Parts parts = parts_of(rows, bytes);
    if (parts.plans.empty()) return;
    for (std::size_t i = 0; i + 1 < chain.size(); ++i) inside_.insert(chain[i].get());
    parts_[top] = std::move(parts);
  }

  Frame in_parts(const plan::Node& node, const Parts& made) {
    const std::vector<plan::NodePtr>& parts = made.plans;
    const auto table = [&](std::int64_t id) -> std::shared_ptr<const Frame> {
      const std::optional<std::size_t> place = place_of_other(id);
      if (!place) return context_.table(id);
      return {std::shared_ptr<const Frame>{}, &of(made.others.at(*place))};  // not its owner
    };
    std::optional<PartedAggregate> groups;
    if (std::holds_alternative<plan::Aggregate>(node.node)) groups.emplace(node, context_);
    std::vector<std::int64_t> rows_so_far;
    std::vector<NodeTrace> sum;
    std::vector<Frame> frames;
    double ms = 0;  // of the aggregate
    std::size_t done = 0;
    while (done < parts.size() && !has_enough(parts[0], rows_so_far)) {
      std::vector<NodeTrace> trace;
      Context own = context_;
      own.table = table;
      own.rows_so_far = &rows_so_far;
      own.trace = context_.trace == nullptr ? nullptr : &trace;
      context_.rows_before = rows_so_far.empty() ? 0 : rows_so_far.front();
      Frame frame = Run{own}.all(*parts[done++]);
      if (groups) ms += timed([&] { groups->add(frame); });
      else if (frame.rows > 0 || frames.empty()) frames.push_back(std::move(frame));
      if (sum.empty()) {
        sum = std::move(trace);
        continue;
      }
      for (std::size_t i = 0; i < trace.size(); ++i) {
        sum[i].rows += trace[i].rows;
        sum[i].ms += trace[i].ms;
      }
    }
    if (!sum.empty()) sum[0].note = (done < parts.size() ? std::to_string(done) + " of " : "") + std::to_string(parts.size()) + " parts";
    if (context_.trace != nullptr) context_.trace->insert(context_.trace->end(), sum.begin(), sum.end());
    if (groups) {
      Frame result;
      ms += timed([&] { result = groups->result(); });
      note(node, result, ms);
      return result;
    }
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

  /** How many milliseconds the work takes where a trace is kept. */
  template <typename Work>
  double timed(Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    // Launches return at once: the time is that of the work.
    if (context_.trace != nullptr) context_.stream.sync();
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count();
  }

  void note(const plan::Node& node, const Frame& frame, double ms) {
    const auto* table = std::get_if<plan::Table>(&node.node);
    if (table != nullptr && place_of_other(table->id)) return;  // there is word of it where it was run
    if (context_.on_rows) context_.on_rows(frame.rows);
    if (context_.trace != nullptr) context_.trace->push_back({plan::node_label(node), frame.rows, ms, std::exchange(context_.note, {})});
  }

  Context& context_;
  std::map<const plan::Node*, int> readers_;
  std::map<const plan::Node*, Frame> frames_;
  std::map<const plan::Node*, Parts> parts_;  // of what is run part by part, by the node that takes them together
  std::set<const plan::Node*> inside_;                             // the nodes below
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
