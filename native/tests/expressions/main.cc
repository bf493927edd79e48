// Runs expressions over the host libcudf and compares every row with what the CPU engine gave. The cases are lines of JSON
// that tests/native/expressions.test.ts writes: { name, columns: [{ name, values }], expr, expected | error, relative },
// values as literal nodes of plans. Without a file there is nothing to run: exits with 77, "skipped".
#include "../../exec/prelude.hh"

#include <cudf/lists/lists_column_view.hpp>
#include <cudf/utilities/memory_resource.hpp>

#include <cuda_runtime_api.h>

#include <cmath>
#include <cstdio>
#include <fstream>

#include "../../exec/arguments.hh"
#include "../../exec/expressions.hh"
#include "../../exec/faults.hh"
#include "../../exec/host_numbers.hh"
#include "../../plan/parse.hh"
#include "../../plan/nodes.hh"

namespace warpframe::exec::tests {

namespace {

using Literals = std::vector<plan::Literal>;

struct Values {
  plan::LogicalType type;
  Literals rows;
};

Values values_of(const plan::Json& json) {
  const plan::ExprPtr expr = plan::parse_expr(json, {});
  return {expr->type, std::get<Literals>(std::get<plan::Constant>(expr->node).literal.value)};
}

/** A value to stand below nulls. */
plan::Literal filler(const plan::LogicalType& type) {
  if (is_text(type) || type.dtype == DType::binary) return {std::string("?")};
  if (is_float(type)) return {0.5};
  if (type.dtype == DType::boolean) return {true};
  return {Int128{1}};
}

ColumnPtr column_of_values(const Values& values, Context& context) {
  if (values.type.dtype == DType::null) return null_column(values.type, static_cast<cudf::size_type>(values.rows.size()), context);
  Literals shown = values.rows;
  std::vector<std::int64_t> present;
  for (plan::Literal& value : shown) {
    const bool null = std::holds_alternative<std::monostate>(value.value);
    present.push_back(null ? 0 : 1);
    if (null) value = filler(values.type);
  }
  const auto rows = static_cast<cudf::size_type>(shown.size());
  const Lane all{literal_column(shown, values.type, context), false, rows, context};
  if (std::find(present.begin(), present.end(), 0) == present.end()) return std::get<0>(std::variant<ColumnPtr>{Lane{all}.value().column()});
  const Lane valid{column_of_integers(present, context), false, rows, context};
  return only_where(equal(valid, 1), all).value().column();
}

template <class Value>
std::vector<Value> bytes_of(const cudf::column_view& view, Context& context) {
  std::vector<Value> values(static_cast<std::size_t>(view.size()));
  if (values.empty()) return values;
  cudaMemcpyAsync(values.data(), static_cast<const Value*>(view.head()) + view.offset(), values.size() * sizeof(Value),
                  cudaMemcpyDeviceToHost, context.stream.get());
  context.stream.sync();
  return values;
}

template <class Value>
Literals numbers(const Lane& lane) {
  Literals out;
  for (const Value value : bytes_of<Value>(lane.view(), lane.context())) {
    if constexpr (std::is_floating_point_v<Value>) out.push_back({static_cast<double>(value)});
    else out.push_back({static_cast<Int128>(value)});
  }
  return out;
}

Literals read(const Lane& lane, const plan::LogicalType& type) {
  Literals out;
  if (is_text(type) || type.dtype == DType::binary) {
    for (const auto& text : download_texts(lane)) out.push_back(text ? plan::Literal{*text} : plan::Literal{});
    return out;
  }
  if (type.dtype == DType::list) {
    const cudf::lists_column_view lists{lane.view()};
    const Lane items{std::make_unique<cudf::column>(lists.get_sliced_child(lane.context().stream), lane.context().stream, lane.context().memory), false,
                     lists.get_sliced_child(lane.context().stream).size(), lane.context()};
    const Literals all = read(items, type.fields[0].type);
    const cudf::column_view offsets{lists.offsets().type(), lane.view().size() + 1, lists.offsets().head(), nullptr, 0, lane.view().offset()};
    const auto ends = bytes_of<std::int32_t>(offsets, lane.context());
    for (std::size_t i = 0; i + 1 < ends.size(); ++i)
      out.push_back({Literals(all.begin() + (ends[i] - ends[0]), all.begin() + (ends[i + 1] - ends[0]))});
  } else {
    switch (lane.type().id()) {
      case cudf::type_id::BOOL8:
        for (const std::uint8_t value : bytes_of<std::uint8_t>(lane.view(), lane.context())) out.push_back({value != 0});
        break;
      case cudf::type_id::FLOAT32: out = numbers<float>(lane); break;
      case cudf::type_id::FLOAT64: out = numbers<double>(lane); break;
      case cudf::type_id::INT8: out = numbers<std::int8_t>(lane); break;
      case cudf::type_id::INT16: out = numbers<std::int16_t>(lane); break;
      case cudf::type_id::UINT8: out = numbers<std::uint8_t>(lane); break;
      case cudf::type_id::UINT16: out = numbers<std::uint16_t>(lane); break;
      case cudf::type_id::UINT32: out = numbers<std::uint32_t>(lane); break;
      case cudf::type_id::UINT64: out = numbers<std::uint64_t>(lane); break;
      case cudf::type_id::INT32:
      case cudf::type_id::TIMESTAMP_DAYS: out = numbers<std::int32_t>(lane); break;
      case cudf::type_id::DECIMAL128: out = numbers<Int128>(lane); break;
      default: out = numbers<std::int64_t>(lane);
    }
  }
  const Lane valid{is_present(lane).cast(kInt64)};
  const auto present = bytes_of<std::int64_t>(valid.view(), lane.context());
  for (std::size_t i = 0; i < out.size(); ++i)
    if (present[i] == 0) out[i] = {};
  return out;
}

bool same(const plan::Literal& a, const plan::Literal& b, double relative) {
  if (a.value.index() != b.value.index()) {
    // Whole floats may be written as integers.
    const auto* whole = std::get_if<Int128>(&b.value);
    return whole != nullptr && std::holds_alternative<double>(a.value) && same(a, {static_cast<double>(*whole)}, relative);
  }
  if (const auto* x = std::get_if<double>(&a.value)) {
    const double y = std::get<double>(b.value);
    if (std::isnan(*x) || std::isnan(y)) return std::isnan(*x) && std::isnan(y);
    if (*x == y) return std::signbit(*x) == std::signbit(y) || relative > 0;
    return relative > 0 && std::isfinite(*x) && std::isfinite(y) && std::abs(*x - y) <= relative * std::max(std::abs(*x), std::abs(y)) + 5e-324;
  }
  if (const auto* items = std::get_if<Literals>(&a.value)) {
    const Literals& others = std::get<Literals>(b.value);
    if (items->size() != others.size()) return false;
    for (std::size_t i = 0; i < items->size(); ++i)
      if (!same((*items)[i], others[i], relative)) return false;
    return true;
  }
  if (const auto* text = std::get_if<std::string>(&a.value)) return *text == std::get<std::string>(b.value);
  if (const auto* truth = std::get_if<bool>(&a.value)) return *truth == std::get<bool>(b.value);
  if (const auto* whole = std::get_if<Int128>(&a.value)) return *whole == std::get<Int128>(b.value);
  return true;
}

std::string shown(const plan::Literal& value, const plan::LogicalType& type) {
  plan::Expr expr{type, true, plan::Constant{value}};
  return plan::expr_text(expr);
}

/** @returns what went wrong; empty for nothing */
std::string run(const plan::Json& test) {
  Context context{.stream = cudf::get_default_stream(),
                  .memory = cudf::get_current_device_resource_ref(),
                  .check_cancelled = [] {},
                  .on_rows = nullptr,
                  .table = nullptr};
  const plan::Json* error = test.find("error");
  try {
    Frame frame;
    std::vector<Values> inputs;
    for (const plan::Json& column : test.at("columns").items()) {
      inputs.push_back(values_of(column.at("values")));
      frame.schema.push_back({column.at("name").as_text(), inputs.back().type, true});
      frame.columns.push_back(column_of_values(inputs.back(), context));
      frame.rows = frame.columns.back()->size();
    }
    const plan::ExprPtr expr = plan::parse_expr(test.at("expr"), frame.schema);
    const std::string reason = why_not(*expr);
    if (test.find("refused") != nullptr) return reason.empty() ? "expected to be refused" : "";
    if (!reason.empty()) return "refused: " + reason;
    const Lane result = Lane{evaluate(*expr, frame, context), frame.rows, context}.full();
    if (error != nullptr) return "no failure, but rows";
    if (result.type() != device_type(expr->type)) return "a column of another type";
    const Values expected = values_of(test.at("expected"));
    const Literals rows = read(result, expr->type);
    if (rows.size() != expected.rows.size()) return "another number of rows: " + std::to_string(rows.size());
    const double relative = test.at("relative").as_double();
    int differences = 0;
    std::string out;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (same(rows[i], expected.rows[i], relative)) continue;
      if (++differences > 3) continue;
      out += "\n    row " + std::to_string(i) + ":";
      for (std::size_t k = 0; k < inputs.size(); ++k) out += " " + frame.schema[k].name + " = " + shown(inputs[k].rows[i], inputs[k].type);
      out += " gave " + shown(rows[i], expr->type) + ", expected " + shown(expected.rows[i], expr->type);
    }
    return differences == 0 ? "" : std::to_string(differences) + " rows differ" + out;
  } catch (const Failure& failure) {
    if (error == nullptr) return failure.code + ": " + failure.message;
    if (failure.code != error->at("code").as_text()) return failure.code + " instead of " + error->at("code").as_text();
    const plan::Json* message = error->find("message");
    return message == nullptr || message->as_text() == failure.message ? "" : "another sentence\n    " + failure.message + "\n    " + message->as_text();
  } catch (const std::exception& failure) {
    return std::string("an exception: ") + failure.what();
  }
}

}  // namespace

}  // namespace warpframe::exec::tests

int main(int count, char** arguments) {
  if (count > 1 && std::string(arguments[1]) == "--functions") {
    using namespace warpframe::exec;
    for (const auto rows : {value_functions(), text_functions(), time_functions(), list_functions()})
      for (const Function& row : rows) std::printf("%.*s\n", static_cast<int>(row.name.size()), row.name.data());
    return 0;
  }
  if (count < 2) {
    std::fprintf(stderr, "no file of cases: nothing was run\n");
    return 77;
  }
  std::ifstream file(arguments[1]);
  int cases = 0;
  int failed = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    const warpframe::plan::Json test = warpframe::plan::Json::parse(line);
    ++cases;
    const std::string wrong = warpframe::exec::tests::run(test);
    if (wrong.empty()) continue;
    ++failed;
    std::printf("FAILED %s\n  %s\n", test.at("name").as_text().c_str(), wrong.c_str());
  }
  std::printf("%d of %d expressions gave the same rows (host-cudf, not a GPU)\n", cases - failed, cases);
  return failed == 0 ? 0 : 1;
}
