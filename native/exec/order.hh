// Rows as keys: what makes libcudf's own order and equality of values ours. NaN equals NaN and is above all numbers,
// -0 equals 0: floats that decide an order, a group or a join go through here first, and libcudf sees integers.
#pragma once

#include <vector>

#include "lane.hh"

namespace warpframe::exec {

/** The column of a frame, or of `rows` rows, as a lane of full length. */
Lane full_lane(const Value& value, cudf::size_type rows, Context& context);
Lane lane_of(const ColumnPtr& column, Context& context);
Lane lane_of(Owned column, Context& context);
/** The column of a full lane. */
ColumnPtr column_of(Lane lane);

/** Floats as integers of their bits, with one NaN and one zero; anything else as it is. Equal keys are equal bits. */
Lane equality_key(const Lane& values);
/** Floats and Bool as integers in our order; anything else as it is. */
Lane order_key(const Lane& values);
/** Back from order_key to values of `type`. */
Lane from_order_key(const Lane& keys, cudf::data_type type);

struct SortKey {
  Lane values;
  bool descending = false;
  bool nulls_first = false;
};
/** Row numbers in the order of the keys; ties stay in the order of the rows. */
Lane sorted_rows(const std::vector<SortKey>& keys, Context& context);

/** first, first + 1, … */
Lane sequence(cudf::size_type rows, cudf::size_type first, Context& context);
/** The rows of `values` at `rows`, all of which are there. */
Lane gathered(const Lane& values, const Lane& rows);
std::vector<ColumnPtr> gathered(const std::vector<ColumnPtr>& columns, const Lane& rows);
/** The same, null where a row number is outside. */
std::vector<ColumnPtr> gathered_or_null(const std::vector<ColumnPtr>& columns, const Lane& rows);
/** For a permutation: where each row went. */
Lane inverse(const Lane& order);
/** The first `rows` of a lane, or those from `begin`. */
Lane part(const Lane& values, cudf::size_type begin, cudf::size_type end);
/** Sums of all rows up to each, in INT64. */
Lane running_sums(const Lane& integers);

/** INT32 row numbers on the host. Waits for the device. */
std::vector<cudf::size_type> host_rows(const Lane& rows);

/** A view of the columns of lanes. */
cudf::table_view view_of(const std::vector<Lane>& lanes);

/** The columns as the dtypes of the schema say; what a wider step gave is cast. */
Frame conform(plan::Schema schema, std::vector<ColumnPtr> columns, cudf::size_type rows, Context& context);
/** One column as its dtype. */
Lane conform(const Lane& values, const plan::LogicalType& type);

}  // namespace warpframe::exec
