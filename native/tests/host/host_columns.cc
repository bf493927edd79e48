// Columns, scalars, views, masks and copying of the host libcudf. Expected values are written by hand from libcudf's
// documentation.
#include "check.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/concatenate.hpp>
#include <cudf/contiguous_split.hpp>
#include <cudf/copying.hpp>
#include <cudf/filling.hpp>
#include <cudf/lists/lists_column_view.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/scalar/scalar_factories.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/strings/strings_column_view.hpp>
#include <cudf/structs/structs_column_view.hpp>
#include <cudf/transform.hpp>

#include <limits>

namespace warpframe::tests {
namespace {

using cudf::type_id;
using host::Type;

const Type kList = Type::list(type_id::INT32);
const Type kRecord = Type::record({type_id::STRING, kList});

Val item(std::int64_t value) { return Val::integer(value); }

ColumnPtr lists() {
  const std::vector<Val> rows{Val::list({item(1), Val()}), Val(), Val::list({}), Val::list({item(4)})};
  return host::make(kList, rows, stream(), memory());
}
ColumnPtr records() {
  const std::vector<Val> rows{Val::record({Val::text("a"), Val::list({item(1)})}), Val(),
                              Val::record({Val(), Val::list({item(2), item(3)})})};
  return host::make(kRecord, rows, stream(), memory());
}

}  // namespace

CASE("columns: every fixed-width type holds its extremes") {
  const auto both = [](type_id type, host::Int128 low, host::Int128 high) {
    const std::vector<Val> rows{Val::integer(low), Val(), Val::integer(high)};
    const ColumnPtr column = host::make(type, rows, stream(), memory());
    const host::Col back(column->view(), stream(), "extremes");
    check(back.at(0).i() == low && back.at(1).null() && back.at(2).i() == high, "extremes");
    check(column->null_count() == 1, "null count");
  };
  both(type_id::INT8, -128, 127);
  both(type_id::INT16, -32768, 32767);
  both(type_id::INT32, std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
  both(type_id::INT64, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  both(type_id::UINT8, 0, 255);
  both(type_id::UINT16, 0, 65535);
  both(type_id::UINT32, 0, std::numeric_limits<std::uint32_t>::max());
  both(type_id::UINT64, 0, std::numeric_limits<std::uint64_t>::max());
  both(type_id::DECIMAL128, -(host::Int128{1} << 126), host::Int128{1} << 126);
  both(type_id::TIMESTAMP_DAYS, -1, 20000);
  for (const type_id type : {type_id::TIMESTAMP_MILLISECONDS, type_id::TIMESTAMP_MICROSECONDS, type_id::TIMESTAMP_NANOSECONDS,
                             type_id::DURATION_MILLISECONDS, type_id::DURATION_MICROSECONDS, type_id::DURATION_NANOSECONDS}) {
    both(type, std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max());
  }
  same(show(ints({-1, 300}, type_id::UINT8)->view()), "255 | 44", "wraps");
  same(show(bools({true, std::nullopt, false})->view()), "1 | null | 0", "booleans");
  same(show(numbers(cudf::data_type{type_id::FLOAT32}, {0.1, std::nullopt})->view()), "0.10000000149011612 | null", "float");
  same(show(texts({"α", "", std::nullopt, "zz"})->view()), "\"α\" | \"\" | null | \"zz\"", "texts");
}

CASE("columns: lists and structs") {
  same(show(lists()->view()), "[1, null] | null | [] | [4]", "lists");
  same(show(records()->view()), "{\"a\", [1]} | null | {null, [2, 3]}", "records");
  const ColumnPtr fields = records();
  const auto part = cudf::slice(fields->view(), {1, 3}, stream())[0];
  same(show(cudf::structs_column_view(part).get_sliced_child(0, stream())), "null | null", "a field of a slice");
  const ColumnPtr all = lists();
  const auto tail = cudf::slice(all->view(), {2, 4}, stream())[0];
  same(show(cudf::lists_column_view(tail).get_sliced_child(stream())), "4", "elements of a slice");
  same(show(cudf::column(tail, stream())), "[] | [4]", "a copy of a slice");
}

CASE("columns: slices keep their offset, copies lose it") {
  const ColumnPtr column = texts({"a", std::nullopt, "ccc", "d"});
  const auto part = cudf::slice(column->view(), {1, 3}, stream())[0];
  check(part.offset() == 1 && part.null_count() == 1, "offset and null count");
  const cudf::column copy(part, stream());
  check(copy.view().offset() == 0, "no offset");
  same(show(copy.view()), "null | \"ccc\"", "values");
  const ColumnPtr numbers = ints({1, 2, 3, std::nullopt});
  const auto end = cudf::split(numbers->view(), {3}, stream());
  same(show(end[0]) + " and " + show(end[1]), "1 | 2 | 3 and null", "split");
  throws<std::out_of_range>([&] { cudf::slice(numbers->view(), {2, 5}, stream()); }, "out of bounds", "past the end");
}

CASE("columns: gather, scatter and choice") {
  const ColumnPtr a = ints({10, 20, std::nullopt});
  const ColumnPtr b = texts({"x", "y", "z"});
  const cudf::table_view table({a->view(), b->view()});
  const ColumnPtr map = ints({2, 0, -1}, type_id::INT32);
  same(show(cudf::gather(table, map->view(), cudf::out_of_bounds_policy::DONT_CHECK, stream())->view()),
       "null \"z\" | 10 \"x\" | null \"z\"", "negative indices count from the end");
  const ColumnPtr beyond = ints({1, std::numeric_limits<std::int32_t>::min()}, type_id::INT32);
  same(show(cudf::gather(table, beyond->view(), cudf::out_of_bounds_policy::NULLIFY, stream())->view()),
       "20 \"y\" | null null", "what a left join did not match");
  throws<host::Violation>([&] { cudf::gather(table, beyond->view(), cudf::out_of_bounds_policy::DONT_CHECK, stream()); },
                          "DONT_CHECK", "unchecked");
  const ColumnPtr mask = bools({true, std::nullopt, false});
  const ColumnPtr other = ints({1, 2, 3});
  same(show(cudf::copy_if_else(a->view(), other->view(), mask->view(), stream())->view()), "10 | 2 | 3", "a null chooses the right");
  same(show(cudf::apply_retention_mask(table, mask->view(), stream())->view()), "10 \"x\"", "a null is not kept");
  const ColumnPtr where = ints({2, 0}, type_id::INT32);
  const ColumnPtr into = ints({7, 8, 9});
  same(show(cudf::scatter(cudf::table_view({cudf::slice(a->view(), {0, 2}, stream())[0]}), where->view(), cudf::table_view({into->view()}), stream())->view()),
       "20 | 8 | 10", "scatter");
  const auto five = cudf::make_fixed_width_scalar<std::int64_t>(5, stream());
  same(show(cudf::shift(a->view(), 1, *five, stream())->view()), "5 | 10 | 20", "shift");
  throws<cudf::data_type_error>([&] { cudf::copy_if_else(a->view(), b->view(), mask->view(), stream()); }, "same type", "types");
}

CASE("columns: sequences, repetition, concatenation") {
  const auto two = cudf::make_fixed_width_scalar<std::int32_t>(2, stream());
  const auto three = cudf::make_fixed_width_scalar<std::int32_t>(3, stream());
  same(show(cudf::sequence(4, *two, *three, stream())->view()), "2 | 5 | 8 | 11", "sequence");
  const ColumnPtr a = texts({"a", std::nullopt});
  const ColumnPtr times = ints({2, 1}, type_id::INT32);
  same(show(cudf::repeat(cudf::table_view({a->view()}), times->view(), stream())->view()), "\"a\" | \"a\" | null", "repeat");
  const std::vector<cudf::column_view> parts{a->view(), a->view()};
  same(show(cudf::concatenate(parts, stream())->view()), "\"a\" | null | \"a\" | null", "concatenate");
  const ColumnPtr b = lists();
  const std::vector<cudf::column_view> nested{b->view(), cudf::slice(b->view(), {3, 4}, stream())[0]};
  same(show(cudf::concatenate(nested, stream())->view()), "[1, null] | null | [] | [4] | [4]", "lists");
}

CASE("columns: scalars of every kind") {
  const auto round = [](const Type& type, const Val& value) {
    const host::ScalarPtr scalar = host::make_scalar(type, value, stream(), memory());
    check(scalar->is_valid(stream()) == !value.null(), "validity");
    return show(cudf::make_column_from_scalar(*scalar, 2, stream())->view());
  };
  same(round(type_id::INT64, item(-5)), "-5 | -5", "integer");
  same(round(type_id::FLOAT32, Val::real(0.5)), "0.5 | 0.5", "float");
  same(round(type_id::TIMESTAMP_NANOSECONDS, item(123)), "123 | 123", "timestamp");
  same(round(type_id::DURATION_MICROSECONDS, item(9)), "9 | 9", "duration");
  same(round(cudf::data_type(type_id::DECIMAL128, -2), item(12345)), "12345 | 12345", "decimal");
  same(round(type_id::STRING, Val::text("häh")), "\"häh\" | \"häh\"", "text");
  same(round(kList, Val::list({item(1), Val()})), "[1, null] | [1, null]", "list");
  same(round(kRecord, Val::record({Val::text("k"), Val::list({})})), "{\"k\", []} | {\"k\", []}", "record");
  same(round(type_id::STRING, Val()), "null | null", "null");
  const ColumnPtr column = numbers(cudf::data_type{type_id::FLOAT64}, {1.5, std::nullopt});
  const auto element = cudf::get_element(column->view(), 0, stream());
  check(static_cast<cudf::numeric_scalar<double>&>(*element).value(stream()) == 1.5, "get_element");
}

CASE("columns: masks") {
  const ColumnPtr flags = bools({true, false, std::nullopt, true});
  auto [mask, nulls] = cudf::bools_to_mask(flags->view(), stream());
  check(nulls == 2, "null count of a mask of booleans");
  same(show(cudf::mask_to_bools(static_cast<const cudf::bitmask_type*>(mask->data()), 1, 4, stream())->view()), "0 | 0 | 1", "back");
  const ColumnPtr a = ints({1, std::nullopt, 3});
  const ColumnPtr b = ints({std::nullopt, 2, 3});
  check(cudf::bitmask_and(cudf::table_view({a->view(), b->view()}), stream()).second == 2, "and");
  ColumnPtr c = ints({1, 2, 3});
  c->set_null_mask(cudf::create_null_mask(3, cudf::mask_state::ALL_VALID, stream()), 0);
  cudf::set_null_mask(c->mutable_view().null_mask(), 1, 2, false, stream());
  c->set_null_count(1);
  same(show(c->view()), "1 | null | 3", "one bit");
}

CASE("columns: packing and unpacking") {
  const ColumnPtr a = texts({"a", std::nullopt, "ccc", ""});
  const ColumnPtr b = lists();
  const ColumnPtr c = numbers(cudf::data_type{type_id::FLOAT64}, {1, 2, std::nullopt, 4});
  const cudf::table_view table({a->view(), b->view(), c->view()});
  const auto part = cudf::slice(table, {1, 4}, stream())[0];
  const cudf::packed_columns packed = cudf::pack(part, stream());
  same(show(cudf::unpack(packed)), show(part), "a slice");
  check(cudf::packed_size(part, stream()) == packed.gpu_data->size(), "size");
  const auto parts = cudf::contiguous_split(table, {1, 3}, stream());
  same(show(parts[0].table) + " / " + show(parts[1].table) + " / " + show(parts[2].table),
       "\"a\" [1, null] 1 / null null 2 | \"ccc\" [] null / \"\" [4] 4", "three parts");
}

}  // namespace warpframe::tests
