// Scans and writes of files: what comes back is what went in, and what cannot be is said.
#include "check.hh"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "../../exec/files.hh"
#include "../../plan/nodes.hh"
#include "../../util/failure.hh"

namespace warpframe::tests {
namespace {

using exec::Context;
using exec::Frame;
using plan::DType;
using plan::Field;
using plan::LogicalType;

Context context() {
  return Context{.stream = stream(),
                 .memory = memory(),
                 .check_cancelled = [] {},
                 .on_rows = [](std::int64_t) {},
                 .table = {},
                 .memory_limit_bytes = 0,
                 .seed = 1,
                 .trace = nullptr};
}

LogicalType of(DType dtype) {
  LogicalType type;
  type.dtype = dtype;
  return type;
}
LogicalType instant(plan::TimeUnit unit, std::string zone = {}) {
  LogicalType type = of(DType::datetime);
  type.unit = unit;
  type.zone = std::move(zone);
  return type;
}
LogicalType decimal(int precision, int scale) {
  LogicalType type = of(DType::decimal);
  type.precision = precision;
  type.scale = scale;
  return type;
}
LogicalType list_of(LogicalType element) {
  LogicalType type = of(DType::list);
  type.fields.push_back({"item", std::move(element), true});
  return type;
}

/** A folder that goes away with the test. */
struct Folder {
  std::filesystem::path path;
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "warpframe-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw Difference{"no temporary folder"};
    path = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path); }
  std::string file(const char* name) const { return (path / name).string(); }
};

struct Column {
  Field field;
  ColumnPtr column;
};

Frame frame_of(std::vector<Column> columns) {
  Frame frame;
  frame.rows = columns.at(0).column->size();
  for (Column& each : columns) {
    frame.schema.push_back(each.field);
    frame.columns.push_back(std::move(each.column));
  }
  return frame;
}

plan::Node write_node(const Frame& input, const std::string& path, const std::string& options = "{}",
                      const std::string& format = "parquet") {
  auto table = std::make_shared<plan::Node>();
  table->schema = input.schema;
  table->node = plan::Table{1, input.rows};
  plan::Node node;
  node.schema = {{"rows", of(DType::int64), false}};
  node.node = plan::Write{table, format, path, plan::Json::parse(options)};
  return node;
}

plan::Node scan_node(const std::vector<std::string>& paths, plan::Schema wanted, const std::string& format = "parquet") {
  plan::Scan scan;
  scan.format = format;
  for (const std::string& path : paths) {
    plan::FileSpec file;
    file.kind = "file";
    file.path = path;
    file.size_bytes = std::filesystem::exists(path) ? static_cast<std::int64_t>(std::filesystem::file_size(path)) : 0;
    scan.files.push_back(std::move(file));
  }
  scan.file_schema = wanted;
  scan.options = plan::Json::parse("{}");
  plan::Node node;
  node.schema = std::move(wanted);
  node.node = std::move(scan);
  return node;
}

plan::ExprPtr expression(LogicalType type, decltype(plan::Expr::node) node) {
  return std::make_shared<plan::Expr>(plan::Expr{std::move(type), true, std::move(node)});
}
plan::ExprPtr comparison(const std::string& fn, const std::string& column, const LogicalType& type, plan::LiteralValue value) {
  return expression(of(DType::boolean), plan::Call{fn,
                                                   {expression(type, plan::Column{column}),
                                                    expression(type, plan::Constant{plan::Literal{std::move(value)}})},
                                                   plan::Json::parse("{}")});
}

std::string read(const plan::Node& node) {
  Context run = context();
  return show(exec::read_files(node, run).view());
}

std::int64_t write(const plan::Node& node, const Frame& frame) {
  Context run = context();
  const Frame result = exec::write_files(node, frame, run);
  return static_cast<std::int64_t>(host::Col(result.columns.at(0)->view(), stream(), "rows").at(0).i());
}

