// The parts of plan documents, shared by the files that read them.
#pragma once

#include "expr.hh"
#include "json.hh"
#include "types.hh"

namespace warpframe::plan {

/** `"Int64"` or `{ "dtype": "Datetime", "unit": "us", "zone": null }`. @throws Failure ERR_PARAMETER */
LogicalType parse_type(const Json& json);
/** A list of `{ name, type, nullable }`. @throws Failure ERR_PARAMETER */
Schema parse_schema(const Json& json);
/** An expression over columns of `input`. @throws Failure ERR_PARAMETER, also for columns that `input` does not have */
ExprPtr parse_expr(const Json& json, const Schema& input);

}  // namespace warpframe::plan
