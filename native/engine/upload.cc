#include "upload.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/concatenate.hpp>
#include <cudf/copying.hpp>
#include <cudf/null_mask.hpp>
#include <cudf/replace.hpp>
#include <cudf/scalar/scalar.hpp>
#include <cudf/table/table.hpp>
#include <cudf/transform.hpp>
#include <cudf/utilities/traits.hpp>

#include <cstring>
#include <deque>
#include <limits>
#include <numeric>

#include "../exec/literals.hh"
#include "../util/json_text.hh"
#include "host_array.hh"
#include "value_check.hh"

namespace warpframe::engine {
namespace {

using plan::DType;
using plan::LogicalType;
using ColumnOwner = std::unique_ptr<cudf::column>;

constexpr std::int64_t kMostRows = std::numeric_limits<cudf::size_type>::max();

/** Arrow's order of buffers: validity, then offsets, then values. */
constexpr std::int64_t kValidity = 0;
constexpr std::int64_t kOffsets = 1;

struct Mask {
  rmm::device_buffer bits;
  cudf::size_type nulls = 0;
  /** The same bits on the host; null: no nulls. */
  const std::byte* host = nullptr;
};

class Upload {
 public:
  Upload(Device& device, bool checked) : device_(device), checked_(checked) {}

  /** Rows [from, from + count) of an array. */
  ColumnOwner column(const LogicalType& type, const HostArray& array, std::int64_t from, std::int64_t count) {
    if (array.has_dictionary()) return words_of_codes(array, from, count);
    switch (type.dtype) {
      case DType::null: return nulls(count);
      case DType::boolean: return booleans(array, from, count);
      case DType::binary: return text(array, from, count, false);
      case DType::utf8:
      case DType::categorical: return text(array, from, count, true);
      case DType::list: return list(type, array, from, count);
      case DType::fixed_size_list: return fixed_size_list(type, array, from, count);
      case DType::structure: return structure(type, array, from, count);
      default: return fixed_width(type, array, from, count);
    }
  }

  ColumnOwner empty(const LogicalType& type) {
    switch (type.dtype) {
      case DType::list:
      case DType::fixed_size_list:
        return cudf::make_lists_column(0, offsets({0}), empty(type.fields[0].type), 0, {});
      case DType::structure: {
        std::vector<ColumnOwner> children;
        for (const plan::Field& field : type.fields) children.push_back(empty(field.type));
        return cudf::make_structs_column(0, std::move(children), 0, {}, stream(), memory());
      }
      default: return cudf::make_empty_column(exec::device_type(type));
    }
  }

  /** Waits for the copies; what they were made from may go then. */
  void finish() {
    stream().sync();
    staged_.clear();
    staged_offsets_.clear();
  }

 private:
  cuda::stream_ref stream() const { return device_.stream(); }
  rmm::device_async_resource_ref memory() { return device_.memory_ref(); }

  rmm::device_buffer buffer(const void* source, std::int64_t bytes, std::int64_t room = 0) {
    rmm::device_buffer target(static_cast<std::size_t>(std::max(bytes, room)), stream(), memory());
    device_.copy_to_device(target.data(), source, static_cast<std::size_t>(bytes));
    return target;
  }

  /** Bits on the device, in as many bytes as libcudf allots. */
  rmm::device_buffer bit_buffer(const std::byte* bits, std::int64_t count) {
    return buffer(bits, (count + 7) / 8,
                  static_cast<std::int64_t>(cudf::bitmask_allocation_size_bytes(static_cast<cudf::size_type>(count))));
  }

  const std::byte* bits(const HostArray& array, std::int64_t which, std::int64_t from, std::int64_t count) {
    staged_.emplace_back();
    return array.bits(which, from, count, staged_.back());
  }

  Mask mask(const HostArray& array, std::int64_t from, std::int64_t count) {
    if (!array.has_validity() || count == 0) return {};
    const std::byte* const host = bits(array, kValidity, from, count);
    const std::int64_t present = count_bits(host, count);
    if (present == count) return {};
    return {bit_buffer(host, count), static_cast<cudf::size_type>(count - present), host};
  }

