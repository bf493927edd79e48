#include "xgboost_model_check.hh"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "../util/failure.hh"
#include "model_document.hh"

namespace warpframe::xgboost {
namespace {

constexpr double kMaxInt = 2147483647;
constexpr double kMaxCategory = 16777216;  // 2^24, XGBoost's own limit
constexpr double kMaxOutputs = 1 << 20;

[[noreturn]] void fail(const std::string& what) {
  throw Failure("ERR_CORRUPT_FILE", "The model is not one of XGBoost's: " + what);
}

const Value& member(const Value& object, const char* key, Value::Kind kind) {
  const Value* const found = object.find(key);
  if (!found) fail(std::string("it has no ") + key);
  // A list without items has no kind of its own.
  const bool empty = kind == Value::Kind::list && found->kind == Value::Kind::numbers && found->numbers.empty();
  if (found->kind != kind && !empty) fail(std::string(key) + " is of the wrong kind");
  return *found;
}

const Value& object(const Value& parent, const char* key) { return member(parent, key, Value::Kind::object); }

/** A whole number, which XGBoost writes as a text. */
double whole(const Value& parent, const char* key, double fallback = -1) {
  const Value* const found = parent.find(key);
  if (!found && fallback >= 0) return fallback;
  const std::string& text = member(parent, key, Value::Kind::text).text;
  double out = -1;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size() || !(out >= 0 && out <= kMaxInt) || std::floor(out) != out)
    fail(std::string(key) + " is no whole number");
  return out;
}

/** A list of numbers; booleans count. */
std::vector<double> numbers(const Value& parent, const char* key) {
  const Value* const found = parent.find(key);
  if (!found) fail(std::string("it has no ") + key);
  if (found->kind == Value::Kind::numbers) return found->numbers;
  if (found->kind != Value::Kind::list) fail(std::string(key) + " is no list of numbers");
  std::vector<double> out;
  for (const Value& item : found->items) {
    if (item.kind != Value::Kind::boolean) fail(std::string(key) + " is no list of numbers");
    out.push_back(item.number);
  }
  return out;
}

std::vector<double> sized(const Value& parent, const char* key, std::size_t size) {
  std::vector<double> list = numbers(parent, key);
  if (list.size() != size)
    fail(std::string(key) + " has " + std::to_string(list.size()) + " numbers instead of " + std::to_string(size));
  return list;
}

void in_range(const std::vector<double>& list, const char* what, double low, double high) {
  for (const double v : list) {
    if (!(v >= low && v <= high) || std::floor(v) != v) fail(std::string(what) + " has a number out of its range");
  }
}

/** A list of as many texts as features, or of none. */
void check_feature_texts(const Value& learner, const char* key, double features) {
  if (!learner.find(key)) return;
  const Value& list = member(learner, key, Value::Kind::list);
  for (const Value& item : list.items) {
    if (item.kind != Value::Kind::text) fail(std::string(key) + " has something that is no text");
  }
  if (!list.items.empty() && static_cast<double>(list.items.size()) != features) fail(std::string(key) + " is not one a feature");
}

void check_categories(const Value& tree, std::size_t nodes) {
  const std::vector<double> categories = numbers(tree, "categories");
  const std::vector<double> of_node = numbers(tree, "categories_nodes");
  const std::vector<double> start = sized(tree, "categories_segments", of_node.size());
  const std::vector<double> count = sized(tree, "categories_sizes", of_node.size());
  in_range(categories, "categories", 0, kMaxCategory);
  in_range(of_node, "categories_nodes", 0, static_cast<double>(nodes) - 1);
  in_range(start, "categories_segments", 0, static_cast<double>(categories.size()));
  in_range(count, "categories_sizes", 1, static_cast<double>(categories.size()));
  for (std::size_t i = 0; i < start.size(); ++i) {
    if (start[i] + count[i] > static_cast<double>(categories.size())) fail("categories_sizes passes the end of categories");
  }
  const std::vector<double> type = sized(tree, "split_type", nodes);
  in_range(type, "split_type", 0, 1);
  std::size_t at = 0;
  for (std::size_t i = 0; i < nodes; ++i) {
    if (type[i] == 0) continue;
    if (at == of_node.size() || of_node[at] != static_cast<double>(i)) fail("categories_nodes and split_type differ");
    ++at;
  }
  if (at != of_node.size()) fail("categories_nodes and split_type differ");
}

/** Every node but the root has one parent, and the root reaches what it should: no walk goes round in circles. */
void check_shape(const std::vector<double>& left, const std::vector<double>& right, const std::vector<double>& parents) {
  std::vector<bool> seen(left.size(), false);
  std::vector<std::size_t> open{0};
  seen[0] = true;
  while (!open.empty()) {
    const std::size_t node = open.back();
    open.pop_back();
    if (left[node] < 0) continue;
    for (const double child : {left[node], right[node]}) {
      if (child < 1) fail("a split has no child");
      const auto next = static_cast<std::size_t>(child);
      if (seen[next]) fail("a node has two parents");
      if (parents[next] != static_cast<double>(node)) fail("parents does not fit the children");
      seen[next] = true;
      open.push_back(next);
    }
  }
}

void check_tree(const Value& tree, double features, double outputs) {
  if (tree.kind != Value::Kind::object) fail("a tree is no object");
  const Value& param = object(tree, "tree_param");
  const double count = whole(param, "num_nodes");
  const double leaf_size = std::max(1.0, whole(param, "size_leaf_vector", 0));
  if (whole(param, "num_feature", features) != features) fail("a tree has another num_feature than the model");
  const std::vector<double> left = numbers(tree, "left_children");
  const std::size_t nodes = left.size();
  if (nodes == 0 || static_cast<double>(nodes) != count) fail("num_nodes is not the number of nodes");
  if (whole(param, "num_deleted", 0) >= count) fail("num_deleted is out of its range");
  const double last = count - 1;
  const std::vector<double> right = sized(tree, "right_children", nodes);
  const std::vector<double> parents = sized(tree, "parents", nodes);
  const std::vector<double> feature = sized(tree, "split_indices", nodes);
  in_range(left, "left_children", -1, last);
  in_range(right, "right_children", -1, last);
  in_range(parents, "parents", -1, kMaxInt);
  in_range(feature, "split_indices", 0, std::max(0.0, features - 1));
  sized(tree, "split_conditions", nodes);
  sized(tree, "default_left", nodes);
  sized(tree, "loss_changes", nodes);
  sized(tree, "sum_hessian", nodes);
  check_shape(left, right, parents);
  if (leaf_size > 1) {
    if (leaf_size != outputs) fail("size_leaf_vector is not the number of outputs");
    // A leaf's row of leaf_weights is in place of its right child.
    const std::size_t weights = numbers(tree, "leaf_weights").size();
    for (std::size_t i = 0; i < nodes; ++i) {
      if (left[i] < 0 && (right[i] < 0 || (right[i] + 1) * leaf_size > static_cast<double>(weights)))
        fail("leaf_weights has no row for a leaf");
    }
    const std::size_t base = numbers(tree, "base_weights").size();
    if (static_cast<double>(base) != count && static_cast<double>(base) != count * leaf_size)
      fail("base_weights has another number of nodes");
  } else {
    sized(tree, "base_weights", nodes);
  }
  if (tree.find("split_type")) check_categories(tree, nodes);
}

void check_trees(const Value& model, double features, double outputs) {
  const Value& param = object(model, "gbtree_model_param");
  const std::vector<Value>& trees = member(model, "trees", Value::Kind::list).items;
  const auto count = static_cast<double>(trees.size());
  if (whole(param, "num_trees") != count) fail("num_trees is not the number of trees");
  if (whole(param, "num_parallel_tree", 1) < 1) fail("num_parallel_tree is out of its range");
  in_range(sized(model, "tree_info", trees.size()), "tree_info", 0, outputs - 1);
  bool vectors = false;
  for (const Value& tree : trees) {
    check_tree(tree, features, outputs);
    vectors = vectors || whole(object(tree, "tree_param"), "size_leaf_vector", 0) > 1;
  }
  // Each round has a tree an output: a made-up number of classes must not decide how much memory a prediction takes.
  if (count > 0 && !vectors && outputs > count) fail("there are more classes or targets than trees");
  if (model.find("iteration_indptr")) {
    const std::vector<double> starts = numbers(model, "iteration_indptr");
    in_range(starts, "iteration_indptr", 0, count);
    if (starts.empty() || starts.front() != 0 || starts.back() != count || !std::is_sorted(starts.begin(), starts.end()))
      fail("iteration_indptr does not divide the trees into rounds");
  }
  if (model.find("weight_drop")) sized(model, "weight_drop", trees.size());
}

void check_linear(const Value& model, double features, double outputs) {
  const std::size_t weights = numbers(model, "weights").size();
  if (static_cast<double>(weights) != (features + 1) * outputs) fail("weights is not one a feature and output");
}

}  // namespace

