#include "case.hh"

namespace warpframe::exec::tests {

namespace {

const std::string kNan = R"({"dtype":"Float64","value":"NaN"})";

const std::vector<TestTable> kSides{
    {{"k", "Int32", {"2", "1", "null", "2", "3"}}, {"l", "Utf8", {"\"a\"", "\"b\"", "\"c\"", "\"d\"", "\"e\""}}},
    {{"k", "Int32", {"2", "null", "4", "2"}}, {"r", "Utf8", {"\"p\"", "\"q\"", "\"s\"", "\"t\""}}},
};

std::string join(const std::string& how, const TestTable& schema_of, bool nulls_equal, bool ordered) {
  const std::string keys = how == "cross" ? "[]" : R"(["k"])";
  return R"({"node":"join","how":")" + how + R"(","left":)" + table(kSides, 0) + R"(,"right":)" + table(kSides, 1) + R"(,"leftOn":)" + keys +
         R"(,"rightOn":)" + keys + R"(,"suffix":"_right","nullsEqual":)" + (nulls_equal ? "true" : "false") + R"(,"maintainOrder":)" +
         (ordered ? "true" : "false") + R"(,"build":"right","schema":)" + schema(schema_of) + "}";
}

std::vector<Case> joins() {
  const TestTable both{{"k", "Int32", {}}, {"l", "Utf8", {}}, {"r", "Utf8", {}}};
  const TestTable left{{"k", "Int32", {}}, {"l", "Utf8", {}}};
  const std::vector<std::string> inner{"2 \"a\" \"p\"", "2 \"a\" \"t\"", "2 \"d\" \"p\"", "2 \"d\" \"t\""};
  const auto with = [](std::vector<std::string> rows, const std::vector<std::string>& more) {
    rows.insert(rows.end(), more.begin(), more.end());
    return rows;
  };
  const std::vector<std::string> lonely{"1 \"b\" null", "null \"c\" null", "3 \"e\" null"};
  const std::vector<std::string> others{"null null \"q\"", "4 null \"s\""};
  return {
      {"inner join", kSides, join("inner", both, false, false), inner, true, ""},
      {"inner join in order", kSides, join("inner", both, false, true), inner, false, ""},
      {"inner join of nulls", kSides, join("inner", both, true, false), with(inner, {"null \"c\" \"q\""}), true, ""},
      {"left join", kSides, join("left", both, false, false), with(inner, lonely), true, ""},
      {"left join in order", kSides, join("left", both, false, true),
       {inner[0], inner[1], lonely[0], lonely[1], inner[2], inner[3], lonely[2]}, false, ""},
      {"right join", kSides, join("right", both, false, false), with(inner, others), true, ""},
      {"full join", kSides, join("full", both, false, false), with(with(inner, lonely), others), true, ""},
      {"full join of nulls", kSides, join("full", both, true, false), with(inner, {lonely[0], lonely[2], "null \"c\" \"q\"", others[1]}), true, ""},
      {"semi join", kSides, join("semi", left, false, false), {"2 \"a\"", "2 \"d\""}, false, ""},
      {"anti join", kSides, join("anti", left, false, false), {"1 \"b\"", "null \"c\"", "3 \"e\""}, false, ""},
      {"anti join of nulls", kSides, join("anti", left, true, false), {"1 \"b\"", "3 \"e\""}, false, ""},
  };
}

const std::vector<TestTable> kSorted{{{"f", "Float64", {"2", kNan, "null", "-1", "2", "0"}}, {"n", "Int32", {"1", "2", "3", "4", "5", "6"}}}};

Case sorted(const std::string& name, bool descending, bool nulls_first, const std::string& limit, const std::vector<std::string>& rows) {
  const std::string plan = R"({"node":"sort","input":)" + table(kSorted) + R"(,"keys":)" +
                           list({key(col("f", "Float64"), descending, nulls_first)}) + R"(,"limit":)" + limit + "}";
  return {name, kSorted, plan, rows, false, ""};
}

Case sliced(const std::string& offset, const std::string& length, const std::vector<std::string>& rows) {
  const std::vector<TestTable> tables{{{"n", "Int32", {"1", "2", "3", "4"}}}};
  return {"slice " + offset + ", " + length, tables, R"({"node":"slice","input":)" + table(tables) + R"(,"offset":)" + offset + R"(,"length":)" + length + "}",
          rows, false, ""};
}

Case distinct(const std::string& keep, const std::vector<std::string>& rows) {
  const std::vector<TestTable> tables{{{"f", "Float64", {"0", kNan, R"({"dtype":"Float64","value":"-0"})", "null", kNan, "null", "5"}},
                                       {"n", "Int32", {"1", "2", "3", "4", "5", "6", "7"}}}};
  return {"distinct, keep " + keep, tables,
          R"({"node":"distinct","input":)" + table(tables) + R"(,"subset":["f"],"keep":")" + keep + R"(","maintainOrder":true})", rows, false, ""};
}

}  // namespace

std::vector<Case> relation_cases() {
  std::vector<Case> cases = joins();
  const std::vector<TestTable> bools{{{"b", "Bool", {"true", "null", "false", "true"}}, {"n", "Int32", {"1", "2", "3", "4"}}}};
  const std::vector<Case> more{
      sorted("sorted: nulls last, NaN above all, ties in order", false, false, "null", {"-1.0 4", "0.0 6", "2.0 1", "2.0 5", "NaN 2", "null 3"}),
      sorted("descending: nulls last all the same", true, false, "null", {"NaN 2", "2.0 1", "2.0 5", "0.0 6", "-1.0 4", "null 3"}),
      sorted("nulls first, the first three", true, true, "3", {"null 3", "NaN 2", "2.0 1"}),
      sliced("1", "2", {"2", "3"}),
      sliced("-3", "null", {"2", "3", "4"}),
      sliced("-6", "3", {"1"}),
      sliced("9", "null", {}),
      distinct("first", {"0.0 1", "NaN 2", "null 4", "5.0 7"}),
      distinct("last", {"-0.0 3", "NaN 5", "null 6", "5.0 7"}),
      distinct("none", {"5.0 7"}),
      {"only true rows stay", bools, R"({"node":"filter","input":)" + table(bools) + R"(,"predicate":)" + col("b", "Bool") + "}", {"true 1", "true 4"}, false, ""},
      {"one under the other", bools,
       R"({"node":"union","how":"vertical","inputs":[)" + table(bools) + R"(,{"node":"slice","input":)" + table(bools) +
           R"(,"offset":1,"length":1}],"schema":)" + schema(bools[0]) + "}",
       {"true 1", "null 2", "false 3", "true 4", "null 2"}, false, ""},
  };
  cases.insert(cases.end(), more.begin(), more.end());
  return cases;
}

}  // namespace warpframe::exec::tests
