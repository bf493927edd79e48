#include "time_read.hh"

#include <algorithm>

#include <cudf/strings/case.hpp>

#include "calendar.hh"
#include "texts.hh"

namespace warpframe::exec {

namespace {

constexpr const char* kMonths[] = {"January", "February", "March",     "April",   "May",      "June",
                                   "July",    "August",   "September", "October", "November", "December"};
constexpr const char* kDays[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};

const std::string kSpace = "[\\t\\n\v\\f\\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff]";

/** A character of a format as libcudf's pattern has it. */
std::string escaped(const std::string& character) {
  return std::string(".^$*+?()[]{}|\\").find(character) == std::string::npos ? character : "\\" + character;
}

/** A name in any case, short or long; the long one first, as it begins with the short one. */
std::string names_pattern(const char* const* names, std::size_t count) {
  std::string out;
  const auto letter = [](char c) {
    const char lower = static_cast<char>(c | 0x20);
    return std::string("[") + static_cast<char>(lower - 32) + lower + "]";
  };
  for (std::size_t i = 0; i < count; ++i) {
    const std::string name = names[i];
    out += out.empty() ? "" : "|";
    for (std::size_t k = 0; k < 3; ++k) out += letter(name[k]);
    std::string rest;
    for (std::size_t k = 3; k < name.size(); ++k) rest += letter(name[k]);
    if (!rest.empty()) out += "(?:" + rest + ")?";
  }
  return out;
}

/** One directive with its group, or a literal character. */
struct Piece {
  std::string head;     // before the digits
  int least = 0;        // digits; 0: no number
  int most = 0;
  std::string text;     // of a piece without a number, whole
  bool starts_with_digit = false;
  bool letter = false;
  bool name = false;
  Part part = Part::skip;
  bool literal = false;
};

std::vector<std::string> characters(const std::string& text) {
  std::vector<std::string> out;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0) == 0x80 && !out.empty()) out.back() += c;
    else out.emplace_back(1, c);
  }
  return out;
}

Piece number(Part part, int least, int most, const std::string& head = "") {
  Piece piece;
  piece.part = part;
  piece.head = head;
  piece.least = least;
  piece.most = most;
  piece.starts_with_digit = true;
  return piece;
}

Piece whole(Part part, const std::string& text) {
  Piece piece;
  piece.part = part;
  piece.text = text;
  return piece;
}

Piece literal(const std::string& character) {
  Piece piece = whole(Part::skip, escaped(character));
  piece.literal = true;
  const char c = character[0];
  piece.starts_with_digit = character.size() == 1 && c >= '0' && c <= '9';
  piece.letter = character.size() == 1 && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'));
  return piece;
}

/** The pieces of a format that was checked when its expression was bound. */
std::vector<Piece> pieces_of(const std::string& format) {
  std::vector<Piece> pieces;
  const std::vector<std::string> chars = characters(expanded(format));
  for (std::size_t i = 0; i < chars.size(); ++i) {
    if (chars[i] != "%") {
      pieces.push_back(literal(chars[i]));
      continue;
    }
    std::string code;
    for (++i; i < chars.size(); ++i) {
      code += chars[i];
      if (chars[i] != "-" && chars[i] != "." && chars[i] != ":" && !(chars[i][0] >= '0' && chars[i][0] <= '9')) break;
    }
    if (code[0] == '-') code = code.substr(1);
    const char c = code.back();
    switch (c) {
      case '%': pieces.push_back(literal("%")); break;
      case 'Y': pieces.push_back(number(Part::year, 4, 6)); break;
      case 'y': pieces.push_back(number(Part::short_year, 2, 2)); break;
      case 'm': pieces.push_back(number(Part::month, 1, 2)); break;
      case 'd': pieces.push_back(number(Part::day, 1, 2)); break;
      case 'e': pieces.push_back(number(Part::day, 1, 2, " ?")); break;
      case 'j': pieces.push_back(number(Part::ordinal, 3, 3)); break;
      case 'H': pieces.push_back(number(Part::hour, 1, 2)); break;
      case 'I': pieces.push_back(number(Part::hour_of_half, 1, 2)); break;
      case 'M': pieces.push_back(number(Part::minute, 1, 2)); break;
      case 'S': pieces.push_back(number(Part::second, 1, 2)); break;
      case 'p': pieces.push_back(whole(Part::half_day, "[AaPp][Mm]")); break;
      case 'z': pieces.push_back(whole(Part::offset, "[Zz]|[+\\-][0-9][0-9](?::?[0-9][0-9])?")); break;
      case 'f':
        // With a point before it the fraction may be missing.
        if (code[0] == '.') pieces.push_back(whole(Part::fraction, ""));
        else pieces.push_back(number(Part::fraction, 1, 9));
        break;
      case 'b':
      case 'B':
        pieces.push_back(whole(Part::month_name, names_pattern(kMonths, 12)));
        pieces.back().name = true;
        break;
      default:  // a A
        pieces.push_back(whole(Part::skip, "(?:" + names_pattern(kDays, 7) + ")"));
        pieces.back().name = true;
    }
  }
  return pieces;
}

