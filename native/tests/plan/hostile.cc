#include "hostile.hh"

#include <cstdio>
#include <string>
#include <vector>

#include "../../plan/nodes.hh"
#include "../../util/failure.hh"

namespace warpframe::plan {

namespace {

std::string repeated(const std::string& text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

const std::string kTable = R"({"node":"table","tableId":1,"rows":9,"schema":[{"name":"a","type":{"dtype":"Int64"},"nullable":true}]})";

std::string document(const std::string& plan) { return R"({"v":1,"plan":)" + plan + "}"; }

std::string filter(const std::string& predicate) {
  return document(R"({"node":"filter","input":)" + kTable + R"(,"predicate":)" + predicate + "}");
}

std::string literal(const std::string& value, const std::string& type) {
  return document(R"({"node":"project","input":)" + kTable + R"(,"exprs":[{"name":"x","expr":{"node":"lit","value":)" + value +
                  R"(,"type":")" + type + R"(","nullable":false}}]})");
}

std::string table_of(const std::string& type) {
  return document(R"({"node":"table","tableId":1,"rows":9,"schema":[{"name":"a","type":)" + type + R"(,"nullable":true}]})");
}

std::vector<std::string> texts() {
  return {
      "", " ", "{", "[", "nul", "{\"v\":1", "{\"v\":1,}", "{\"v\":1}x", "\"\\u12\"", "\"\\q\"", "\"\n\"", "01", "1.", "1e", "-", "+1", "\xff",
      repeated("[", 100000), repeated("{\"a\":", 100000), repeated("[", 100000) + repeated("]", 100000),
      "null", "[]", "7", "{\"v\":2,\"plan\":{}}", "{\"v\":\"1\",\"plan\":{}}", "{\"v\":1}", document("null"), document("[]"), document("{}"),
      document(R"({"ref":0})"), document(R"({"ref":-1})"), document(R"({"ref":1e300})"), document(R"({"ref":"0"})"),
      R"({"v":1,"shared":[{"ref":0}],"plan":{"ref":0}})", R"({"v":1,"shared":{},"plan":{"ref":0}})",
      document(R"({"node":"magic","input":)" + kTable + "}"), document(R"({"node":7})"), document(R"({"node":"host","input":)" + kTable + "}"),
      document(R"({"node":"table","tableId":1.5,"rows":9,"schema":[]})"), document(R"({"node":"table","tableId":1,"rows":-9,"schema":[]})"),
      document(R"({"node":"table","tableId":1e999,"rows":9,"schema":[]})"), document(R"({"node":"table","tableId":1,"rows":9,"schema":{}})"),
      document(R"({"node":"table","tableId":99999999999999999999,"rows":9,"schema":[]})"),
      table_of(R"("Int65")"), table_of(R"({"dtype":"Datetime"})"), table_of(R"({"dtype":"Datetime","unit":"s","zone":null})"),
      table_of(R"({"dtype":"Decimal","precision":39,"scale":0})"), table_of(R"({"dtype":"Decimal","precision":5,"scale":6})"),
      table_of(R"({"dtype":"List"})"), table_of(R"({"dtype":"FixedSizeList","length":-1,"inner":{"type":"Int8","nullable":false}})"),
      table_of(repeated(R"({"dtype":"List","inner":{"nullable":true,"type":)", 5000) + "\"Int8\"" + repeated("}}", 5000)),
      filter(R"({"node":"col","name":"b","type":"Bool","nullable":true})"), filter(R"({"node":"col","name":"a","type":"Bool","nullable":true})"),
      filter(R"({"node":"col","name":"a","type":"Int64","nullable":true})"), filter(R"({"node":"col","name":"a","type":"Int64"})"),
      filter(R"({"node":"call","fn":"eq","args":{},"options":{},"type":"Bool","nullable":true})"),
      filter(R"({"node":"call","fn":"eq","args":[],"options":[],"type":"Bool","nullable":true})"),
      filter(R"({"node":"when","branches":[{}],"otherwise":null,"type":"Bool","nullable":true})"),
      filter("7"), filter("null"),
      literal("1.5", "Int64"), literal("256", "UInt8"), literal("-1", "UInt64"), literal("\"x\"", "Int64"), literal("true", "Utf8"),
      literal(R"({"dtype":"Int64","value":"9223372036854775808"})", "Int64"), literal(R"({"dtype":"Int64","value":""})", "Int64"),
      literal(R"({"dtype":"Int64","value":"1x"})", "Int64"), literal(R"({"dtype":"Int32","value":"1"})", "Int64"),
      literal(R"({"dtype":"Float64","value":"nan"})", "Float64"), literal(R"({"dtype":"Binary","value":"*"})", "Binary"),
      literal(R"({"dtype":"Decimal","value":")" + repeated("9", 60) + "\"}", "Int64"), literal("1e999", "Float64"),
      document(R"({"node":"union","how":"vertical","inputs":[],"schema":[]})"), document(R"({"node":"union","how":"diagonal","inputs":[],"schema":[]})"),
      document(R"({"node":"union","how":"vertical","inputs":[)" + kTable + R"(],"schema":[]})"),
      document(R"({"node":"slice","input":)" + kTable + R"(,"offset":0.5,"length":null})"),
      document(R"({"node":"slice","input":)" + kTable + R"(,"offset":0,"length":-1})"),
      document(R"({"node":"distinct","input":)" + kTable + R"(,"subset":["b"],"keep":"any","maintainOrder":false})"),
      document(R"({"node":"distinct","input":)" + kTable + R"(,"subset":["a"],"keep":"some","maintainOrder":false})"),
      document(R"({"node":"join","how":"inner","left":)" + kTable + R"(,"right":)" + kTable +
               R"(,"leftOn":["a"],"rightOn":[],"nullsEqual":false,"maintainOrder":false,"build":"right","schema":[]})"),
      document(R"({"node":"join","how":"inner","left":)" + kTable + R"(,"right":)" + kTable +
               R"(,"leftOn":["a"],"rightOn":["a"],"nullsEqual":false,"maintainOrder":false,"build":"right","schema":[]})"),
  };
}

/** Every shorter text of a good document is a failure too. */
int cut_texts() {
  const std::string whole = filter(R"({"node":"lit","value":{"dtype":"Float64","value":"NaN"},"type":"Null","nullable":true})");
  int taken = 0;
  for (std::size_t length = 0; length < whole.size(); ++length) {
    try {
      parse_plan(whole.substr(0, length));
      ++taken;
    } catch (const Failure&) {
    }
  }
  if (taken > 0) std::fprintf(stderr, "%d cut documents were taken\n", taken);
  return taken;
}

}  // namespace

int refuse_hostile_documents() {
  int taken = cut_texts();
  for (const std::string& text : texts()) {
    try {
      parse_plan(text);
      std::fprintf(stderr, "taken: %.200s\n", text.c_str());
      ++taken;
    } catch (const Failure&) {
    }
  }
  return taken == 0 ? 0 : 1;
}

}  // namespace warpframe::plan
