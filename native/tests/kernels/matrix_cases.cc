#include <limits>

#include "cases.hh"
#include "kernels/reference/reference.hh"

namespace warpframe::kernels::tests {
namespace {

constexpr Type kTypes[] = {Type::boolean, Type::i8,  Type::i16, Type::i32, Type::i64, Type::u8,
                           Type::u16,     Type::u32, Type::u64, Type::f32, Type::f64, Type::decimal128};

bool has_codes(Type type) { return type != Type::f32 && type != Type::f64 && type != Type::decimal128; }

/** One matrix from columns of every type, with `wide` features. */
void check(Outcome& outcome, Random& random, std::uint64_t rows, std::size_t wide, bool by_rows) {
  std::vector<OwnColumn> columns;
  std::vector<HostColumn> views;
  for (const Type type : kTypes) columns.push_back(random_column(random, type, rows, random.below(3) == 0 ? 0 : 0.2, true));
  for (const OwnColumn& c : columns) views.push_back(c.view);
  std::vector<reference::FeatureSpec> specs;
  std::vector<std::uint32_t> sources;
  std::vector<std::uint8_t> kinds;
  std::vector<double> fills, shifts, scales;
  std::vector<std::int64_t> categories;
  for (std::size_t j = 0; j < wide; ++j) {
    reference::FeatureSpec f{static_cast<std::uint32_t>(random.below(views.size())), FeatureKind::number, 0, 0, 1, 0};
    if (has_codes(views[f.source].type) && random.below(3) == 0) {
      f.kind = FeatureKind::one_hot;
      f.category = rows > 0 ? reference::code_at(views[f.source], random.below(rows)) : 0;
    } else {
      f.fill = random.below(2) == 0 ? std::numeric_limits<double>::quiet_NaN() : random.between(-5, 5);
      if (random.below(2) == 0) f.shift = random.between(-100, 100);
      if (random.below(2) == 0) f.scale = random.between(0.1, 50);
    }
    specs.push_back(f);
    sources.push_back(f.source);
    kinds.push_back(static_cast<std::uint8_t>(f.kind));
    fills.push_back(f.fill);
    shifts.push_back(f.shift);
    scales.push_back(f.scale);
    categories.push_back(f.category);
  }
  const auto results = run_on_device({"matrix.fromTable",
                                      {views},
                                      {array_of("columns", Type::u32, sources), array_of("kinds", Type::u8, kinds),
                                       array_of("fills", Type::f64, fills), array_of("shifts", Type::f64, shifts),
                                       array_of("scales", Type::f64, scales), array_of("categories", Type::i64, categories)},
                                      {{"layout", 0, by_rows ? "row" : "column"}}});
  const HostResult& got = result_of(results, "values");
  const std::vector<float> expected = reference::matrix(views, specs);
  if (got.length != expected.size()) return outcome.fail("another shape");
  for (std::uint64_t i = 0; i < rows; ++i) {
    for (std::size_t j = 0; j < wide; ++j) {
      const float value = got.data<float>()[by_rows ? i * wide + j : j * rows + i];
      // Bit for bit but for decimals, whose 128 bits are rounded twice.
      const bool decimal = views[sources[j]].type == Type::decimal128;
      outcome.compare(value, expected[i * wide + j], decimal ? 3e-7 : 0, decimal ? 1e-12 : 0, "value", i * wide + j);
    }
  }
  outcome.rows += rows;
}

Outcome from_table(const Settings& settings) {
  Outcome outcome;
  Random random(settings.seed);
  for (const bool by_rows : {true, false}) {
    check(outcome, random, 0, 3, by_rows);
    check(outcome, random, 1, 1, by_rows);
    check(outcome, random, 64, 32, by_rows);
    check(outcome, random, 130 * settings.scale + 3, 70, by_rows);
    check(outcome, random, 500 * settings.scale, 5, by_rows);
  }
  return outcome;
}

}  // namespace

std::vector<Case> matrix_cases() { return {{"matrix.fromTable", from_table}}; }

}  // namespace warpframe::kernels::tests