Frame numbers_and_names() {
  std::vector<Column> columns;
  columns.push_back({{"n", of(DType::int64), true}, ints({1, 2, std::nullopt, 4, 5})});
  columns.push_back({{"name", of(DType::utf8), true}, texts({"a", std::nullopt, "c", "", "é"})});
  return frame_of(std::move(columns));
}

}  // namespace

CASE("files: a Parquet file of every dtype comes back as it was") {
  const Folder folder;
  std::vector<Column> columns;
  columns.push_back({{"b", of(DType::boolean), true}, bools({true, std::nullopt, false})});
  columns.push_back({{"i8", of(DType::int8), false}, ints({-128, 0, 127}, cudf::type_id::INT8)});
  columns.push_back({{"u16", of(DType::uint16), true}, ints({0, 65535, std::nullopt}, cudf::type_id::UINT16)});
  columns.push_back({{"u64", of(DType::uint64), true}, ints({0, -1, 5}, cudf::type_id::UINT64)});
  columns.push_back({{"f32", of(DType::float32), true}, numbers(cudf::data_type{cudf::type_id::FLOAT32}, {0.5, std::nullopt, -2})});
  columns.push_back({{"f64", of(DType::float64), false}, numbers(cudf::data_type{cudf::type_id::FLOAT64}, {0.1, -0.0, 1e300})});
  columns.push_back({{"t", of(DType::utf8), true}, texts({"x", std::nullopt, ""})});
  columns.push_back({{"bin", of(DType::binary), true}, texts({std::string("\0\xff", 2), std::nullopt, ""})});
  columns.push_back({{"d", of(DType::date32), true}, ints({-1, std::nullopt, 19000}, cudf::type_id::TIMESTAMP_DAYS)});
  columns.push_back({{"ms", instant(plan::TimeUnit::milliseconds), true}, ints({-1, std::nullopt, 5}, cudf::type_id::TIMESTAMP_MILLISECONDS)});
  columns.push_back({{"ns", instant(plan::TimeUnit::nanoseconds), true}, ints({-1, std::nullopt, 5}, cudf::type_id::TIMESTAMP_NANOSECONDS)});
  LogicalType span = of(DType::duration);
  span.unit = plan::TimeUnit::microseconds;
  columns.push_back({{"span", span, true}, ints({-9, std::nullopt, 9}, cudf::type_id::DURATION_MICROSECONDS)});
  const cudf::data_type money{cudf::type_id::DECIMAL128, -2};
  columns.push_back({{"money", decimal(9, 2), true}, host::make(money, std::vector<Val>{Val::integer(-1), Val(), Val::integer(123456789)}, stream(), memory())});
  const host::Type ints_of_list = host::Type::list(cudf::type_id::INT32);
  columns.push_back({{"list", list_of(of(DType::int32)), true},
                     host::make(ints_of_list, std::vector<Val>{Val::list({Val::integer(1), Val()}), Val(), Val::list({})}, stream(), memory())});
  LogicalType record = of(DType::structure);
  record.fields = {{"k", of(DType::utf8), true}, {"v", list_of(of(DType::int32)), true}};
  columns.push_back({{"record", record, true},
                     host::make(host::Type::record({cudf::type_id::STRING, ints_of_list}),
                                std::vector<Val>{Val::record({Val::text("a"), Val::list({Val::integer(7)})}), Val(),
                                                 Val::record({Val(), Val()})},
                                stream(), memory())});
  const Frame frame = frame_of(std::move(columns));
  for (const char* options : {"{}", R"({"compression":"snappy"})", R"({"compression":"none","dictionary":false,"statistics":false})",
                              R"({"compression":"lz4","rowGroupRows":5000,"dictionary":4096})"}) {
    const plan::Node node = write_node(frame, folder.file("all.parquet"), options);
    same(exec::why_not_write(node), "", options);
    check(write(node, frame) == 3, "rows written");
    same(read(scan_node({folder.file("all.parquet")}, frame.schema)), show(frame.view()), options);
  }
  check(std::distance(std::filesystem::directory_iterator(folder.path), {}) == 1, "no temporary file is left");
}

