#include "time_write.hh"

#include "calendar.hh"
#include "texts.hh"
#include "time_read.hh"

namespace warpframe::exec {

namespace {

const std::vector<std::string> kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};
const std::vector<std::string> kDays = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};

std::vector<std::string> shortened(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const std::string& name : names) out.push_back(name.substr(0, 3));
  return out;
}

Lane magnitude(const Lane& a) { return select(a < 0, constant(a, a.type(), 0) - a, a); }

/** A year with at least four digits, a minus before negative ones. */
Lane year_text(const Lane& year) {
  return joined({select(year < 0, constant_text(year, "-"), constant_text(year, "")), zero_filled(magnitude(year), 4)});
}

/** `12H`, or nothing for 0. */
Lane part_text(const Lane& n, const std::string& unit) {
  return select(equal(n, 0), constant_text(n, ""), joined({digits_of_integers(n), constant_text(n, unit)}));
}

Lane rest_of(const Lane& a, Int128 by) { return a - quotient(a, by) * by; }

/** The parts of one moment, made when a directive asks. */
class Writer {
 public:
  Writer(const Lane& local, const plan::LogicalType& type, const Lane* offset)
      : type_(type), offset_(offset), days_(floored(local, day_ticks(type))), calendar_(days_),
        nanoseconds_(type.dtype == DType::date32 ? local * 0 : (local - days_ * day_ticks(type)) * nanoseconds_of_tick(type)) {}

  Lane write(const std::string& code) const {
    const bool bare = code[0] == '-';
    Lane text = plain(bare ? code.substr(1) : code);
    if (!bare) return text;
    // The padding goes, but not the last digit.
    const Lane first = without_first(text, "0 ");
    const Lane zero = select(matches_pattern(text, "\\A[0 ]*0\\Z"), constant_text(text, "0"), text);
    return select(matches_pattern(first, "\\A[0-9]"), first, zero);
  }

