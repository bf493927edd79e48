#include "expressions.hh"

#include <cudf/copying.hpp>

#include <cstdio>
#include <map>
#include <unordered_map>

#include "../plan/nodes.hh"
#include "../util/failure.hh"
#include "casts.hh"
#include "functions.hh"
#include "lane.hh"
#include "windows.hh"

namespace warpframe::exec {

namespace {

using plan::Expr;
using plan::ExprPtr;

template <class... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <class... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

bool is_list(const Expr& expr) {
  const auto* constant = std::get_if<plan::Constant>(&expr.node);
  return constant != nullptr && std::holds_alternative<std::vector<plan::Literal>>(constant->literal.value);
}

}  // namespace

std::vector<const Expr*> inputs_of(const Expr& expr) {
  std::vector<const Expr*> inputs;
  std::visit(Overloaded{
                 [](const plan::Column&) {},
                 [](const plan::Constant&) {},
                 [](const plan::Over&) {},
                 [&](const plan::Call& e) {
                   for (const ExprPtr& arg : e.args) inputs.push_back(arg.get());
                 },
                 [&](const plan::Cast& e) { inputs.push_back(e.expr.get()); },
                 [&](const plan::When& e) {
                   for (const plan::Branch& b : e.branches) {
                     inputs.push_back(b.when.get());
                     inputs.push_back(b.then.get());
                   }
                   inputs.push_back(e.otherwise.get());
                 },
             },
             expr.node);
  return inputs;
}

namespace {

void append(std::string& key, const std::string& text) { key += std::to_string(text.size()) + ":" + text; }

void append(std::string& key, const plan::Json& json) {
  using Kind = plan::Json::Kind;
  switch (json.kind()) {
    case Kind::null: key += "n"; break;
    case Kind::boolean: key += json.as_bool() ? "t" : "f"; break;
    case Kind::number: {
      char digits[40];
      std::snprintf(digits, sizeof digits, "%.17g", json.as_double());
      append(key, digits);
      break;
    }
    case Kind::text: append(key, json.as_text()); break;
    case Kind::list:
      key += "[";
      for (const plan::Json& item : json.items()) append(key, item);
      key += "]";
      break;
    case Kind::object:
      key += "{";
      for (const auto& [name, value] : json.fields()) {
        append(key, name);
        append(key, value);
      }
      key += "}";
      break;
  }
}

/** Numbers expressions so that equal ones have equal numbers. What is only equal to itself gets a number of its own. */
class Numbering {
 public:
  int operator()(const Expr& expr) {
    const auto known = by_node_.find(&expr);
    if (known != by_node_.end()) {
      ++uses_[static_cast<std::size_t>(known->second)];
      return known->second;
    }
    std::string key = std::to_string(expr.node.index()) + ";";
    append(key, plan::type_text(expr.type));
    const auto* column = std::get_if<plan::Column>(&expr.node);
    const auto* call = std::get_if<plan::Call>(&expr.node);
    const auto* cast = std::get_if<plan::Cast>(&expr.node);
    if (column != nullptr) append(key, column->name);
    if (call != nullptr) {
      append(key, call->fn);
      append(key, call->options);
    }
    if (cast != nullptr) key += cast->strict ? "s" : "-";
    for (const Expr* input : inputs_of(expr)) key += std::to_string((*this)(*input)) + ",";
    const bool own = std::holds_alternative<plan::Constant>(expr.node) || std::holds_alternative<plan::Over>(expr.node);
    if (own) key += "@" + std::to_string(uses_.size());
    const auto [place, fresh] = by_key_.try_emplace(key, static_cast<int>(uses_.size()));
    // An equal expression does not ask for its inputs again.
    if (fresh) uses_.push_back(0);
    else for (const Expr* input : inputs_of(expr)) --uses_[static_cast<std::size_t>(number(*input))];
    ++uses_[static_cast<std::size_t>(place->second)];
    by_node_.emplace(&expr, place->second);
    return place->second;
  }
  int number(const Expr& expr) const { return by_node_.at(&expr); }
  /** How often the values of an expression are asked for. */
  int uses(int number) const { return uses_[static_cast<std::size_t>(number)]; }

 private:
  std::unordered_map<const Expr*, int> by_node_;
  std::map<std::string, int> by_key_;
  std::vector<int> uses_;
};

class Evaluator {
 public:
  Evaluator(const Frame& input, Context& context) : input_(input), context_(context) {}

  std::vector<Value> run(std::span<const ExprPtr> exprs) {
    for (const ExprPtr& expr : exprs) numbering_(*expr);
    std::vector<Value> values;
    for (const ExprPtr& expr : exprs) values.push_back(evaluate(*expr));
    return values;
  }

