// What the functions of this folder are given: lanes of the arguments, options, dtypes.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "../util/failure.hh"
#include "functions.hh"
#include "lane.hh"

namespace warpframe::exec {

using plan::DType;

inline bool is_float(const plan::LogicalType& t) { return t.dtype == DType::float32 || t.dtype == DType::float64; }
inline bool is_unsigned(const plan::LogicalType& t) {
  return t.dtype == DType::uint8 || t.dtype == DType::uint16 || t.dtype == DType::uint32 || t.dtype == DType::uint64;
}
inline bool is_integer(const plan::LogicalType& t) {
  return is_unsigned(t) || t.dtype == DType::int8 || t.dtype == DType::int16 || t.dtype == DType::int32 ||
         t.dtype == DType::int64;
}
inline bool is_text(const plan::LogicalType& t) { return t.dtype == DType::utf8 || t.dtype == DType::categorical; }
inline bool is_ticks(const plan::LogicalType& t) {
  return t.dtype == DType::datetime || t.dtype == DType::duration || t.dtype == DType::time;
}
inline bool is_temporal(const plan::LogicalType& t) { return is_ticks(t) || t.dtype == DType::date32; }

struct Arguments {
  Arguments(const plan::Expr& call_expr, std::span<const Value> values, const Frame& input, Context& run_context)
      : expr(call_expr), call(std::get<plan::Call>(call_expr.node)), rows(input.rows), context(run_context) {
    lanes.reserve(values.size());
    for (const Value& value : values) lanes.emplace_back(value, rows, context);
  }
  const Lane& operator[](std::size_t i) const { return lanes[i]; }
  const plan::LogicalType& type(std::size_t i) const { return call.args[i]->type; }
  cudf::data_type result() const { return device_type(expr.type); }

  const std::string& text(std::string_view name) const { return call.options.at(name).as_text(); }
  std::int64_t integer(std::string_view name) const { return call.options.at(name).as_int64(); }
  bool flag(std::string_view name) const { return call.options.at(name).as_bool(); }
  std::optional<std::string> text_or_none(std::string_view name) const {
    const plan::Json& option = call.options.at(name);
    return option.is_null() ? std::nullopt : std::optional{option.as_text()};
  }

  const plan::Expr& expr;
  const plan::Call& call;
  std::vector<Lane> lanes;
  cudf::size_type rows;
  Context& context;
};

/** A table row's function from one over lanes. */
template <Lane (*F)(const Arguments&)>
Value run_lanes(const plan::Expr& call, std::span<const Value> args, const Frame& input, Context& context) {
  return F(Arguments{call, args, input, context}).value();
}

/** A literal argument's integer, if it is one that is not null. */
inline std::optional<Int128> literal_integer(const plan::Expr& expr) {
  const auto* constant = std::get_if<plan::Constant>(&expr.node);
  const auto* value = constant == nullptr ? nullptr : std::get_if<Int128>(&constant->literal.value);
  return value == nullptr ? std::nullopt : std::optional{*value};
}

/** 10 to the power of 0 to 38. */
inline Int128 ten_to(int digits) {
  Int128 value = 1;
  for (int i = 0; i < digits; ++i) value *= 10;
  return value;
}

/** Ticks of a second, and of a day; nanoseconds of a tick. */
inline Int128 ticks_per_second(plan::TimeUnit unit) {
  return unit == plan::TimeUnit::milliseconds ? 1000 : unit == plan::TimeUnit::microseconds ? 1'000'000 : 1'000'000'000;
}
inline constexpr std::int64_t kSecondsPerDay = 86'400;
inline constexpr std::int64_t kNanosPerDay = kSecondsPerDay * 1'000'000'000;

}  // namespace warpframe::exec