  ColumnOwner offsets(std::vector<std::int32_t> values) {
    staged_offsets_.push_back(std::move(values));
    const auto& kept = staged_offsets_.back();
    const auto size = static_cast<cudf::size_type>(kept.size());
    return std::make_unique<cudf::column>(cudf::data_type{cudf::type_id::INT32}, size,
                                          buffer(kept.data(), std::int64_t{size} * 4), rmm::device_buffer{}, 0);
  }

  /** Offsets from 0 on. `unclean`: a null has elements, which libcudf does not expect. */
  ColumnOwner rebased(const std::int32_t* source, std::int64_t count, const Mask& nulls, const HostArray& array,
                      bool& unclean) {
    const std::int32_t first = source[0];
    if (first < 0) array.fail("offsets from 0 on", std::to_string(first));
    for (std::int64_t i = 0; i < count; ++i) {
      if (source[i + 1] < source[i]) array.fail("rising offsets", "others at row " + std::to_string(i));
      if (nulls.host && source[i + 1] > source[i] && !bit_at(nulls.host, i)) unclean = true;
    }
    if (first != 0) {
      std::vector<std::int32_t> values(source, source + count + 1);
      for (std::int32_t& value : values) value -= first;
      return offsets(std::move(values));
    }
    return std::make_unique<cudf::column>(cudf::data_type{cudf::type_id::INT32},
                                          static_cast<cudf::size_type>(count + 1),
                                          buffer(source, (count + 1) * 4), rmm::device_buffer{}, 0);
  }

  ColumnOwner cleaned(ColumnOwner made, bool unclean) {
    return unclean ? cudf::purge_nonempty_nulls(made->view(), stream(), memory()) : std::move(made);
  }

  ColumnOwner nulls(std::int64_t count) {
    const auto rows = static_cast<cudf::size_type>(count);
    if (rows == 0) return cudf::make_empty_column(cudf::type_id::BOOL8);
    const std::byte* const zeros = staged_.emplace_back(static_cast<std::size_t>(count)).data();
    return std::make_unique<cudf::column>(cudf::data_type{cudf::type_id::BOOL8}, rows, buffer(zeros, count),
                                          cudf::create_null_mask(rows, cudf::mask_state::ALL_NULL, stream(), memory()),
                                          rows);
  }

  ColumnOwner booleans(const HostArray& array, std::int64_t from, std::int64_t count) {
    if (count == 0) return cudf::make_empty_column(cudf::type_id::BOOL8);
    Mask nulls = mask(array, from, count);
    const rmm::device_buffer packed = bit_buffer(bits(array, 1, from, count), count);
    ColumnOwner made = cudf::mask_to_bools(static_cast<const cudf::bitmask_type*>(packed.data()), 0,
                                           static_cast<cudf::size_type>(count), stream(), memory());
    if (nulls.nulls > 0) made->set_null_mask(std::move(nulls.bits), nulls.nulls);
    return made;
  }

  ColumnOwner fixed_width(const LogicalType& type, const HostArray& array, std::int64_t from, std::int64_t count) {
    const cudf::data_type device = exec::device_type(type);
    const auto width = static_cast<std::int64_t>(cudf::size_of(device));
    Mask nulls = mask(array, from, count);
    const void* source = nullptr;
    switch (width) {
      case 1: source = array.elements<std::uint8_t>(1, from, count); break;
      case 2: source = array.elements<std::uint16_t>(1, from, count); break;
      case 4: source = array.elements<std::uint32_t>(1, from, count); break;
      case 8: source = array.elements<std::uint64_t>(1, from, count); break;
      default: {
        const auto* const decimals = array.elements<__int128>(1, from, count);
        const std::int64_t bad = checked_ ? -1 : first_too_wide(decimals, count, type.precision, nulls.host);
        if (bad >= 0) fail_decimal(type, array, decimals + bad, bad);
        source = decimals;
      }
    }
    return std::make_unique<cudf::column>(device, static_cast<cudf::size_type>(count), buffer(source, count * width),
                                          std::move(nulls.bits), nulls.nulls);
  }

  [[noreturn]] static void fail_decimal(const LogicalType& type, const HostArray& array, const __int128* at,
                                        std::int64_t row) {
    __int128 value;
    std::memcpy(&value, at, sizeof value);
    throw Failure("ERR_OVERFLOW",
                  "Expected values of " + plan::type_text(type) + " for column \"" + array.column() +
                      "\" but received the unscaled value " + whole_text(value) + " in row " + std::to_string(row) +
                      ". Declare a larger precision.",
                  place(array, row));
  }

