#include "zones.hh"

#include <cudf/search.hpp>

#include <algorithm>
#include <limits>

#include "../plan/nodes.hh"
#include "calendar.hh"
#include "faults.hh"
#include "texts.hh"
#include "time_write.hh"

namespace warpframe::exec {

namespace {

constexpr std::int64_t kBeginning = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kEnd = std::numeric_limits<std::int64_t>::max();

const plan::Json* table_of(const plan::Call& call, const std::string& zone) {
  const plan::Json* tables = call.options.find("zoneTables");
  return tables == nullptr || tables->is_null() ? nullptr : tables->find(zone);
}

/** How many entries of a sorted INT64 column are not above the value. */
Lane entries_up_to(const Owned& sorted, const Lane& values) {
  const Context& context = values.context();
  return {cudf::upper_bound(cudf::table_view{{sorted->view()}}, cudf::table_view{{values.view()}}, {cudf::order::ASCENDING},
                            {cudf::null_order::BEFORE}, context.stream, context.memory),
          values};
}

std::vector<std::int64_t> numbers(const plan::Json& list, std::int64_t of_null) {
  std::vector<std::int64_t> out;
  for (const plan::Json& item : list.items()) out.push_back(item.is_null() ? of_null : item.as_int64());
  return out;
}

[[noreturn]] void refuse(const std::string& sentence) { throw Failure("ERR_PARAMETER", sentence); }

}  // namespace

bool has_moving_zone(const plan::LogicalType& type) {
  const std::string& zone = type.zone;
  return type.dtype == DType::datetime && !zone.empty() && zone != "UTC" && zone != "Etc/UTC" && zone != "Z" && zone != "GMT";
}

std::string why_not_zones(const plan::Expr& call, const std::vector<plan::LogicalType>& types) {
  for (const plan::LogicalType& type : types)
    if (has_moving_zone(type) && table_of(std::get<plan::Call>(call.node), type.zone) == nullptr)
      return "libcudf takes time zones from files of the machine, and the plan brings no table of the zone " + type.zone + ".";
  return "";
}

Zone::Zone(const plan::Call& call, const std::string& zone, Context& context) : name_(zone) {
  const plan::Json* table = table_of(call, zone);
  if (table == nullptr) refuse("The plan brings no table of the time zone " + zone + ".");
  const std::vector<std::int64_t> starts = numbers(table->at("fromSeconds"), kBeginning);
  const std::vector<std::int64_t> offsets = numbers(table->at("offsetSeconds"), 0);
  if (starts.empty() || starts.size() != offsets.size() || starts[0] != kBeginning)
    refuse("The plan's table of the time zone " + zone + " is not one of starts and offsets.");
  std::vector<std::int64_t> local_starts;
  std::vector<std::int64_t> local_ends;
  for (std::size_t k = 0; k < starts.size(); ++k) {
    local_starts.push_back(k == 0 ? kBeginning : starts[k] + offsets[k]);
    local_ends.push_back(k + 1 == starts.size() ? kEnd : starts[k + 1] + offsets[k]);
  }
  // Changes are weeks apart and offsets hours, so local times come in order too.
  if (!std::is_sorted(local_starts.begin(), local_starts.end()) || !std::is_sorted(local_ends.begin(), local_ends.end()))
    refuse("The time zone " + zone + " changes its offset too often to be looked up.");
  least_ = table->at("minSeconds").as_int64();
  most_ = table->at("maxSeconds").as_int64();
  starts_ = column_of_integers(starts, context);
  offsets_ = column_of_integers(offsets, context);
  local_starts_ = column_of_integers(local_starts, context);
  local_ends_ = column_of_integers(local_ends, context);
}

Lane Zone::offset_at(const Lane& seconds) const {
  if (first_where(either(seconds < least_, seconds > most_)))
    throw Failure("ERR_UNSUPPORTED", "A time of the column lies outside the years for which the device has the time zone " + name_ +
                                         ". Run this on the CPU.");
  const Lane entry = entries_up_to(starts_, seconds) - 1;
  return null_like(look_up(offsets_->view(), entry), {&seconds});
}

Zone::Local Zone::offsets_of(const Lane& local) const {
  if (first_where(either(local < least_, local > most_)))
    throw Failure("ERR_UNSUPPORTED", "A time of the column lies outside the years for which the device has the time zone " + name_ +
                                         ". Run this on the CPU.");
  // Entry k holds local times from starts[k] + offsets[k] to before starts[k + 1] + offsets[k].
  const Lane last = entries_up_to(local_starts_, local) - 1;
  const Lane first = entries_up_to(local_ends_, local);
  return {null_like(compare(first, Binary::GREATER, last), {&local}), null_like(compare(first, Binary::LESS, last), {&local}),
          null_like(look_up(offsets_->view(), first), {&local}), null_like(look_up(offsets_->view(), last), {&local})};
}

Lane local_ticks(const Arguments& args, std::size_t i) {
  const plan::LogicalType& type = args.type(i);
  const Lane ticks = ticks_of(args[i], type);
  return has_moving_zone(type) ? ticks + local_offset(args, i) * ticks_per_second(type.unit) : ticks;
}

Lane local_offset(const Arguments& args, std::size_t i) {
  const plan::LogicalType& type = args.type(i);
  const Lane ticks = ticks_of(args[i], type);
  const Zone zone{args.call, type.zone, args.context};
  return zone.offset_at(floored(ticks, ticks_per_second(type.unit)));
}

Lane utc_ticks(const Arguments& args, const plan::LogicalType& type, const Lane& local, Ambiguous ambiguous, bool gap_is_null,
               const Lane* origin) {
  if (!has_moving_zone(type)) return local;
  const Zone zone{args.call, type.zone, args.context};
  const Int128 per_second = ticks_per_second(type.unit);
  const Lane seconds = floored(local, per_second);
  const Zone::Local found = zone.offsets_of(seconds);
  constexpr cudf::size_type kNone = std::numeric_limits<cudf::size_type>::max();
  const cudf::size_type missing = gap_is_null ? kNone : first_where(found.missing).value_or(kNone);
  const cudf::size_type doubled = ambiguous == Ambiguous::raise ? first_where(found.twice).value_or(kNone) : kNone;
  const cudf::size_type row = std::min(missing, doubled);
  if (row != kNone) {
    const bool twice = doubled < missing;
    const Lane wall = formatted(seconds * per_second, type, "%F %T", nullptr);
    throw Failure("ERR_EVALUATION", "The local time " + text_at(wall, row) + (twice ? " happens twice in " : " does not exist in ") +
                                        type.zone + " (row " + std::to_string(row) + " of " + plan::expr_text(args.expr) +
                                        "). Say what to take with replaceTimeZone(zone, " +
                                        (twice ? "{ ambiguous: 'earliest' }" : "{ nonExistent: 'null' }") + ").");
  }
  Lane offset = ambiguous == Ambiguous::latest ? found.latest : found.earliest;
  if (ambiguous == Ambiguous::like_origin) {
    const Lane wanted = zone.offset_at(floored(*origin, per_second));
    offset = select(compare(found.latest, Binary::EQUAL, wanted), found.latest, found.earliest);
  }
  const Lane utc = local - offset * per_second;
  Lane kept = opposite(found.missing);
  if (ambiguous == Ambiguous::null) kept = both(kept, opposite(found.twice));
  return only_where(kept, utc);
}

}  // namespace warpframe::exec
