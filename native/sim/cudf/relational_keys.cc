// Sorting, distinct rows and joins. Ties of unstable sorts, the order of distinct rows and of join pairs: any.
#include "relational.hh"

#include <cudf/join/distinct_hash_join.hpp>
#include <cudf/join/filtered_join.hpp>
#include <cudf/join/join.hpp>
#include <cudf/sorting.hpp>
#include <cudf/stream_compaction.hpp>
#include <cudf/unary.hpp>
#include <cudf/utilities/traits.hpp>

#include <algorithm>
#include <cmath>

namespace host = warpframe::host;
using host::KeyGroups;

namespace warpframe::host {

KeyGroups group_keys(const cudf::table_view& keys, cudf::null_equality nulls, Stream stream, const char* what) {
  const std::vector<Col> columns = cols(keys, stream, what);
  KeyGroups groups;
  for (size_type row = 0; row < keys.num_rows(); ++row) {
    bool has_null = false;
    std::string key = row_key(columns, row, &has_null);
    if (has_null && nulls == cudf::null_equality::UNEQUAL) continue;
    const auto [at, is_new] = groups.by_key.try_emplace(std::move(key), groups.rows.size());
    if (is_new) groups.rows.emplace_back();
    groups.rows[at->second].push_back(row);
  }
  return groups;
}

}  // namespace warpframe::host

