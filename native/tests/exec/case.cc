#include "case.hh"

namespace warpframe::exec::tests {

namespace {

/** A dtype with parameters is an object, one without is a name. */
std::string type_json(const std::string& type) { return type.front() == '{' ? type : quoted(type); }
std::string typed(const std::string& type) { return R"(,"type":)" + type_json(type) + R"(,"nullable":true})"; }

}  // namespace

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

std::string list(const std::vector<std::string>& items) {
  std::string out;
  for (const std::string& item : items) out += (out.empty() ? "" : ",") + item;
  return "[" + out + "]";
}

std::string col(const std::string& name, const std::string& type) { return R"({"node":"col","name":)" + quoted(name) + typed(type); }
std::string lit(const std::string& value, const std::string& type) { return R"({"node":"lit","value":)" + value + typed(type); }
std::string call(const std::string& fn, const std::vector<std::string>& args, const std::string& type, const std::string& options) {
  return R"({"node":"call","fn":)" + quoted(fn) + R"(,"args":)" + list(args) + R"(,"options":)" + options + typed(type);
}
std::string over(const std::string& expr, const std::string& type, const std::vector<std::string>& by, const std::vector<std::string>& order) {
  return R"({"node":"over","expr":)" + expr + R"(,"partitionBy":)" + list(by) + R"(,"orderBy":)" + list(order) + typed(type);
}
std::string key(const std::string& expr, bool descending, bool nulls_first) {
  return R"({"expr":)" + expr + R"(,"descending":)" + (descending ? "true" : "false") + R"(,"nullsFirst":)" + (nulls_first ? "true" : "false") + "}";
}
std::string named(const std::string& name, const std::string& expr) { return R"({"name":)" + quoted(name) + R"(,"expr":)" + expr + "}"; }

std::string schema(const TestTable& table) {
  std::vector<std::string> fields;
  for (const TestColumn& column : table)
    fields.push_back(R"({"name":)" + quoted(column.name) + R"(,"type":)" + type_json(column.type) + R"(,"nullable":true})");
  return list(fields);
}

std::string table(const std::vector<TestTable>& tables, std::size_t at) {
  return R"({"node":"table","tableId":)" + std::to_string(at) + R"(,"rows":)" + std::to_string(tables[at][0].values.size()) + R"(,"schema":)" +
         schema(tables[at]) + "}";
}

}  // namespace warpframe::exec::tests