  static std::string place(const HostArray& array, std::int64_t row) {
    return JsonObject().text("column", array.column()).number("row", row).done();
  }

  static std::string whole_text(__int128 value) {
    const bool negative = value < 0;
    std::string digits;
    do {
      const int digit = static_cast<int>(value % 10);
      digits += static_cast<char>('0' + (negative ? -digit : digit));
      value /= 10;
    } while (value != 0);
    if (negative) digits += '-';
    return {digits.rbegin(), digits.rend()};
  }

  /** `characters`: what is not UTF-8 is refused. */
  ColumnOwner text(const HostArray& array, std::int64_t from, std::int64_t count, bool characters) {
    if (count == 0) return cudf::make_empty_column(cudf::type_id::STRING);
    Mask nulls = mask(array, from, count);
    const auto* const source = array.elements<std::int32_t>(kOffsets, from, count + 1);
    bool unclean = false;
    ColumnOwner starts = rebased(source, count, nulls, array, unclean);
    const std::int64_t bytes = std::int64_t{source[count]} - source[0];
    const void* const host_chars = array.bytes(2, source[0], bytes);
    if (characters && !checked_) {
      const std::int64_t bad = first_not_utf8(source, count, static_cast<const std::byte*>(host_chars), nulls.host);
      if (bad >= 0)
        throw Failure("ERR_EVALUATION",
                      "Expected UTF-8 text for column \"" + array.column() + "\" but received other bytes in row " +
                          std::to_string(bad) + ". Declare the column as Binary, or mend the text.",
                      place(array, bad));
    }
    rmm::device_buffer chars = buffer(host_chars, bytes);
    return cleaned(cudf::make_strings_column(static_cast<cudf::size_type>(count), std::move(starts), std::move(chars),
                                             nulls.nulls, std::move(nulls.bits)),
                   unclean);
  }

  ColumnOwner list(const LogicalType& type, const HostArray& array, std::int64_t from, std::int64_t count) {
    if (count == 0) return empty(type);
    Mask nulls = mask(array, from, count);
    const auto* const source = array.elements<std::int32_t>(kOffsets, from, count + 1);
    bool unclean = false;
    ColumnOwner starts = rebased(source, count, nulls, array, unclean);
    const HostArray items = array.child(0);
    if (source[count] > items.length()) array.fail("offsets up to " + std::to_string(items.length()), std::to_string(source[count]));
    ColumnOwner child = column(type.fields[0].type, items, source[0], std::int64_t{source[count]} - source[0]);
    return cleaned(cudf::make_lists_column(static_cast<cudf::size_type>(count), std::move(starts), std::move(child),
                                           nulls.nulls, std::move(nulls.bits)),
                   unclean);
  }

  ColumnOwner fixed_size_list(const LogicalType& type, const HostArray& array, std::int64_t from, std::int64_t count) {
    if (count == 0) return empty(type);
    Mask nulls = mask(array, from, count);
    const std::int64_t width = type.length;
    const HostArray items = array.child(0);
    if ((from + count) * width > items.length())
      array.fail(std::to_string((from + count) * width) + " elements", std::to_string(items.length()));
    if (count * width > kMostRows) array.fail("fewer than 2^31 elements", std::to_string(count * width));
    std::vector<std::int32_t> starts(static_cast<std::size_t>(count + 1));
    for (std::int64_t i = 0; i <= count; ++i) starts[static_cast<std::size_t>(i)] = static_cast<std::int32_t>(i * width);
    ColumnOwner child = column(type.fields[0].type, items, from * width, count * width);
    const bool unclean = nulls.nulls > 0 && width > 0;
    return cleaned(cudf::make_lists_column(static_cast<cudf::size_type>(count), offsets(std::move(starts)),
                                           std::move(child), nulls.nulls, std::move(nulls.bits)),
                   unclean);
  }

  ColumnOwner structure(const LogicalType& type, const HostArray& array, std::int64_t from, std::int64_t count) {
    if (count == 0) return empty(type);
    Mask nulls = mask(array, from, count);
    std::vector<ColumnOwner> children;
    for (std::size_t i = 0; i < type.fields.size(); ++i) {
      const HostArray child = array.child(static_cast<std::int64_t>(i));
      if (from + count > child.length()) array.fail(std::to_string(from + count) + " rows in its fields", std::to_string(child.length()));
      children.push_back(column(type.fields[i].type, child, from, count));
    }
    return cudf::make_structs_column(static_cast<cudf::size_type>(count), std::move(children), nulls.nulls,
                                     std::move(nulls.bits), stream(), memory());
  }

