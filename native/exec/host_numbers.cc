#include "host_numbers.hh"

#include <cudf/column/column_factories.hpp>
#include <cudf/null_mask.hpp>

#include <cuda_runtime_api.h>

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "../util/failure.hh"

namespace warpframe::exec {

namespace {

/** A copy in host memory. Whole once the stream was waited for. */
template <class Value>
std::vector<Value> download(const void* data, std::size_t first, std::size_t count, Context& context) {
  std::vector<Value> values(count);
  if (count == 0) return values;
  const auto* from = static_cast<const Value*>(data) + first;
  if (cudaMemcpyAsync(values.data(), from, count * sizeof(Value), cudaMemcpyDeviceToHost, context.stream.get()) != cudaSuccess)
    throw Failure("ERR_DEVICE", "Values could not be copied from the device.");
  context.stream.sync();
  return values;
}

/** Which rows have a value. */
std::vector<bool> download_present(const cudf::column_view& view, Context& context) {
  const auto rows = static_cast<std::size_t>(view.size());
  std::vector<bool> present(rows, true);
  if (view.null_mask() == nullptr || rows == 0) return present;
  const auto offset = static_cast<std::size_t>(view.offset());
  const auto words = download<cudf::bitmask_type>(view.null_mask(), offset / 32, (offset + rows + 31) / 32 - offset / 32, context);
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t bit = offset % 32 + i;
    present[i] = (words[bit / 32] >> (bit % 32) & 1) != 0;
  }
  return present;
}

template <class Value>
std::vector<Value> download_values(const cudf::column_view& view, Context& context) {
  return download<Value>(view.head(), static_cast<std::size_t>(view.offset()), static_cast<std::size_t>(view.size()), context);
}

template <class Offset>
std::vector<std::string> split_texts(const cudf::column_view& view, const cudf::column_view& offsets, Context& context) {
  const auto rows = static_cast<std::size_t>(view.size());
  const auto at = download<Offset>(offsets.head(), static_cast<std::size_t>(offsets.offset() + view.offset()), rows + 1, context);
  const auto chars = download<char>(view.head(), static_cast<std::size_t>(at.front()),
                                    static_cast<std::size_t>(at.back() - at.front()), context);
  std::vector<std::string> texts;
  for (std::size_t i = 0; i < rows; ++i)
    texts.emplace_back(chars.data() + (at[i] - at.front()), static_cast<std::size_t>(at[i + 1] - at[i]));
  return texts;
}

/** The shortest digits in JavaScript's layout, with ".0" where it would look like an integer. */
template <class Float>
std::string float_text(Float x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  if (x == 0) return std::signbit(x) ? "-0.0" : "0.0";
  char buffer[40];
  const auto end = std::to_chars(buffer, buffer + sizeof buffer, std::abs(x), std::chars_format::scientific).ptr;
  const std::string shortest(buffer, end);
  const std::size_t e = shortest.find('e');
  std::string digits = shortest.substr(0, e);
  if (digits.size() > 1) digits.erase(1, 1);
  const int point = std::atoi(shortest.c_str() + e + 1) + 1;  // digits before the point
  const int count = static_cast<int>(digits.size());
  std::string out = x < 0 ? "-" : "";
  if (point > 21 || point <= -6) {
    const int power = point - 1;
    out += digits.substr(0, 1) + (count > 1 ? "." + digits.substr(1) : "") + "e" + (power < 0 ? "-" : "+") + std::to_string(std::abs(power));
  } else if (point <= 0) {
    out += "0." + std::string(static_cast<std::size_t>(-point), '0') + digits;
  } else if (count <= point) {
    out += digits + std::string(static_cast<std::size_t>(point - count), '0') + ".0";
  } else {
    out += digits.substr(0, static_cast<std::size_t>(point)) + "." + digits.substr(static_cast<std::size_t>(point));
  }
  return out;
}

/** Values and nulls of host rows as a column like a lane. */
template <class Value>
Lane upload(const std::vector<Value>& values, const std::vector<bool>& present, cudf::data_type type, const Lane& like) {
  const Context& context = like.context();
  std::vector<cudf::bitmask_type> bits(cudf::bitmask_allocation_size_bytes(static_cast<cudf::size_type>(values.size())) / sizeof(cudf::bitmask_type));
  cudf::size_type nulls = 0;
  for (std::size_t i = 0; i < present.size(); ++i) {
    if (present[i]) bits[i >> 5] |= cudf::bitmask_type{1} << (i & 31);
    else ++nulls;
  }
  rmm::device_buffer data{values.data(), values.size() * sizeof(Value), context.stream, context.memory};
  rmm::device_buffer mask;
  if (nulls > 0) mask = rmm::device_buffer{bits.data(), bits.size() * sizeof(cudf::bitmask_type), context.stream, context.memory};
  context.stream.sync();
  return {std::make_unique<cudf::column>(type, static_cast<cudf::size_type>(values.size()), std::move(data), std::move(mask), nulls), like};
}

/** A number's text as an integer at a scale; none past 38 digits. */
std::optional<Int128> unscaled_of(const std::string& text, int scale) {
  std::string digits;
  std::size_t at = 0;
  const bool negative = text[at] == '-';
  if (negative || text[at] == '+') ++at;
  long behind = 0;
  bool fraction = false;
  for (; at < text.size() && text[at] != 'e' && text[at] != 'E'; ++at) {
    if (text[at] == '.') {
      fraction = true;
      continue;
    }
    digits += text[at];
    behind += fraction ? 1 : 0;
  }
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  if (digits.empty()) return 0;
  long exponent = 0;
  if (at < text.size()) {
    errno = 0;
    exponent = std::strtol(text.c_str() + at + 1, nullptr, 10);
    if (exponent > 100'000) exponent = 100'000;
    if (exponent < -100'000) exponent = -100'000;
  }
  const long power = exponent - behind + scale;
  const long length = static_cast<long>(digits.size());
  if (length + power > 38) return std::nullopt;
  if (length + power < 0) return 0;
  Int128 value = 0;
  for (long i = 0; i < length + power; ++i) value = value * 10 + (i < length ? digits[static_cast<std::size_t>(i)] - '0' : 0);
  // The first digit that is cut off decides the rounding.
  if (power < 0 && digits[static_cast<std::size_t>(length + power)] >= '5') ++value;
  return negative ? -value : value;
}

}  // namespace

std::vector<std::optional<std::string>> download_texts(const Lane& lane) {
  Context& context = lane.context();
  const cudf::column_view& view = lane.view();
  std::vector<std::optional<std::string>> texts(static_cast<std::size_t>(view.size()));
  if (view.size() == 0) return texts;
  const cudf::column_view offsets = lane.text().offsets();
  const auto all = offsets.type().id() == kInt64 ? split_texts<std::int64_t>(view, offsets, context)
                                                 : split_texts<std::int32_t>(view, offsets, context);
  const auto present = download_present(view, context);
  for (std::size_t i = 0; i < texts.size(); ++i)
    if (present[i]) texts[i] = all[i];
  return texts;
}

Lane text_of_floats(const Lane& lane) {
  Context& context = lane.context();
  std::vector<std::string> texts;
  if (lane.type().id() == kDouble) {
    for (const double x : download_values<double>(lane.view(), context)) texts.push_back(float_text(x));
  } else {
    for (const float x : download_values<float>(lane.view(), context)) texts.push_back(float_text(x));
  }
  return null_like(Lane{column_of_texts(texts, context), lane}, {&lane});
}

Lane floats_of_texts(const Lane& text, cudf::type_id type) {
  const auto texts = download_texts(text);
  std::vector<bool> present(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) present[i] = texts[i].has_value();
  // strtod rounds correctly, as does strtof; the texts are of digits, so no locale has a say but in the point.
  const auto read = [&](auto& values) {
    for (std::size_t i = 0; i < texts.size(); ++i) {
      if (!texts[i]) continue;
      const std::string& t = *texts[i];
      const char* first = t.c_str() + (t[0] == '+' ? 1 : 0);
      auto& value = values[i];
      const auto result = std::from_chars(first, t.c_str() + t.size(), value);
      if (result.ec != std::errc::result_out_of_range) continue;
      const bool large = std::strtod(first, nullptr) > 1 || std::strtod(first, nullptr) < -1;
      const double edge = large ? HUGE_VAL : 0.0;
      value = static_cast<std::remove_reference_t<decltype(value)>>(*first == '-' ? -edge : edge);
    }
  };
  if (type == kDouble) {
    std::vector<double> values(texts.size());
    read(values);
    return upload(values, present, cudf::data_type{type}, text);
  }
  std::vector<float> values(texts.size());
  read(values);
  return upload(values, present, cudf::data_type{type}, text);
}

Lane decimals_of_texts(const Lane& text, int scale) {
  const auto texts = download_texts(text);
  std::vector<Int128> values(texts.size());
  std::vector<bool> present(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const auto value = texts[i] ? unscaled_of(*texts[i], scale) : std::nullopt;
    present[i] = value.has_value();
    values[i] = value.value_or(0);
  }
  return upload(values, present, cudf::data_type{cudf::type_id::DECIMAL128, 0}, text);
}

}  // namespace warpframe::exec
