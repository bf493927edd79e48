// The factories of aggregations, for the same bases as libcudf has them.
#include <variant>

#include <cudf/aggregation.hpp>
#include <cudf/detail/aggregation/aggregation.hpp>

namespace cudf {

#define HOSTCUDF_PLAIN(name)                                  \
  template <typename Base>                                    \
  std::unique_ptr<Base> make_##name##_aggregation() {         \
    return std::make_unique<detail::name##_aggregation>();    \
  }
HOSTCUDF_PLAIN(sum)
HOSTCUDF_PLAIN(sum_overflow)
HOSTCUDF_PLAIN(product)
HOSTCUDF_PLAIN(min)
HOSTCUDF_PLAIN(max)
HOSTCUDF_PLAIN(any)
HOSTCUDF_PLAIN(all)
HOSTCUDF_PLAIN(sum_of_squares)
HOSTCUDF_PLAIN(mean)
HOSTCUDF_PLAIN(m2)
HOSTCUDF_PLAIN(median)
HOSTCUDF_PLAIN(argmax)
HOSTCUDF_PLAIN(argmin)
HOSTCUDF_PLAIN(row_number)
HOSTCUDF_PLAIN(histogram)

template <typename Base>
std::unique_ptr<Base> make_count_aggregation(null_policy nulls) {
  return std::make_unique<detail::count_aggregation>(nulls == null_policy::INCLUDE ? aggregation::COUNT_ALL
                                                                                   : aggregation::COUNT_VALID);
}
template <typename Base>
std::unique_ptr<Base> make_variance_aggregation(size_type ddof) {
  return std::make_unique<detail::var_aggregation>(ddof);
}
template <typename Base>
std::unique_ptr<Base> make_std_aggregation(size_type ddof) {
  return std::make_unique<detail::std_aggregation>(ddof);
}
template <typename Base>
std::unique_ptr<Base> make_quantile_aggregation(const std::vector<double>& quantiles, interpolation between) {
  return std::make_unique<detail::quantile_aggregation>(quantiles, between);
}
template <typename Base>
std::unique_ptr<Base> make_nunique_aggregation(null_policy nulls) {
  return std::make_unique<detail::nunique_aggregation>(nulls);
}
template <typename Base>
std::unique_ptr<Base> make_nth_element_aggregation(size_type n, null_policy nulls) {
  return std::make_unique<detail::nth_element_aggregation>(n, nulls);
}
template <typename Base>
std::unique_ptr<Base> make_ewma_aggregation(const double center_of_mass, ewm_history history) {
  return std::make_unique<detail::ewma_aggregation>(center_of_mass, history);
}
template <typename Base>
std::unique_ptr<Base> make_rank_aggregation(rank_method method, order direction, null_policy nulls, null_order precedence,
                                            rank_percentage percentage) {
  return std::make_unique<detail::rank_aggregation>(method, direction, nulls, precedence, percentage);
}
template <typename Base>
std::unique_ptr<Base> make_collect_list_aggregation(null_policy nulls) {
  return std::make_unique<detail::collect_list_aggregation>(nulls);
}
template <typename Base>
std::unique_ptr<Base> make_collect_set_aggregation(null_policy nulls, null_equality nulls_equal, nan_equality nans_equal) {
  return std::make_unique<detail::collect_set_aggregation>(nulls, nulls_equal, nans_equal);
}
template <typename Base>
std::unique_ptr<Base> make_lag_aggregation(size_type offset) {
  return std::make_unique<detail::lead_lag_aggregation>(aggregation::LAG, offset);
}
template <typename Base>
std::unique_ptr<Base> make_lead_aggregation(size_type offset) {
  return std::make_unique<detail::lead_lag_aggregation>(aggregation::LEAD, offset);
}
template <typename Base>
std::unique_ptr<Base> make_covariance_aggregation(size_type min_periods, size_type ddof) {
  return std::make_unique<detail::covariance_aggregation>(min_periods, ddof);
}
template <typename Base>
std::unique_ptr<Base> make_correlation_aggregation(correlation_type type, size_type min_periods) {
  return std::make_unique<detail::correlation_aggregation>(type, min_periods);
}
template <typename Base>
std::unique_ptr<Base> make_bitwise_aggregation(bitwise_op op) {
  return std::make_unique<detail::bitwise_aggregation>(op);
}
template <typename Base>
std::unique_ptr<Base> make_top_k_aggregation(size_type k, order direction) {
  return std::make_unique<detail::top_k_aggregation>(k, direction);
}

