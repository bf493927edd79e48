#include "arrow_columns.hh"

#include <cudf/utilities/traits.hpp>

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/util/decimal.h>

#include <cstring>

namespace warpframe::host {

void check(const arrow::Status& status) {
  if (!status.ok()) throw cudf::logic_error("host-cudf: " + status.ToString());
}

namespace {

type_id timestamp_type(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return type_id::TIMESTAMP_SECONDS;
    case arrow::TimeUnit::MILLI: return type_id::TIMESTAMP_MILLISECONDS;
    case arrow::TimeUnit::MICRO: return type_id::TIMESTAMP_MICROSECONDS;
    default: return type_id::TIMESTAMP_NANOSECONDS;
  }
}
type_id duration_type(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND: return type_id::DURATION_SECONDS;
    case arrow::TimeUnit::MILLI: return type_id::DURATION_MILLISECONDS;
    case arrow::TimeUnit::MICRO: return type_id::DURATION_MICROSECONDS;
    default: return type_id::DURATION_NANOSECONDS;
  }
}

/** The row of an array, whatever its type. */
Val value_at(const arrow::Array& array, std::int64_t row);

template <typename ListArray>
Val list_at(const ListArray& list, std::int64_t row) {
  std::vector<Val> items;
  for (std::int64_t i = list.value_offset(row); i < list.value_offset(row) + list.value_length(row); ++i) {
    items.push_back(value_at(*list.values(), i));
  }
  return Val::list(std::move(items));
}

template <typename Array>
Val number_at(const arrow::Array& array, std::int64_t row) {
  return Val::integer(static_cast<const Array&>(array).Value(row));
}

Val bytes_of(std::string_view bytes) {
  std::vector<Val> items;
  for (const char byte : bytes) items.push_back(Val::integer(static_cast<unsigned char>(byte)));
  return Val::list(std::move(items));
}

Val value_at(const arrow::Array& array, std::int64_t row) {
  using Id = arrow::Type;
  if (array.IsNull(row)) return {};
  switch (array.type_id()) {
    case Id::BOOL: return Val::boolean(static_cast<const arrow::BooleanArray&>(array).Value(row));
    case Id::INT8: return number_at<arrow::Int8Array>(array, row);
    case Id::INT16: return number_at<arrow::Int16Array>(array, row);
    case Id::INT32: return number_at<arrow::Int32Array>(array, row);
    case Id::INT64: return number_at<arrow::Int64Array>(array, row);
    case Id::UINT8: return number_at<arrow::UInt8Array>(array, row);
    case Id::UINT16: return number_at<arrow::UInt16Array>(array, row);
    case Id::UINT32: return number_at<arrow::UInt32Array>(array, row);
    case Id::UINT64: return number_at<arrow::UInt64Array>(array, row);
    case Id::FLOAT: return Val::real(static_cast<const arrow::FloatArray&>(array).Value(row));
    case Id::DOUBLE: return Val::real(static_cast<const arrow::DoubleArray&>(array).Value(row));
    case Id::DATE32: return number_at<arrow::Date32Array>(array, row);
    case Id::TIME32: return number_at<arrow::Time32Array>(array, row);
    case Id::TIME64: return number_at<arrow::Time64Array>(array, row);
    case Id::TIMESTAMP: return number_at<arrow::TimestampArray>(array, row);
    case Id::DURATION: return number_at<arrow::DurationArray>(array, row);
    case Id::DECIMAL128: {
      const arrow::Decimal128 decimal(static_cast<const arrow::Decimal128Array&>(array).GetValue(row));
      return Val::integer((static_cast<Int128>(decimal.high_bits()) << 64) | static_cast<Int128>(decimal.low_bits()));
    }
    case Id::STRING:
    case Id::BINARY: return Val::text(std::string(static_cast<const arrow::BinaryArray&>(array).GetView(row)));
    case Id::LARGE_STRING:
    case Id::LARGE_BINARY: return Val::text(std::string(static_cast<const arrow::LargeBinaryArray&>(array).GetView(row)));
    case Id::STRING_VIEW:
    case Id::BINARY_VIEW: return Val::text(std::string(static_cast<const arrow::BinaryViewArray&>(array).GetView(row)));
    case Id::HALF_FLOAT: {
      const std::uint16_t bits = static_cast<const arrow::HalfFloatArray&>(array).Value(row);
      return bytes_of(std::string_view(reinterpret_cast<const char*>(&bits), sizeof bits));
    }
    case Id::FIXED_SIZE_BINARY: return bytes_of(static_cast<const arrow::FixedSizeBinaryArray&>(array).GetView(row));
    case Id::DICTIONARY: {
      const auto& coded = static_cast<const arrow::DictionaryArray&>(array);
      return value_at(*coded.dictionary(), coded.GetValueIndex(row));
    }
    case Id::LIST:
    case Id::MAP: return list_at(static_cast<const arrow::ListArray&>(array), row);
    case Id::LARGE_LIST: return list_at(static_cast<const arrow::LargeListArray&>(array), row);
    case Id::FIXED_SIZE_LIST: return list_at(static_cast<const arrow::FixedSizeListArray&>(array), row);
    case Id::STRUCT: {
      const auto& record = static_cast<const arrow::StructArray&>(array);
      std::vector<Val> fields;
      for (int i = 0; i < record.num_fields(); ++i) fields.push_back(value_at(*record.field(i), row));
      return Val::record(std::move(fields));
    }
    default: missing("values of Arrow's " + array.type()->ToString());
  }
}

