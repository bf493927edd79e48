#include "columns.hh"

#include <cmath>
#include <cstring>

#include "util/failure.hh"

namespace warpframe::verify {
namespace {

std::string decoded(std::string_view text) {
  static constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    if (c == '=') break;
    bits = bits << 6 | static_cast<std::uint32_t>(kAlphabet.find(c));
    count += 6;
    if (count < 8) continue;
    count -= 8;
    out += static_cast<char>(bits >> count & 0xff);
  }
  return out;
}

std::string dtype_of(const plan::Json& field) { return field.at("type").at("dtype").as_text(); }

template <class T>
T value_at(std::string_view bytes, std::size_t index) {
  if ((index + 1) * sizeof(T) > bytes.size()) throw Failure("ERR_CORRUPT_FILE", "A column's buffer is too short.");
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof(T), sizeof(T));
  return value;
}

bool bit_at(std::string_view bits, std::size_t index) {
  return (value_at<std::uint8_t>(bits, index / 8) >> index % 8 & 1) != 0;
}

bool present(const ColumnView& c, std::size_t row) { return c.dtype != "Null" && (!c.has_validity || bit_at(c.validity, row)); }

std::string_view text_at(const ColumnView& c, std::size_t row) {
  if (c.dictionary) return text_at(*c.dictionary, value_at<std::uint32_t>(c.values, row));
  const auto from = value_at<std::uint32_t>(c.offsets, row);
  const auto to = value_at<std::uint32_t>(c.offsets, row + 1);
  if (from > to || to > c.values.size()) throw Failure("ERR_CORRUPT_FILE", "A text's offsets are wrong.");
  return c.values.substr(from, to - from);
}

std::size_t width_of(const std::string& dtype) {
  if (dtype == "Int8" || dtype == "UInt8") return 1;
  if (dtype == "Int16" || dtype == "UInt16") return 2;
  if (dtype == "Int32" || dtype == "UInt32" || dtype == "Float32" || dtype == "Date32") return 4;
  return dtype == "Decimal" ? 16 : 8;
}

bool near(double a, double b, double relative) {
  if (a == b || (std::isnan(a) && std::isnan(b))) return true;
  return std::isfinite(a) && std::isfinite(b) && std::fabs(a - b) <= relative * std::fmax(std::fabs(a), std::fabs(b)) + 1e-9;
}

bool same(const ColumnView& a, const ColumnView& b, std::size_t row) {
  if (present(a, row) != present(b, row)) return false;
  if (!present(a, row)) return true;
  if (a.dtype == "Utf8" || a.dtype == "Categorical" || a.dtype == "Binary") return text_at(a, row) == text_at(b, row);
  if (a.dtype == "Bool") return bit_at(a.values, row) == bit_at(b.values, row);
  if (a.dtype == "Float64") return near(value_at<double>(a.values, row), value_at<double>(b.values, row), 1e-9);
  if (a.dtype == "Float32")
    return near(static_cast<double>(value_at<float>(a.values, row)), static_cast<double>(value_at<float>(b.values, row)), 1e-6);
  const std::size_t width = width_of(a.dtype);
  if ((row + 1) * width > a.values.size() || (row + 1) * width > b.values.size())
    throw Failure("ERR_CORRUPT_FILE", "A column's buffer is too short.");
  return std::memcmp(a.values.data() + row * width, b.values.data() + row * width, width) == 0;
}

std::string shown(const ColumnView& c, std::size_t row) {
  if (!present(c, row)) return "null";
  if (c.dtype == "Utf8" || c.dtype == "Categorical") return "\"" + std::string(text_at(c, row)) + "\"";
  if (c.dtype == "Bool") return bit_at(c.values, row) ? "true" : "false";
  if (c.dtype == "Float64") return std::to_string(value_at<double>(c.values, row));
  if (c.dtype == "Float32") return std::to_string(value_at<float>(c.values, row));
  const std::size_t width = width_of(c.dtype);
  if (width == 1) return std::to_string(value_at<std::int8_t>(c.values, row));
  if (width == 2) return std::to_string(value_at<std::int16_t>(c.values, row));
  if (width == 4) return std::to_string(value_at<std::int32_t>(c.values, row));
  return std::to_string(value_at<std::int64_t>(c.values, width == 16 ? 2 * row : row));
}

