// A plan over small tables, and the rows it must give as text.
#pragma once

#include <string>
#include <vector>

namespace warpframe::exec::tests {

/** One column: its dtype as in plans, and its values as JSON (numbers, strings, null). */
struct TestColumn {
  std::string name;
  std::string type;
  std::vector<std::string> values;
};
using TestTable = std::vector<TestColumn>;

struct Case {
  std::string name;
  std::vector<TestTable> tables;
  std::string plan;
  /** Rows as text, values separated by a space. */
  std::vector<std::string> rows;
  /** Rows may come in any order. */
  bool any_order = false;
  /** The code of the failure that must come instead of rows. */
  std::string failure;
};

// Pieces of plan documents.
std::string quoted(const std::string& text);
std::string col(const std::string& name, const std::string& type);
std::string lit(const std::string& value, const std::string& type);
std::string call(const std::string& fn, const std::vector<std::string>& args, const std::string& type, const std::string& options = "{}");
std::string over(const std::string& expr, const std::string& type, const std::vector<std::string>& by = {}, const std::vector<std::string>& order = {});
std::string key(const std::string& expr, bool descending = false, bool nulls_first = false);
std::string named(const std::string& name, const std::string& expr);
std::string list(const std::vector<std::string>& items);
/** Table number `at` of a case. */
std::string table(const std::vector<TestTable>& tables, std::size_t at = 0);
std::string schema(const TestTable& table);

std::vector<Case> aggregate_cases();
std::vector<Case> window_cases();
std::vector<Case> relation_cases();

}  // namespace warpframe::exec::tests
