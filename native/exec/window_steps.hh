// Inside the windows: rows that lie partition by partition, each in its order.
#pragma once

#include <vector>

#include "../plan/expr.hh"
#include "groups.hh"

namespace warpframe::exec {

struct WindowInput {
  const plan::Expr& expr;
  const plan::Call& call;
  /** Arranged columns. */
  const std::vector<Lane>& args;
  /** The partitions, over arranged rows. */
  const Groups& groups;
  /** Row numbers of the input; none where nothing was moved. */
  const Lane* order;
  /** 0, 1, … over all rows; the first row of each row's partition, and the row behind its last. INT32. */
  Lane index;
  Lane start;
  Lane end;

  cudf::size_type rows() const { return index.rows(); }
  Context& context() const { return index.context(); }
  std::int64_t integer(std::string_view name) const { return call.options.at(name).as_int64(); }
};

Lane shift(const WindowInput& in);
Lane forward_fill(const WindowInput& in);
Lane backward_fill(const WindowInput& in);
Lane row_index(const WindowInput& in);
Lane random_numbers(const WindowInput& in);
Lane rank(const WindowInput& in);

// window_running.cc
Lane cum_sum(const WindowInput& in);
Lane cum_prod(const WindowInput& in);
Lane cum_min(const WindowInput& in);
Lane cum_max(const WindowInput& in);
Lane cum_count(const WindowInput& in);
Lane ewm_mean(const WindowInput& in);

// window_rolling.cc
Lane rolling_sum(const WindowInput& in);
Lane rolling_mean(const WindowInput& in);
Lane rolling_min(const WindowInput& in);
Lane rolling_max(const WindowInput& in);
Lane rolling_var(const WindowInput& in);
Lane rolling_median(const WindowInput& in);

/** Throws ERR_OVERFLOW for the first arranged row where `bad` is true, by its number in the input. */
void check_window_overflow(const WindowInput& in, const Lane& bad);

}  // namespace warpframe::exec
