#include "check.hh"

#include <rmm/cuda_stream.hpp>

#include <algorithm>
#include <cstdio>

namespace warpframe::tests {

std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

void check(bool holds, std::string_view what) {
  if (!holds) throw Difference{std::string(what)};
}

void same(const std::string& got, const std::string& expected, std::string_view what) {
  if (got != expected) throw Difference{std::string(what) + "\n    got      " + got + "\n    expected " + expected};
}

cuda::stream_ref stream() {
  static rmm::cuda_stream one{rmm::cuda_stream::flags::non_blocking};
  return one;
}

rmm::device_async_resource_ref memory() { return cudf::get_current_device_resource_ref(); }

namespace {

template <typename T, typename Make>
ColumnPtr build(const host::Type& type, std::initializer_list<std::optional<T>> values, Make make) {
  std::vector<Val> rows;
  for (const auto& value : values) rows.push_back(value ? make(*value) : Val());
  return host::make(type, rows, stream(), memory());
}

std::string show(const Val& value) {
  switch (value.kind()) {
    case host::Kind::null: return "null";
    case host::Kind::integer: {
      host::Int128 rest = value.i();
      const bool negative = rest < 0;
      std::string digits;
      do {
        digits.insert(digits.begin(), static_cast<char>('0' + static_cast<int>(negative ? -(rest % 10) : rest % 10)));
        rest /= 10;
      } while (rest != 0);
      return negative ? "-" + digits : digits;
    }
    case host::Kind::real: {
      char text[40];
      std::snprintf(text, sizeof text, "%.17g", value.d());
      return text;
    }
    case host::Kind::text: return '"' + std::string(value.s()) + '"';
    default: {
      const bool list = value.kind() == host::Kind::list;
      std::string text(1, list ? '[' : '{');
      for (const Val& item : value.items()) text += (text.size() > 1 ? ", " : "") + show(item);
      return text + (list ? ']' : '}');
    }
  }
}

}  // namespace

ColumnPtr numbers(cudf::data_type type, std::initializer_list<std::optional<double>> values) {
  return build<double>(type, values, [](double value) { return Val::real(value); });
}
ColumnPtr ints(std::initializer_list<std::optional<std::int64_t>> values, cudf::type_id type) {
  return build<std::int64_t>(type, values, [](std::int64_t value) { return Val::integer(value); });
}
ColumnPtr texts(std::initializer_list<std::optional<std::string>> values) {
  return build<std::string>(cudf::type_id::STRING, values, [](const std::string& value) { return Val::text(value); });
}
ColumnPtr bools(std::initializer_list<std::optional<bool>> values) {
  return build<bool>(cudf::type_id::BOOL8, values, [](bool value) { return Val::boolean(value); });
}

std::string show(const cudf::column_view& column) {
  std::string text;
  const host::Col rows(column, stream(), "show");
  for (cudf::size_type row = 0; row < rows.size(); ++row) text += (row > 0 ? " | " : "") + show(rows.at(row));
  return text;
}

std::string show(const cudf::table_view& table, bool sorted) {
  std::vector<std::string> lines(static_cast<std::size_t>(table.num_rows()));
  for (const host::Col& column : host::cols(table, stream(), "show")) {
    for (std::size_t row = 0; row < lines.size(); ++row) {
      lines[row] += (lines[row].empty() ? "" : " ") + show(column.at(static_cast<cudf::size_type>(row)));
    }
  }
  if (sorted) std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += (text.empty() ? "" : " | ") + line;
  return text;
}

}  // namespace warpframe::tests