namespace cudf {
namespace {

using Map = std::unique_ptr<rmm::device_uvector<size_type>>;

std::vector<size_type> order_of(const table_view& input, const std::vector<order>& orders, const std::vector<null_order>& nulls,
                                bool stable, cuda::stream_ref stream) {
  const auto width = static_cast<std::size_t>(input.num_columns());
  CUDF_EXPECTS(orders.empty() || orders.size() == width, "Mismatch between number of columns and column order.", std::invalid_argument);
  CUDF_EXPECTS(nulls.empty() || nulls.size() == width, "Mismatch between number of columns and null_precedence size.", std::invalid_argument);
  std::vector<std::vector<host::Val>> columns;
  for (const host::Col& column : host::cols(input, stream, "sort")) columns.push_back(column.values());
  const auto less = [&](size_type a, size_type b) {
    for (std::size_t i = 0; i < width; ++i) {
      const host::Val& x = columns[i][static_cast<std::size_t>(a)];
      const host::Val& y = columns[i][static_cast<std::size_t>(b)];
      const bool before = nulls.empty() || nulls[i] == null_order::BEFORE;
      int way = x.null() && y.null() ? 0 : x.null() ? (before ? -1 : 1) : y.null() ? (before ? 1 : -1) : host::compare(x, y);
      // The direction turns the place of nulls round too.
      if (!orders.empty() && orders[i] == order::DESCENDING) way = -way;
      if (way != 0) return way < 0;
    }
    return false;
  };
  std::vector<size_type> rows = stable ? std::vector<size_type>() : host::shuffled(input.num_rows());
  if (stable)
    for (size_type row = 0; row < input.num_rows(); ++row) rows.push_back(row);
  std::stable_sort(rows.begin(), rows.end(), less);
  return rows;
}

std::vector<size_type> any_order(const std::vector<size_type>& rows) {
  std::vector<size_type> result;
  for (const size_type at : host::shuffled(static_cast<size_type>(rows.size()))) result.push_back(rows[static_cast<std::size_t>(at)]);
  return result;
}

/** Which rows of the right each row of the left meets; nothing where the left's key has a null that equals none. */
std::vector<const std::vector<size_type>*> matches_of(const KeyGroups& right, const table_view& left, null_equality nulls,
                                                      cuda::stream_ref stream) {
  const std::vector<host::Col> columns = host::cols(left, stream, "join keys");
  std::vector<const std::vector<size_type>*> matches;
  for (size_type row = 0; row < left.num_rows(); ++row) {
    bool has_null = false;
    const auto at = right.by_key.find(host::row_key(columns, row, &has_null));
    const bool none = at == right.by_key.end() || (has_null && nulls == null_equality::UNEQUAL);
    matches.push_back(none ? nullptr : &right.rows[at->second]);
  }
  return matches;
}

void check_keys(const table_view& left, const table_view& right) {
  CUDF_EXPECTS(left.num_columns() > 0 && left.num_columns() == right.num_columns(), "Mismatch in number of columns to be joined on", std::invalid_argument);
  for (size_type i = 0; i < left.num_columns(); ++i)
    CUDF_EXPECTS(left.column(i).type() == right.column(i).type(), "Mismatch in joining column data types", data_type_error);
}

std::pair<Map, Map> join(const table_view& left, const table_view& right, null_equality nulls, bool keep_left, bool keep_right,
                         cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  check_keys(left, right);
  const KeyGroups groups = host::group_keys(right, nulls, stream, "join keys");
  const auto matches = matches_of(groups, left, nulls, stream);
  std::vector<size_type> l;
  std::vector<size_type> r;
  std::vector<bool> met(static_cast<std::size_t>(right.num_rows()));
  for (size_type row = 0; row < left.num_rows(); ++row) {
    const std::vector<size_type>* rows = matches[static_cast<std::size_t>(row)];
    if (rows == nullptr && keep_left) {
      l.push_back(row);
      r.push_back(JoinNoMatch);
    }
    if (rows == nullptr) continue;
    for (const size_type other : *rows) {
      l.push_back(row);
      r.push_back(other);
      met[static_cast<std::size_t>(other)] = true;
    }
  }
  for (size_type row = 0; keep_right && row < right.num_rows(); ++row) {
    if (met[static_cast<std::size_t>(row)]) continue;
    l.push_back(JoinNoMatch);
    r.push_back(row);
  }
  std::vector<size_type> left_rows;
  std::vector<size_type> right_rows;
  left_rows.reserve(l.size());
  right_rows.reserve(l.size());
  for (const size_type at : host::shuffled(static_cast<size_type>(l.size()))) {
    left_rows.push_back(l[static_cast<std::size_t>(at)]);
    right_rows.push_back(r[static_cast<std::size_t>(at)]);
  }
  return {host::upload_rows(left_rows, stream, memory), host::upload_rows(right_rows, stream, memory)};
}

}  // namespace

std::unique_ptr<column> is_nan(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  CUDF_EXPECTS(is_floating_point(input.type()), "NAN is not defined for this type", data_type_error);
  const host::Col rows(input, stream, "is_nan");
  // Null is not NaN, and the result has no nulls.
  return host::make_rows(type_id::BOOL8, rows.size(), stream, memory,
                         [&](size_type row) { return host::Val::boolean(rows.valid(row) && std::isnan(rows.at(row).d())); });
}

std::unique_ptr<column> sorted_order(const table_view& input, const std::vector<order>& orders, const std::vector<null_order>& nulls,
                                     cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return host::make_sizes(order_of(input, orders, nulls, false, stream), stream, memory);
}
std::unique_ptr<column> stable_sorted_order(const table_view& input, const std::vector<order>& orders,
                                            const std::vector<null_order>& nulls, cuda::stream_ref stream,
                                            rmm::device_async_resource_ref memory) {
  return host::make_sizes(order_of(input, orders, nulls, true, stream), stream, memory);
}
std::unique_ptr<table> sort(const table_view& input, const std::vector<order>& orders, const std::vector<null_order>& nulls,
                            cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return host::gather_rows(input, order_of(input, orders, nulls, false, stream), stream, memory);
}
std::unique_ptr<table> stable_sort(const table_view& input, const std::vector<order>& orders, const std::vector<null_order>& nulls,
                                   cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  return host::gather_rows(input, order_of(input, orders, nulls, true, stream), stream, memory);
}

std::unique_ptr<column> distinct_indices(const table_view& input, duplicate_keep_option keep, null_equality nulls, nan_equality nans,
                                         cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  if (nulls == null_equality::UNEQUAL || nans == nan_equality::UNEQUAL) host::missing("distinct_indices with unequal nulls or NaN");
  std::vector<size_type> kept;
  for (const std::vector<size_type>& rows : host::group_keys(input, nulls, stream, "distinct").rows) {
    switch (keep) {
      case duplicate_keep_option::KEEP_FIRST: kept.push_back(rows.front()); break;
      case duplicate_keep_option::KEEP_LAST: kept.push_back(rows.back()); break;
      case duplicate_keep_option::KEEP_ANY: kept.push_back(any_order(rows)[0]); break;
      case duplicate_keep_option::KEEP_NONE:
        if (rows.size() == 1) kept.push_back(rows[0]);
    }
  }
  return host::make_sizes(any_order(kept), stream, memory);
}

std::pair<Map, Map> inner_join(const table_view& left, const table_view& right, null_equality nulls, cuda::stream_ref stream,
                               rmm::device_async_resource_ref memory) {
  return join(left, right, nulls, false, false, stream, memory);
}
std::pair<Map, Map> left_join(const table_view& left, const table_view& right, null_equality nulls, cuda::stream_ref stream,
                              rmm::device_async_resource_ref memory) {
  return join(left, right, nulls, true, false, stream, memory);
}
std::pair<Map, Map> full_join(const table_view& left, const table_view& right, null_equality nulls, cuda::stream_ref stream,
                              rmm::device_async_resource_ref memory) {
  return join(left, right, nulls, true, true, stream, memory);
}

namespace detail {

/** The hashed side stays the caller's: it is looked at again in every join. */
class hashed_keys {
 public:
  hashed_keys(const table_view& right, null_equality nulls, cuda::stream_ref stream)
      : right_(right), nulls_(nulls), groups_(host::group_keys(right, nulls, stream, "join keys")) {}
  const KeyGroups& groups() const { return groups_; }
  std::vector<const std::vector<size_type>*> matches(const table_view& left, cuda::stream_ref stream) const {
    check_keys(left, right_);
    for (const column_view& column : right_) host::Col(column, stream, "hashed join keys");
    return matches_of(groups_, left, nulls_, stream);
  }