/** Where reading must not give back what it took, and a pattern would. */
std::string doubt(const Piece& piece, const Piece* next) {
  if (next == nullptr) return "";
  if (piece.name && (next->letter || next->name || next->part == Part::half_day || next->part == Part::offset))
    return "a name with letters behind it";
  const bool point = piece.part == Part::fraction && piece.least == 0;
  if ((point || piece.part == Part::offset) && (next->starts_with_digit || next->part == Part::fraction || next->text == ":" ||
                                                next->text == "\\."))
    return "a fraction or an offset with digits behind it";
  return "";
}

}  // namespace

std::string expanded(const std::string& format) {
  std::string out;
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%' || i + 1 == format.size()) {
      out += format[i];
      continue;
    }
    const char c = format[++i];
    if (c == 'F') out += "%Y-%m-%d";
    else if (c == 'T') out += "%H:%M:%S";
    else if (c == 'R') out += "%H:%M";
    else out += std::string("%") + c;
  }
  return out;
}

TimePattern cast_date_pattern() {
  return {"\\A([+\\-][0-9]{4,7}|[0-9]{4})-([0-9][0-9])-([0-9][0-9])\\Z", {Part::year, Part::month, Part::day}, ""};
}

TimePattern cast_datetime_pattern() {
  return {"\\A([+\\-][0-9]{4,7}|[0-9]{4})-([0-9][0-9])-([0-9][0-9])"
          "(?:[Tt ]([0-9][0-9]):([0-9][0-9])(?::([0-9][0-9])(?:[.,]([0-9]+))?)?"
          "([Zz]|[+\\-][0-9][0-9]:?(?:[0-9][0-9])?)?)?\\Z",
          {Part::year, Part::month, Part::day, Part::hour, Part::minute, Part::second, Part::fraction, Part::offset},
          ""};
}

TimePattern cast_time_pattern() {
  return {"\\A([0-9][0-9]):([0-9][0-9])(?::([0-9][0-9])(?:[.,]([0-9]+))?)?\\Z",
          {Part::hour, Part::minute, Part::second, Part::fraction},
          ""};
}

TimePattern iso_datetime_pattern() {
  return {"\\A([+\\-]?[0-9]{4,6})-([0-9][0-9])-([0-9][0-9])"
          "(?:[T ]([0-9][0-9]):([0-9][0-9])(?::([0-9][0-9])(?:[.,]([0-9]{1,9}))?)?" +
              kSpace + "?([Zz]|[+\\-][0-9][0-9](?::?[0-9][0-9])?)?)?\\Z",
          {Part::year, Part::month, Part::day, Part::hour, Part::minute, Part::second, Part::fraction, Part::offset},
          ""};
}

TimePattern iso_time_pattern() {
  return {"\\A([0-9][0-9]):([0-9][0-9])(?::([0-9][0-9])(?:[.,]([0-9]{1,9}))?)?\\Z",
          {Part::hour, Part::minute, Part::second, Part::fraction},
          ""};
}

TimePattern format_pattern(const std::string& format) {
  TimePattern result;
  const std::vector<Piece> pieces = pieces_of(format);
  std::vector<Part> seen;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const Piece& piece = pieces[i];
    const Piece* next = i + 1 < pieces.size() ? &pieces[i + 1] : nullptr;
    std::string why = doubt(piece, next);
    if (piece.part != Part::skip && std::find(seen.begin(), seen.end(), piece.part) != seen.end()) why = "a part twice";
    seen.push_back(piece.part);
    if (!why.empty() && result.why_not.empty())
      result.why_not = "libcudf's patterns give characters back to what follows them, which reading the format \"" + format +
                       "\" (" + why + ") must not.";
    if (piece.most > 0) {
      // Digits behind a number: it takes all it may. A year takes four digits before any other directive.
      const bool digit_next = next != nullptr && (next->starts_with_digit || (next->part == Part::fraction && next->least > 0));
      const int most = piece.part == Part::year && next != nullptr && !next->literal ? 4 : piece.most;
      const int least = digit_next ? most : piece.least;
      const auto digits = [&](int low) {
        return low == most ? "[0-9]{" + std::to_string(most) + "}"
                           : "[0-9]{" + std::to_string(low) + "," + std::to_string(most) + "}";
      };
      result.pattern += piece.head + "(";
      // A year with a sign may have fewer digits.
      if (piece.part == Part::year) result.pattern += digits(least) + "|[+\\-]" + digits(digit_next ? most : 1);
      else result.pattern += digits(least);
      result.pattern += ")";
    } else if (piece.part == Part::fraction) {
      result.pattern += "(?:\\.([0-9]{1,9}))?";
    } else if (piece.part == Part::skip) {
      result.pattern += piece.text;
    } else {
      result.pattern += "(" + piece.text + ")";
    }
    if (piece.part != Part::skip) result.groups.push_back(piece.part);
  }
  result.pattern = "\\A" + result.pattern + "\\Z";
  return result;
}

