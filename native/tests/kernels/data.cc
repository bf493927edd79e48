#include <cstring>
#include <limits>

#include "cases.hh"
#include "util/failure.hh"

namespace warpframe::kernels::tests {

void Outcome::compare(double got, double expected, double relative, double absolute, const char* what, std::size_t at) {
  if (std::isnan(got) && std::isnan(expected)) return;
  if (got == expected) return;
  const double difference = std::fabs(got - expected);
  if (!(difference <= max_difference)) max_difference = difference;
  if (difference <= relative * std::fabs(expected) + absolute) return;
  fail(std::string(what) + " " + std::to_string(at) + " is " + std::to_string(got) + ", expected " + std::to_string(expected));
}

std::uint64_t Random::next() {
  std::uint64_t z = state_ += 0x9e3779b97f4a7c15ull;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}

namespace {

template <class T>
void store(OwnColumn& column, std::uint64_t row, T value) {
  std::memcpy(column.bytes.data() + sizeof(T) * row, &value, sizeof(T));
}

double random_float(Random& random, bool odd) {
  if (odd && random.below(40) == 0) return std::numeric_limits<double>::quiet_NaN();
  if (odd && random.below(60) == 0) return random.below(2) == 0 ? HUGE_VAL : -HUGE_VAL;
  return random.between(-1, 1) * std::pow(10.0, random.between(-3, 6));
}

void store_random(Random& random, OwnColumn& column, std::uint64_t row, bool odd) {
  const std::uint64_t bits = random.next();
  switch (column.view.type) {
    case Type::boolean: store(column, row, static_cast<std::uint8_t>(bits & 1)); return;
    case Type::f32: store(column, row, static_cast<float>(random_float(random, odd))); return;
    case Type::f64: store(column, row, random_float(random, odd)); return;
    case Type::decimal128: {
      // Sizes of all magnitudes and both signs.
      __extension__ using Int128 = __int128;
      __extension__ using UInt128 = unsigned __int128;
      const UInt128 product = static_cast<UInt128>(bits) * (random.next() >> random.below(64));
      const auto value = static_cast<Int128>(product >> 4);
      store(column, row, random.below(2) == 0 ? value : -value);
      return;
    }
    default: break;
  }
  // Integers: the extremes, and every size between them.
  const std::uint64_t value = random.below(20) == 0 ? (random.below(2) == 0 ? ~0ull : 1ull << 63) : bits >> random.below(64);
  switch (bytes_of(column.view.type)) {
    case 1: store(column, row, static_cast<std::uint8_t>(value)); return;
    case 2: store(column, row, static_cast<std::uint16_t>(value)); return;
    case 4: store(column, row, static_cast<std::uint32_t>(value)); return;
    default: store(column, row, value);
  }
}

OwnColumn made(Type type, std::uint64_t rows) {
  OwnColumn column;
  column.bytes.resize(bytes_of(type) * rows + 16);
  column.view = {type, column.bytes.data(), rows, {}, 0, 0};
  return column;
}

}  // namespace

void add_nulls(Random& random, OwnColumn& column, double nulls) {
  column.view.mask_offset = random.below(70);
  column.view.mask.assign((column.view.mask_offset + column.view.rows + 31) / 32 + 1, 0xffffffffu);
  for (std::uint64_t i = 0; i < column.view.rows; ++i) {
    const std::uint64_t bit = column.view.mask_offset + i;
    if (random.unit() < nulls) column.view.mask[bit / 32] &= ~(1u << bit % 32);
  }
}

OwnColumn random_column(Random& random, Type type, std::uint64_t rows, double nulls, bool odd) {
  OwnColumn column = made(type, rows);
  if (type == Type::decimal128) column.view.decimal_scale = static_cast<std::int32_t>(random.below(39));
  for (std::uint64_t i = 0; i < rows; ++i) store_random(random, column, i, odd);
  if (nulls > 0) add_nulls(random, column, nulls);
  return column;
}

OwnColumn random_codes(Random& random, std::uint64_t rows, std::uint32_t n, double nulls, bool strays) {
  static constexpr Type kTypes[] = {Type::i32, Type::i64, Type::u32, Type::u64, Type::i16, Type::u8};
  // The last two only where all codes fit.
  const Type type = kTypes[random.below(n <= 200 ? 6 : 4)];
  OwnColumn column = made(type, rows);
  for (std::uint64_t i = 0; i < rows; ++i) {
    std::uint64_t code = random.below(n);
    if (strays && random.below(30) == 0) code = random.below(2) == 0 ? ~0ull : n + random.below(20);
    switch (bytes_of(type)) {
      case 1: store(column, i, static_cast<std::uint8_t>(code)); break;
      case 2: store(column, i, static_cast<std::uint16_t>(code)); break;
      case 4: store(column, i, static_cast<std::uint32_t>(code)); break;
      default: store(column, i, code);
    }
  }
  if (nulls > 0) add_nulls(random, column, nulls);
  return column;
}

OwnColumn column_of(std::span<const float> values, std::uint64_t stride, std::uint64_t offset) {
  OwnColumn column = made(Type::f32, values.size() / stride);
  for (std::uint64_t i = 0; i < column.view.rows; ++i) store(column, i, values[i * stride + offset]);
  return column;
}

const HostResult& result_of(const std::vector<HostResult>& results, std::string_view name) {
  for (const HostResult& r : results)
    if (r.name == name) return r;
  throw Failure("ERR_INTERNAL", "The kernel made no " + std::string(name) + ".");
}

}  // namespace warpframe::kernels::tests
