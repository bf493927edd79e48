// One aggregate over some values, reductions and scans.
#include "relational.hh"

#include <cudf/detail/aggregation/aggregation.hpp>
#include <cudf/reduction.hpp>
#include <cudf/utilities/traits.hpp>
#include <cudf/utilities/type_dispatcher.hpp>

#include <cmath>

namespace host = warpframe::host;
using cudf::aggregation;

namespace warpframe::host {
namespace {

[[noreturn]] void unsupported(const char* what, const aggregation& aggregation) {
  throw cudf::logic_error(std::string("host-cudf: ") + what + ": aggregation " + std::to_string(aggregation.kind) + " is not supported for this type");
}

bool sums(aggregation::Kind kind) { return kind == aggregation::SUM || kind == aggregation::PRODUCT || kind == aggregation::SUM_OF_SQUARES; }

Val add(const Type& type, const Val& a, const Val& b) {
  if (a.kind() != Kind::real) return wrapped(Val::integer(a.i() + b.i()), type);
  const double sum = a.d() + b.d();
  return Val::real(type.id.id() == type_id::FLOAT32 ? static_cast<double>(static_cast<float>(sum)) : sum);
}

Val multiply(const Type& type, const Val& a, const Val& b) {
  if (a.kind() == Kind::real) return Val::real(a.d() * b.d());
  const auto product = static_cast<unsigned __int128>(a.i()) * static_cast<unsigned __int128>(b.i());
  return wrapped(Val::integer(static_cast<Int128>(product)), type);
}

/** Which of two floats wins against NaN is not documented. */
Val extreme(const Val& a, const Val& b, bool most) {
  if (a.kind() == Kind::real && (std::isnan(a.d()) || std::isnan(b.d()))) return coin() ? a : b;
  return (compare(a, b) < 0) == most ? b : a;
}

Val variance(std::span<const Val> values, size_type ddof, bool root) {
  const auto count = static_cast<double>(values.size());
  if (count <= ddof) return {};
  double mean = 0;
  for (const Val& value : values) mean += value.d() / count;
  double squares = 0;
  for (const Val& value : values) squares += (value.d() - mean) * (value.d() - mean);
  const double result = squares / (count - ddof);
  return Val::real(root ? std::sqrt(result) : result);
}

}  // namespace

Val wrapped(const Val& value, const Type& type) {
  if (value.kind() != Kind::integer || !cudf::is_fixed_width(type.id)) return value;
  const std::size_t width = cudf::size_of(type.id);
  if (width >= sizeof(Int128)) return value;
  const int shift = static_cast<int>(128 - 8 * width);
  const auto bits = static_cast<unsigned __int128>(value.i()) << shift;
  return Val::integer(cudf::is_unsigned(type.id) ? static_cast<Int128>(bits >> shift) : static_cast<Int128>(bits) >> shift);
}

Type aggregate_type(const Type& source, const aggregation& aggregation, const char* what) {
  const cudf::data_type type = source.id;
  switch (aggregation.kind) {
    case aggregation::COUNT_VALID:
    case aggregation::COUNT_ALL:
    case aggregation::NUNIQUE:
    case aggregation::ARGMIN:
    case aggregation::ARGMAX: return type_id::INT32;
    case aggregation::MIN:
    case aggregation::MAX:
      if (!cudf::is_fixed_width(type) && type.id() != type_id::STRING) unsupported(what, aggregation);
      return source;
    case aggregation::ANY:
    case aggregation::ALL: return type_id::BOOL8;
    case aggregation::MEAN:
      if (cudf::is_duration(type) || cudf::is_fixed_point(type)) return source;
      if (!cudf::is_numeric(type)) unsupported(what, aggregation);
      return type_id::FLOAT64;
    case aggregation::VARIANCE:
    case aggregation::STD:
      if (!cudf::is_numeric(type)) unsupported(what, aggregation);
      return type_id::FLOAT64;
    default: break;
  }
  if (!sums(aggregation.kind)) missing(std::string(what) + " with aggregation " + std::to_string(aggregation.kind));
  if (cudf::is_integral(type)) return type_id::INT64;
  if (cudf::is_floating_point(type)) return source;
  if (aggregation.kind == aggregation::SUM && (cudf::is_duration(type) || cudf::is_fixed_point(type))) return source;
  unsupported(what, aggregation);
}

Val combine(const aggregation& aggregation, const Type& type, const Val& a, const Val& b) {
  switch (aggregation.kind) {
    case aggregation::SUM: return add(type, a, b);
    case aggregation::PRODUCT: return multiply(type, a, b);
    case aggregation::MIN: return extreme(a, b, false);
    case aggregation::MAX: return extreme(a, b, true);
    case aggregation::ANY: return Val::boolean(a.truth() || b.truth());
    case aggregation::ALL: return Val::boolean(a.truth() && b.truth());
    default: missing("a running aggregation " + std::to_string(aggregation.kind));
  }
}

Val aggregate_values(const aggregation& aggregation, const Type& type, std::span<const Val> all) {
  std::vector<Val> values;
  // Partial results are combined in any order.
  for (const size_type at : shuffled(static_cast<size_type>(all.size())))
    if (!all[static_cast<std::size_t>(at)].null()) values.push_back(all[static_cast<std::size_t>(at)]);
  switch (aggregation.kind) {
    case aggregation::COUNT_ALL: return Val::integer(static_cast<Int128>(all.size()));
    case aggregation::COUNT_VALID: return Val::integer(static_cast<Int128>(values.size()));
    case aggregation::NUNIQUE: {
      const auto& unique = dynamic_cast<const cudf::detail::nunique_aggregation&>(aggregation);
      std::unordered_map<std::string, int> seen;
      for (const Val& value : values) seen[key_of(value)] = 1;
      const bool null_counts = unique._null_handling == cudf::null_policy::INCLUDE && values.size() < all.size();
      return Val::integer(static_cast<Int128>(seen.size() + (null_counts ? 1 : 0)));
    }
    case aggregation::VARIANCE: return variance(values, dynamic_cast<const cudf::detail::var_aggregation&>(aggregation)._ddof, false);
    case aggregation::STD: return variance(values, dynamic_cast<const cudf::detail::std_aggregation&>(aggregation)._ddof, true);
    case aggregation::MEAN: {
      if (values.empty()) return {};
      double sum = 0;
      for (const Val& value : values) sum += value.d();
      return Val::real(sum / static_cast<double>(values.size()));
    }
    default: break;
  }
  if (values.empty() && (aggregation.kind == aggregation::ANY || aggregation.kind == aggregation::ALL))
    return Val::boolean(aggregation.kind == aggregation::ALL);
  if (values.empty()) return {};
  Val result = sums(aggregation.kind) ? wrapped(values[0], type) : values[0];
  for (std::size_t i = 1; i < values.size(); ++i) result = combine(aggregation, type, result, values[i]);
  return result;
}

}  // namespace warpframe::host