 private:
  Lane two(const Lane& a) const { return zero_filled(a, 2); }
  Lane hour() const { return quotient(nanoseconds_, Int128{3600} * 1'000'000'000); }
  Lane minute() const { return rest_of(quotient(nanoseconds_, Int128{60} * 1'000'000'000), 60); }
  Lane second() const { return rest_of(quotient(nanoseconds_, 1'000'000'000), 60); }
  Lane nanosecond() const { return rest_of(nanoseconds_, 1'000'000'000); }
  Lane fraction(int digits) const { return zero_filled(quotient(nanosecond(), ten_to(9 - digits)), digits); }
  Lane text(const std::string& value) const { return constant_text(days_, value); }

  Lane offset_text(bool colon) const {
    if (offset_ == nullptr) return text("");
    const Lane minutes = quotient(magnitude(*offset_), 60);
    return joined({select(*offset_ < 0, text("-"), text("+")), two(quotient(minutes, 60)), text(colon ? ":" : ""),
                   two(rest_of(minutes, 60))});
  }

  Lane fraction_code(const std::string& code) const {
    if (code == "f") return fraction(9);
    if (code == ".f") {
      const auto with = [&](int digits) { return joined({text("."), fraction(digits)}); };
      const Lane n = nanosecond();
      return select(equal(n, 0), text(""),
                    select(equal(rest_of(n, 1'000'000), 0), with(3), select(equal(rest_of(n, 1000), 0), with(6), with(9))));
    }
    const bool point = code[0] == '.';
    const Lane digits = fraction(code[point ? 1 : 0] - '0');
    return point ? joined({text("."), digits}) : digits;
  }

  Lane plain(const std::string& code) const {
    if (code == ":z") return offset_text(true);
    switch (code.back()) {
      case 'Y': return year_text(calendar_.year());
      case 'y': return two(floored_rest(calendar_.year(), 100));
      case 'm': return two(calendar_.month());
      case 'd': return two(calendar_.day());
      case 'e': {
        const Lane day = calendar_.day();
        return joined({select(day < 10, text(" "), text("")), digits_of_integers(day)});
      }
      case 'j': return zero_filled(calendar_.ordinal_day(), 3);
      case 'H': return two(hour());
      case 'I': {
        const Lane h = rest_of(hour(), 12);
        return two(select(equal(h, 0), 12, h));
      }
      case 'M': return two(minute());
      case 'S': return two(second());
      case 'p': return select(hour() < 12, text("AM"), text("PM"));
      case 'b': return pick_text((calendar_.month().cast(kInt32) - 1), shortened(kMonths));
      case 'B': return pick_text((calendar_.month().cast(kInt32) - 1), kMonths);
      case 'a': return pick_text((calendar_.weekday().cast(kInt32) - 1), shortened(kDays));
      case 'A': return pick_text((calendar_.weekday().cast(kInt32) - 1), kDays);
      case 'u': return digits_of_integers(calendar_.weekday());
      case 'w': return digits_of_integers(rest_of(calendar_.weekday().cast(kInt32), 7));
      case 'q': return digits_of_integers(calendar_.quarter());
      case 'V': return two(calendar_.iso_week());
      case 'G': return year_text(calendar_.iso_year());
      case 'z': return offset_text(false);
      case 'Z': return text(type_.zone);
      case 's': {
        const Lane seconds = days_ * kSecondsPerDay + quotient(nanoseconds_, 1'000'000'000);
        return digits_of_integers(offset_ == nullptr ? seconds : seconds - *offset_);
      }
      case 'f': return fraction_code(code);
      default: throw Failure("ERR_PARAMETER", "The directive %" + code + " of a format cannot be written.");
    }
  }

  const plan::LogicalType& type_;
  const Lane* offset_;
  Lane days_;
  Calendar calendar_;
  Lane nanoseconds_;
};

}  // namespace

Lane date_text(const Lane& days) {
  const Calendar calendar{days};
  const Lane year = calendar.year();
  const Lane size = magnitude(year);
  const Lane far = either(year < 0, year > 9999);
  const Lane sign = select(year < 0, constant_text(year, "-"), select(year > 9999, constant_text(year, "+"), constant_text(year, "")));
  const Lane digits = select(far, zero_filled(size, 6), zero_filled(size, 4));
  const Lane dash = constant_text(days, "-");
  return joined({sign, digits, dash, zero_filled(calendar.month(), 2), dash, zero_filled(calendar.day(), 2)});
}

Lane clock_text(const Lane& ticks, int digits) {
  const Int128 per_second = ten_to(digits);
  const Lane seconds = quotient(ticks, per_second);
  const Lane rest = ticks - seconds * per_second;
  const Lane colon = constant_text(ticks, ":");
  const Lane fraction = select(equal(rest, 0), constant_text(ticks, ""),
                               joined({constant_text(ticks, "."), zero_filled(rest, digits)}));
  return joined({zero_filled(quotient(seconds, 3600), 2), colon, zero_filled(rest_of(quotient(seconds, 60), 60), 2), colon,
                 zero_filled(rest_of(seconds, 60), 2), fraction});
}

Lane duration_text(const Lane& ticks, int digits) {
  const Int128 per_second = ten_to(digits);
  const Lane size = magnitude(ticks).as(kUInt64);
  const Lane seconds = quotient(size, per_second);
  const Lane rest = size - seconds * per_second;
  const Lane second = rest_of(seconds, 60);
  const auto text = [&](const char* value) { return constant_text(ticks, value); };
  const Lane with_fraction = joined({digits_of_integers(second), text("."), without_last(zero_filled(rest, digits), "0"), text("S")});
  const Lane clock = joined({part_text(rest_of(quotient(seconds, 3600), 24), "H"), part_text(rest_of(quotient(seconds, 60), 60), "M"),
                             select(equal(rest, 0), part_text(second, "S"), with_fraction)});
  const Lane no_clock = equal_text(clock, "");
  const Lane result = joined({select(ticks < 0, text("-P"), text("P")), part_text(quotient(seconds, 86'400), "D"),
                              select(no_clock, text(""), text("T")), clock});
  return select(equal(ticks, 0), text("PT0S"), result);
}

Lane formatted(const Lane& local, const plan::LogicalType& type, const std::string& format, const Lane* offset) {
  const Writer writer{local, type, offset};
  std::vector<Lane> parts;
  std::string text;
  const auto flush = [&] {
    if (!text.empty()) parts.push_back(constant_text(local, text));
    text.clear();
  };
  const std::string all = expanded(format);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] != '%') {
      text += all[i];
      continue;
    }
    std::string code;
    for (++i; i < all.size(); ++i) {
      code += all[i];
      if (all[i] != '-' && all[i] != '.' && all[i] != ':' && !(all[i] >= '0' && all[i] <= '9')) break;
    }
    if (code == "%") {
      text += "%";
      continue;
    }
    flush();
    parts.push_back(writer.write(code));
  }
  flush();
  if (parts.empty()) parts.push_back(constant_text(local, ""));
  const Lane result = joined(parts);
  return null_like(result.single() == local.single() ? result : result.full(), {&local});
}

}  // namespace warpframe::exec