 private:
  table_view right_;
  null_equality nulls_;
  KeyGroups groups_;
};
class distinct_hash_join : public hashed_keys {
  using hashed_keys::hashed_keys;
};
class filtered_join : public hashed_keys {
  using hashed_keys::hashed_keys;
};

}  // namespace detail

distinct_hash_join::distinct_hash_join(const table_view& right, null_equality nulls, double load_factor, cuda::stream_ref stream,
                                       cuda::mr::any_resource<cuda::mr::device_accessible>)
    : _impl(std::make_unique<detail::distinct_hash_join>(right, nulls, stream)) {
  CUDF_EXPECTS(load_factor > 0 && load_factor <= 1, "Invalid load factor", std::invalid_argument);
  for (const auto& rows : _impl->groups().rows)
    if (rows.size() > 1) host::violate("distinct_hash_join: the right keys are not distinct");
}
distinct_hash_join::~distinct_hash_join() = default;

Map distinct_hash_join::left_join(const table_view& left, cuda::stream_ref stream, rmm::device_async_resource_ref memory) const {
  std::vector<size_type> rows;
  for (const std::vector<size_type>* match : _impl->matches(left, stream)) rows.push_back(match == nullptr ? JoinNoMatch : match->front());
  return host::upload_rows(rows, stream, memory);
}

filtered_join::filtered_join(const table_view& right, null_equality nulls, cuda::stream_ref stream,
                             cuda::mr::any_resource<cuda::mr::device_accessible>)
    : _impl(std::make_unique<detail::filtered_join>(right, nulls, stream)) {}
filtered_join::~filtered_join() = default;

namespace {

Map rows_where(const std::vector<const std::vector<size_type>*>& matches, bool met, cuda::stream_ref stream,
               rmm::device_async_resource_ref memory) {
  std::vector<size_type> rows;
  for (std::size_t row = 0; row < matches.size(); ++row)
    if ((matches[row] != nullptr) == met) rows.push_back(static_cast<size_type>(row));
  return host::upload_rows(any_order(rows), stream, memory);
}

}  // namespace

Map filtered_join::semi_join(const table_view& left, cuda::stream_ref stream, rmm::device_async_resource_ref memory) const {
  return rows_where(_impl->matches(left, stream), true, stream, memory);
}
Map filtered_join::anti_join(const table_view& left, cuda::stream_ref stream, rmm::device_async_resource_ref memory) const {
  return rows_where(_impl->matches(left, stream), false, stream, memory);
}

}  // namespace cudf
