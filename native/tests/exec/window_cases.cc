#include "case.hh"

namespace warpframe::exec::tests {

namespace {

const std::vector<TestTable> kRows{{
    {"k", "Utf8", {"\"b\"", "\"a\"", "\"b\"", "\"a\"", "\"b\"", "\"b\""}},
    {"o", "Int32", {"4", "2", "3", "1", "1", "2"}},
    {"x", "Int64", {"10", "1", "null", "2", "30", "20"}},
    {"f", "Float64", {"1", "2", "null", "4", "8", "16"}},
}};

Case window(const std::string& name, const std::string& expr, const std::string& type, const std::vector<std::string>& rows, bool ordered = true,
            bool parts = true) {
  const std::vector<std::string> by = parts ? std::vector<std::string>{col("k", "Utf8")} : std::vector<std::string>{};
  const std::vector<std::string> order = ordered ? std::vector<std::string>{key(col("o", "Int32"))} : std::vector<std::string>{};
  return {name, kRows, R"({"node":"project","input":)" + table(kRows) + R"(,"exprs":)" + list({named("w", over(expr, type, by, order))}) + "}",
          rows, false, ""};
}
std::string of(const std::string& fn, const std::string& column, const std::string& from, const std::string& to, const std::string& options = "{}") {
  return call(fn, {col(column, from)}, to, options);
}
std::string ranked(const std::string& method) { return R"({"method":")" + method + R"(","descending":false})"; }

}  // namespace

std::vector<Case> window_cases() {
  const std::string two = R"({"windowRows":2,"center":false,"minPeriods":1})";
  return {
      window("running sums", of("cumSum", "x", "Int64", "Int64"), "Int64", {"60", "3", "null", "2", "30", "50"}),
      window("running products", of("cumProd", "f", "Float64", "Float64"), "Float64", {"128.0", "8.0", "null", "4.0", "8.0", "128.0"}),
      window("the least so far", of("cumMin", "x", "Int64", "Int64"), "Int64", {"10", "1", "null", "2", "30", "20"}),
      window("the greatest so far", of("cumMax", "x", "Int64", "Int64"), "Int64", {"30", "2", "null", "2", "30", "30"}),
      window("values so far", of("cumCount", "x", "Int64", "UInt32"), "UInt32", {"3", "2", "2", "1", "1", "2"}),
      window("the row before", of("shift", "x", "Int64", "Int64", R"({"rows":1})"), "Int64", {"null", "2", "20", "null", "null", "30"}),
      window("the row behind, filled", call("shift", {col("x", "Int64"), lit("7", "Int64")}, "Int64", R"({"rows":-1})"), "Int64",
             {"7", "7", "10", "1", "20", "null"}),
      window("fill forward", of("forwardFill", "x", "Int64", "Int64", R"({"limit":null})"), "Int64", {"10", "1", "20", "2", "30", "20"}),
      window("fill backward", of("backwardFill", "x", "Int64", "Int64", R"({"limit":1})"), "Int64", {"10", "1", "10", "2", "30", "20"}),
      window("row numbers", call("rowIndex", {}, "UInt32", R"({"offset":5})"), "UInt32", {"8", "6", "7", "5", "5", "6"}),
      window("dense ranks", of("rank", "x", "Int64", "UInt32", ranked("dense")), "UInt32", {"1", "1", "null", "2", "3", "2"}, false),
      window("ranks of no partition", of("rank", "k", "Utf8", "UInt32", ranked("min")), "UInt32", {"3", "1", "3", "1", "3", "3"}, false, false),
      window("average ranks", of("rank", "k", "Utf8", "Float64", ranked("average")), "Float64", {"4.5", "1.5", "4.5", "1.5", "4.5", "4.5"}, false, false),
      window("ordinal ranks", of("rank", "k", "Utf8", "UInt32", ranked("ordinal")), "UInt32", {"3", "1", "4", "2", "5", "6"}, false, false),
      window("rolling sums", of("rollingSum", "x", "Int64", "Int64", two), "Int64", {"10", "3", "20", "2", "30", "50"}),
      window("rolling means", of("rollingMean", "f", "Float64", "Float64", two), "Float64", {"1.0", "3.0", "16.0", "4.0", "8.0", "12.0"}),
      window("the greatest of two", of("rollingMax", "f", "Float64", "Float64", two), "Float64", {"1.0", "4.0", "16.0", "4.0", "8.0", "16.0"}),
      window("an aggregate of the partition", of("sum", "x", "Int64", "Int64"), "Int64", {"60", "3", "60", "3", "60", "60"}, false),
      window("the first in order", of("first", "x", "Int64", "Int64"), "Int64", {"30", "2", "30", "2", "30", "30"}),
      window("means that fade", of("ewmMean", "f", "Float64", "Float64", R"({"alpha":0.5})"), "Float64",
             {"4.0", "4.0", "null", "4.0", "6.666666666666667", "10.4"}, true, false),
  };
}

}  // namespace warpframe::exec::tests
