#include "texts.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/strings/attributes.hpp>
#include <cudf/strings/combine.hpp>
#include <cudf/strings/contains.hpp>
#include <cudf/strings/convert/convert_fixed_point.hpp>
#include <cudf/strings/convert/convert_integers.hpp>
#include <cudf/strings/extract.hpp>
#include <cudf/strings/padding.hpp>
#include <cudf/strings/regex/regex_program.hpp>
#include <cudf/strings/slice.hpp>
#include <cudf/strings/strip.hpp>
#include <cudf/table/table.hpp>

namespace warpframe::exec {

namespace {

Lane stripped(const Lane& a, cudf::strings::side_type side, const std::string& chars) {
  const Context& context = a.context();
  const cudf::string_scalar set{chars, true, context.stream, context.memory};
  return {cudf::strings::strip(a.text(), side, set, context.stream, context.memory), a};
}

/** Text that is not there is empty. */
Lane or_empty(const Lane& a, const std::string& empty = "") { return with_default(a, *text_scalar(empty, a.context())); }

}  // namespace

Lane digits_of_integers(const Lane& a) {
  return {cudf::strings::from_integers(a.view(), a.context().stream, a.context().memory), a};
}

Lane zero_filled(const Lane& a, int width) {
  const Lane digits = digits_of_integers(a);
  return {cudf::strings::zfill(digits.text(), width, a.context().stream, a.context().memory), a};
}

Lane joined(const std::vector<Lane>& parts) {
  bool single = true;
  for (const Lane& part : parts) single = single && part.single();
  std::vector<Lane> kept;
  std::vector<cudf::column_view> views;
  for (const Lane& part : parts) kept.push_back(single ? part : part.full());
  for (const Lane& part : kept) views.push_back(part.view());
  if (views.size() == 1) return kept[0];
  const Context& context = parts[0].context();
  const cudf::string_scalar between{"", true, context.stream, context.memory};
  const cudf::string_scalar instead{"", false, context.stream, context.memory};
  return {cudf::strings::concatenate(cudf::table_view{views}, between, instead, cudf::strings::separator_on_nulls::YES,
                                     context.stream, context.memory),
          kept[0]};
}

Lane slice_text(const Lane& a, int start, int stop) {
  const auto end = stop < 0 ? std::nullopt : std::optional<cudf::size_type>{stop};
  return {cudf::strings::slice_strings(a.text(), std::optional<cudf::size_type>{start}, end, std::nullopt, a.context().stream,
                                       a.context().memory),
          a};
}

Lane without_last(const Lane& a, const std::string& chars) { return stripped(a, cudf::strings::side_type::RIGHT, chars); }
Lane without_first(const Lane& a, const std::string& chars) { return stripped(a, cudf::strings::side_type::LEFT, chars); }

Lane matches_pattern(const Lane& a, const std::string& pattern) {
  const auto program = cudf::strings::regex_program::create(pattern);
  return {cudf::strings::contains_re(a.text(), *program, a.context().stream, a.context().memory), a};
}

std::vector<Lane> groups_of(const Lane& a, const std::string& pattern) {
  const auto program = cudf::strings::regex_program::create(pattern);
  auto columns = cudf::strings::extract(a.text(), *program, a.context().stream, a.context().memory)->release();
  std::vector<Lane> lanes;
  for (auto& column : columns) lanes.push_back(or_empty(Lane{std::move(column), a}));
  return lanes;
}

Lane integer_of_digits(const Lane& a) {
  const Lane text = select(equal_text(a, ""), constant_text(a, "0"), or_empty(a, "0"));
  return {cudf::strings::to_integers(text.text(), cudf::data_type{kInt64}, a.context().stream, a.context().memory), text};
}

Lane wide_of_digits(const Lane& a) {
  const Lane text = select(equal_text(a, ""), constant_text(a, "0"), or_empty(a, "0"));
  const cudf::data_type type{cudf::type_id::DECIMAL128, 0};
  return {cudf::strings::to_fixed_point(text.text(), type, a.context().stream, a.context().memory), text};
}

Lane length_of(const Lane& a) {
  return {cudf::strings::count_characters(a.text(), a.context().stream, a.context().memory), a};
}

Lane equal_text(const Lane& a, const std::string& text) { return compare(a, Binary::EQUAL, *text_scalar(text, a.context())); }

Lane pick_text(const Lane& number, const std::vector<std::string>& texts) {
  const Owned table = column_of_texts(texts, number.context());
  return look_up(table->view(), number);
}

Lane place_in(const Lane& a, const std::vector<std::string>& texts) {
  Lane place = constant(a, cudf::data_type{kInt64}, -1);
  for (std::size_t i = 0; i < texts.size(); ++i) place = select(equal_text(a, texts[i]), static_cast<Int128>(i), place);
  return place;
}

}  // namespace warpframe::exec