/** Whether an array's values are a column's bytes as they are. */
bool same_bytes(const arrow::DataType& type) {
  return arrow::is_primitive(type.id()) && type.id() != arrow::Type::BOOL && type.id() != arrow::Type::HALF_FLOAT &&
         type.id() != arrow::Type::TIME32;
}

ColumnPtr column_of_bytes(const arrow::ChunkedArray& chunks, const Type& type, Stream stream, Memory memory) {
  const std::size_t width = cudf::size_of(type.id);
  std::vector<char> bytes;
  std::vector<bool> valid;
  bytes.reserve(static_cast<std::size_t>(chunks.length()) * width);
  for (const auto& chunk : chunks.chunks()) {
    const auto rows = static_cast<std::size_t>(chunk->length());
    if (rows == 0) continue;
    const auto* from = reinterpret_cast<const char*>(chunk->data()->buffers[1]->data()) +
                       static_cast<std::size_t>(chunk->offset()) * width;
    bytes.insert(bytes.end(), from, from + rows * width);
    for (std::int64_t row = 0; row < chunk->length(); ++row) {
      valid.push_back(!chunk->IsNull(row));
      if (!valid.back() && gpu::chaos()) std::memset(bytes.data() + (valid.size() - 1) * width, 0xA5, width);
    }
  }
  const auto nulls = static_cast<size_type>(std::count(valid.begin(), valid.end(), false));
  return std::make_unique<cudf::column>(type.id, static_cast<size_type>(valid.size()),
                                        upload(bytes.data(), bytes.size(), stream, memory), make_mask(valid, stream, memory), nulls);
}

}  // namespace

