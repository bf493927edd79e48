// Rows in groups, numbered in the order of their first rows, and libcudf's group by over those numbers.
#pragma once

#include <cudf/aggregation.hpp>
#include <cudf/table/table.hpp>

#include <utility>
#include <vector>

#include "order.hh"

namespace warpframe::exec {

struct Groups {
  /** The number of each row's group; INT32. */
  Lane labels;
  /** The first row of each group, ascending; INT32. */
  Lane first_rows;
  /** At least 1 without keys, then also where there are no rows. */
  cudf::size_type count = 0;
};

/** Null is a value of a key. */
Groups group_rows(const std::vector<Lane>& keys, Context& context);
/** All rows are one group. */
Groups one_group(cudf::size_type rows, Context& context);
/** Groups over rows that lie group by group; `labels` ascends. */
Groups arranged_groups(const Lane& labels, cudf::size_type count);

/** Several aggregates over the same groups in one call of libcudf. Results come in the order of the groups. */
class GroupBy {
 public:
  using Request = std::unique_ptr<cudf::groupby_aggregation>;

  explicit GroupBy(const Groups& groups) : groups_(groups) {}
  /** By keys as they are, which libcudf hashes once; run() fills the first rows and the count of `groups`, no labels. */
  GroupBy(Groups& groups, const std::vector<Lane>& keys);
  /** @returns the number of the result */
  std::size_t add(const Lane& values, Request request);
  std::size_t add_sum(const Lane& values);
  std::size_t add_min(const Lane& values);
  std::size_t add_max(const Lane& values);
  std::size_t add_mean(const Lane& values);
  /** Values that are not null. */
  std::size_t add_count(const Lane& values);
  /** Rows. */
  std::size_t add_rows();
  void run();
  /** One row a group; null for a group without values, except counts, which are 0. */
  const Lane& result(std::size_t number) const { return results_.at(number); }

 private:
  void run_by_keys();
  /** @returns the keys and one result a request, in libcudf's order */
  std::pair<std::unique_ptr<cudf::table>, std::vector<Lane>> ask(cudf::table_view keys, cudf::null_policy nulls);

  const Groups& groups_;
  Groups* found_ = nullptr;  // by keys
  std::vector<Lane> keys_;
  std::vector<Lane> values_;
  std::vector<Request> requests_;
  std::vector<Lane> results_;
};

/** Values group by group, each group in the order of the values: nulls last. */
struct SortedGroups {
  /** Row numbers, group by group. */
  Lane rows;
  /** Where each group starts among them, and how many values that are not null it has; INT32. */
  Lane starts;
  Lane counts;
};
SortedGroups sort_groups(const Groups& groups, const Lane& values, bool descending);

/** Sums, products, least and greatest values so far within groups that lie group by group. */
Lane scanned(const Groups& arranged, const Lane& values, std::unique_ptr<cudf::groupby_scan_aggregation> aggregation);

}  // namespace warpframe::exec
