// Runs every case several times: what libcudf leaves open is drawn anew each time by the host libcudf. Exits with 77,
// "skipped", where there is no device.
#include "../../exec/prelude.hh"

#include <cudf/utilities/memory_resource.hpp>

#include <algorithm>
#include <cstdio>
#include <map>

#include "../../exec/executor.hh"
#include "../../exec/faults.hh"
#include "../../exec/order.hh"
#include "../../plan/nodes.hh"
#include "../../util/failure.hh"
#include "case.hh"

namespace warpframe::exec::tests {

namespace {

constexpr int kTimes = 5;

plan::Schema schema_of(const TestTable& table) {
  const std::string document = R"({"v":1,"plan":{"node":"table","tableId":0,"rows":0,"schema":)" + schema(table) + "}}";
  return plan::parse_plan(document)->schema;
}

/** A value as JSON, as a literal of the column's dtype. */
plan::Literal literal_of(const std::string& value, const plan::LogicalType& type) {
  const std::string document = R"({"v":1,"plan":{"node":"project","input":{"node":"table","tableId":0,"rows":0,"schema":[]},"exprs":[)" +
                               named("x", lit(value, plan::type_text(type))) + "]}}";
  const plan::NodePtr plan = plan::parse_plan(document);
  const auto& project = std::get<plan::Project>(plan->node);
  return std::get<plan::Constant>(project.exprs[0].expr->node).literal;
}

ColumnPtr column_of(const TestColumn& values, const plan::LogicalType& type, Context& context) {
  std::vector<plan::Literal> items;
  std::vector<std::int64_t> present;
  for (const std::string& value : values.values) {
    present.push_back(value == "null" ? 0 : 1);
    // What is below a null is anything.
    const std::string& shown = value != "null" ? value : type.dtype == plan::DType::utf8 ? "\"?\"" : type.dtype == plan::DType::boolean ? "true" : "1";
    items.push_back(literal_of(shown, type));
  }
  const Lane all = lane_of(literal_column(items, type, context), context);
  if (std::find(present.begin(), present.end(), 0) == present.end()) return exec::column_of(all);
  return exec::column_of(only_where(equal(lane_of(column_of_integers(present, context), context), 1), all));
}

std::vector<std::string> rows_of(const Frame& frame, Context& context) {
  std::vector<std::string> rows;
  for (cudf::size_type row = 0; row < frame.rows; ++row) {
    std::string text;
    for (std::size_t i = 0; i < frame.columns.size(); ++i) {
      if (frame.columns[i]->type() != device_type(frame.schema[i].type)) return {"a column of another type than its schema says"};
      const std::string shown = shown_value(lane_of(frame.columns[i], context), row, frame.schema[i].type);
      // Messages have a null text in quotes; no text here is "null".
      text += (i == 0 ? "" : " ") + (shown == "\"null\"" ? "null" : shown);
    }
    rows.push_back(text);
  }
  return rows;
}

std::string joined(const std::vector<std::string>& rows) {
  std::string out;
  for (const std::string& row : rows) out += "\n    " + row;
  return out;
}

/** @returns what went wrong; empty for nothing */
std::string run(const Case& test) {
  std::vector<std::shared_ptr<const Frame>> tables;
  Context context{.stream = cudf::get_default_stream(),
                  .memory = cudf::get_current_device_resource_ref(),
                  .check_cancelled = [] {},
                  .on_rows = nullptr,
                  .table = [&tables](std::int64_t id) { return tables.at(static_cast<std::size_t>(id)); }};
  for (const TestTable& table : test.tables) {
    Frame frame{schema_of(table), {}, 0};
    for (std::size_t i = 0; i < table.size(); ++i) frame.columns.push_back(column_of(table[i], frame.schema[i].type, context));
    frame.rows = frame.columns.at(0)->size();
    tables.push_back(std::make_shared<const Frame>(std::move(frame)));
  }
  const std::string document = R"({"v":1,"plan":)" + test.plan + "}";
  try {
    const plan::NodePtr plan = plan::parse_plan(document);
    if (const std::string reason = why_not(*plan); !reason.empty()) return "refused: " + reason;
    std::vector<std::string> rows = rows_of(execute(*plan, context), context);
    if (!test.failure.empty()) return "no failure, but" + joined(rows);
    std::vector<std::string> expected = test.rows;
    if (test.any_order) {
      std::sort(rows.begin(), rows.end());
      std::sort(expected.begin(), expected.end());
    }
    return rows == expected ? "" : "expected" + joined(expected) + "\n  but got" + joined(rows);
  } catch (const Failure& failure) {
    return failure.code == test.failure ? "" : failure.code + ": " + failure.message;
  } catch (const std::exception& error) {
    return std::string("an exception: ") + error.what();
  }
}

}  // namespace

}  // namespace warpframe::exec::tests

int main() {
  using namespace warpframe::exec::tests;
  int devices = 0;
  if (cudaGetDeviceCount(&devices) != cudaSuccess || devices == 0) {
    std::fprintf(stderr, "no device: nothing was run\n");
    return 77;
  }
  std::vector<Case> cases = aggregate_cases();
  for (const auto& more : {window_cases(), relation_cases()}) cases.insert(cases.end(), more.begin(), more.end());
  int failed = 0;
  for (const Case& test : cases) {
    for (int i = 0; i < kTimes; ++i) {
      const std::string wrong = run(test);
      if (wrong.empty()) continue;
      std::fprintf(stderr, "%s: %s\n", test.name.c_str(), wrong.c_str());
      ++failed;
      break;
    }
  }
  std::printf("%zu plans, %d failed\n", cases.size(), failed);
  return failed == 0 ? 0 : 1;
}
