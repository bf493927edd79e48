#include "affine.hh"

#include <cudf/aggregation.hpp>
#include <cudf/column/column_factories.hpp>
#include <cudf/reduction.hpp>

namespace warpframe::exec {

namespace {

std::int64_t count_where(const Lane& condition) {
  if (!first_where(condition)) return 0;
  const Context& context = condition.context();
  const auto sum = cudf::make_sum_aggregation<cudf::reduce_aggregation>();
  const Lane ones = condition.cast(kInt64);
  const auto total = cudf::reduce(ones.view(), *sum, ones.type(), context.stream, context.memory);
  return static_cast<const cudf::numeric_scalar<std::int64_t>&>(*total).value(context.stream);
}

std::string counted(std::int64_t count, const std::string& what, bool plural) {
  return std::to_string(count) + " " + what + (plural && count != 1 ? "s" : "");
}

/** The words of ts/backend/missing-values.ts. */
void refuse_missing(const Lane& values, const std::string& name, const std::string& model) {
  const std::int64_t nulls = values.view().null_count();
  const auto infinity = real_scalar(values.type(), INFINITY, values.context());
  const std::int64_t nans = count_where(compare(values, Binary::NOT_EQUAL, values));
  const std::int64_t infinities = count_where(compare(unary(cudf::unary_operator::ABS, values), Binary::EQUAL, *infinity));
  if (nulls + nans + infinities == 0) return;
  std::string parts;
  const auto add = [&](const std::string& part) { parts += (parts.empty() ? "" : " and ") + part; };
  if (nulls > 0) add(counted(nulls, "null", true));
  if (nans > 0) add(counted(nans, "NaN", false));
  if (infinities > 0) add(counted(infinities, "infinite value", true));
  const std::string finite = "frame.filter((c) => c[\"" + name + "\"].isFinite())";
  const std::string drop = nulls > 0 ? "frame.dropNulls(\"" + name + "\")" : finite;
  const std::string mend = infinities > 0 && nulls + nans == 0
                               ? "Clip or filter it first: " + finite + "."
                               : "Impute it first, with new SimpleImputer({ strategy: 'mean' }), or drop the rows: " + drop + ".";
  throw Failure("ERR_MISSING_VALUES", "Column \"" + name + "\" has " + parts + ", which " + model + " does not take. " + mend);
}

}  // namespace

Lane affine(const Arguments& args) {
  const Context& context = args.context;
  const auto& options = args.call.options;
  std::vector<Lane> values;
  for (const Lane& lane : args.lanes) values.push_back(lane.full());
  if (const auto model = args.text_or_none("model"))
    for (std::size_t j = 0; j < values.size(); ++j) refuse_missing(values[j], options.at("columns").items()[j].as_text(), *model);
  const auto& coef = options.at("coef").items();
  const auto& intercept = options.at("intercept").items();
  std::vector<Owned> fields;
  for (std::size_t k = 0; k < intercept.size(); ++k) {
    Lane sum = constant_real(values[0], intercept[k].as_double()).full();
    for (std::size_t j = 0; j < values.size(); ++j) {
      const auto factor = real_scalar(sum.type(), coef[k * values.size() + j].as_double(), args.context);
      sum = sum + binary(values[j], Binary::MUL, *factor, sum.type());
    }
    fields.push_back(std::make_unique<cudf::column>(sum.view(), context.stream, context.memory));
  }
  auto record = cudf::make_structs_column(args.rows, std::move(fields), 0, rmm::device_buffer{}, context.stream, context.memory);
  return {std::move(record), false, args.rows, args.context};
}

}  // namespace warpframe::exec
