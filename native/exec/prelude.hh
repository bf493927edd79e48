// Included first everywhere in this folder and precompiled: what libcudf's headers need before them, and the heaviest.
#pragma once

#include <variant>

#include <cudf/types.hpp>
#include <cudf/utilities/default_stream.hpp>