CASE("files: scans read what they are asked for") {
  const Folder folder;
  const Frame frame = numbers_and_names();
  const std::string path = folder.file("a.parquet");
  write(write_node(frame, path), frame);
  same(read(scan_node({path}, {frame.schema[1]})), "\"a\" | null | \"c\" | \"\" | \"é\"", "one column");
  same(read(scan_node({path}, {frame.schema[1], frame.schema[0]})), "\"a\" 1 | null 2 | \"c\" null | \"\" 4 | \"é\" 5", "another order");
  same(read(scan_node({path, path}, {frame.schema[0]})), "1 | 2 | null | 4 | 5 | 1 | 2 | null | 4 | 5", "two files");
  plan::Node few = scan_node({path, path}, {frame.schema[0]});
  std::get<plan::Scan>(few.node).limit = 7;
  same(read(few), "1 | 2 | null | 4 | 5 | 1 | 2", "a limit");
  same(read(scan_node({path}, {frame.schema[0], {"more", of(DType::float64), true}})), "1 null | 2 null | null null | 4 null | 5 null",
       "a column that the file lacks");
  Context run = context();
  check(exec::read_files(scan_node({path}, {}), run).rows == 5, "rows of no columns");
}

CASE("files: a small memory limit reads in chunks") {
  const Folder folder;
  std::vector<Val> rows;
  for (int i = 0; i < 2000; ++i) rows.push_back(Val::integer(i));
  std::vector<Column> columns;
  columns.push_back({{"n", of(DType::int64), true}, host::make(cudf::type_id::INT64, rows, stream(), memory())});
  const Frame frame = frame_of(std::move(columns));
  const std::string path = folder.file("a.parquet");
  write(write_node(frame, path), frame);
  Context run = context();
  run.memory_limit_bytes = 4096;
  same(show(exec::read_files(scan_node({path}, frame.schema), run).view()), show(frame.view()), "2000 rows in pieces");
}

CASE("files: comparisons that libcudf makes exactly are pushed down, others wait for the filter") {
  const Folder folder;
  const Frame frame = numbers_and_names();
  const std::string path = folder.file("a.parquet");
  write(write_node(frame, path), frame);
  const auto rows_where = [&](plan::ExprPtr predicate) {
    plan::Node node = scan_node({path}, frame.schema);
    std::get<plan::Scan>(node.node).predicate = std::move(predicate);
    return read(node);
  };
  const LogicalType whole = of(DType::int64);
  const LogicalType text = of(DType::utf8);
  same(rows_where(comparison("gt", "n", whole, plan::Int128{3})), "4 \"\" | 5 \"é\"", "greater");
  same(rows_where(comparison("eq", "name", text, std::string("c"))), "null \"c\"", "text");
  same(rows_where(expression(of(DType::boolean), plan::Call{"and",
                                                            {comparison("gte", "n", whole, plan::Int128{2}),
                                                             comparison("lt", "n", whole, plan::Int128{5})},
                                                            plan::Json::parse("{}")})),
       "2 null | 4 \"\"", "both");
  same(rows_where(expression(of(DType::boolean), plan::Call{"isNull", {expression(whole, plan::Column{"n"})}, plan::Json::parse("{}")})),
       show(frame.view()), "true for nulls: not pushed");
}

