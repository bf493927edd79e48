// Moved: the libraries that are not the addon throw it too.
#pragma once

#include "../util/failure.hh"
