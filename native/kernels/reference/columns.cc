#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/reference/reference.hh"

namespace warpframe::kernels::reference {
namespace {

template <class T>
T read(const HostColumn& column, std::uint64_t row) {
  T value;
  std::memcpy(&value, static_cast<const char*>(column.data) + sizeof(T) * row, sizeof(T));
  return value;
}

}  // namespace

bool is_value(const HostColumn& column, std::uint64_t row) {
  if (column.mask.empty()) return true;
  const std::uint64_t bit = column.mask_offset + row;
  return (column.mask[bit / 32] >> (bit % 32) & 1) != 0;
}

double number_at(const HostColumn& column, std::uint64_t row) {
  switch (column.type) {
    case Type::boolean: return read<std::uint8_t>(column, row) == 0 ? 0 : 1;
    case Type::f32: return static_cast<double>(read<float>(column, row));
    case Type::f64: return read<double>(column, row);
    case Type::u64: return static_cast<double>(read<std::uint64_t>(column, row));
    case Type::decimal128: {
      __extension__ using Int128 = __int128;
      const auto unscaled = static_cast<long double>(read<Int128>(column, row));
      return static_cast<double>(unscaled / std::pow(10.0L, static_cast<long double>(column.decimal_scale)));
    }
    default: return static_cast<double>(code_at(column, row));
  }
}

std::int64_t code_at(const HostColumn& column, std::uint64_t row) {
  switch (column.type) {
    case Type::boolean: return read<std::uint8_t>(column, row) == 0 ? 0 : 1;
    case Type::i8: return read<std::int8_t>(column, row);
    case Type::i16: return read<std::int16_t>(column, row);
    case Type::i32: return read<std::int32_t>(column, row);
    case Type::i64: return read<std::int64_t>(column, row);
    case Type::u8: return read<std::uint8_t>(column, row);
    case Type::u16: return read<std::uint16_t>(column, row);
    case Type::u32: return read<std::uint32_t>(column, row);
    default: return static_cast<std::int64_t>(read<std::uint64_t>(column, row));
  }
}

std::vector<float> matrix(std::span<const HostColumn> columns, std::span<const FeatureSpec> features) {
  const std::uint64_t rows = columns[0].rows;
  std::vector<float> out;
  out.reserve(rows * features.size());
  for (std::uint64_t i = 0; i < rows; ++i) {
    for (const FeatureSpec& f : features) {
      const HostColumn& column = columns[f.source];
      const bool present = is_value(column, i);
      if (f.kind == FeatureKind::one_hot)
        out.push_back(present && code_at(column, i) == f.category ? 1 : 0);
      else
        out.push_back(static_cast<float>(((present ? number_at(column, i) : f.fill) - f.shift) / f.scale));
    }
  }
  return out;
}

std::vector<double> confusion(std::span<const HostColumn> columns, std::uint32_t classes) {
  std::vector<double> cells(std::size_t{classes} * classes + 1);
  for (std::uint64_t i = 0; i < columns[0].rows; ++i) {
    bool present = true;
    for (const HostColumn& c : columns) present = present && is_value(c, i);
    const std::int64_t t = present ? code_at(columns[0], i) : -1;
    const std::int64_t p = present ? code_at(columns[1], i) : -1;
    if (t < 0 || p < 0 || t >= classes || p >= classes)
      cells.back() += 1;
    else
      cells[static_cast<std::size_t>(t) * classes + static_cast<std::size_t>(p)] +=
          columns.size() > 2 ? number_at(columns[2], i) : 1;
  }
  return cells;
}

std::vector<double> score_histogram(std::span<const HostColumn> columns, std::int64_t positive, double low, double high,
                                    std::uint32_t bins) {
  std::vector<double> cells(2 * std::size_t{bins} + 1);
  for (std::uint64_t i = 0; i < columns[0].rows; ++i) {
    bool present = true;
    for (const HostColumn& c : columns) present = present && is_value(c, i);
    const double score = present ? number_at(columns[0], i) : std::numeric_limits<double>::quiet_NaN();
    if (std::isnan(score)) {
      cells.back() += 1;
      continue;
    }
    const double place = std::floor((score - low) * (bins / (high - low)));
    const auto bin = static_cast<std::size_t>(std::fmin(std::fmax(place, 0), bins - 1.0));
    const std::size_t side = code_at(columns[1], i) == positive ? bins : 0;
    cells[side + bin] += columns.size() > 2 ? number_at(columns[2], i) : 1;
  }
  return cells;
}

}  // namespace warpframe::kernels::reference
