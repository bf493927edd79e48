#include "case.hh"

namespace warpframe::exec::tests {

namespace {

const std::string kNan = R"({"dtype":"Float64","value":"NaN"})";
const std::string kMinusZero = R"({"dtype":"Float64","value":"-0"})";

/** Groups a, b and null: k, an integer, a float with NaN and text. */
const std::vector<TestTable> kGroups{{
    {"k", "Utf8", {"\"b\"", "\"a\"", "\"b\"", "null", "\"a\"", "\"b\"", "null"}},
    {"i", "Int32", {"3", "5", "null", "1", "5", "2", "null"}},
    {"f", "Float64", {"1.5", kNan, "2.5", "4", "2", kNan, "-1"}},
    {"s", "Utf8", {"\"x\"", "\"z\"", "null", "\"y\"", "\"a\"", "\"x\"", "\"y\""}},
}};

std::string aggregate(const std::vector<TestTable>& tables, const std::vector<std::string>& keys, const std::vector<std::string>& aggs) {
  return R"({"node":"aggregate","input":)" + table(tables) + R"(,"keys":)" + list(keys) + R"(,"aggs":)" + list(aggs) + R"(,"maintainOrder":true})";
}
Case by_key(const std::string& name, const std::vector<std::string>& aggs, const std::vector<std::string>& rows) {
  return {name, kGroups, aggregate(kGroups, {named("k", col("k", "Utf8"))}, aggs), rows, false, ""};
}
std::string agg(const std::string& name, const std::string& fn, const std::string& column, const std::string& from, const std::string& to,
                const std::string& options = "{}") {
  return named(name, call(fn, {col(column, from)}, to, options));
}

/** One row of everything over no rows. */
Case of_nothing() {
  const std::vector<TestTable> tables{{{"i", "Int64", {}}, {"s", "Utf8", {}}}};
  const std::vector<std::string> aggs{
      agg("a", "sum", "i", "Int64", "Int64"),   agg("b", "min", "i", "Int64", "Int64"), agg("c", "count", "i", "Int64", "UInt32"),
      named("d", call("len", {}, "UInt32")),    agg("e", "first", "s", "Utf8", "Utf8"), agg("f", "last", "s", "Utf8", "Utf8"),
      agg("g", "mode", "s", "Utf8", "Utf8"),    agg("h", "argMin", "i", "Int64", "UInt32"), agg("j", "nUnique", "s", "Utf8", "UInt32")};
  return {"nothing", tables, aggregate(tables, {}, aggs), {"0 null 0 0 null null null null 0"}, false, ""};
}

Case overflow(const std::string& name, const std::string& type, const std::vector<std::string>& values, const std::string& sum) {
  const std::vector<TestTable> tables{{{"i", type, values}}};
  const std::string plan = aggregate(tables, {}, {agg("s", "sum", "i", type, type)});
  return sum.empty() ? Case{name, tables, plan, {}, false, "ERR_OVERFLOW"} : Case{name, tables, plan, {sum}, false, ""};
}

std::string int64(const std::string& value) { return R"({"dtype":"Int64","value":")" + value + "\"}"; }

}  // namespace

std::vector<Case> aggregate_cases() {
  const std::vector<TestTable> floats{{{"f", "Float64", {"0", kNan, kMinusZero, "1", kNan, "0"}}, {"i", "Int64", {"1", "2", "3", "4", "5", "6"}}}};
  const std::string quantile = R"({"q":0.5,"interpolation":"linear"})";
  return {
      by_key("sums and counts",
             {agg("s", "sum", "i", "Int32", "Int64"), agg("c", "count", "i", "Int32", "UInt32"), named("n", call("len", {}, "UInt32"))},
             {"\"b\" 5 2 3", "\"a\" 10 2 2", "null 1 1 2"}),
      by_key("NaN is above all numbers", {agg("l", "min", "f", "Float64", "Float64"), agg("m", "max", "f", "Float64", "Float64")},
             {"\"b\" 1.5 NaN", "\"a\" 2.0 NaN", "null -1.0 4.0"}),
      by_key("text", {agg("l", "min", "s", "Utf8", "Utf8"), agg("m", "max", "s", "Utf8", "Utf8")},
             {"\"b\" \"x\" \"x\"", "\"a\" \"a\" \"z\"", "null \"y\" \"y\""}),
      by_key("first, last and mode with nulls",
             {agg("a", "first", "i", "Int32", "Int32"), agg("b", "last", "i", "Int32", "Int32"), agg("m", "mode", "s", "Utf8", "Utf8")},
             {"\"b\" 3 2 \"x\"", "\"a\" 5 5 \"z\"", "null 1 null \"y\""}),
      by_key("null counts as a value", {agg("n", "nUnique", "i", "Int32", "UInt32"), agg("m", "nUnique", "s", "Utf8", "UInt32")},
             {"\"b\" 3 2", "\"a\" 1 2", "null 2 1"}),
      by_key("places of extremes", {agg("l", "argMin", "i", "Int32", "UInt32"), agg("m", "argMax", "f", "Float64", "UInt32")},
             {"\"b\" 2 2", "\"a\" 0 0", "null 0 0"}),
      by_key("moments", {agg("v", "var", "i", "Int32", "Float64", R"({"ddof":1})"), agg("m", "mean", "i", "Int32", "Float64")},
             {"\"b\" 0.5 2.5", "\"a\" 0.0 5.0", "null null 1.0"}),
      by_key("quantiles", {agg("q", "quantile", "i", "Int32", "Float64", quantile), agg("r", "quantile", "f", "Float64", "Float64", quantile)},
             {"\"b\" 2.5 2.5", "\"a\" 5.0 NaN", "null 1.0 1.5"}),
      {"NaN and zeros are one key each", floats, aggregate(floats, {named("f", col("f", "Float64"))}, {agg("s", "sum", "i", "Int64", "Int64")}),
       {"0.0 10", "NaN 7", "1.0 4"}, false, ""},
      of_nothing(),
      overflow("a sum past 64 bits", "Int64", {int64("9223372036854775807"), "1"}, ""),
      overflow("a sum that comes back", "Int64", {int64("9223372036854775807"), "1", "-1"}, "9223372036854775807"),
      overflow("a sum below 64 bits", "Int64", {int64("-9223372036854775808"), "-1", "null"}, ""),
  };
}

}  // namespace warpframe::exec::tests
