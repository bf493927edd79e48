#include "parse.hh"

#include "../util/failure.hh"
#include "nodes.hh"

namespace warpframe::plan {

namespace {

[[noreturn]] void refuse(const std::string& sentence) { throw Failure("ERR_PARAMETER", sentence); }

const std::vector<Json>& list_of(const Json& json, const char* what) {
  if (json.kind() != Json::Kind::list) refuse(std::string("Expected ") + what + " in a plan to be a list.");
  return json.items();
}

std::int64_t count_of(const Json& json, const char* what) {
  const std::int64_t value = json.as_int64();
  if (value < 0) refuse(std::string("Expected ") + what + " in a plan to be at least 0.");
  return value;
}

std::optional<std::int64_t> limit_of(const Json& json, const char* what) {
  if (json.is_null()) return std::nullopt;
  return count_of(json, what);
}

const Json& object_of(const Json& json, const char* what) {
  if (json.kind() != Json::Kind::object) refuse(std::string("Expected ") + what + " in a plan to be an object.");
  return json;
}

std::vector<std::string> names_of(const Json& json, const Schema& schema, const char* what) {
  std::vector<std::string> names;
  for (const Json& item : list_of(json, what)) {
    if (find_field(schema, item.as_text()) < 0) refuse(std::string("In a plan ") + what + " name a column \"" + item.as_text() + "\" that the input does not have.");
    names.push_back(item.as_text());
  }
  return names;
}

std::vector<NamedExpr> parse_named(const Json& json, const Schema& input, const char* what) {
  std::vector<NamedExpr> exprs;
  for (const Json& item : list_of(json, what))
    exprs.push_back({item.at("name").as_text(), parse_expr(item.at("expr"), input)});
  return exprs;
}

void add_fields(const std::vector<NamedExpr>& exprs, Schema& schema) {
  for (const NamedExpr& e : exprs) schema.push_back({e.name, e.expr->type, e.expr->nullable});
}

FileSpec parse_file(const Json& json) {
  FileSpec file;
  const Json& source = json.at("source");
  file.kind = source.at("kind").as_text();
  file.size_bytes = count_of(source.at("sizeBytes"), "the size of a file");
  if (file.kind == "file") file.path = source.at("path").as_text();
  else if (file.kind == "http") file.path = source.at("url").as_text();
  else if (file.kind == "bytes") file.id = source.at("id").as_int64();
  else refuse("Unknown kind of file \"" + file.kind + "\" in a plan.");
  if (const Json* partition = json.find("partition"))
    for (const auto& [name, value] : object_of(*partition, "the partition of a file").fields())
      file.partition.emplace_back(name, value.is_null() ? std::nullopt : std::optional(value.as_text()));
  if (const Json* rows = json.find("rows")) file.rows = count_of(*rows, "the rows of a file");
  return file;
}

bool known_format(const std::string& format) {
  return format == "parquet" || format == "csv" || format == "jsonl" || format == "arrow";
}

Scan parse_scan(const Json& json) {
  Scan scan;
  scan.format = json.at("format").as_text();
  if (!known_format(scan.format)) refuse("Unknown file format \"" + scan.format + "\" in a plan.");
  for (const Json& file : list_of(json.at("files"), "the files of a scan")) scan.files.push_back(parse_file(file));
  scan.file_schema = parse_schema(json.at("fileSchema"));
  scan.options = object_of(json.at("options"), "the options of a scan");
  if (const Json& predicate = json.at("predicate"); !predicate.is_null()) scan.predicate = parse_expr(predicate, scan.file_schema);
  scan.limit = limit_of(json.at("limit"), "the limit of a scan");
  return scan;
}

JoinHow parse_how(const std::string& how) {
  constexpr const char* names[] = {"inner", "left", "right", "full", "semi", "anti", "cross"};
  for (int i = 0; i < 7; ++i)
    if (how == names[i]) return static_cast<JoinHow>(i);
  refuse("Unknown join \"" + how + "\" in a plan.");
}

Keep parse_keep(const std::string& keep) {
  constexpr const char* names[] = {"any", "first", "last", "none"};
  for (int i = 0; i < 4; ++i)
    if (keep == names[i]) return static_cast<Keep>(i);
  refuse("Unknown row to keep \"" + keep + "\" in a plan.");
}

bool same_types(const Schema& a, const Schema& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!(a[i].type == b[i].type)) return false;
  return true;
}

/** The left's columns, then the right's without its keys. */
Schema join_columns(const Join& join) {
  Schema schema = join.left->schema;
  if (join.how == JoinHow::semi || join.how == JoinHow::anti) return schema;
  for (const Field& field : join.right->schema) {
    bool key = false;
    for (const std::string& name : join.right_on) key = key || name == field.name;
    if (!key) schema.push_back(field);
  }
  return schema;
}

class PlanReader {
 public:
  NodePtr document(const Json& json) {
    if (const Json* version = json.find("v"); version == nullptr || version->kind() != Json::Kind::number || version->as_int64() != 1)
      refuse("Expected a plan of version 1.");
    if (const Json* shared = json.find("shared"))
      for (const Json& item : list_of(*shared, "the shared nodes")) {
        shared_.push_back(node(item));
      }
    return node(json.at("plan"));
  }

