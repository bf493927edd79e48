// The plan nodes of ts/plan/nodes.ts that reach a backend, and their parser. Builds with a C++ compiler alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "expr.hh"
#include "json.hh"
#include "types.hh"

namespace warpframe::plan {

struct Node;
/** A node that the plan reaches twice is one object: run it once. */
using NodePtr = std::shared_ptr<const Node>;

struct FileSpec {
  std::string kind;  // file, http, bytes
  std::string path;
  std::int64_t id = 0;
  std::int64_t size_bytes = 0;
  std::vector<std::pair<std::string, std::optional<std::string>>> partition;
  std::optional<std::int64_t> rows;
};
/** Some row groups of a scan's only file: a plan that is run in parts. */
struct ScanPart {
  std::vector<std::int32_t> groups;
};
struct Scan {
  std::string format;  // parquet, csv, jsonl, arrow
  std::vector<FileSpec> files;
  Schema file_schema;
  Json options;
  ExprPtr predicate;  // may be null; skipping by it need not be exact
  std::optional<std::int64_t> limit;
  std::optional<ScanPart> part;  // of no document: the engine makes it
};
struct Table { std::int64_t id = 0; std::int64_t rows = 0; };
struct Project { NodePtr input; std::vector<NamedExpr> exprs; };
struct Filter { NodePtr input; ExprPtr predicate; };
struct Aggregate { NodePtr input; std::vector<NamedExpr> keys; std::vector<NamedExpr> aggs; bool maintain_order = false; };
enum class JoinHow : std::uint8_t { inner, left, right, full, semi, anti, cross };
struct Join {
  NodePtr left, right;
  JoinHow how = JoinHow::inner;
  std::vector<std::string> left_on, right_on;
  bool nulls_equal = false;
  bool maintain_order = false;
  bool build_left = false;
};
struct Sort { NodePtr input; std::vector<OrderKey> keys; std::optional<std::int64_t> limit; };
struct Slice { NodePtr input; std::int64_t offset = 0; std::optional<std::int64_t> length; };
enum class Keep : std::uint8_t { any, first, last, none };
struct Distinct { NodePtr input; std::vector<std::string> subset; Keep keep = Keep::any; bool maintain_order = false; };
struct Union { std::vector<NodePtr> inputs; bool horizontal = false; };
struct Write { NodePtr input; std::string format; std::string path; Json options; };

struct Node {
  Schema schema;
  std::variant<Scan, Table, Project, Filter, Aggregate, Join, Sort, Slice, Distinct, Union, Write> node;
};

/** Reads a plan document of version 1. @throws Failure ERR_PARAMETER that says where the text goes wrong */
NodePtr parse_plan(std::string_view text);

/** The nodes that a node reads, in order. */
std::vector<NodePtr> inputs_of(const Node& node);

/** One line about a node: what traces and run-time errors call it. */
std::string node_label(const Node& node);

}  // namespace warpframe::plan
