// search.hpp.
#include "host.hh"

#include <cudf/search.hpp>

#include <algorithm>
#include <set>

namespace warpframe::host {
namespace {

struct Order {
  std::vector<Col> haystack;
  std::vector<Col> needles;
  std::vector<bool> descending;
  std::vector<bool> nulls_first;

  /** -1, 0 or 1 of a row of the haystack against a needle. NaN is above all numbers only where sorting says so: anything. */
  int operator()(size_type row, size_type needle) const {
    for (std::size_t i = 0; i < haystack.size(); ++i) {
      const Val a = haystack[i].at(row);
      const Val b = needles[i].at(needle);
      int order = 0;
      if (a.null() || b.null()) order = a.null() && b.null() ? 0 : (a.null() == nulls_first[i] ? -1 : 1);
      else order = compare(a, b);
      if (order != 0) return descending[i] ? -order : order;
    }
    return 0;
  }
};

ColumnPtr bound(const cudf::table_view& haystack, const cudf::table_view& needles, const std::vector<cudf::order>& orders,
                const std::vector<cudf::null_order>& nulls, bool upper, Stream stream, Memory memory) {
  const auto columns = static_cast<std::size_t>(haystack.num_columns());
  CUDF_EXPECTS(haystack.num_columns() == needles.num_columns(), "Mismatch number of columns", std::invalid_argument);
  CUDF_EXPECTS(orders.empty() || orders.size() == columns, "Mismatch between number of columns and column order.");
  CUDF_EXPECTS(nulls.empty() || nulls.size() == columns, "Mismatch between number of columns and null precedence.");
  for (size_type i = 0; i < haystack.num_columns(); ++i)
    CUDF_EXPECTS(haystack.column(i).type() == needles.column(i).type(), "Mismatch in types of columns", cudf::data_type_error);
  Order order{cols(haystack, stream, "bound"), cols(needles, stream, "bound"), {}, {}};
  for (std::size_t i = 0; i < columns; ++i) {
    order.descending.push_back(!orders.empty() && orders[i] == cudf::order::DESCENDING);
    order.nulls_first.push_back(nulls.empty() || nulls[i] == cudf::null_order::BEFORE);
  }
  std::vector<size_type> places;
  for (size_type needle = 0; needle < needles.num_rows(); ++needle) {
    size_type low = 0;
    size_type high = haystack.num_rows();
    while (low < high) {
      const size_type middle = low + (high - low) / 2;
      const int found = order(middle, needle);
      if (upper ? found <= 0 : found < 0) low = middle + 1;
      else high = middle;
    }
    places.push_back(low);
  }
  return make_sizes(places, stream, memory);
}

}  // namespace
}  // namespace warpframe::host

namespace cudf {

namespace host = warpframe::host;

std::unique_ptr<column> lower_bound(const table_view& haystack, const table_view& needles, const std::vector<order>& orders,
                                    const std::vector<null_order>& nulls, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  return host::bound(haystack, needles, orders, nulls, false, stream, mr);
}

std::unique_ptr<column> upper_bound(const table_view& haystack, const table_view& needles, const std::vector<order>& orders,
                                    const std::vector<null_order>& nulls, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  return host::bound(haystack, needles, orders, nulls, true, stream, mr);
}

std::unique_ptr<column> contains(const column_view& haystack, const column_view& needles, cuda::stream_ref stream,
                                 rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(haystack.type() == needles.type(), "Type mismatch", data_type_error);
  const host::Col wanted(needles, stream, "contains");
  const host::Col rows(haystack, stream, "contains");
  std::set<std::string> known;
  for (const host::Val& value : rows.values())
    if (!value.null()) known.insert(host::key_of(value));
  return host::make_rows(type_id::BOOL8, wanted.size(), stream, mr, [&](size_type row) {
    const host::Val value = wanted.at(row);
    if (value.null()) return value;
    const bool nan = value.kind() == host::Kind::real && value.d() != value.d();
    return host::Val::boolean(known.count(host::key_of(value)) > 0 && (!nan || host::coin()));  // NaN: not promised
  });
}

}  // namespace cudf