namespace cudf {
namespace {

/** 1 / (1 + center of mass) is the weight of a new value; what was before ages with every row, nulls too. */
std::vector<host::Val> exponential(const host::Col& rows, double center_of_mass, bool infinite) {
  const double keep = center_of_mass / (1 + center_of_mass);
  if (!infinite) host::missing("scan: EWMA with a finite history");
  std::vector<host::Val> out;
  double sum = 0;
  double weight = 0;
  for (size_type row = 0; row < rows.size(); ++row) {
    sum *= keep;
    weight *= keep;
    if (rows.valid(row)) {
      sum += rows.at(row).d();
      weight += 1;
    }
    // A null row holds what was last known.
    out.push_back(weight == 0 ? host::Val() : host::Val::real(sum / weight));
  }
  return out;
}

}  // namespace

std::unique_ptr<scalar> reduce(const column_view& input, const reduce_aggregation& agg, data_type output_type,
                               cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  const host::Col rows(input, stream, "reduce");
  const host::Type found = host::aggregate_type(rows.type(), agg, "reduce");
  // SUM and PRODUCT accumulate in the type that is asked for.
  const host::Type type = is_numeric(output_type) || output_type == found.id ? host::Type(output_type) : found;
  return host::make_scalar(type, host::aggregate_values(agg, type, rows.values()), stream, memory);
}

std::unique_ptr<column> scan(const column_view& input, const scan_aggregation& agg, scan_type inclusive,
                             null_policy nulls, cuda::stream_ref stream, rmm::device_async_resource_ref memory) {
  const host::Col rows(input, stream, "scan");
  if (agg.kind == aggregation::EWMA) {
    CUDF_EXPECTS(inclusive == scan_type::INCLUSIVE, "EWMA is an inclusive scan");
    CUDF_EXPECTS(is_floating_point(input.type()), "EWMA needs floating point values");
    const auto& mean = dynamic_cast<const detail::ewma_aggregation&>(agg);
    return host::make(host::Type(type_id::FLOAT64), exponential(rows, mean.center_of_mass, mean.history == ewm_history::INFINITE),
                      stream, memory);
  }
  if (inclusive != scan_type::INCLUSIVE) host::missing("scan: exclusive");
  host::Val so_far;
  bool broken = false;
  return host::make_rows(rows.type(), rows.size(), stream, memory, [&](size_type row) {
    const host::Val value = rows.at(row);
    if (value.null() && nulls == null_policy::INCLUDE) broken = true;
    if (value.null() || broken) return host::Val();
    so_far = so_far.null() ? value : host::combine(agg, rows.type(), so_far, value);
    return so_far;
  });
}

}  // namespace cudf
