#include "comparisons.hh"

#include <cudf/search.hpp>

#include <algorithm>
#include <numeric>

#include "faults.hh"

namespace warpframe::exec {

namespace {

using Literals = std::vector<plan::Literal>;

Lane is_nan(const Lane& a) { return compare(a, Binary::NOT_EQUAL, a); }
Lane is_number(const Lane& a) { return compare(a, Binary::EQUAL, a); }

/** libcudf compares floats by IEEE 754, where every comparison with NaN but "not equal" is false. */
Lane compare_floats(Binary op, const Lane& a, const Lane& b, bool a_number, bool b_number) {
  switch (op) {
    case Binary::EQUAL: {
      const Lane plain = compare(a, op, b);
      return a_number || b_number ? plain : either(plain, both(is_nan(a), is_nan(b)));
    }
    case Binary::NOT_EQUAL: return opposite(compare_floats(Binary::EQUAL, a, b, a_number, b_number));
    case Binary::LESS:
      // Below a number: IEEE's answer. Below a value that may be NaN: not at least it, and no NaN itself.
      if (b_number) return compare(a, op, b);
      if (a_number) return opposite(compare(a, Binary::GREATER_EQUAL, b));
      return both(opposite(compare(a, Binary::GREATER_EQUAL, b)), is_number(a));
    case Binary::LESS_EQUAL:
      if (b_number) return compare(a, op, b);
      return either(compare(a, op, b), is_nan(b));
    case Binary::GREATER: return compare_floats(Binary::LESS, b, a, b_number, a_number);
    default: return compare_floats(Binary::LESS_EQUAL, b, a, b_number, a_number);
  }
}

const Literals& list_of(const plan::Expr& expr) {
  return std::get<Literals>(std::get<plan::Constant>(expr.node).literal.value);
}

bool is_nan_literal(const plan::Literal& item) {
  const auto* real = std::get_if<double>(&item.value);
  return real != nullptr && std::isnan(*real);
}

/** Order of two literals of one dtype that are not NaN; strings by bytes. */
bool is_before(const plan::Literal& a, const plan::Literal& b) {
  if (const auto* text = std::get_if<std::string>(&a.value)) return *text < std::get<std::string>(b.value);
  if (const auto* whole = std::get_if<Int128>(&a.value)) return *whole < std::get<Int128>(b.value);
  if (const auto* real = std::get_if<double>(&a.value)) return *real < std::get<double>(b.value);
  return !std::get<bool>(a.value) && std::get<bool>(b.value);
}

/** All rows false, null where `a` is. */
Lane nowhere(const Lane& a) {
  return null_like(constant(a, cudf::data_type{kBool}, 0), {&a});
}

}  // namespace

bool is_number_literal(const plan::Expr& expr) {
  const auto* constant = std::get_if<plan::Constant>(&expr.node);
  return constant != nullptr && !is_nan_literal(constant->literal);
}

Lane compare_values(Binary op, const Lane& a, const Lane& b, const plan::LogicalType& type, bool a_is_number,
                    bool b_is_number) {
  return is_float(type) ? compare_floats(op, a, b, a_is_number, b_is_number) : compare(a, op, b);
}

Lane equal_or_both_null(const Arguments& args) {
  const Lane& a = args[0];
  const Lane& b = args[1];
  const Lane plain = compare(a, Binary::NULL_EQUALS, b);
  if (!is_float(args.type(0)) || is_number_literal(*args.call.args[0]) || is_number_literal(*args.call.args[1]))
    return plain;
  return either(plain, with_default(both(is_nan(a), is_nan(b)), 0));
}

Lane is_in(const Arguments& args) {
  const Lane& a = args[0];
  const plan::LogicalType& type = args.type(0);
  Literals items = list_of(*args.call.args[1]);
  const bool has_nan = std::any_of(items.begin(), items.end(), is_nan_literal);
  std::erase_if(items, is_nan_literal);
  for (plan::Literal& item : items)  // −0 is 0
    if (auto* real = std::get_if<double>(&item.value)) *real += 0.0;
  const auto found = [&]() -> Lane {
    if (items.empty()) return nowhere(a);
    const Owned list = literal_column(items, type, args.context);
    const Lane plain = is_float(type) ? a + 0 : a;
    return {cudf::contains(list->view(), plain.view(), args.context.stream, args.context.memory), a};
  };
  return has_nan ? either(found(), is_nan(a)) : found();
}

Lane look_up_numbers(const Arguments& args) {
  const Lane& a = args[0];
  const plan::LogicalType& type = args.type(0);
  const Literals& keys = list_of(*args.call.args[1]);
  const Literals& numbers = list_of(*args.call.args[2]);
  std::vector<std::size_t> order;
  std::optional<std::size_t> nan_at;
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (!is_nan_literal(keys[i])) order.push_back(i);
    else if (!nan_at) nan_at = i;
  }
  std::stable_sort(order.begin(), order.end(), [&](std::size_t x, std::size_t y) { return is_before(keys[x], keys[y]); });
  Literals sorted;
  std::vector<double> values;
  for (const std::size_t i : order) {
    sorted.push_back(keys[i]);
    values.push_back(std::get<double>(numbers[i].value));
  }
  const Owned list = literal_column(sorted, type, args.context);
  const Owned results = column_of_doubles(values, args.context);
  const Lane place{cudf::lower_bound(cudf::table_view{{list->view()}}, cudf::table_view{{a.view()}}, {cudf::order::ASCENDING},
                                     {cudf::null_order::BEFORE}, args.context.stream, args.context.memory),
                   a};
  // A place behind the list gives null, which is equal to nothing.
  Lane found = with_default(compare(look_up(list->view(), place), Binary::EQUAL, a), 0);
  Lane result = only_where(found, look_up(results->view(), place));
  if (nan_at) {
    const Lane here = is_nan(a);
    const Owned number = column_of_doubles({std::get<double>(numbers[*nan_at].value)}, args.context);
    const Lane value = a.rows() == 0 ? result : Lane{std::make_unique<cudf::column>(*number, args.context.stream, args.context.memory), true, a.rows(), args.context};
    result = select(here, value, result);
    found = either(found, with_default(here, 0));
  }
  if (const auto column = args.text_or_none("column")) {
    if (const auto row = first_where(both(opposite(found), is_present(a)))) {
      const auto shown = args.text_or_none("shown");
      const std::string value = shown ? (is_text(type) ? "\"" + *shown + "\"" : *shown) : shown_value(a, *row, type);
      throw Failure("ERR_EVALUATION", "Column \"" + *column + "\" holds " + value +
                                          ", which was not there in fit. Fit on rows that hold it, or let the encoder pass "
                                          "unknown values with its handleUnknown parameter.");
    }
  }
  return result;
}

}  // namespace warpframe::exec