#define HOSTCUDF_FOR(Base, name, ...) template std::unique_ptr<Base> make_##name##_aggregation<Base>(__VA_ARGS__);
#define HOSTCUDF_ANY(name, ...) HOSTCUDF_FOR(aggregation, name, __VA_ARGS__)
#define HOSTCUDF_REDUCE(name, ...) HOSTCUDF_FOR(reduce_aggregation, name, __VA_ARGS__)
#define HOSTCUDF_GROUPBY(name, ...) HOSTCUDF_FOR(groupby_aggregation, name, __VA_ARGS__)
#define HOSTCUDF_ROLLING(name, ...) HOSTCUDF_FOR(rolling_aggregation, name, __VA_ARGS__)
#define HOSTCUDF_SCAN(name, ...) HOSTCUDF_FOR(scan_aggregation, name, __VA_ARGS__)
#define HOSTCUDF_GROUP_SCAN(name, ...) HOSTCUDF_FOR(groupby_scan_aggregation, name, __VA_ARGS__)
#define HOSTCUDF_SEGMENTED(name, ...) HOSTCUDF_FOR(segmented_reduce_aggregation, name, __VA_ARGS__)

HOSTCUDF_ANY(sum) HOSTCUDF_REDUCE(sum) HOSTCUDF_GROUPBY(sum) HOSTCUDF_ROLLING(sum) HOSTCUDF_SCAN(sum) HOSTCUDF_GROUP_SCAN(sum) HOSTCUDF_SEGMENTED(sum)
HOSTCUDF_ANY(sum_overflow) HOSTCUDF_REDUCE(sum_overflow) HOSTCUDF_GROUPBY(sum_overflow) HOSTCUDF_GROUP_SCAN(sum_overflow) HOSTCUDF_SEGMENTED(sum_overflow)
HOSTCUDF_ANY(product) HOSTCUDF_REDUCE(product) HOSTCUDF_GROUPBY(product) HOSTCUDF_SCAN(product) HOSTCUDF_GROUP_SCAN(product) HOSTCUDF_SEGMENTED(product)
HOSTCUDF_ANY(min) HOSTCUDF_REDUCE(min) HOSTCUDF_GROUPBY(min) HOSTCUDF_ROLLING(min) HOSTCUDF_SCAN(min) HOSTCUDF_GROUP_SCAN(min) HOSTCUDF_SEGMENTED(min)
HOSTCUDF_ANY(max) HOSTCUDF_REDUCE(max) HOSTCUDF_GROUPBY(max) HOSTCUDF_ROLLING(max) HOSTCUDF_SCAN(max) HOSTCUDF_GROUP_SCAN(max) HOSTCUDF_SEGMENTED(max)
HOSTCUDF_ANY(any) HOSTCUDF_REDUCE(any) HOSTCUDF_SEGMENTED(any)
HOSTCUDF_ANY(all) HOSTCUDF_REDUCE(all) HOSTCUDF_SEGMENTED(all)
HOSTCUDF_ANY(sum_of_squares) HOSTCUDF_REDUCE(sum_of_squares) HOSTCUDF_GROUPBY(sum_of_squares) HOSTCUDF_SEGMENTED(sum_of_squares)
HOSTCUDF_ANY(mean) HOSTCUDF_REDUCE(mean) HOSTCUDF_GROUPBY(mean) HOSTCUDF_ROLLING(mean) HOSTCUDF_SEGMENTED(mean)
HOSTCUDF_ANY(m2) HOSTCUDF_GROUPBY(m2)
HOSTCUDF_ANY(median) HOSTCUDF_REDUCE(median) HOSTCUDF_GROUPBY(median)
HOSTCUDF_ANY(argmax) HOSTCUDF_REDUCE(argmax) HOSTCUDF_GROUPBY(argmax) HOSTCUDF_ROLLING(argmax)
HOSTCUDF_ANY(argmin) HOSTCUDF_REDUCE(argmin) HOSTCUDF_GROUPBY(argmin) HOSTCUDF_ROLLING(argmin)
HOSTCUDF_ANY(row_number) HOSTCUDF_ROLLING(row_number)
HOSTCUDF_ANY(histogram) HOSTCUDF_REDUCE(histogram) HOSTCUDF_GROUPBY(histogram)
HOSTCUDF_ANY(count, null_policy) HOSTCUDF_REDUCE(count, null_policy) HOSTCUDF_GROUPBY(count, null_policy) HOSTCUDF_ROLLING(count, null_policy) HOSTCUDF_SCAN(count, null_policy) HOSTCUDF_GROUP_SCAN(count, null_policy)
HOSTCUDF_ANY(variance, size_type) HOSTCUDF_REDUCE(variance, size_type) HOSTCUDF_GROUPBY(variance, size_type) HOSTCUDF_ROLLING(variance, size_type) HOSTCUDF_SEGMENTED(variance, size_type)
HOSTCUDF_ANY(std, size_type) HOSTCUDF_REDUCE(std, size_type) HOSTCUDF_GROUPBY(std, size_type) HOSTCUDF_ROLLING(std, size_type) HOSTCUDF_SEGMENTED(std, size_type)
HOSTCUDF_ANY(quantile, const std::vector<double>&, interpolation) HOSTCUDF_REDUCE(quantile, const std::vector<double>&, interpolation) HOSTCUDF_GROUPBY(quantile, const std::vector<double>&, interpolation)
HOSTCUDF_ANY(nunique, null_policy) HOSTCUDF_REDUCE(nunique, null_policy) HOSTCUDF_GROUPBY(nunique, null_policy) HOSTCUDF_SEGMENTED(nunique, null_policy)
HOSTCUDF_ANY(nth_element, size_type, null_policy) HOSTCUDF_REDUCE(nth_element, size_type, null_policy) HOSTCUDF_GROUPBY(nth_element, size_type, null_policy) HOSTCUDF_ROLLING(nth_element, size_type, null_policy)
HOSTCUDF_ANY(ewma, double, ewm_history) HOSTCUDF_SCAN(ewma, double, ewm_history)
HOSTCUDF_ANY(rank, rank_method, order, null_policy, null_order, rank_percentage) HOSTCUDF_SCAN(rank, rank_method, order, null_policy, null_order, rank_percentage) HOSTCUDF_GROUP_SCAN(rank, rank_method, order, null_policy, null_order, rank_percentage)
HOSTCUDF_ANY(collect_list, null_policy) HOSTCUDF_REDUCE(collect_list, null_policy) HOSTCUDF_GROUPBY(collect_list, null_policy) HOSTCUDF_ROLLING(collect_list, null_policy)
HOSTCUDF_ANY(collect_set, null_policy, null_equality, nan_equality) HOSTCUDF_REDUCE(collect_set, null_policy, null_equality, nan_equality) HOSTCUDF_GROUPBY(collect_set, null_policy, null_equality, nan_equality) HOSTCUDF_ROLLING(collect_set, null_policy, null_equality, nan_equality)
HOSTCUDF_ANY(lag, size_type) HOSTCUDF_ROLLING(lag, size_type)
HOSTCUDF_ANY(lead, size_type) HOSTCUDF_ROLLING(lead, size_type)
HOSTCUDF_ANY(covariance, size_type, size_type) HOSTCUDF_GROUPBY(covariance, size_type, size_type)
HOSTCUDF_ANY(correlation, correlation_type, size_type) HOSTCUDF_GROUPBY(correlation, correlation_type, size_type)
HOSTCUDF_ANY(bitwise, bitwise_op) HOSTCUDF_REDUCE(bitwise, bitwise_op) HOSTCUDF_GROUPBY(bitwise, bitwise_op)
HOSTCUDF_ANY(top_k, size_type, order) HOSTCUDF_GROUPBY(top_k, size_type, order)

}  // namespace cudf