namespace {

/** The lanes of a pattern's parts; 1970-01-01T00:00:00 where the pattern has none. */
class Parts {
 public:
  Parts(const Lane& text, const TimePattern& pattern) : text_(text), pattern_(pattern) {
    if (!pattern.groups.empty()) groups_ = groups_of(text, pattern.pattern);
  }
  const Lane* find(Part part) const {
    for (std::size_t i = 0; i < pattern_.groups.size(); ++i)
      if (pattern_.groups[i] == part) return &groups_[i];
    return nullptr;
  }
  Lane number(Part part, Int128 missing) const {
    const Lane* group = find(part);
    if (group == nullptr) return constant(text_, cudf::data_type{kInt64}, missing);
    const Lane value = integer_of_digits(*group);
    return missing == 0 ? value : select(equal_text(*group, ""), missing, value);
  }

 private:
  const Lane& text_;
  const TimePattern& pattern_;
  std::vector<Lane> groups_;
};

Lane lowered(const Lane& a) {
  return {cudf::strings::to_lower(a.text(), a.context().stream, a.context().memory), a};
}

/** The first three letters of a month in small letters. */
Lane month_of_name(const Lane& name) {
  std::vector<std::string> names;
  for (const char* month : kMonths) {
    std::string start(month, 3);
    start[0] = static_cast<char>(start[0] | 0x20);
    names.push_back(start);
  }
  return place_in(lowered(slice_text(name, 0, 3)), names) + 1;
}

}  // namespace

ReadTime read_time(const Lane& text, const TimePattern& pattern) {
  const Parts parts{text, pattern};
  const cudf::data_type int64{kInt64};
  Lane good = matches_pattern(text, pattern.pattern);
  Lane year = parts.number(Part::year, 1970);
  if (parts.find(Part::short_year) != nullptr) {
    const Lane n = parts.number(Part::short_year, 70);
    year = select(n < 69, n + 2000, n + 1900);
  }
  Lane month = parts.number(Part::month, 1);
  if (const Lane* name = parts.find(Part::month_name)) month = month_of_name(*name);
  Lane day = parts.number(Part::day, 1);
  Lane days = constant(text, int64, 0);
  if (parts.find(Part::ordinal) != nullptr) {
    const Lane ordinal = parts.number(Part::ordinal, 1);
    const Lane one = constant(text, int64, 1);
    const Lane first = days_of_date(year, one, one);
    const Lane length = days_of_date(year + 1, one, one) - first;
    good = both(good, both(ordinal >= 1, compare(ordinal, Binary::LESS_EQUAL, length)));
    days = first + (ordinal - 1);
  } else {
    good = both(good, is_date(year, month, day));
    days = days_of_date(year, month, day);
  }
  Lane hour = parts.number(Part::hour, 0);
  const Lane* half = parts.find(Part::half_day);
  if (parts.find(Part::hour_of_half) != nullptr) {
    hour = parts.number(Part::hour_of_half, 0);
    good = both(good, both(hour >= 1, hour <= 12));
  }
  if (half != nullptr || parts.find(Part::hour_of_half) != nullptr) {
    hour = hour - quotient(hour, 12) * 12;
    if (half != nullptr) hour = select(equal_text(lowered(*half), "pm"), hour + 12, hour);
  }
  const Lane minute = parts.number(Part::minute, 0);
  const Lane second = parts.number(Part::second, 0);
  good = both(good, both(hour <= 23, both(minute <= 59, second <= 59)));
  Lane nanoseconds = ((hour * 60 + minute) * 60 + second) * 1'000'000'000;
  Lane digits = constant(text, int64, 0);
  if (const Lane* fraction = parts.find(Part::fraction)) {
    const Lane padded = joined({*fraction, constant_text(text, "000000000")});
    nanoseconds = nanoseconds + integer_of_digits(slice_text(padded, 0, 9));
    digits = length_of(without_last(*fraction, "0")).cast(int64);
  }
  Lane offset_hours = constant(text, int64, 0);
  Lane offset_minutes = offset_hours;
  Lane offset = offset_hours;
  Lane has_offset = constant(text, cudf::data_type{kBool}, 0);
  if (const Lane* zone = parts.find(Part::offset)) {
    // Z, ±hh, ±hhmm or ±hh:mm.
    const Lane length = length_of(*zone);
    const Lane tail = select(equal(length, 6), slice_text(*zone, 4, 6), slice_text(*zone, 3, 5));
    offset_hours = integer_of_digits(slice_text(*zone, 1, 3));
    offset_minutes = integer_of_digits(select(length >= 5, tail, constant_text(text, "")));
    const Lane size = offset_hours * 3600 + offset_minutes * 60;
    offset = select(equal_text(slice_text(*zone, 0, 1), "-"), size * -1, size);
    has_offset = length > 0;
  }
  return {good, year, days, nanoseconds, digits, offset, has_offset, offset_hours, offset_minutes};
}

}  // namespace warpframe::exec