ColumnView slab_column(const wf_slab& slab, const plan::Json& layout, const std::string& dtype) {
  const auto part = [&](const char* name) -> std::string_view {
    const plan::Json* const place = layout.find(name);
    if (place == nullptr || place->is_null()) return {};
    const auto from = static_cast<std::size_t>(place->items().at(0).as_int64());
    const auto bytes = static_cast<std::size_t>(place->items().at(1).as_int64());
    if (from > slab.bytes || bytes > slab.bytes - from) throw Failure("ERR_CORRUPT_FILE", "A slab's layout leaves the slab.");
    return {static_cast<const char*>(slab.data) + from, bytes};
  };
  ColumnView column;
  column.dtype = dtype;
  column.length = layout.at("length").as_int64();
  column.has_validity = !layout.at("validity").is_null();
  column.validity = part("validity");
  column.offsets = part("offsets");
  column.values = part("values");
  if (const plan::Json* const words = layout.find("dictionary"))
    column.dictionary = std::make_shared<ColumnView>(slab_column(slab, *words, "Utf8"));
  return column;
}

}  // namespace

std::vector<ColumnView> golden_columns(const plan::Json& columns, const plan::Json& schema, Bytes& bytes) {
  std::vector<ColumnView> out;
  for (std::size_t i = 0; i < columns.items().size(); ++i) {
    const plan::Json& json = columns.items()[i];
    ColumnView column;
    column.dtype = dtype_of(schema.items().at(i));
    column.length = json.at("length").as_int64();
    const auto part = [&](const char* name) -> std::string_view {
      const plan::Json& text = json.at(name);
      return text.is_null() ? std::string_view{} : std::string_view(bytes.emplace_back(decoded(text.as_text())));
    };
    column.has_validity = !json.at("validity").is_null();
    column.validity = part("validity");
    column.offsets = part("offsets");
    column.values = part("values");
    out.push_back(std::move(column));
  }
  return out;
}

std::vector<ColumnView> slab_columns(const wf_slab& slab, const plan::Json& schema) {
  const plan::Json layouts = plan::Json::parse(slab.layout);
  std::vector<ColumnView> out;
  for (std::size_t i = 0; i < schema.items().size(); ++i)
    out.push_back(slab_column(slab, layouts.items().at(i), dtype_of(schema.items()[i])));
  return out;
}

std::string difference(const std::vector<ColumnView>& got, const std::vector<ColumnView>& expected, const plan::Json& schema) {
  for (std::size_t k = 0; k < expected.size(); ++k) {
    if (got[k].length != expected[k].length)
      return std::to_string(got[k].length) + " rows, expected " + std::to_string(expected[k].length);
    for (std::size_t row = 0; row < static_cast<std::size_t>(expected[k].length); ++row)
      if (!same(got[k], expected[k], row))
        return "row " + std::to_string(row) + ", column " + schema.items()[k].at("name").as_text() + " (" + expected[k].dtype +
               "): got " + shown(got[k], row) + ", expected " + shown(expected[k], row);
  }
  return {};
}

ArrowBatch::ArrowBatch(const std::vector<ColumnView>& columns) {
  for (const ColumnView& column : columns) {
    Node& node = nodes_.emplace_back();
    const auto add = [&](std::string_view bytes, bool there) {
      // An empty buffer that is there has an address.
      static constexpr char kEmpty = 0;
      node.buffers.push_back(there ? (bytes.empty() ? &kEmpty : bytes.data()) : nullptr);
      node.sizes.push_back(static_cast<std::int64_t>(bytes.size()));
    };
    const bool text = column.dtype == "Utf8" || column.dtype == "Categorical" || column.dtype == "Binary";
    add(column.validity, column.has_validity);
    if (text) add(column.offsets, true);
    if (column.dtype != "Null") add(column.values, true);
    node.array.length = column.length;
    node.array.null_count = -1;
    node.array.n_buffers = static_cast<std::int64_t>(node.buffers.size());
    node.array.buffers = node.buffers.data();
    node.array.private_data = node.sizes.data();
    children_.push_back(&node.array);
  }
  whole_.length = columns.empty() ? 0 : columns[0].length;
  whole_.n_children = static_cast<std::int64_t>(children_.size());
  whole_.children = children_.data();
}

}  // namespace warpframe::verify