  /** A dictionary's codes, each replaced by its word. */
  ColumnOwner words_of_codes(const HostArray& array, std::int64_t from, std::int64_t count) {
    if (count == 0) return cudf::make_empty_column(cudf::type_id::STRING);
    Mask nulls = mask(array, from, count);
    const auto* const codes = array.elements<std::int32_t>(1, from, count);
    const HostArray dictionary = array.dictionary();
    const std::int64_t size = dictionary.length();
    for (std::int64_t i = 0; i < count; ++i)
      if ((codes[i] < 0 || codes[i] >= size) && (!nulls.host || bit_at(nulls.host, i)))
        array.fail("codes below " + std::to_string(size), std::to_string(codes[i]) + " in row " + std::to_string(i));
    const ColumnOwner words = text(dictionary, 0, size, true);
    ColumnOwner map = std::make_unique<cudf::column>(cudf::data_type{cudf::type_id::INT32},
                                                     static_cast<cudf::size_type>(count), buffer(codes, count * 4),
                                                     std::move(nulls.bits), nulls.nulls);
    // A null's code is anything: it is made one that no dictionary has, which gather makes null.
    if (nulls.nulls > 0)
      map = cudf::replace_nulls(map->view(), cudf::numeric_scalar<std::int32_t>(static_cast<std::int32_t>(size), true, stream(), memory()), stream(), memory());
    const auto policy = nulls.nulls > 0 ? cudf::out_of_bounds_policy::NULLIFY : cudf::out_of_bounds_policy::DONT_CHECK;
    auto gathered = cudf::gather(cudf::table_view{{words->view()}}, map->view(), policy, stream(), memory())->release();
    return std::move(gathered[0]);
  }

  Device& device_;
  bool checked_;
  // What copies are made from and nobody else keeps; a deque never moves its elements.
  std::deque<std::vector<std::byte>> staged_;
  std::deque<std::vector<std::int32_t>> staged_offsets_;
};

}  // namespace

exec::Frame upload(Device& device, const plan::Schema& schema, std::span<const ArrowArray* const> batches,
                   bool checked) {
  std::int64_t rows = 0;
  for (const ArrowArray* const batch : batches) {
    if (batch->n_children != static_cast<std::int64_t>(schema.size()))
      throw Failure("ERR_SHAPE", "Expected " + std::to_string(schema.size()) + " columns in each batch but one has " + std::to_string(batch->n_children) + ".");
    rows += batch->length;
  }
  if (rows > kMostRows)
    throw Failure("ERR_UNSUPPORTED", "libcudf's columns hold at most 2147483647 rows; this table has " + std::to_string(rows) + ". Use engine: 'cpu', or several tables.");
  exec::Frame frame{schema, {}, static_cast<cudf::size_type>(rows)};
  Upload work(device, checked);
  try {
    for (std::size_t c = 0; c < schema.size(); ++c) {
      std::vector<ColumnOwner> parts;
      for (const ArrowArray* const batch : batches) {
        if (batch->length == 0) continue;
        const HostArray array(*batch->children[c], schema[c].name);
        if (array.length() < batch->length) array.fail(std::to_string(batch->length) + " rows", std::to_string(array.length()));
        parts.push_back(work.column(schema[c].type, array, 0, batch->length));
      }
      if (parts.empty()) {
        frame.columns.emplace_back(work.empty(schema[c].type));
      } else if (parts.size() == 1) {
        frame.columns.emplace_back(std::move(parts[0]));
      } else {
        std::vector<cudf::column_view> views;
        for (const ColumnOwner& part : parts) views.push_back(part->view());
        frame.columns.emplace_back(cudf::concatenate(views, device.stream(), device.memory_ref()));
      }
    }
    work.finish();
  } catch (...) {
    // Copies may still be reading the arrays and what was staged.
    try {
      device.stream().sync();
    } catch (...) {  // the first error is the one to tell
    }
    throw;
  }
  return frame;
}

}  // namespace warpframe::engine