Type type_of_arrow(const arrow::DataType& type) {
  using Id = arrow::Type;
  switch (type.id()) {
    case Id::BOOL: return type_id::BOOL8;
    case Id::INT8: return type_id::INT8;
    case Id::INT16: return type_id::INT16;
    case Id::INT32: return type_id::INT32;
    case Id::INT64: return type_id::INT64;
    case Id::UINT8: return type_id::UINT8;
    case Id::UINT16: return type_id::UINT16;
    case Id::UINT32: return type_id::UINT32;
    case Id::UINT64: return type_id::UINT64;
    case Id::FLOAT: return type_id::FLOAT32;
    case Id::DOUBLE: return type_id::FLOAT64;
    case Id::DATE32: return type_id::TIMESTAMP_DAYS;
    case Id::TIME32: return duration_type(static_cast<const arrow::Time32Type&>(type).unit());
    case Id::TIME64: return duration_type(static_cast<const arrow::Time64Type&>(type).unit());
    case Id::TIMESTAMP: return timestamp_type(static_cast<const arrow::TimestampType&>(type).unit());
    case Id::DURATION: return duration_type(static_cast<const arrow::DurationType&>(type).unit());
    case Id::DECIMAL128:
      return cudf::data_type{type_id::DECIMAL128, -static_cast<const arrow::DecimalType&>(type).scale()};
    case Id::STRING:
    case Id::BINARY:
    case Id::LARGE_STRING:
    case Id::STRING_VIEW:
    case Id::BINARY_VIEW:
    case Id::LARGE_BINARY: return type_id::STRING;
    case Id::HALF_FLOAT:  // bytes of a fixed length, as Parquet stores them
    case Id::FIXED_SIZE_BINARY: return Type::list(type_id::UINT8);
    case Id::DICTIONARY: return type_of_arrow(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case Id::LIST:
    case Id::MAP:
    case Id::LARGE_LIST:
    case Id::FIXED_SIZE_LIST: return Type::list(type_of_arrow(*type.field(0)->type()));
    case Id::STRUCT: {
      std::vector<Type> fields;
      for (const auto& field : type.fields()) fields.push_back(type_of_arrow(*field->type()));
      return Type::record(std::move(fields));
    }
    case Id::NA: return type_id::EMPTY;
    default: missing("columns of Arrow's " + type.ToString());
  }
}

ColumnPtr column_of_arrow(const arrow::ChunkedArray& chunks, Stream stream, Memory memory) {
  const Type type = type_of_arrow(*chunks.type());
  if (static_cast<std::size_t>(chunks.length()) > max_rows()) throw std::overflow_error("host-cudf: the rows exceed the column size limit");
  if (same_bytes(*chunks.type())) return column_of_bytes(chunks, type, stream, memory);
  std::vector<Val> values;
  values.reserve(static_cast<std::size_t>(chunks.length()));
  for (const auto& chunk : chunks.chunks()) {
    for (std::int64_t row = 0; row < chunk->length(); ++row) values.push_back(value_at(*chunk, row));
  }
  return make(type, values, stream, memory);
}

namespace {

std::shared_ptr<arrow::DataType> arrow_type(const Type& type, const ArrowField& field) {
  switch (type.id.id()) {
    case type_id::BOOL8: return arrow::boolean();
    case type_id::INT8: return arrow::int8();
    case type_id::INT16: return arrow::int16();
    case type_id::INT32: return arrow::int32();
    case type_id::INT64: return arrow::int64();
    case type_id::UINT8: return arrow::uint8();
    case type_id::UINT16: return arrow::uint16();
    case type_id::UINT32: return arrow::uint32();
    case type_id::UINT64: return arrow::uint64();
    case type_id::FLOAT32: return arrow::float32();
    case type_id::FLOAT64: return arrow::float64();
    case type_id::TIMESTAMP_DAYS: return arrow::date32();
    case type_id::TIMESTAMP_MILLISECONDS: return arrow::timestamp(arrow::TimeUnit::MILLI, field.utc ? "UTC" : "");
    case type_id::TIMESTAMP_MICROSECONDS: return arrow::timestamp(arrow::TimeUnit::MICRO, field.utc ? "UTC" : "");
    case type_id::TIMESTAMP_NANOSECONDS: return arrow::timestamp(arrow::TimeUnit::NANO, field.utc ? "UTC" : "");
    case type_id::DURATION_MILLISECONDS: return arrow::duration(arrow::TimeUnit::MILLI);
    case type_id::DURATION_MICROSECONDS: return arrow::duration(arrow::TimeUnit::MICRO);
    case type_id::DURATION_NANOSECONDS: return arrow::duration(arrow::TimeUnit::NANO);
    case type_id::DECIMAL128: return arrow::decimal128(field.precision, -type.id.scale());
    case type_id::STRING: return field.binary ? arrow::binary() : arrow::utf8();
    case type_id::LIST: {
      if (field.map) missing("maps in written files");
      ArrowField element = field.children.empty() ? ArrowField{} : field.children.back();
      if (element.name.empty()) element.name = "element";
      return arrow::list(field_of(type.children.at(0), element));
    }
    case type_id::STRUCT: {
      std::vector<std::shared_ptr<arrow::Field>> fields;
      for (std::size_t i = 0; i < type.children.size(); ++i) {
        fields.push_back(field_of(type.children[i], i < field.children.size() ? field.children[i] : ArrowField{}));
      }
      return arrow::struct_(fields);
    }
    default: missing("columns of this type in written files");
  }
}

template <typename Builder, typename Value>
void append_as(arrow::ArrayBuilder& builder, Value value) {
  check(static_cast<Builder&>(builder).Append(value));
}

void append(arrow::ArrayBuilder& builder, const Val& value) {
  using Id = arrow::Type;
  if (value.null()) return check(builder.AppendNull());
  switch (builder.type()->id()) {
    case Id::BOOL: return append_as<arrow::BooleanBuilder>(builder, value.truth());
    case Id::INT8: return append_as<arrow::Int8Builder>(builder, static_cast<std::int8_t>(value.i()));
    case Id::INT16: return append_as<arrow::Int16Builder>(builder, static_cast<std::int16_t>(value.i()));
    case Id::INT32: return append_as<arrow::Int32Builder>(builder, static_cast<std::int32_t>(value.i()));
    case Id::INT64: return append_as<arrow::Int64Builder>(builder, static_cast<std::int64_t>(value.i()));
    case Id::UINT8: return append_as<arrow::UInt8Builder>(builder, static_cast<std::uint8_t>(value.i()));
    case Id::UINT16: return append_as<arrow::UInt16Builder>(builder, static_cast<std::uint16_t>(value.i()));
    case Id::UINT32: return append_as<arrow::UInt32Builder>(builder, static_cast<std::uint32_t>(value.i()));
    case Id::UINT64: return append_as<arrow::UInt64Builder>(builder, static_cast<std::uint64_t>(value.i()));
    case Id::FLOAT: return append_as<arrow::FloatBuilder>(builder, static_cast<float>(value.d()));
    case Id::DOUBLE: return append_as<arrow::DoubleBuilder>(builder, value.d());
    case Id::DATE32: return append_as<arrow::Date32Builder>(builder, static_cast<std::int32_t>(value.i()));
    case Id::TIMESTAMP: return append_as<arrow::TimestampBuilder>(builder, static_cast<std::int64_t>(value.i()));
    case Id::DURATION: return append_as<arrow::DurationBuilder>(builder, static_cast<std::int64_t>(value.i()));
    case Id::DECIMAL128: {
      const Int128 unscaled = value.i();
      return append_as<arrow::Decimal128Builder>(
          builder, arrow::Decimal128(static_cast<std::int64_t>(unscaled >> 64), static_cast<std::uint64_t>(unscaled)));
    }
    case Id::STRING: return append_as<arrow::StringBuilder>(builder, value.s());
    case Id::BINARY: return append_as<arrow::BinaryBuilder>(builder, value.s());
    case Id::LIST: {
      auto& list = static_cast<arrow::ListBuilder&>(builder);
      check(list.Append());
      for (const Val& item : value.items()) append(*list.value_builder(), item);
      return;
    }
    case Id::STRUCT: {
      auto& record = static_cast<arrow::StructBuilder&>(builder);
      check(record.Append());
      for (int i = 0; i < record.num_fields(); ++i) append(*record.field_builder(i), value.items().at(static_cast<std::size_t>(i)));
      return;
    }
    default: missing("arrays of Arrow's " + builder.type()->ToString());
  }
}

}  // namespace

std::shared_ptr<arrow::Field> field_of(const Type& type, const ArrowField& field) {
  return arrow::field(field.name, arrow_type(type, field), field.nullable);
}

std::shared_ptr<arrow::Array> array_of(const cudf::column_view& column, const arrow::DataType& type, Stream stream) {
  const Col rows(column, stream, "writing a file");
  std::unique_ptr<arrow::ArrayBuilder> builder = check(arrow::MakeBuilder(type.GetSharedPtr()));
  for (size_type row = 0; row < rows.size(); ++row) append(*builder, rows.at(row));
  return check(builder->Finish());
}

}  // namespace warpframe::host
