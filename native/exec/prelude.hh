// Included first everywhere in this folder: what libcudf's headers need before them.
#pragma once

#include <variant>

#include <cudf/types.hpp>
#include <cudf/utilities/default_stream.hpp>
