// datetime.hpp
#include "host.hh"

#include <cudf/datetime.hpp>
#include <cudf/utilities/traits.hpp>

#include <chrono>

namespace warpframe::host {
namespace {

Int128 ticks_per_day(type_id id) {
  switch (id) {
    case type_id::TIMESTAMP_DAYS: return 1;
    case type_id::TIMESTAMP_SECONDS: return 86'400;
    case type_id::TIMESTAMP_MILLISECONDS: return 86'400'000;
    case type_id::TIMESTAMP_MICROSECONDS: return Int128{86'400} * 1'000'000;
    default: return Int128{86'400} * 1'000'000'000;
  }
}

struct Moment {
  std::chrono::sys_days day;
  Int128 rest;  // ticks since midnight
  std::chrono::year_month_day date() const { return std::chrono::year_month_day{day}; }
};

Moment moment_of(Int128 ticks, type_id id) {
  const Int128 per_day = ticks_per_day(id);
  Int128 days = ticks / per_day;
  if (days * per_day > ticks) --days;
  // The calendar of C++ ends with these years.
  CUDF_EXPECTS(days > -12'687'428 && days < 11'248'737, "host-cudf: a date beyond the years -32767 to 32767 gives anything on the device");
  return {std::chrono::sys_days{std::chrono::days{static_cast<int>(days)}}, ticks - days * per_day};
}

template <typename Part>
ColumnPtr parts(const cudf::column_view& input, type_id type, Stream stream, Memory memory, Part part) {
  CUDF_EXPECTS(cudf::is_timestamp(input.type()), "Column type should be timestamp");
  const Col rows(input, stream, "datetime");
  return make_rows(type, rows.size(), stream, memory, [&](size_type row) {
    return rows.valid(row) ? Val::integer(part(moment_of(rows.at(row).i(), rows.id()))) : Val();
  });
}

Int128 day_of_year(const Moment& m) {
  return (m.day - std::chrono::sys_days{m.date().year() / std::chrono::January / 1}).count() + 1;
}

Int128 plus_months(Int128 ticks, type_id id, Int128 months) {
  const Moment m = moment_of(ticks, id);
  auto date = m.date() + std::chrono::months{static_cast<int>(months)};
  if (!date.ok()) date = date.year() / date.month() / std::chrono::last;
  return Int128{std::chrono::sys_days{date}.time_since_epoch().count()} * ticks_per_day(id) + m.rest;
}

}  // namespace
}  // namespace warpframe::host

namespace cudf::datetime {

namespace host = warpframe::host;
using host::Int128;

std::unique_ptr<column> extract_datetime_component(const column_view& input, datetime_component component, cuda::stream_ref stream,
                                                   rmm::device_async_resource_ref mr) {
  const type_id id = input.type().id();
  return host::parts(input, type_id::INT16, stream, mr, [&](const host::Moment& m) -> Int128 {
    const Int128 second = m.rest * 86'400 / host::ticks_per_day(id);
    switch (component) {
      case datetime_component::YEAR: return static_cast<int>(m.date().year());
      case datetime_component::MONTH: return static_cast<unsigned>(m.date().month());
      case datetime_component::DAY: return static_cast<unsigned>(m.date().day());
      case datetime_component::WEEKDAY: return std::chrono::weekday{m.day}.iso_encoding();
      case datetime_component::HOUR: return second / 3600;
      case datetime_component::MINUTE: return second / 60 % 60;
      case datetime_component::SECOND: return second % 60;
      default: host::missing("datetime component below seconds");
    }
  });
}

std::unique_ptr<column> day_of_year(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  return host::parts(input, type_id::INT16, stream, mr, host::day_of_year);
}

std::unique_ptr<column> extract_quarter(const column_view& input, cuda::stream_ref stream, rmm::device_async_resource_ref mr) {
  return host::parts(input, type_id::INT16, stream, mr,
                     [](const host::Moment& m) -> Int128 { return (static_cast<unsigned>(m.date().month()) + 2) / 3; });
}

std::unique_ptr<column> add_calendrical_months(const column_view& input, const column_view& months, cuda::stream_ref stream,
                                               rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_timestamp(input.type()), "Column type should be timestamp");
  CUDF_EXPECTS(months.type().id() == type_id::INT16 || months.type().id() == type_id::INT32, "Months type must be INT16 or INT32");
  CUDF_EXPECTS(input.size() == months.size(), "Timestamp and months column should be of the same size");
  const host::Col rows(input, stream, "add_calendrical_months");
  const host::Col by(months, stream, "add_calendrical_months");
  return host::make_rows(input.type(), rows.size(), stream, mr, [&](size_type row) {
    return rows.valid(row) && by.valid(row) ? host::Val::integer(host::plus_months(rows.at(row).i(), rows.id(), by.at(row).i())) : host::Val();
  });
}

std::unique_ptr<column> add_calendrical_months(const column_view& input, const scalar& months, cuda::stream_ref stream,
                                               rmm::device_async_resource_ref mr) {
  CUDF_EXPECTS(is_timestamp(input.type()), "Column type should be timestamp");
  CUDF_EXPECTS(months.type().id() == type_id::INT16 || months.type().id() == type_id::INT32, "Months type must be INT16 or INT32");
  const host::Col rows(input, stream, "add_calendrical_months");
  const host::Val by = host::value_of(months, stream);
  return host::make_rows(input.type(), rows.size(), stream, mr, [&](size_type row) {
    return rows.valid(row) && !by.null() ? host::Val::integer(host::plus_months(rows.at(row).i(), rows.id(), by.i())) : host::Val();
  });
}

}  // namespace cudf::datetime
