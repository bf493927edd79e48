#include "lane.hh"

#include <cudf/aggregation.hpp>
#include <cudf/column/column_factories.hpp>
#include <cudf/copying.hpp>
#include <cudf/filling.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/reduction.hpp>
#include <cudf/replace.hpp>
#include <cudf/table/table.hpp>
#include <cudf/utilities/traits.hpp>

namespace warpframe::exec {

namespace {

/** A view of the same rows as another type. */
cudf::column_view retyped(const cudf::column_view& v, cudf::data_type type) {
  return {type, v.size(), v.head(), v.null_mask(), v.null_count(), v.offset()};
}

/** A lane that is a full column where the other one is. */
Lane beside(const Lane& a, const Lane& other) { return a.single() && !other.single() ? a.full() : a; }

cudf::data_type truth() { return cudf::data_type{kBool}; }

}  // namespace

Lane::Lane(const Value& value, cudf::size_type rows, Context& context)
    : context_(&context), single_(value.is_scalar() && rows > 0), rows_(rows) {
  owner_ = value.is_scalar() ? column_of(value, single_ ? 1 : 0, context) : value.column();
  view_ = owner_->view();
}

Lane::Lane(Owned column, const Lane& like) : Lane(std::move(column), like.single_, like.rows_, *like.context_) {}

Lane::Lane(Owned column, bool single, cudf::size_type rows, Context& context)
    : context_(&context), owner_(std::move(column)), view_(owner_->view()), single_(single), made_(true), rows_(rows) {}

Lane Lane::full() const {
  if (!single_) return *this;
  return {cudf::make_column_from_scalar(*scalar(), rows_, context_->stream, context_->memory), false, rows_, *context_};
}

ScalarPtr Lane::scalar() const { return cudf::get_element(view_, 0, context_->stream, context_->memory); }

Lane Lane::as(cudf::data_type type) const {
  if (type == view_.type()) return *this;
  Lane result = *this;
  result.view_ = retyped(view_, type);
  return result;
}

Lane Lane::cast(cudf::data_type type) const {
  if (type == view_.type()) return *this;
  return {cudf::cast(view_, type, context_->stream, context_->memory), *this};
}

Value Lane::value() && {
  if (single_) return scalar();
  if (view_.size() == owner_->size()) {
    if (view_.type() == owner_->type()) return owner_;
    if (made_ && owner_.use_count() == 1) {
      // A column that was made here is no const object: its buffers can be taken.
      auto& column = const_cast<cudf::column&>(*owner_);
      const cudf::size_type nulls = column.null_count();
      auto contents = column.release();
      return Owned{std::make_unique<cudf::column>(view_.type(), view_.size(), std::move(*contents.data),
                                                  std::move(*contents.null_mask), nulls, std::move(contents.children))};
    }
  }
  return Owned{std::make_unique<cudf::column>(view_, context_->stream, context_->memory)};
}

Lane binary(const Lane& a, Binary op, const Lane& b, cudf::data_type out) {
  const Context& context = a.context();
  if (a.single() && !b.single())
    return {cudf::binary_operation(*a.scalar(), b.view(), op, out, context.stream, context.memory), b};
  if (b.single() && !a.single())
    return {cudf::binary_operation(a.view(), *b.scalar(), op, out, context.stream, context.memory), a};
  return {cudf::binary_operation(a.view(), b.view(), op, out, context.stream, context.memory), a};
}

Lane binary(const Lane& a, Binary op, const cudf::scalar& b, cudf::data_type out) {
  return {cudf::binary_operation(a.view(), b, op, out, a.context().stream, a.context().memory), a};
}

Lane unary(cudf::unary_operator op, const Lane& a) {
  return {cudf::unary_operation(a.view(), op, a.context().stream, a.context().memory), a};
}

Lane operator+(const Lane& a, const Lane& b) { return binary(a, Binary::ADD, b, a.type()); }
Lane operator-(const Lane& a, const Lane& b) { return binary(a, Binary::SUB, b, a.type()); }
Lane operator*(const Lane& a, const Lane& b) { return binary(a, Binary::MUL, b, a.type()); }
Lane operator+(const Lane& a, Int128 b) { return binary(a, Binary::ADD, *number_scalar(a.type(), b, a.context()), a.type()); }
Lane operator-(const Lane& a, Int128 b) { return binary(a, Binary::SUB, *number_scalar(a.type(), b, a.context()), a.type()); }
Lane operator*(const Lane& a, Int128 b) { return binary(a, Binary::MUL, *number_scalar(a.type(), b, a.context()), a.type()); }

Lane quotient(const Lane& a, const Lane& b) { return binary(a, Binary::DIV, b, a.type()); }
Lane quotient(const Lane& a, Int128 b) {
  return b == 1 ? a : binary(a, Binary::DIV, *number_scalar(a.type(), b, a.context()), a.type());
}

Lane floored(const Lane& a, Int128 b) {
  if (b == 1) return a;
  return binary(a, Binary::FLOOR_DIV, *number_scalar(a.type(), b, a.context()), a.type());
}
Lane floored_rest(const Lane& a, Int128 b) { return a - floored(a, b) * b; }

Lane compare(const Lane& a, Binary op, const Lane& b) { return binary(a, op, b, truth()); }
Lane compare(const Lane& a, Binary op, Int128 b) { return binary(a, op, *number_scalar(a.type(), b, a.context()), truth()); }
Lane compare(const Lane& a, Binary op, const cudf::scalar& b) { return binary(a, op, b, truth()); }

Lane both(const Lane& a, const Lane& b) { return binary(a, Binary::LOGICAL_AND, b, truth()); }
Lane either(const Lane& a, const Lane& b) { return binary(a, Binary::LOGICAL_OR, b, truth()); }
Lane differ(const Lane& a, const Lane& b) { return binary(a, Binary::NOT_EQUAL, b, truth()); }
Lane opposite(const Lane& a) { return unary(cudf::unary_operator::NOT, a); }

Lane select(const Lane& condition, const Lane& a, const Lane& b) {
  const Context& context = condition.context();
  // The condition decides the rows: with one value for all, one side is the result.
  if (condition.single() && (!a.single() || !b.single())) return select(condition.full(), a, b);
  if (condition.single()) return {cudf::copy_if_else(a.view(), b.view(), condition.view(), context.stream, context.memory), a};
  const bool nested = cudf::is_nested(a.type());
  const auto done = [&](Owned column) { return Lane{std::move(column), condition}; };
  if (nested || (!a.single() && !b.single()))
    return done(cudf::copy_if_else(a.full().view(), b.full().view(), condition.view(), context.stream, context.memory));
  if (a.single() && b.single())
    return done(cudf::copy_if_else(*a.scalar(), *b.scalar(), condition.view(), context.stream, context.memory));
  if (a.single()) return done(cudf::copy_if_else(*a.scalar(), b.view(), condition.view(), context.stream, context.memory));
  return done(cudf::copy_if_else(a.view(), *b.scalar(), condition.view(), context.stream, context.memory));
}

Lane select(const Lane& condition, Int128 a, const Lane& b) { return select(condition, constant(b, b.type(), a), b); }

Lane only_where(const Lane& condition, const Lane& a) {
  const Lane none{cudf::make_column_from_scalar(*null_scalar(a.type(), a.context()), 1, a.context().stream, a.context().memory),
                  true, a.rows(), a.context()};
  return select(condition, a, a.rows() == 0 ? Lane{cudf::make_empty_column(a.type()), a} : none);
}

Lane with_default(const Lane& a, const cudf::scalar& value) {
  if (!a.nullable()) return a;
  return {cudf::replace_nulls(a.view(), value, a.context().stream, a.context().memory), a};
}
Lane with_default(const Lane& a, Int128 value) { return with_default(a, *number_scalar(a.type(), value, a.context())); }

Lane is_present(const Lane& a) { return {cudf::is_valid(a.view(), a.context().stream, a.context().memory), a}; }
Lane is_absent(const Lane& a) { return {cudf::is_null(a.view(), a.context().stream, a.context().memory), a}; }

Lane null_like(const Lane& a, const std::vector<const Lane*>& others) {
  Lane wide = a;
  bool needed = false;
  for (const Lane* other : others) {
    if (!other->single()) wide = beside(wide, *other);
    needed = needed || other->nullable();
  }
  if (!needed) return wide;
  std::vector<const cudf::bitmask_type*> masks;
  std::vector<cudf::size_type> offsets;
  std::vector<Lane> kept{wide};
  for (const Lane* other : others) kept.push_back(beside(*other, wide));
  for (const Lane& lane : kept) {
    if (!lane.view().nullable()) continue;
    masks.push_back(lane.view().null_mask());
    offsets.push_back(lane.view().offset());
  }
  const Context& context = a.context();
  auto [mask, nulls] = cudf::bitmask_and(masks, offsets, wide.view().size(), context.stream, context.memory);
  auto column = std::make_unique<cudf::column>(wide.view(), context.stream, context.memory);
  column->set_null_mask(std::move(mask), nulls);
  return {std::move(column), wide};
}

Lane look_up(const cudf::column_view& table, const Lane& rows) {
  const Context& context = rows.context();
  const Lane known = with_default(rows, std::numeric_limits<cudf::size_type>::min());
  auto result = cudf::gather(cudf::table_view{{table}}, known.view(), cudf::out_of_bounds_policy::NULLIFY,
                             cudf::negative_index_policy::NOT_ALLOWED, context.stream, context.memory);
  return {std::move(result->release()[0]), rows};
}

Lane word_of_wide(const Lane& a, int which) {
  const cudf::column_view& v = a.view();
  Context& context = a.context();
  const cudf::column_view words{cudf::data_type{kUInt64}, 2 * (v.size() + v.offset()), v.head(), nullptr, 0};
  const cudf::data_type index{kInt32};
  const auto rows = cudf::sequence(v.size(), *number_scalar(index, 2 * v.offset() + which, context),
                                   *number_scalar(index, 2, context), context.stream, context.memory);
  auto picked = cudf::gather(cudf::table_view{{words}}, rows->view(), cudf::out_of_bounds_policy::DONT_CHECK,
                             cudf::negative_index_policy::NOT_ALLOWED, context.stream, context.memory);
  return null_like(Lane{std::move(picked->release()[0]), a}, {&a});
}

namespace {

Lane constant_of(const Lane& like, const cudf::scalar& value) {
  Context& context = like.context();
  const cudf::size_type rows = like.rows();
  return {cudf::make_column_from_scalar(value, rows == 0 ? 0 : 1, context.stream, context.memory), rows > 0, rows, context};
}

}  // namespace

Lane constant(const Lane& like, cudf::data_type type, Int128 value) {
  return constant_of(like, *number_scalar(type, value, like.context()));
}

Lane constant_real(const Lane& like, double value) {
  return constant_of(like, *real_scalar(cudf::data_type{kDouble}, value, like.context()));
}

Lane constant_text(const Lane& like, const std::string& value) { return constant_of(like, *text_scalar(value, like.context())); }

std::optional<cudf::size_type> first_where(const Lane& condition) {
  const Context& context = condition.context();
  if (condition.view().size() == condition.view().null_count()) return std::nullopt;
  const auto any = cudf::make_any_aggregation<cudf::reduce_aggregation>();
  const auto found = cudf::reduce(condition.view(), *any, truth(), context.stream, context.memory);
  const auto& flag = static_cast<const cudf::numeric_scalar<bool>&>(*found);
  if (!flag.is_valid(context.stream) || !flag.value(context.stream)) return std::nullopt;
  if (condition.single()) return 0;
  const auto numbers = cudf::sequence(condition.view().size(), *number_scalar(cudf::data_type{kInt32}, 0, condition.context()),
                                      context.stream, context.memory);
  const auto rows = cudf::copy_if_else(numbers->view(), *null_scalar(cudf::data_type{kInt32}, condition.context()),
                                       condition.view(), context.stream, context.memory);
  const auto least = cudf::make_min_aggregation<cudf::reduce_aggregation>();
  const auto first = cudf::reduce(rows->view(), *least, cudf::data_type{kInt32}, context.stream, context.memory);
  return static_cast<const cudf::numeric_scalar<std::int32_t>&>(*first).value(context.stream);
}

}  // namespace warpframe::exec