 private:
  NodePtr node(const Json& json) {
    if (const Json* ref = object_of(json, "a node").find("ref")) {
      const std::int64_t index = ref->as_int64();
      if (index < 0 || static_cast<std::size_t>(index) >= shared_.size()) refuse("A plan names a shared node that it does not have.");
      return shared_[static_cast<std::size_t>(index)];
    }
    const std::string& kind = json.at("node").as_text();
    if (kind == "join") return join(json);
    if (kind == "union") return unite(json);
    if (kind == "scan" || kind == "table") return leaf(json, kind);
    if (kind == "host") throw Failure("ERR_UNSUPPORTED", "A JavaScript function inside a plan runs between two plans, never in an engine library.");
    return over_one(json, kind);
  }

  static NodePtr leaf(const Json& json, const std::string& kind) {
    auto made = std::make_shared<Node>();
    made->schema = parse_schema(json.at("schema"));
    if (kind == "table") {
      made->node = Table{json.at("tableId").as_int64(), count_of(json.at("rows"), "the rows of a table")};
      return made;
    }
    Scan scan = parse_scan(json);
    for (const Field& field : made->schema) {
      const int place = find_field(scan.file_schema, field.name);
      if (place < 0 || !(scan.file_schema[static_cast<std::size_t>(place)].type == field.type))
        refuse("A scan of a plan gives a column \"" + field.name + "\" that its files do not have.");
    }
    made->node = std::move(scan);
    return made;
  }

  NodePtr join(const Json& json) {
    auto made = std::make_shared<Node>();
    Join join;
    join.left = node(json.at("left"));
    join.right = node(json.at("right"));
    join.how = parse_how(json.at("how").as_text());
    join.left_on = names_of(json.at("leftOn"), join.left->schema, "the left keys");
    join.right_on = names_of(json.at("rightOn"), join.right->schema, "the right keys");
    if (join.left_on.size() != join.right_on.size() || (join.how == JoinHow::cross) != join.left_on.empty())
      refuse("The keys of a join in a plan do not fit together.");
    for (std::size_t i = 0; i < join.left_on.size(); ++i) {
      const Field& l = join.left->schema[static_cast<std::size_t>(find_field(join.left->schema, join.left_on[i]))];
      const Field& r = join.right->schema[static_cast<std::size_t>(find_field(join.right->schema, join.right_on[i]))];
      if (!(l.type == r.type)) refuse("The keys \"" + l.name + "\" and \"" + r.name + "\" of a join in a plan differ in dtype.");
    }
    join.nulls_equal = json.at("nullsEqual").as_bool();
    join.maintain_order = json.at("maintainOrder").as_bool();
    join.build_left = json.at("build").as_text() == "left";
    made->schema = parse_schema(json.at("schema"));
    if (!same_types(made->schema, join_columns(join))) refuse("The schema of a join in a plan does not follow from its inputs.");
    made->node = std::move(join);
    return made;
  }

  NodePtr unite(const Json& json) {
    auto made = std::make_shared<Node>();
    Union all;
    const std::string& how = json.at("how").as_text();
    if (how != "vertical" && how != "horizontal") refuse("Unknown union \"" + how + "\" in a plan.");
    all.horizontal = how == "horizontal";
    for (const Json& item : list_of(json.at("inputs"), "the inputs of a union")) all.inputs.push_back(node(item));
    if (all.inputs.empty()) refuse("A union of a plan has no inputs.");
    made->schema = parse_schema(json.at("schema"));
    Schema beside;
    for (const NodePtr& input : all.inputs) {
      if (all.horizontal) beside.insert(beside.end(), input->schema.begin(), input->schema.end());
      else if (!same_types(input->schema, made->schema)) refuse("The inputs of a union in a plan have other columns than it.");
    }
    if (all.horizontal && !same_types(beside, made->schema)) refuse("The inputs of a union in a plan have other columns than it.");
    made->node = std::move(all);
    return made;
  }