void check_model(const char* bytes, std::size_t size) {
  const Value root = parse_document(bytes, size);
  in_range(numbers(root, "version"), "version", 0, kMaxInt);
  if (numbers(root, "version").size() != 3) fail("version is not three numbers");
  const Value& learner = object(root, "learner");
  const Value& param = object(learner, "learner_model_param");
  const double features = whole(param, "num_feature");
  const double outputs = std::max({1.0, whole(param, "num_class", 0), whole(param, "num_target", 1)});
  if (outputs > kMaxOutputs) fail("there are too many classes or targets");
  check_feature_texts(learner, "feature_names", features);
  check_feature_texts(learner, "feature_types", features);
  if (const Value* attributes = learner.find("attributes")) {
    for (const auto& [key, value] : attributes->fields) {
      if (value.kind != Value::Kind::text) fail("the attribute " + key + " is no text");
    }
  }
  member(object(learner, "objective"), "name", Value::Kind::text);
  const Value& booster = object(learner, "gradient_booster");
  const std::string& name = member(booster, "name", Value::Kind::text).text;
  if (name == "gbtree") {
    check_trees(object(booster, "model"), features, outputs);
  } else if (name == "dart") {
    // Before version 3.3 the trees were one level deeper.
    const Value& trees = booster.find("gbtree") ? object(object(booster, "gbtree"), "model") : object(booster, "model");
    check_trees(trees, features, outputs);
    if (booster.find("weight_drop")) sized(booster, "weight_drop", member(trees, "trees", Value::Kind::list).items.size());
  } else if (name == "gblinear") {
    check_linear(object(booster, "model"), features, outputs);
  } else {
    fail("gradient_booster has the unknown name " + name);
  }
}

}  // namespace warpframe::xgboost
