// What group by, reductions, scans and rolling windows of the host libcudf share: one aggregate over some values.
#pragma once

#include "host.hh"

#include <cudf/aggregation.hpp>

#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace warpframe::host {

/** The type of an aggregate's result: libcudf's own table of accumulators. @throws cudf::logic_error where it has none */
Type aggregate_type(const Type& source, const cudf::aggregation& aggregation, const char* what);

/** One aggregate over values in any order; nulls are left out. Null where libcudf gives an invalid result. */
Val aggregate_values(const cudf::aggregation& aggregation, const Type& type, std::span<const Val> values);

/** The next value of a running aggregate: both are there. */
Val combine(const cudf::aggregation& aggregation, const Type& type, const Val& a, const Val& b);

/** Integers cut to the width of the type, as the device wraps. */
Val wrapped(const Val& value, const Type& type);

/** Rows by equal keys, in the order of their first rows. */
struct KeyGroups {
  std::vector<std::vector<size_type>> rows;
  std::unordered_map<std::string, std::size_t> by_key;
};
/** Rows with a null are left out where nulls are not equal. */
KeyGroups group_keys(const cudf::table_view& keys, cudf::null_equality nulls, Stream stream, const char* what);

}  // namespace warpframe::host