  NodePtr over_one(const Json& json, const std::string& kind) {
    auto made = std::make_shared<Node>();
    const NodePtr input = node(json.at("input"));
    const Schema& columns = input->schema;
    if (kind == "project") {
      Project project{input, parse_named(json.at("exprs"), columns, "the expressions of a projection")};
      add_fields(project.exprs, made->schema);
      made->node = std::move(project);
    } else if (kind == "aggregate") {
      Aggregate aggregate{.input = input,
                          .keys = parse_named(json.at("keys"), columns, "the keys of an aggregation"),
                          .aggs = parse_named(json.at("aggs"), columns, "the aggregates of an aggregation"),
                          .maintain_order = json.at("maintainOrder").as_bool()};
      add_fields(aggregate.keys, made->schema);
      add_fields(aggregate.aggs, made->schema);
      made->node = std::move(aggregate);
    } else if (kind == "write") {
      const std::string& format = json.at("format").as_text();
      if (!known_format(format)) refuse("Unknown file format \"" + format + "\" in a plan.");
      made->schema = parse_schema(json.at("schema"));
      made->node = Write{input, format, json.at("path").as_text(), object_of(json.at("options"), "the options of a write")};
    } else {
      made->schema = same_rows_schema(json, columns);
      same_rows(json, kind, input, *made);
    }
    return made;
  }

  /** A node that gives its input's columns names its schema only where it knows more about nulls. */
  static Schema same_rows_schema(const Json& json, const Schema& input) {
    const Json* own = json.find("schema");
    if (own == nullptr) return input;
    Schema schema = parse_schema(*own);
    if (!same_types(schema, input)) refuse("The schema of a node in a plan does not follow from its input.");
    return schema;
  }

  static void same_rows(const Json& json, const std::string& kind, const NodePtr& input, Node& made) {
    const Schema& columns = input->schema;
    if (kind == "filter") {
      ExprPtr predicate = parse_expr(json.at("predicate"), columns);
      if (predicate->type.dtype != DType::boolean && predicate->type.dtype != DType::null)
        refuse("The predicate of a filter in a plan is not Bool.");
      made.node = Filter{input, std::move(predicate)};
    } else if (kind == "sort") {
      Sort sort{.input = input, .keys = {}, .limit = limit_of(json.at("limit"), "the limit of a sort")};
      for (const Json& key : list_of(json.at("keys"), "the keys of a sort"))
        sort.keys.push_back({parse_expr(key.at("expr"), columns), key.at("descending").as_bool(), key.at("nullsFirst").as_bool()});
      made.node = std::move(sort);
    } else if (kind == "slice") {
      made.node = Slice{input, json.at("offset").as_int64(), limit_of(json.at("length"), "the length of a slice")};
    } else if (kind == "distinct") {
      made.node = Distinct{.input = input,
                           .subset = names_of(json.at("subset"), columns, "the columns of a distinct"),
                           .keep = parse_keep(json.at("keep").as_text()),
                           .maintain_order = json.at("maintainOrder").as_bool()};
    } else {
      refuse("Unknown plan node \"" + kind + "\".");
    }
  }

  std::vector<NodePtr> shared_;
};

}  // namespace

NodePtr parse_plan(std::string_view text) { return PlanReader().document(Json::parse(text)); }

std::vector<NodePtr> inputs_of(const Node& node) {
  struct Inputs {
    std::vector<NodePtr> operator()(const Scan&) const { return {}; }
    std::vector<NodePtr> operator()(const Table&) const { return {}; }
    std::vector<NodePtr> operator()(const Join& join) const { return {join.left, join.right}; }
    std::vector<NodePtr> operator()(const Union& all) const { return all.inputs; }
    std::vector<NodePtr> operator()(const Project& p) const { return {p.input}; }
    std::vector<NodePtr> operator()(const Filter& p) const { return {p.input}; }
    std::vector<NodePtr> operator()(const Aggregate& p) const { return {p.input}; }
    std::vector<NodePtr> operator()(const Sort& p) const { return {p.input}; }
    std::vector<NodePtr> operator()(const Slice& p) const { return {p.input}; }
    std::vector<NodePtr> operator()(const Distinct& p) const { return {p.input}; }
    std::vector<NodePtr> operator()(const Write& p) const { return {p.input}; }
  };
  return std::visit(Inputs{}, node.node);
}

}  // namespace warpframe::plan