  Value run(const Expr& expr) {
    numbering_(expr);
    return evaluate(expr);
  }

 private:
  struct Kept {
    Value value;
    int left;
  };

  Value evaluate(const Expr& expr) {
    const int number = numbering_.number(expr);
    const auto found = kept_.find(number);
    if (found != kept_.end()) {
      Value value = found->second.value;
      if (--found->second.left == 0) kept_.erase(found);
      return value;
    }
    Value value = compute(expr);
    const bool dear = !std::holds_alternative<plan::Column>(expr.node) && !std::holds_alternative<plan::Constant>(expr.node);
    // What is asked for again stays until the last one has it.
    if (dear && numbering_.uses(number) > 1) kept_.emplace(number, Kept{value, numbering_.uses(number) - 1});
    return value;
  }

  Value compute(const Expr& expr) {
    return std::visit(Overloaded{
                          [&](const plan::Column& e) { return column(e); },
                          [&](const plan::Constant& e) { return constant(e, expr); },
                          [&](const plan::Call& e) { return call(e, expr); },
                          [&](const plan::Cast& e) {
                            context_.check_cancelled();
                            return run_cast(expr, evaluate(*e.expr), input_, context_);
                          },
                          [&](const plan::When& e) { return when(e); },
                          [&](const plan::Over&) { return evaluate_over(expr, input_, context_); },
                      },
                      expr.node);
  }

  Value column(const plan::Column& e) const {
    const int place = plan::find_field(input_.schema, e.name);
    if (place < 0) throw Failure("ERR_COLUMN_NOT_FOUND", "There is no column \"" + e.name + "\".");
    return input_.columns[static_cast<std::size_t>(place)];
  }

  Value constant(const plan::Constant& e, const Expr& expr) const {
    using plan::DType;
    const DType dtype = expr.type.dtype;
    const bool nested = dtype == DType::list || dtype == DType::fixed_size_list || dtype == DType::structure;
    if (nested) return null_column(expr.type, input_.rows, context_);
    return literal_scalar(e.literal, expr.type, context_);
  }

  Value call(const plan::Call& e, const Expr& expr) {
    const Function* function = find_function(e.fn);
    if (function == nullptr) throw Failure("ERR_UNSUPPORTED", "The device has no function " + e.fn + "().");
    std::vector<Value> args;
    for (const ExprPtr& arg : e.args) {
      // The function reads lists from the call itself.
      if (is_list(*arg)) args.emplace_back(null_scalar(cudf::data_type{kBool}, context_));
      else args.push_back(evaluate(*arg));
    }
    context_.check_cancelled();
    return function->run(expr, args, input_, context_);
  }

  /** Every branch is computed for all rows, so that one that fails does, as on the CPU. */
  Value when(const plan::When& e) {
    std::vector<Lane> lanes;
    for (const plan::Branch& b : e.branches) {
      lanes.emplace_back(evaluate(*b.when), input_.rows, context_);
      lanes.emplace_back(evaluate(*b.then), input_.rows, context_);
    }
    Lane result{evaluate(*e.otherwise), input_.rows, context_};
    context_.check_cancelled();
    for (std::size_t i = lanes.size(); i > 0; i -= 2) result = select(lanes[i - 2], lanes[i - 1], result);
    return std::move(result).value();
  }

  const Frame& input_;
  Context& context_;
  Numbering numbering_;
  std::unordered_map<int, Kept> kept_;
};

}  // namespace

const Function* find_function(std::string_view name) {
  for (const auto rows : {value_functions(), text_functions(), time_functions(), list_functions()})
    for (const Function& row : rows)
      if (row.name == name) return &row;
  return nullptr;
}

Value evaluate(const plan::Expr& expr, const Frame& input, Context& context) { return Evaluator{input, context}.run(expr); }

std::vector<Value> evaluate_all(std::span<const plan::ExprPtr> exprs, const Frame& input, Context& context) {
  return Evaluator{input, context}.run(exprs);
}

std::string why_not(const plan::Expr& expr) {
  if (std::holds_alternative<plan::Over>(expr.node)) return why_not_over(expr);
  for (const Expr* input : inputs_of(expr)) {
    std::string sentence = why_not(*input);
    if (!sentence.empty()) return sentence;
  }
  if (std::holds_alternative<plan::Cast>(expr.node)) return why_not_cast(expr);
  const auto* call = std::get_if<plan::Call>(&expr.node);
  if (call == nullptr) return "";
  const Function* function = find_function(call->fn);
  if (function == nullptr) return "The device has no function " + call->fn + "() over rows.";
  return function->why_not == nullptr ? "" : function->why_not(expr);
}

}  // namespace warpframe::exec