CASE("files: partition columns are constants, and folders that cannot match are not read") {
  const Folder folder;
  const Frame frame = numbers_and_names();
  const std::string a = folder.file("a.parquet");
  const std::string b = folder.file("b.parquet");
  write(write_node(frame, a), frame);
  write(write_node(frame, b), frame);
  const plan::Schema schema{frame.schema[0], {"year", of(DType::int64), true}, {"day", of(DType::date32), true}};
  plan::Node node = scan_node({a, b}, schema);
  auto& scan = std::get<plan::Scan>(node.node);
  scan.files[0].partition = {{"year", "2023"}, {"day", "1970-01-02"}};
  scan.files[1].partition = {{"year", "2024"}, {"day", std::nullopt}};
  same(read(node), "1 2023 1 | 2 2023 1 | null 2023 1 | 4 2023 1 | 5 2023 1 | 1 2024 null | 2 2024 null | null 2024 null | 4 2024 null | 5 2024 null",
       "constants");
  std::filesystem::remove(a);
  scan.predicate = comparison("eq", "year", of(DType::int64), plan::Int128{2024});
  same(read(node), "1 2024 null | 2 2024 null | null 2024 null | 4 2024 null | 5 2024 null", "the first file is not opened");
}

CASE("files: what is wrong with a file is said") {
  const Folder folder;
  const Frame frame = numbers_and_names();
  const std::string path = folder.file("a.parquet");
  write(write_node(frame, path), frame);
  const auto fails = [&](plan::Node node, const std::string& code, const std::string& part) {
    try {
      read(node);
    } catch (const Failure& failure) {
      same(failure.code, code, part);
      check(failure.message.find(part) != std::string::npos, failure.message);
      return;
    }
    throw Difference{"nothing failed: " + part};
  };
  fails(scan_node({folder.file("none.parquet")}, frame.schema), "ERR_FILE_NOT_FOUND", "no such file");
  fails(scan_node({path}, {{"m", of(DType::int64), false}}), "ERR_SCHEMA_MISMATCH", "has no column \"m\". Columns: n, name.");
  fails(scan_node({path}, {{"n", of(DType::utf8), true}}), "ERR_SCHEMA_MISMATCH", "Utf8 was expected");
  fails(scan_node({path}, {{"n", of(DType::int64), false}}), "ERR_SCHEMA_MISMATCH", "has one in row 2");
  plan::Node changed = scan_node({path}, frame.schema);
  std::get<plan::Scan>(changed.node).files[0].size_bytes += 1;
  fails(std::move(changed), "ERR_IO", "changed between opening and reading");
  std::ofstream(folder.file("bad.parquet")) << "PAR1 this is no Parquet file PAR1";
  fails(scan_node({folder.file("bad.parquet")}, frame.schema), "ERR_CORRUPT_FILE", "bad.parquet");
  plan::Node elsewhere = write_node(frame, folder.file("no/such/folder.parquet"));
  throws<Failure>([&] { write(elsewhere, frame); }, "no such file", "a folder that is not there");
}

CASE("files: what libcudf cannot keep has a reason") {
  const Frame frame = numbers_and_names();
  check(!exec::why_not_read(scan_node({"x"}, frame.schema, "csv")).empty(), "csv");
  check(!exec::why_not_read(scan_node({"x"}, frame.schema, "jsonl")).empty(), "jsonl");
  check(!exec::why_not_read(scan_node({"x"}, frame.schema, "arrow")).empty(), "arrow");
  check(exec::why_not_read(scan_node({"x"}, frame.schema)).empty(), "parquet");
  for (const char* format : {"csv", "jsonl", "arrow"}) {
    check(!exec::why_not_write(write_node(frame, "x", "{}", format)).empty(), format);
  }
  check(!exec::why_not_write(write_node(frame, "x", R"({"compression":"brotli"})")).empty(), "brotli");
  check(!exec::why_not_write(write_node(frame, "x", R"({"compressionLevel":3})")).empty(), "levels");
  Frame zoned = numbers_and_names();
  zoned.schema[0].type = instant(plan::TimeUnit::milliseconds, "Europe/Berlin");
  check(exec::why_not_write(write_node(zoned, "x")).find("time zone") != std::string::npos, "zones");
  zoned.schema[0].type = instant(plan::TimeUnit::milliseconds, "UTC");
  check(exec::why_not_write(write_node(zoned, "x")).empty(), "UTC");
}

}  // namespace warpframe::tests
