// Windows that give another row's value, ranks and row numbers.
#include "window_steps.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/copying.hpp>
#include <cudf/reduction.hpp>

#include "kernels/philox.cuh"

namespace warpframe::exec {

namespace {

Lane wide(const Lane& lane) { return lane.cast(kInt64); }

/** The value of each row's source; null where that lies outside the row's partition. */
Lane value_at(const WindowInput& in, const Lane& source, const Lane& inside) {
  return look_up(in.args[0].view(), only_where(inside, source).cast(kInt32));
}

Lane scan_rows(const Lane& rows, std::unique_ptr<cudf::scan_aggregation> aggregation) {
  const Context& context = rows.context();
  return {cudf::scan(rows.view(), *aggregation, cudf::scan_type::INCLUSIVE, cudf::null_policy::EXCLUDE, context.stream, context.memory), rows};
}

Lane reversed(const Lane& lane) { return {cudf::reverse(lane.view(), lane.context().stream, lane.context().memory), lane}; }

std::optional<std::int64_t> limit_of(const WindowInput& in) {
  const plan::Json* limit = in.call.options.find("limit");
  return limit == nullptr || limit->is_null() ? std::nullopt : std::optional{limit->as_int64()};
}

/** Both sides are row numbers, so that no subtraction leaves INT32. */
Lane near(const WindowInput& in, const Lane& inside, const Lane& distance) {
  const std::optional<std::int64_t> limit = limit_of(in);
  return limit ? both(inside, distance <= *limit) : inside;
}

}  // namespace

Lane shift(const WindowInput& in) {
  const Lane source = wide(in.index) - in.integer("rows");
  const Lane inside = both(compare(source, Binary::GREATER_EQUAL, wide(in.start)), compare(source, Binary::LESS, wide(in.end)));
  const Lane moved = value_at(in, source, inside);
  return in.args.size() < 2 ? moved : select(inside, moved, in.args[1]);
}

Lane forward_fill(const WindowInput& in) {
  // The last row so far with a value; -1 for none.
  const Lane seen = scan_rows(select(is_present(in.args[0]), in.index, in.index * 0 - 1), cudf::make_max_aggregation<cudf::scan_aggregation>());
  const Lane inside = compare(seen, Binary::GREATER_EQUAL, in.start);
  return value_at(in, seen, near(in, inside, in.index - seen));
}

Lane backward_fill(const WindowInput& in) {
  const Lane next = select(is_present(in.args[0]), in.index, in.index * 0 + in.rows());
  const Lane seen = reversed(scan_rows(reversed(next), cudf::make_min_aggregation<cudf::scan_aggregation>()));
  const Lane inside = compare(seen, Binary::LESS, in.end);
  return value_at(in, seen, near(in, inside, seen - in.index));
}

Lane row_index(const WindowInput& in) {
  return (in.index - in.start).cast(cudf::type_id::UINT32) + in.integer("offset");
}

// Philox 4x32-10 (Salmon et al., 2011) of the row number in its partition, as the CPU engine has it: by our own kernel
// where there is one partition, else by libcudf, round by round.
Lane random_numbers(const WindowInput& in) {
  Context& context = in.context();
  if (in.groups.count <= 1) {
    Owned numbers = cudf::make_numeric_column(cudf::data_type{kDouble}, in.rows(), cudf::mask_state::UNALLOCATED,
                                              context.stream, context.memory);
    if (in.rows() > 0)
      kernels::philox_uniform(context.stream.get(), static_cast<std::uint32_t>(in.integer("seed")), 0,
                              static_cast<std::uint64_t>(in.rows()), numbers->mutable_view().data<double>());
    return {std::move(numbers), false, in.rows(), context};
  }
  const cudf::data_type type{kUInt64};
  const auto with = [&](const Lane& lane, Binary op, Int128 value) { return binary(lane, op, *number_scalar(type, value, context), type); };
  const auto high = [&](const Lane& lane) { return with(lane, Binary::SHIFT_RIGHT_UNSIGNED, 32); };
  const auto low = [&](const Lane& lane) { return with(lane, Binary::BITWISE_AND, 0xFFFFFFFF); };
  const auto differ_by = [&](const Lane& a, const Lane& b, std::uint32_t key) {
    return with(binary(a, Binary::BITWISE_XOR, b, type), Binary::BITWISE_XOR, key);
  };
  constexpr Int128 kFirst = 0xD2511F53;
  constexpr Int128 kSecond = 0xCD9E8D57;
  Lane c0 = (in.index - in.start).cast(kUInt64);
  Lane c1 = c0 * 0;
  Lane c2 = c1;
  Lane c3 = c1;
  auto k0 = static_cast<std::uint32_t>(in.integer("seed"));
  std::uint32_t k1 = 0;
  for (int round = 0; round < 10; ++round) {
    const Lane a = with(c0, Binary::MUL, kFirst);
    const Lane b = with(c2, Binary::MUL, kSecond);
    c0 = differ_by(high(b), c1, k0);
    c1 = low(b);
    c2 = differ_by(high(a), c3, k1);
    c3 = low(a);
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
  // 53 bits.
  const Lane bits = c0 * 2097152 + with(c1, Binary::SHIFT_RIGHT_UNSIGNED, 11);
  return quotient(bits.cast(kDouble), 9007199254740992);
}

Lane rank(const WindowInput& in) {
  const Lane& values = in.args[0];
  const std::string& method = in.call.options.at("method").as_text();
  const Lane order = sorted_rows({{in.groups.labels, false, false}, {values, in.call.options.at("descending").as_bool(), false}}, in.context());
  const Lane position = inverse(order);
  const Lane ordinal = position - in.start + 1;
  if (method == "ordinal") return null_like(ordinal, {&values});
  const Groups pairs = group_rows({in.groups.labels, values}, in.context());
  GroupBy by{pairs};
  const std::size_t least = by.add_min(ordinal);
  const std::size_t most = by.add_max(ordinal);
  by.run();
  const Lane lowest = gathered(by.result(least), pairs.labels);
  const Lane highest = gathered(by.result(most), pairs.labels);
  if (method == "min") return null_like(lowest, {&values});
  if (method == "max") return null_like(highest, {&values});
  if (method == "average") return null_like(quotient((wide(lowest) + wide(highest)).cast(kDouble), 2), {&values});
  // Dense: how many pairs begin so far, in the order of the values. Sorted by partition first, the labels stay.
  const Lane begins = gathered(compare(ordinal, Binary::EQUAL, lowest).cast(kInt32), order);
  const Lane dense = scanned(in.groups, begins, cudf::make_sum_aggregation<cudf::groupby_scan_aggregation>());
  return null_like(gathered(dense, position), {&values});
}

}  // namespace warpframe::exec
